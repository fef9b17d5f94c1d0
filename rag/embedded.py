"""The embedded model: llama.cpp's own HTTP server in this process, on a loopback port with a random key."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import ModelCorruptError, ModelUnavailableError

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

BATCH = 256
"""Tokens read between two looks at whether the client is still there: a question taken back stops within one."""
PROMPT_CACHE_MIB = 256
"""Memory for prompts that lost the only slot to another; coming back to one costs next to nothing."""
PREFIX_CACHE_BYTES = 1_000_000_000
"""Most that saved prompts may take on disk; the ones unused for longest go first."""
_MAGIC = b"GGUF"
_HEAD = 1 << 20


@dataclass(frozen=True, slots=True)
class Loading:
    """How to load a GGUF file: threads, context in tokens, and the folder for saved prompts."""

    threads: int
    context: int
    prefixes: Path


class EmbeddedServer:
    """A GGUF file being served at `url` to whoever has `key`; `close` stops it and frees its memory.

    Raises:
        ModelUnavailableError: there is no such file, or it cannot be read.
        ModelCorruptError: the file is no GGUF, or llama.cpp refuses it.
    """

    def __init__(self, model: Path, loading: Loading) -> None:
        import httpx

        self.model = model
        self.key = secrets.token_urlsafe(24)
        self._prefixes = _usable(loading.prefixes)
        self._identity = {**_identity(model), "context": loading.context}
        self._server: Any = _start(model, loading, self.key, self._prefixes)
        self.url: str = self._server.listening_address
        # A proxy of the environment must not get what goes to loopback.
        self._http = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=httpx.Timeout(None, connect=10),
            trust_env=False,
        )
        self.context = min(loading.context, self._trained_context() or loading.context)

    def count(self, text: str) -> int:
        """Return how many tokens the model makes of `text`, exactly."""
        reply = self._http.post("/tokenize", json={"content": text}).raise_for_status()
        return len(reply.json()["tokens"])

    def save(self, name: str) -> bool:
        """Keep the prompt that was read last on disk under `name`; False where that can't be done."""
        if self._prefixes is None:
            return False
        path = self._path(name)
        fresh = path.with_suffix(".new")
        if not self._slot("save", fresh.name):
            return False
        try:
            label = {**self._identity, "sha256": _sha256(fresh)}
            # The label goes last: without it a file of prompts is not used.
            path.with_suffix(".json").unlink(missing_ok=True)
            os.replace(fresh, path)
            path.with_suffix(".json").write_text(json.dumps(label))
            _prune(self._prefixes, PREFIX_CACHE_BYTES)
        except OSError as error:
            log.warning("The prompt could not be kept in %s: %s", self._prefixes, error)
            return False
        return path.exists()

    def restore(self, name: str) -> bool:
        """Take back a saved prompt; False if there is none, it is damaged, or it is another model's."""
        if self._prefixes is None:
            return False
        path = self._path(name)
        try:
            label = json.loads(path.with_suffix(".json").read_text())
            if label != {**self._identity, "sha256": _sha256(path)}:
                return False
            os.utime(path)
        except (OSError, ValueError):
            return False
        return self._slot("restore", path.name)

    def close(self) -> None:
        """Stop the server; a second call does nothing."""
        self._http.close()
        # llama.cpp stops, and gives its memory back, when the last reference goes.
        self._server = None

    def _path(self, name: str) -> Path:
        assert self._prefixes is not None
        return self._prefixes / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.kv"

    def _slot(self, action: str, filename: str) -> bool:
        reply: httpx.Response = self._http.post(f"/slots/0?action={action}", json={"filename": filename})
        if reply.is_error:
            log.info("llama.cpp could not %s %s: %s", action, filename, reply.text[:200])
        return reply.is_success

    def _trained_context(self) -> int | None:
        models = self._http.get("/v1/models").raise_for_status().json().get("data") or [{}]
        trained = (models[0].get("meta") or {}).get("n_ctx_train")
        return int(trained) if trained else None


def _start(model: Path, loading: Loading, key: str, prefixes: Path | None) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.model_alias = {model.stem}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.ui = False
    params.verbosity = -1
    params.n_ctx = loading.context
    params.n_parallel = 1
    params.n_batch = params.n_ubatch = BATCH
    params.cpuparams_batch.n_threads = loading.threads
    # Writing is a chain of small steps after each of which all threads wait for each other. Where another process
    # takes one of their cores, every step waits for that: one core less costs a little, one too many up to 50 times.
    params.cpuparams.n_threads = max(1, loading.threads - 1)
    params.cache_ram_mib = PROMPT_CACHE_MIB
    params.warmup = False
    params.sse_ping_interval = 5
    params.slot_save_path = f"{prefixes}{os.sep}" if prefixes else ""
    try:
        return xllamacpp.Server(params)
    except RuntimeError as error:
        raise ModelCorruptError(
            f"llama.cpp cannot load {model}: the file is cut short or damaged, is of a kind this version doesn't know, "
            "or doesn't fit in memory; fetch it again or name another model in RAG_LLM."
        ) from error


def _identity(model: Path) -> dict[str, Any]:
    """Return what has to be equal for a saved prompt to fit; reading all of a model for that would take seconds."""
    try:
        with model.open("rb") as file:
            head = file.read(_HEAD)
        size = model.stat().st_size
    except OSError as error:
        raise ModelUnavailableError(f"The model file {model} cannot be read: {error.strerror or error}.") from error
    if not head.startswith(_MAGIC):
        raise ModelCorruptError(f"{model} is not a GGUF file; name one in RAG_LLM=gguf:PATH.")
    return {"head": hashlib.sha256(head).hexdigest(), "size": size, "llama.cpp": version("xllamacpp")}


def _usable(folder: Path) -> Path | None:
    """Return the folder if it can be written, else None: saved prompts are a convenience."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        log.info("Prompts are not kept between runs: %s", error)
        return None
    return folder if os.access(folder, os.W_OK) else None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _prune(folder: Path, limit: int) -> None:
    """Remove the saved prompts that were unused for longest until what is left fits in `limit` bytes."""
    kept = 0
    for path in sorted(folder.glob("*.kv"), key=lambda p: p.stat().st_mtime, reverse=True):
        kept += path.stat().st_size
        if kept > limit:
            path.with_suffix(".json").unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                path.unlink()

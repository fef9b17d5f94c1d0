"""The models an engine works with: each opened once, when it is first wanted, and never left behind.

The one that writes is opened in a thread of its own, so that searching goes on meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from copy import copy
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from rag.config import Settings
from rag.errors import ModelUnavailableError, SettingsError, UsageError
from rag.judge import is_judge
from rag.models import ModelStore, hub_model
from rag.task import examples
from rag.types import Progress

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

    from rag.cite import Checker
    from rag.cross import CrossEncoder, Reranker
    from rag.embed import Embedder
    from rag.reader import AdaptedReader
    from rag.retrieve import Retriever
    from rag.writer import Writer
    from vectorstore.store import Store

CLOSE_SECONDS = 5.0
"""How long closing waits for a model that is just being opened; after that it goes as soon as it is open."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WriterState:
    """What has become of the model that writes; `why` is the sentence of the error where it failed."""

    state: Literal["none", "idle", "opening", "ready", "failed"]
    """"none": the settings want no model; "idle": nobody has asked for it yet."""
    why: str = ""


class Later(Generic[T]):
    """Opens a thing at the first `wanted` and closes it at `close`, also when it is open only after that."""

    def __init__(
        self, open_it: Callable[[], T], close_it: Callable[[T], None], name: str, closed: bool = False
    ) -> None:
        self._open = open_it
        self._close = close_it
        self._name = name
        self._lock = threading.Lock()
        self._closed = closed
        self._future: Future[T] | None = None

    def wanted(self) -> Future[T]:
        """Begin to open it, unless that was begun; a try that failed is made again. The future has what it raised.

        Raises:
            UsageError: it was closed.
        """
        with self._lock:
            if self._closed:
                raise self._was_closed()
            failed = self._future is not None and self._future.done() and self._future.exception() is not None
            if self._future is None or failed:
                self._future = Future()
                threading.Thread(target=self._run, args=(self._future,), name=self._name, daemon=True).start()
            return self._future

    def state(self) -> WriterState:
        """Say how far the opening is, without beginning it."""
        with self._lock:
            future = self._future
        if future is None:
            return WriterState("idle")
        if not future.done():
            return WriterState("opening")
        error = future.exception()
        return WriterState("failed", str(error)) if error else WriterState("ready")

    def close(self, seconds: float) -> None:
        """Close it; if it is just being opened, wait at most `seconds` for that: its thread will close it."""
        with self._lock:
            first, self._closed = not self._closed, True
            future = self._future
            ready = first and future is not None and future.done()
        if future is None:
            return
        if not ready:
            wait([future], timeout=seconds)
        elif future.exception() is None:
            self._close(future.result())

    def _run(self, future: Future[T]) -> None:
        try:
            opened = self._open()
        except BaseException as error:
            future.set_exception(error)
            return
        with self._lock:
            if not self._closed:
                future.set_result(opened)
                return
        try:
            self._close(opened)
        finally:
            future.set_exception(self._was_closed())

    def _was_closed(self) -> UsageError:
        return UsageError("This engine was closed; make a new one to go on asking.")


class Models:
    """The embedder and the writers of one engine; what is given stands in place of what the settings name."""

    def __init__(
        self, settings: Settings, llm: LLM | None, embedder: Embedder | None, progress: Progress | None
    ) -> None:
        self._settings = settings
        self._llm = llm
        self._progress = progress
        self._files = ModelStore(settings.home, offline=settings.offline)
        self._chosen = settings.llm
        # Shared by all that `choosing` returns.
        self._embedders = [embedder] if embedder else []
        self._readers: list[AdaptedReader | None] = []
        self._crosses: dict[str, CrossEncoder] = {}
        self._writers: dict[str, Later[Writer | None]] = {}
        self._lock, self._writers_lock, self._ended = threading.Lock(), threading.Lock(), threading.Event()

    def refuse_unknown(self) -> None:
        """Refuse a model by a name that none has, whether or not a question will ever need it.

        Raises:
            SettingsError: the settings name one; says which there are.
        """
        there = [f"embedded:{spec.name}" for spec in self._files.catalogue.values() if spec.kind == "llm"]
        for name in () if self._llm is not None else (self._settings.llm, *self._settings.llm_choices):
            if name.startswith("embedded:") and name not in there:
                raise SettingsError(f"There is no model {name!r}; the ones there are: {', '.join(there)}.")

    def choosing(self, llm: str) -> Models:
        """Return these models with another one that writes; each is opened once, whoever chose it, and stays open."""
        other = copy(self)
        other._chosen = llm
        return other

    def embedder(self) -> Embedder:
        """Return the embedder, fetching it the first time.

        Raises:
            ModelError: it can't be had.
        """
        with self._lock:
            if not self._embedders:
                self._embedders.append(self._open_embedder())
            return self._embedders[0]

    def retriever(self, store: Store, passages: int) -> Retriever:
        """Return what searches a store with these models; `passages` is the setting of that name.

        Raises:
            ModelError: one of them can't be had.
        """
        from rag.retrieve import Retriever

        return Retriever(store, self.embedder(), passages, self.reranker(), self.reader())

    def reader(self) -> AdaptedReader | None:
        """Return what reads sentences beside the question, where there is an adapter for the embedding model.

        It is opened once, and shared by all that `choosing` returns and by every retriever.
        """
        from rag.embed import SentenceEmbedder
        from rag.reader import reader_of

        embedder = self.embedder()
        with self._lock:
            if not self._readers:
                self._readers.append(reader_of(embedder) if isinstance(embedder, SentenceEmbedder) else None)
            return self._readers[0]

    def reranker(self) -> Reranker | None:
        """Return what ranks passages anew, if the settings name it; fetched the first time.

        Raises:
            ModelError: it can't be had.
        """
        return self._cross(self._settings.reranker, "RAG_RERANKER")

    def checker(self) -> Checker | None:
        """Return the model that checks sentences, too, if the settings name one; errors as for `reranker`."""
        return self._cross(self._settings.checker, "RAG_CHECKER")

    def writer(self) -> Future[Writer | None]:
        """Begin to open the model that writes the answers; None is what `RAG_LLM=none` opens. Errors as in `rag.llm`.

        Raises:
            UsageError: the engine was closed.
        """
        self._import_what_writes()
        return self._later().wanted()

    def state(self) -> WriterState:
        """Say what has become of the model that writes."""
        if self._given is None and self._chosen == "none":
            return WriterState("none")
        return self._later().state()

    def close(self) -> None:
        """Close what was opened; wait at most CLOSE_SECONDS for what is just being opened."""
        with self._writers_lock:
            self._ended.set()
            writers = list(self._writers.values())
        until = time.monotonic() + CLOSE_SECONDS
        for writer in writers:
            writer.close(max(0.0, until - time.monotonic()))

    @property
    def _given(self) -> LLM | None:
        return self._llm if self._chosen == self._settings.llm else None

    def _later(self) -> Later[Writer | None]:
        with self._writers_lock:
            if self._chosen not in self._writers:
                self._writers[self._chosen] = Later(
                    self._open_writer, _close_writer, "open-model", self._ended.is_set()
                )
            return self._writers[self._chosen]

    def _open_embedder(self) -> Embedder:
        from rag.embed import SentenceEmbedder, fingerprint

        name = self._settings.embedding
        hub, files = hub_model(name), self._files
        prompts, languages = (hub.prompts, hub.languages) if hub else (None, None)
        if hub is not None:
            folder = files.hf_folder(hub.repo, self._progress)
            # Other words in front make other vectors of the same weights.
            mark = sha256(f"{fingerprint(folder)} {sorted(hub.prompts.items())}".encode()).hexdigest()
        elif name in files.catalogue:
            folder = files.pull(name, self._progress)
            mark, languages = files.catalogue[name].sha256, files.catalogue[name].languages
        else:
            repo = name.removeprefix("hf:")
            folder = files.hf_folder(repo, self._progress) if name != repo else Path(name).expanduser()
            mark = fingerprint(folder)
        return SentenceEmbedder(
            folder,
            f"{Path(name).name}@{mark[:12]}",
            self._settings.cores,
            prompts=prompts,
            languages=languages,
            compared=files.folder / "compared.json",
            progress=self._progress,
        )

    def _cross(self, name: str | None, setting: str) -> CrossEncoder | None:
        from rag.cross import CrossEncoder

        if name is None:
            return None
        with self._lock:
            if setting not in self._crosses:
                repo = name.removeprefix("hf:")
                folder = Path(name).expanduser()
                if name != repo:
                    folder = self._files.hf_folder(repo, self._progress, setting)
                elif not (folder / "config.json").is_file():
                    raise ModelUnavailableError(
                        f"{folder} holds no model: it has no config.json; name another folder, or hf:OWNER/REPO, in "
                        f"{setting}."
                    )
                self._crosses[setting] = CrossEncoder(folder, self._settings.cores, setting)
            return self._crosses[setting]

    def _import_what_writes(self) -> None:
        """Import what the thread that opens the model will need.

        In that thread it could wait for ever: a Ctrl-C in the midst of an import leaves Python's lock of that module
        taken, and only the thread that was interrupted can take it again.
        """
        kind = self._chosen.partition(":")[0]
        if self._given is None and kind != "none":
            import_module("llama_index.llms.openai_like")
        if self._given is None and kind in {"embedded", "gguf", "hf"}:
            import_module("xllamacpp")
        import_module("rag.llm")

    def _open_writer(self) -> Writer | None:
        from rag.llm import open_writer, wrap

        if self._given is not None:
            return wrap(self._given, self._settings)
        writer = open_writer(self._settings.model_copy(update={"llm": self._chosen}), self._fetch, self._progress)
        if writer is not None and is_judge(writer.name):
            _read_ahead(writer)
        return writer

    def _fetch(self, name: str) -> Path:
        if name.startswith("hf:"):
            return self._files.hf_file(name.removeprefix("hf:"), self._progress)
        if self._chosen not in {self._settings.llm, *self._settings.llm_choices}:
            return self._files.path(name)  # it was offered because it is here: nobody can have one fetched
        return self._files.pull(name, self._progress)


def _read_ahead(writer: Writer) -> None:
    """Let a model read what all its prompts begin with, once; the next process takes that from disk."""
    beginning = examples()
    name = "\n".join(str(message.content) for message in beginning)
    if not writer.restore(name):
        writer.warm(beginning)
        writer.save(name)


def _close_writer(writer: Writer | None) -> None:
    if writer is not None:
        writer.close()

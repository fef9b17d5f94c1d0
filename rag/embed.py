"""Passages and questions as vectors, by a sentence-transformers model in onnxruntime, or in torch where that can't be.

The only file that imports sentence_transformers.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelUnavailableError
from rag.graph import NoGraphError
from rag.quick import PROBES, SAME, QuickEncoder, Trust
from rag.types import Progress, Step

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

log = logging.getLogger(__name__)

BATCH = 32
Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """What turns text into unit vectors. `fingerprint` names the weights: vectors of two fingerprints don't mix."""

    fingerprint: str
    max_tokens: int
    """Tokens of a text that the model reads; what is behind them has no influence on the vector."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        ...

    def count(self, text: str) -> int:
        """Return how many tokens the model makes of `text`, without its special tokens."""
        ...

    def documents(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Return one row a text; `progress` gets the number of texts done so far."""
        ...

    def query(self, text: str) -> Vectors:
        """Return the vector of a question, shape (dimensions,)."""
        ...


class SentenceEmbedder:
    """A sentence-transformers model in a local folder, opened at the first text.

    onnxruntime runs it where it is known to give the vectors that torch gives; the first time, both are compared.
    `prompts` ("query", "document") stand in place of those that the folder names. `languages` are those it was made
    for, as ISO 639 codes, or None where nobody said. What was compared is remembered in the file `compared`.
    """

    def __init__(
        self,
        folder: Path,
        fingerprint: str,
        threads: int,
        *,
        prompts: Mapping[str, str] | None = None,
        languages: frozenset[str] | None = None,
        compared: Path | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.folder = folder
        self.fingerprint = fingerprint
        self.threads = threads
        self.languages = languages
        self.max_tokens = _reads(folder)
        named = _prompts(folder) if prompts is None else prompts
        self._of_query = named.get("query", "")
        self._of_document = next((named[name] for name in ("document", "passage", "corpus") if name in named), "")
        self._trust = Trust(compared)
        self._progress = progress or (lambda step: None)
        # Both runtimes are thread-safe but oversubscribe the cores; one encoder at a time is faster.
        self._lock = threading.Lock()

    def _new_tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return self._new_tokenizer()

    @cached_property
    def _model(self) -> SentenceTransformer:
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        torch.set_num_threads(self.threads)
        # Its bar for loading weights would stand in the middle of ours.
        disable_progress_bar()  # type: ignore[no-untyped-call]
        return SentenceTransformer(str(self.folder), device="cpu", local_files_only=True)

    @cached_property
    def _quick(self) -> QuickEncoder | None:
        """The model in onnxruntime, or None where torch has to run it."""
        try:
            quick = QuickEncoder(self.folder, self._new_tokenizer(), self.max_tokens, self.threads)
        except (NoGraphError, OSError) as error:
            log.info("%s is run by torch: %s", self.fingerprint, error)
            return None
        cosine = self._trust.cosine(self.fingerprint, lambda: self._compared(quick))
        if cosine >= SAME:
            self.__dict__.pop("_model", None)
            return quick
        log.warning("%s is run by torch: onnxruntime's vectors differ (cosine %.6f).", self.fingerprint, cosine)
        return None

    def _compared(self, quick: QuickEncoder) -> float:
        self._progress(Step("Comparing the embedding model's runtimes, once", 0, None))
        ours, theirs = quick.encode(self._marked(PROBES)), self._by_torch(PROBES)
        return float((ours * theirs).sum(axis=1).min())

    def _marked(self, texts: Iterable[str]) -> list[str]:
        return [self._of_document + text for text in texts]

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return _dimensions(self.folder)

    def count(self, text: str) -> int:
        """Return how many tokens the model makes of `text`, without its special tokens."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def documents(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Return one row a text. Texts of like length share a batch, so that little of it is padding."""
        with self._lock:
            if self._quick is not None:
                return self._quick.encode(self._marked(texts), progress)
            return self._by_torch(texts, progress)

    def _by_torch(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
        rows = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for first in range(0, len(order), BATCH):
            batch = order[first : first + BATCH]
            rows[batch] = self._model.encode_document(
                [texts[i] for i in batch],
                prompt=self._of_document,
                batch_size=BATCH,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
            if progress:
                progress(first + len(batch))
        return rows

    def query(self, text: str) -> Vectors:
        """Return the vector of a question, shape (dimensions,)."""
        with self._lock:
            if self._quick is not None:
                quick: Vectors = self._quick.encode([self._of_query + text])[0]
                return quick
            row = self._model.encode_query(
                [text], prompt=self._of_query, normalize_embeddings=True, show_progress_bar=False
            )[0]
        return np.asarray(row, dtype=np.float32)


def fingerprint(folder: Path) -> str:
    """Return the sha256 (hex) of a model's weights.

    Raises:
        ModelUnavailableError: there is no sentence-transformers model with safetensors in the folder.
    """
    import hashlib

    weights = folder / "model.safetensors"
    try:
        with weights.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelUnavailableError(
            f"RAG_EMBEDDING names {folder}, but {weights} can't be read ({error.strerror}); "
            "name a sentence-transformers folder, hf:OWNER/REPO, or a model of `rag models list`."
        ) from error


def _prompts(folder: Path) -> dict[str, str]:
    import json

    path = folder / "config_sentence_transformers.json"
    found = json.loads(path.read_text(encoding="utf-8")).get("prompts") if path.is_file() else None
    return {str(name): str(prompt) for name, prompt in (found or {}).items()}


def _reads(folder: Path) -> int:
    import json

    path = folder / "sentence_bert_config.json"
    return int(json.loads(path.read_text()).get("max_seq_length", 256)) if path.is_file() else 256


def _dimensions(folder: Path) -> int:
    import json

    config = json.loads((folder / "1_Pooling" / "config.json").read_text())
    return int(config["word_embedding_dimension"])

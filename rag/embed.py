"""Passages and questions as vectors, by a SentenceTransformer. The only file that imports sentence_transformers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelUnavailableError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

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
    """A SentenceTransformer from a local folder, loaded at the first text: importing torch takes seconds."""

    def __init__(self, folder: Path, fingerprint: str, threads: int) -> None:
        self.folder = folder
        self.fingerprint = fingerprint
        self.threads = threads
        self.max_tokens = _reads(folder)
        # torch's forward pass is thread-safe but oversubscribes the cores; one encoder at a time is faster.
        self._lock = threading.Lock()

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _model(self) -> SentenceTransformer:
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        torch.set_num_threads(self.threads)
        # Its bar for loading weights would stand in the middle of ours.
        disable_progress_bar()  # type: ignore[no-untyped-call]
        return SentenceTransformer(str(self.folder), device="cpu", local_files_only=True)

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return _dimensions(self.folder)

    def count(self, text: str) -> int:
        """Return how many tokens the model makes of `text`, without its special tokens."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def documents(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Return one row a text. Texts of like length share a batch, so that little of it is padding."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
        rows = np.empty((len(texts), self.dimensions), dtype=np.float32)
        with self._lock:
            for first in range(0, len(order), BATCH):
                batch = order[first : first + BATCH]
                rows[batch] = self._model.encode_document(
                    [texts[i] for i in batch], batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
                )
                if progress:
                    progress(first + len(batch))
        return rows

    def query(self, text: str) -> Vectors:
        """Return the vector of a question, shape (dimensions,)."""
        with self._lock:
            row = self._model.encode_query([text], normalize_embeddings=True, show_progress_bar=False)[0]
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


def _reads(folder: Path) -> int:
    import json

    path = folder / "sentence_bert_config.json"
    return int(json.loads(path.read_text()).get("max_seq_length", 256)) if path.is_file() else 256


def _dimensions(folder: Path) -> int:
    import json

    config = json.loads((folder / "1_Pooling" / "config.json").read_text())
    return int(config["word_embedding_dimension"])

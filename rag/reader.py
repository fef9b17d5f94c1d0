"""Reads a question and a sentence together: does this sentence answer it?

A cross-encoder (Nogueira and Cho, "Passage Re-ranking with BERT", 2019) that needs no model of its own: it is the
default embedding model with a narrow change to each of its matrices (reader.npz, a megabyte), which
benchmarks/fit_reader.py trained on questions with the sentence that holds their answer, and others that don't.
"""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Sequence
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.graph import SCORE, Arrays, NoGraphError
from rag.quick import batches, padded, session

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

    from rag.embed import SentenceEmbedder

log = logging.getLogger(__name__)

LONGEST = 112
"""Tokens of a pair that are read, as in training; the end of a longer sentence is cut off."""
_FILE = "reader.npz"


class AdaptedReader:
    """The embedding model in a local folder with the adapter: a rag.cross.Reranker of sentences."""

    def __init__(self, folder: Path, threads: int) -> None:
        self.folder = folder
        self.threads = threads
        self._lock = threading.Lock()

    @cached_property
    def _session(self) -> Any:
        return session(self.folder, self.threads, adapter())

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(LONGEST, strategy="longest_first")
        return tokenizer

    def open(self) -> None:
        """Open it now and not at the first pair.

        Raises:
            NoGraphError: this machine's onnxruntime can't run it.
        """
        assert self._session is not None

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return for each text the log-odds that it answers, as in training, in the order of `texts`.

        Raises:
            NoGraphError: this machine's onnxruntime can't run it.
        """
        with self._lock:
            pairs = self._tokenizer.encode_batch([(question, text) for text in texts])
            found = np.empty(len(texts), dtype=np.float32)
            for batch in batches([len(pair.ids) for pair in pairs]):
                found[batch] = self._run([pairs[at] for at in batch])
        return [float(score) for score in found]

    def _run(self, pairs: Sequence[Encoding]) -> Any:
        return self._session.run([SCORE], padded(pairs))[0][:, 0]


def reader_of(embedder: SentenceEmbedder) -> AdaptedReader | None:
    """Return what reads with the embedding model's weights, or None where the adapter is another model's."""
    if not embedder.fingerprint.endswith(f"@{base()[:12]}"):
        return None
    made = AdaptedReader(embedder.folder, embedder.threads)
    try:
        made.open()
    except NoGraphError as error:
        log.info("Sentences are ranked without reading them beside the question: %s", error)
        return None
    return made


@cache
def adapter() -> Arrays:
    """Return the trained change; see `rag.graph.Arrays`."""
    return {name: array.astype(np.float32) for name, array in _stored().items() if array.dtype == np.float16}


@cache
def base() -> str:
    """Return the sha256 (hex) of the weights that the adapter was trained for."""
    return str(_stored()["base"])


@cache
def _stored() -> dict[str, Any]:
    with np.load(io.BytesIO((files("rag") / _FILE).read_bytes()), allow_pickle=False) as stored:
        return dict(stored)

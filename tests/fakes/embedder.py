"""An embedder without a model: vectors are drawn from a text's hash, and what was embedded is on record."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from rag.embed import Vectors


class FakeEmbedder:
    """Implements rag.embed.Embedder; a token is a word."""

    def __init__(self, fingerprint: str = "fake", max_tokens: int = 256) -> None:
        self.fingerprint = fingerprint
        self.max_tokens = max_tokens
        self.texts: list[str] = []
        self.counted = 0
        self.fail: BaseException | None = None

    @property
    def dimensions(self) -> int:
        return 8

    def count(self, text: str) -> int:
        self.counted += 1
        return len(text.split())

    def documents(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        if self.fail is not None:
            raise self.fail
        self.texts += texts
        if progress:
            progress(len(texts))
        return np.stack([self.query(text) for text in texts])

    def query(self, text: str) -> Vectors:
        return _drawn(text, self.dimensions)


@lru_cache(maxsize=10_000)
def _drawn(text: str, dimensions: int) -> Vectors:
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    row = np.random.default_rng(seed).normal(size=dimensions).astype(np.float32)
    drawn = np.asarray(row / np.linalg.norm(row), dtype=np.float32)
    drawn.setflags(write=False)
    return drawn


class WordEmbedder(FakeEmbedder):
    """Texts that share words are near: each word has a direction of its own, a text is their sum."""

    @property
    def dimensions(self) -> int:
        return 64

    def query(self, text: str) -> Vectors:
        words = "".join(c if c.isalnum() else " " for c in text.lower()).split() or [text]
        row = np.sum([super(WordEmbedder, self).query(word) for word in words], axis=0)
        return np.asarray(row / np.linalg.norm(row), dtype=np.float32)

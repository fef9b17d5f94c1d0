"""Optional cross-encoders of Hugging Face, which read two texts together: one that ranks, one that checks.

A reranker (RAG_RERANKER) says how well a passage answers a question (Nogueira and Cho, "Passage Re-ranking with BERT",
2019). A checker (RAG_CHECKER), a model of natural language inference or of grounding, says whether a quote entails a
sentence (Honovich et al., "TRUE", NAACL 2022). Neither is needed; neither overrules what names, numbers, dates and
denials say (rag.cite).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from rag.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder as Model

_ENTAILS = re.compile(r"entail|support|consisten|factual|grounded|faithful", re.IGNORECASE)
_DENIES = re.compile(r"^(?:not|non|un|in)[\s_-]?", re.IGNORECASE)


class Reranker(Protocol):
    """What ranks passages by reading each with the question."""

    def scores(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """Return how well each text answers, higher is better, in the order of `texts`."""
        ...


class CrossEncoder:
    """A sentence-transformers cross-encoder in a local folder, opened at the first pair."""

    def __init__(self, folder: Path, threads: int, setting: str) -> None:
        self.folder = folder
        self.threads = threads
        self.setting = setting
        self._lock = threading.Lock()

    @cached_property
    def _model(self) -> Model:
        import torch
        from sentence_transformers import CrossEncoder as Model
        from transformers.utils.logging import disable_progress_bar

        torch.set_num_threads(self.threads)
        disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            return Model(str(self.folder), device="cpu", local_files_only=True)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ModelError(
                f"{self.folder} holds no cross-encoder that can be opened ({error}); correct {self.setting}."
            ) from error

    @cached_property
    def _entailed(self) -> int:
        """The place of the label that means yes; -1 where the model gives one score alone."""
        labels: dict[int, str] = self._model.model.config.id2label
        if len(labels) == 1:
            return -1
        named = [at for at, label in labels.items() if _ENTAILS.search(label) and not _DENIES.match(label)]
        if len(named) != 1:
            raise ModelError(
                f"The model of {self.setting} has no label for entailment among {', '.join(labels.values())}; "
                "take one of natural language inference, such as hf:cross-encoder/nli-deberta-v3-xsmall."
            )
        return named[0]

    def _predict(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray[Any, np.dtype[np.float32]]:
        from torch import nn

        with self._lock:
            raw = self._model.predict(list(pairs), activation_fn=nn.Identity(), show_progress_bar=False)
        return np.asarray(raw, dtype=np.float32)

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return how well each text answers, higher is better.

        Raises:
            ModelError: the model can't be opened, or has several labels where a reranker has one.
        """
        if not texts:
            return []
        raw = self._predict([(question, text) for text in texts])
        if raw.ndim != 1:
            raise ModelError(f"The model of {self.setting} gives {raw.shape[1]} labels; a reranker gives one score.")
        return [float(score) for score in raw]

    def entails(self, premise: str, sentence: str) -> float:
        """Return the probability that a sentence follows from a premise.

        Raises:
            ModelError: the model can't be opened, or has no label for entailment.
        """
        at = self._entailed
        raw = self._predict([(premise, sentence)])[0]
        if at < 0:
            return float(1 / (1 + np.exp(-raw)))
        weights = np.exp(raw - raw.max())
        return float(weights[at] / weights.sum())

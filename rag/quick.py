"""Texts -> unit vectors by onnxruntime: the same as torch's, without importing torch."""

from __future__ import annotations

import json
import logging
import os
import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag.graph import INPUTS, OUTPUT, WEIGHTS, Arrays, NoGraphError, graph

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

log = logging.getLogger(__name__)

Vectors = NDArray[np.float32]

TOKENS = 1024
"""Of a batch, padding included: what the layers pass on then stays within a processor's cache."""
TEXTS = 32
SAME = 0.9999
"""Cosine: two runtimes of the same weights differ by their order of addition, which leaves 0.999999."""
_VERSION = 1
"""Of the graph: raise it with rag/graph.py, and the runtimes are compared again."""

PROBES = (
    "Who might visit after Blinken?",
    "Treasury Secretary Janet Yellen and Commerce Secretary Gina Raimondo are expected in Beijing.",
    "In 1998, 3.5 % of £12,400 was paid out; the rest (§ 4.2) was not.",
    "Ärzte übergeben die Schlüssel. Où est la gare ? ¿Dónde está?",
    "北京的天气很好。 猫はマットの上で寝ていた。",
    "ذهب الوزير إلى بكين. बिल्ली चटाई पर सो रही थी।",
    "word " * 90,
    "A sentence that goes on and on, past what the model reads, so that the end of it is cut off. " * 40,
)
"""What two runtimes are compared by: short and long, several scripts, one that is cut."""


class QuickEncoder:
    """A sentence encoder in onnxruntime.

    Raises:
        NoGraphError: this model can't be run so; says why.
    """

    def __init__(self, folder: Path, tokenizer: Tokenizer, max_tokens: int, threads: int) -> None:
        self._tokenizer = tokenizer
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens)
        self._session = session(folder, threads)

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Return one row a text. Texts of like length share a batch, so that little of it is padding."""
        encoded = self._tokenizer.encode_batch(list(texts))
        rows = np.empty((len(texts), int(self._session.get_outputs()[0].shape[1])), dtype=np.float32)
        done = 0
        for batch in batches([len(one.ids) for one in encoded]):
            rows[batch] = self._run([encoded[i] for i in batch])
            done += len(batch)
            if progress:
                progress(done)
        return rows

    def _run(self, batch: Sequence[Encoding]) -> Vectors:
        vectors: Vectors = self._session.run([OUTPUT], padded(batch))[0]
        return vectors


def padded(batch: Sequence[Encoding]) -> dict[str, NDArray[np.int32]]:
    """Return texts, or pairs of texts, longest first, as INPUTS of a graph."""
    shape = (len(batch), len(batch[0].ids))
    tokens, kinds, there = (np.zeros(shape, dtype=np.int32) for _ in INPUTS)
    for row, one in enumerate(batch):
        length = len(one.ids)
        tokens[row, :length], kinds[row, :length], there[row, :length] = one.ids, one.type_ids, 1
    return dict(zip(INPUTS, (tokens, kinds, there), strict=True))


def batches(lengths: Sequence[int]) -> list[list[int]]:
    """Return the places of all texts in batches, longest first, each of at most `TOKENS` with its padding."""
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    found = []
    first = 0
    while first < len(order):
        count = max(1, min(TEXTS, TOKENS // max(1, lengths[order[first]])))
        found.append(order[first : first + count])
        first += count
    return found


def session(folder: Path, threads: int, adapter: Arrays | None = None) -> Any:
    """Return onnxruntime's session of a sentence encoder, or with an adapter of a cross-encoder.

    Raises:
        NoGraphError: this model can't be run so; says why.
    """
    made = graph(folder, adapter)
    try:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Threads that spin while they wait take the cores from the model that writes.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Hugging Face's cache is links, and onnxruntime follows none out of the folder it is told.
        beside = str((folder / WEIGHTS).resolve().parent)
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", beside)
        return onnxruntime.InferenceSession(made, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions have no common class of their own
        raise NoGraphError(f"onnxruntime can't run it ({' '.join(str(error).split())[:200]}).") from error


class Trust:
    """Which models give the same vectors in both runtimes, remembered in a file: comparing takes torch, and seconds."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def cosine(self, fingerprint: str, compare: Callable[[], float]) -> float:
        """Return the smallest cosine between the runtimes' vectors of `PROBES`, comparing them only the first time."""
        import onnxruntime

        key = f"{fingerprint} onnxruntime {onnxruntime.__version__} {platform.machine()} {_VERSION}"
        known = self._known()
        if key not in known:
            known[key] = compare()
            self._remember(known)
        return known[key]

    def _known(self) -> dict[str, float]:
        if self._file is None or not self._file.is_file():
            return {}
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
            return {str(key): float(value) for key, value in found.items()}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            log.warning("%s can't be read (%s); the embedding model is compared again.", self._file, error)
            return {}

    def _remember(self, known: dict[str, float]) -> None:
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            temporary = self._file.with_name(f"{self._file.name}.{os.getpid()}")
            temporary.write_text(json.dumps(known, indent=1, sort_keys=True), encoding="utf-8")
            os.replace(temporary, self._file)
        except OSError as error:
            log.warning("%s can't be written (%s); the embedding model will be compared again.", self._file, error)

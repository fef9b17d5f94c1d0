"""Question sets: measure retrieval, answers, citations and refusals of an engine, compare two runs, gate a release.

>>> from rag import Engine
>>> from rag.evaluate import run
>>> with Engine() as engine:  # doctest: +SKIP
...     print(run(engine, "questions.jsonl", docs="notes")["citation.precision"])
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.evaluate.cases import Case, Gold
    from rag.evaluate.runner import Options, Report, prepare, run

_HOME = {
    "Case": "cases",
    "Gold": "cases",
    "Options": "runner",
    "Report": "runner",
    "prepare": "runner",
    "run": "runner",
}
__all__ = ["Case", "Gold", "Options", "Report", "prepare", "run"]


def __getattr__(name: str) -> Any:
    # Imported when first used: `rag --help` must not wait for numpy.
    if name not in _HOME:
        raise AttributeError(f"module 'rag.evaluate' has no attribute {name!r}")
    return getattr(import_module(f"rag.evaluate.{_HOME[name]}"), name)

"""Question sets on their way to a server, and the report of a run as it comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rag.errors import PathError, UsageError
from rag.evaluate.dataset import rows_of
from rag.evaluate.outcome import Outcome
from rag.evaluate.runner import Options, Report


def asked_of(
    questions: Path | str | Sequence[Mapping[str, Any]], collection: str | None, options: Options | None
) -> dict[str, Any]:
    """Return the body that has a question set asked.

    Raises:
        UsageError: the questions can't be sent, or an option is one that only an engine of this process has.
    """
    chosen = options or Options()
    if chosen.workers > 1 or chosen.retry:
        raise UsageError("A server asks one question after another; leave out workers and retry.")
    rows = rows_of(_file(questions)) if isinstance(questions, Path | str) else [dict(row) for row in questions]
    return {
        "questions": rows,
        "collection": collection,
        "limit": chosen.limit,
        "seed": chosen.seed,
        "only": "retrieval" if chosen.only_retrieval else None,
        "skip_invalid": chosen.skip_invalid,
    }


def _file(questions: Path | str) -> Path:
    path = Path(questions).expanduser()
    if path.is_dir():
        raise UsageError(f"{path} is a folder with documents of its own; a server is sent a file of questions.")
    if not path.is_file():
        raise PathError(f"There is no file {path}; check the path.")
    return path


def report_of(told: dict[str, Any]) -> Report:
    """Return the run that a server tells of; its folder is there."""
    return Report(told["summary"], tuple(map(Outcome.of, told["cases"])), told["run"])

"""Files with an old time stamp, an ingestion of a folder, and what became of each file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rag.config import Settings
from rag.ingest import ingest
from rag.types import IngestReport, Step
from tests.fakes.embedder import FakeEmbedder
from vectorstore.local import LocalStore

TEXT = (
    "Visits to Beijing\n\nThe Secretary of State will visit Beijing on June 18-19.\n\n"
    "Treasury Secretary Janet Yellen and Gina M. Raimondo might follow in July.\n"
)
OLD = 1_600_000_000


def write(path: Path, text: str | bytes = TEXT, modified: float = OLD) -> Path:
    """Write a file that was last changed long ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    os.utime(path, (modified, modified))
    return path


def run(
    store: LocalStore,
    embedder: FakeEmbedder,
    *paths: Path | str,
    prune: bool = False,
    retry: bool | None = None,
    collection: str = "notes",
    progress: Callable[[Step], None] | None = None,
    **settings: Any,
) -> IngestReport:
    """Ingest into the collection `notes`; further arguments are settings."""
    return ingest(
        paths,
        store=store,
        embedder=embedder,
        collection=collection,
        settings=Settings(home=store.home, **settings),
        prune=prune,
        retry=retry,
        progress=progress,
    )


def interrupted(store: LocalStore, embedder: FakeEmbedder, folder: Path, *, after: int) -> None:
    """Ingest a folder until Ctrl-C is pressed, when so many documents are read."""

    def interrupt(step: Step) -> None:
        if step.stage == "Reading documents" and step.done == after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(store, embedder, folder, progress=interrupt)


def outcomes(report: IngestReport) -> dict[str, str]:
    """Return what became of each file, by its name."""
    return {Path(file.uri).name: file.outcome for file in report.files}

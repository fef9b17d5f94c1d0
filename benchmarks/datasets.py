"""Question sets in one schema (documents.jsonl, questions.jsonl) as a collection of the product, for measuring.

The documents are written out as text files and go in through `Engine.ingest`, so what is measured is what a user gets.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag import Engine


@dataclass(frozen=True)
class Case:
    """A question with what is known of its answer."""

    id: str
    question: str
    answers: tuple[str, ...]
    answerable: bool
    evidence: tuple[tuple[str, str], ...]
    """(doc_id, quote) of the gold sentences; only those with a quote."""
    doc_ids: tuple[str, ...]
    about: str = ""
    """doc_id of the document that the question was written about, where the set says so."""


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def cases(folder: Path, limit: int | None = None, seed: int = 0) -> list[Case]:
    """Return the questions of a set; with `limit` a sample that is the same for the same seed."""
    found = [
        Case(
            row["id"],
            row["question"].strip(),
            tuple(row["answers"]),
            row["answerable"],
            tuple((e["doc_id"], e["quote"]) for e in row["evidence"] if e.get("quote")),
            tuple(row.get("doc_ids") or ()),
            row.get("gold_doc_id") or "",
        )
        for row in _lines(folder / "questions.jsonl")
        if not row.get("history")
    ]
    if limit is None or limit >= len(found):
        return found
    return random.Random(seed).sample(found, limit)


def load(engine: Engine, folder: Path, work: Path) -> dict[str, str]:
    """Bring the set's documents into a collection named like the folder; return doc_id -> document id."""
    files = work / folder.name
    files.mkdir(parents=True, exist_ok=True)
    uris: dict[str, str] = {}
    for number, row in enumerate(_lines(folder / "documents.jsonl")):
        title = re.sub(r"\W+", " ", row["title"] or "").strip()[:80]
        path = files / f"{number:05d}" / f"{title or 'untitled'}.txt"
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_text(row["text"], encoding="utf-8", newline="")
        uris[row["doc_id"]] = str(path.resolve())
    engine.ingest([files], collection=folder.name)
    ids = {document.uri: document.id for document in engine.documents.list(folder.name)}
    return {doc_id: ids[uri] for doc_id, uri in uris.items() if uri in ids}

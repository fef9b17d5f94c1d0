"""Question sets in one schema (documents.jsonl, questions.jsonl) as a collection of the product, for measuring.

They go in as `rag eval` puts them in, so what is measured is what a user gets.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag import Engine
from rag.evaluate.corpus import from_jsonl
from rag.types import Turn


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
    pool: str = ""
    """Nothing but the documents of this pool is searched, where the documents have pools."""
    relevant: tuple[str, ...] = ()
    """doc_ids of all documents that bear on it."""
    history: tuple[Turn, ...] = ()
    """What was said before, oldest first."""


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def cases(folder: Path, limit: int | None = None, seed: int = 0, follow_ups: bool = False) -> list[Case]:
    """Return the questions of a set; with `limit` a sample that is the same for the same seed.

    With `follow_ups` also those that continue a conversation.
    """
    found = [
        Case(
            row["id"],
            row["question"].strip(),
            tuple(row["answers"]),
            row["answerable"],
            tuple((e["doc_id"], e["quote"]) for e in row["evidence"] if e.get("quote")),
            tuple(row.get("doc_ids") or ()),
            row.get("gold_doc_id") or "",
            row.get("pool") or "",
            tuple(dict.fromkeys([e["doc_id"] for e in row["evidence"]] + (row.get("gold_doc_ids") or []))),
            tuple(Turn(turn["role"], turn["content"]) for turn in row.get("history") or ()),
        )
        for row in _lines(folder / "questions.jsonl")
        if follow_ups or not row.get("history")
    ]
    if limit is None or limit >= len(found):
        return found
    return random.Random(seed).sample(found, limit)


def load(engine: Engine, folder: Path) -> tuple[str, dict[str, str]]:
    """Bring the set's documents into the collection that `rag eval` uses; return it, and doc_id -> document id."""
    corpus = from_jsonl(engine, folder / "documents.jsonl")
    corpus.attach(corpus)
    return corpus.collection, dict(corpus.ids)


def pools(folder: Path, ids: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the ids of the documents of each pool, for sets whose questions are asked of a part of the documents."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in _lines(folder / "documents.jsonl"):
        if row.get("pool") and row["doc_id"] in ids:
            found[row["pool"]].append(ids[row["doc_id"]])
    return found

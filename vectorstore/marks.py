"""Marks of unfinished work: which rows of the index may differ from the catalogue (see `follow`)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from sqlite3 import Connection

from vectorstore.passages import LISTED

WHOLE = ""
"""Stands for a passage id in a mark: the whole collection has to be made anew, or is gone."""

Marks = Mapping[str, Sequence[str]]
"""Passage ids by collection."""


def mark(connection: Connection, collection: str, passage_ids: Iterable[str]) -> None:
    """Note that these rows of the index may soon differ from the catalogue."""
    connection.executemany(
        "INSERT OR IGNORE INTO pending VALUES (?, ?)", ((collection, passage_id) for passage_id in passage_ids)
    )


def pending(connection: Connection) -> Marks:
    """Return what is marked."""
    marks: dict[str, list[str]] = defaultdict(list)
    for collection, passage_id in connection.execute("SELECT collection, passage_id FROM pending"):
        marks[collection].append(passage_id)
    return marks


def clear(connection: Connection, collection: str, passage_ids: Sequence[str]) -> None:
    """Take marks away, once the index is in line with the catalogue."""
    connection.execute(
        f"DELETE FROM pending WHERE collection = ? AND passage_id IN {LISTED}",
        (collection, json.dumps(list(passage_ids))),
    )

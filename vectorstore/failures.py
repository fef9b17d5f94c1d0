"""What could not be read, and how often it was tried: functions over a connection with an open transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple
from sqlite3 import Connection

from vectorstore.passages import LISTED
from vectorstore.store import FailureRecord

_COLUMNS = "collection, uri, reason, attempts, deaths, content_hash, size, modified, limits, first_at, last_at"
_NOTE = f"""INSERT INTO failures ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT (collection, uri) DO UPDATE SET
    attempts = excluded.attempts + iif({{same}}, attempts, 0),
    deaths = excluded.deaths + iif({{same}}, deaths, 0),
    content_hash = iif(excluded.content_hash = '' AND {{same}}, content_hash, excluded.content_hash),
    first_at = iif({{same}}, first_at, excluded.first_at),
    reason = excluded.reason, size = excluded.size, modified = excluded.modified, limits = excluded.limits,
    last_at = excluded.last_at""".format(
    same="(size, modified, limits) = (excluded.size, excluded.modified, excluded.limits)"
)


def failures(connection: Connection, collection: str | None) -> list[FailureRecord]:
    """List failures by uri, of one collection or of all."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM failures WHERE ?1 IS NULL OR collection = ?1 ORDER BY uri, collection", (collection,)
    )
    return [FailureRecord(*row) for row in rows]


def note(connection: Connection, found: Sequence[FailureRecord]) -> None:
    """Keep failures; one of the same file as it was adds to its attempts and deaths."""
    connection.executemany(_NOTE, map(astuple, found))


def forget(connection: Connection, collection: str, uris: Sequence[str]) -> None:
    """Forget failures."""
    connection.execute(
        f"DELETE FROM failures WHERE collection = ? AND uri IN {LISTED}", (collection, json.dumps(list(uris)))
    )

"""What could not be read, remembered in the catalogue: the reason, how often it was tried, and when to give up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from rag.load import WITHIN, file_of
from rag.types import FileReport
from rag.walk import is_gone
from rag.web import is_url
from vectorstore.store import FailureRecord, Store

MOST_DEATHS = 3
"""Times that a file may end the process that reads it; then it is left alone until it changes."""
TOGETHER = 50
"""Failures that are written at once; one that ended its reader is written at once alone."""


class Attempts:
    """The failures of one collection. Threads may ask; only one tells.

    Args:
        limits: what reading is allowed to take. With other limits or passwords, a file is tried as if it were new.
        retry: True also tries what was given up; False only what has changed since it failed.
    """

    def __init__(self, store: Store, collection: str, limits: str, retry: bool | None) -> None:
        self._store = store
        self._collection = collection
        self._limits = limits
        self._retry = retry
        self._known = {one.uri: one for one in store.failures(collection)}
        self._by_file = _by_file(self._known)
        self._noted: dict[str, FailureRecord] = {}
        self._solved: set[str] = set()
        self._deadly = {
            one.content_hash: one.reason
            for one in self._known.values()
            if one.deaths >= MOST_DEATHS and one.limits == limits and retry is not True
        }

    @property
    def asks_for_content(self) -> bool:
        """Whether the hash of what is to be read matters: some content was given up."""
        return bool(self._deadly)

    def given_up(self, content_hash: str) -> str | None:
        """Return why this content is not tried any more, or None."""
        reason = self._deadly.get(content_hash)
        if reason is None:
            return None
        return f"{reason} It failed so {MOST_DEATHS} times and is left alone; `rag ingest --retry` tries it again."

    def unchanged(self, uri: str, size: int, modified: float) -> list[FileReport]:
        """Return what is known of a file that failed and is as it was, where only changed ones are to be tried."""
        failed = self._by_file.get(uri, [])
        if self._retry is not False or not failed:
            return []
        if any((one.size, one.modified, one.limits) != (size, modified, self._limits) for one in failed):
            return []
        return [FileReport(one.uri, "failed", one.reason) for one in failed]

    def note(self, report: FileReport, size: int, modified: float, deadly: str = "") -> None:
        """Remember a failure; `deadly` is the hash of the content that ended its reader."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._noted[report.uri] = FailureRecord(
            collection=self._collection,
            uri=report.uri,
            reason=report.reason,
            attempts=1,
            deaths=1 if deadly else 0,
            content_hash=deadly,
            size=size,
            modified=modified,
            limits=self._limits,
            first_at=now,
            last_at=now,
        )
        if deadly or len(self._noted) >= TOGETHER:
            self.write()

    def settle(self, uri: str, failed: set[str]) -> None:
        """Forget what failed of a file, or of the files in it, and no longer does."""
        self._solved.update(one.uri for one in self._by_file.get(uri, ()) if one.uri not in failed)

    def write(self) -> None:
        """Bring the catalogue up to date."""
        if self._noted:
            self._store.note_failures(list(self._noted.values()))
        if self._solved:
            self._store.forget_failures(self._collection, sorted(self._solved))
        self._noted, self._solved = {}, set()

    def finish(self) -> None:
        """Bring the catalogue up to date, and forget files that are gone."""
        self._solved.update(uri for uri in self._known if not is_url(uri) and is_gone(uri))
        self.write()


def _by_file(known: Mapping[str, FailureRecord]) -> dict[str, list[FailureRecord]]:
    found: dict[str, list[FailureRecord]] = {}
    for uri, record in known.items():
        found.setdefault(str(file_of(uri)) if WITHIN in uri else uri, []).append(record)
    return found

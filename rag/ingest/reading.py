"""One file to what is to be stored of it, or to the reason why nothing is. Knows the store only as what it was told."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from rag.config import Settings
from rag.errors import DocumentError
from rag.ingest.attempts import Attempts
from rag.ingest.moves import Moved, Moves
from rag.ingest.records import Ready, Recorder
from rag.load import Unread, is_readable, read_bytes, unfold
from rag.load.parsed import Parsed, Source
from rag.load.worker import Worker
from rag.types import Document, FileReport
from vectorstore.store import DocumentSummary

UNFINISHED = -1.0
"""Stands for the time stamp of a file of which a part could not be read: it is read again, and the part named again."""
SETTLED = 2.0
"""Seconds: a file changed less long ago may change again without a new time stamp, so its stamp isn't trusted."""
CHANGES = 4
"""Times that a file is read before it counts as one that is being written."""
PAUSE = 0.25
"""Seconds before a file that changed while it was read is read again; twice as long each further time."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A file, or one within it, that could not be read; `deadly` is the hash of what ended its reader."""

    report: FileReport
    deadly: str = ""


@dataclass(slots=True)
class FileRead:
    """What reading one file gave, in the order in which it stands in the file."""

    uri: str
    size: int = 0
    modified: float = 0.0
    found: list[Ready | Moved | FileReport | Failed] = field(default_factory=list)
    left: list[DocumentSummary] = field(default_factory=list)
    """Documents of the version before that are no longer in the file."""
    attempted: bool = True
    """Whether this says something new about what can be read of it."""


class Reader:
    """Reads files, each in a worker process where that is wise; any number of threads may use it.

    Args:
        pages: addresses of web pages by the file that holds their bytes.
        before: what the store has of a file, by the uri of each document; the files by name.
    """

    def __init__(
        self,
        settings: Settings,
        recorder: Recorder,
        *,
        pages: Mapping[Path, str],
        before: Mapping[str, Mapping[str, DocumentSummary]],
        moves: Moves,
        attempts: Attempts,
    ) -> None:
        self._settings = settings
        self._recorder = recorder
        self._pages = pages
        self._before = before
        self._moves = moves
        self._attempts = attempts
        self._passwords = tuple(password.get_secret_value() for password in settings.passwords)
        self._own = threading.local()
        self._workers: list[_Parser] = []
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End the processes, whatever they are at; what is being read fails."""
        self._stopped.set()
        for worker in tuple(self._workers):
            worker.abort()

    def weight(self, path: Path) -> int:
        """Return the bytes of a file, or nothing where it isn't read."""
        try:
            return path.stat().st_size if is_readable(path) else 0
        except OSError:
            return 0

    def read(self, path: Path) -> FileRead:
        """Return the documents of a file, and what is to be reported where there is nothing to store."""
        read = FileRead(self._pages.get(path) or shown(path))
        before = self._before.get(self._pages.get(path, str(path)), {})
        if not is_readable(path):
            read.found.append(
                FileReport(read.uri, "skipped", f"not yet readable ({path.suffix.lower() or 'no suffix'})")
            )
            return read
        try:
            if path not in self._pages and read.uri != str(path):
                raise DocumentError(f"{shown(Path(path.name))}: its name is not valid UTF-8; rename it.")
            if self._is_as_it_was(path, read, before):
                return read
            data, modified = self._bytes(path, read)
            if not self._is_known(path, data, modified, read, before):
                self._unfold(path, data, modified, read, before)
        except DocumentError as error:
            read.found.append(Failed(failure(read.uri, str(error), before)))
        return read

    def _is_as_it_was(self, path: Path, read: FileRead, before: Mapping[str, DocumentSummary]) -> bool:
        """Say whether the file need not be opened, for what it gave is there or was found to be nothing."""
        try:
            status = path.stat()
        except OSError:
            return False
        stamp = (status.st_size, status.st_mtime, self._recorder.pipeline)
        if before and all(stamp == (one.size, one.modified, one.pipeline) for one in before.values()):
            read.found += map(_unchanged, before.values())
            return True
        failed = self._attempts.unchanged(read.uri, status.st_size, status.st_mtime)
        if not failed:
            return False
        names = {one.uri for one in failed}
        read.found += [_unchanged(one) for one in before.values() if one.uri not in names]
        read.found += [replace(one, document_id=before[one.uri].id) if one.uri in before else one for one in failed]
        read.attempted = False
        return True

    def _bytes(self, path: Path, read: FileRead) -> tuple[bytes, float]:
        """Return a file as it is at one moment, and its time stamp: 0 where it is too young to trust."""
        pause = PAUSE
        for _ in range(CHANGES):
            before = _stamp(path)
            data = read_bytes(path, self._settings.file_bytes)
            if before == _stamp(path):
                read.size, read.modified = len(data), before[1]
                return data, before[1] if abs(time.time() - before[1]) > SETTLED else 0.0
            self._stopped.wait(pause)
            pause *= 2
        raise DocumentError(f"{path.name}: changed while it was read; read it again when it is complete.")

    def _is_known(
        self, path: Path, data: bytes, modified: float, read: FileRead, before: Mapping[str, DocumentSummary]
    ) -> bool:
        """Say whether these very bytes are a document already, of this file or of one that is gone."""
        content_hash = hashlib.sha256(data).hexdigest()
        if list(before) == [read.uri] and before[read.uri].modified != UNFINISHED:
            if self._is_same(before[read.uri], content_hash):
                read.found.append(_unchanged(before[read.uri]))
                return True
        elif not before and path not in self._pages:
            moved = self._moves.take(read.uri, content_hash, self._recorder.pipeline)
            # One of which a part could not be read is read again, for the part.
            if moved is not None and moved.modified != UNFINISHED:
                read.found.append(Moved(moved, read.uri, len(data), modified))
                return True
        return False

    def _unfold(
        self, path: Path, data: bytes, modified: float, read: FileRead, before: Mapping[str, DocumentSummary]
    ) -> None:
        parser = self._parser()
        parts: list[tuple[Document | Unread, str]] = []
        for part in unfold(path, data, uri=read.uri, passwords=self._passwords, read=parser.parsed):
            parts.append((part, parser.deadly()))
        failed = [part for part, _ in parts if isinstance(part, Unread) and not part.foreign]
        if failed and failed[0].uri == read.uri and len(parts) == 1:
            read.found.append(Failed(failure(read.uri, failed[0].reason, before), parts[0][1]))
            return
        # Where a part failed, the whole file is read again next time: by then there may be a password for it.
        stamp = UNFINISHED if failed else modified
        for part, deadly in parts:
            if isinstance(part, Unread):
                read.found.append(_unread(part, deadly, before))
            else:
                read.found.append(self._document(part, len(data), stamp, before.get(part.uri)))
        read.left = [known for known in before.values() if known.uri not in {part.uri for part, _ in parts}]

    def _document(
        self, document: Document, size: int, modified: float, known: DocumentSummary | None
    ) -> Ready | Moved | FileReport | Failed:
        if known is not None and self._is_same(known, document.content_hash):
            return _unchanged(known)
        if known is None:
            moved = self._moves.take(document.uri, document.content_hash, self._recorder.pipeline)
            if moved is not None:
                return Moved(moved, document.uri, size, modified)
        try:
            return self._recorder.ready(document, size, modified, known)
        except DocumentError as error:
            return Failed(failure(document.uri, str(error), {document.uri: known} if known else {}))

    def _is_same(self, before: DocumentSummary, content_hash: str) -> bool:
        return (content_hash, self._recorder.pipeline) == (before.content_hash, before.pipeline)

    def _parser(self) -> _Parser:
        """Return this thread's own: each reads one file at a time."""
        parser: _Parser | None = getattr(self._own, "parser", None)
        if parser is None:
            parser = _Parser(self._settings, self._attempts)
            self._own.parser = parser
            self._workers.append(parser)
        return parser


class _Parser(Worker):
    """A worker process that can be ended by another thread, and that knows what ended it by itself."""

    def __init__(self, settings: Settings, attempts: Attempts) -> None:
        super().__init__(settings.file_seconds, settings.file_memory)
        self._attempts = attempts
        self._aborted = False
        self._deadly = ""
        self._ended = 0

    def _end(self) -> None:
        self._ended += self._process is not None
        super()._end()

    def parsed(self, source: Source) -> Parsed:
        """Read one file, unless its content was given up.

        Raises:
            DocumentError: it can't be read, or is not tried any more.
        """
        self._deadly = ""
        if self._attempts.asks_for_content:
            reason = self._attempts.given_up(hashlib.sha256(source.data).hexdigest())
            if reason:
                raise DocumentError(reason)
        if self._aborted:
            raise DocumentError(f"{source.name}: was not read, because the ingestion was ended.")
        ended = self._ended
        try:
            return self.read(source)
        except DocumentError:
            if self._ended > ended and not self._aborted:
                self._deadly = hashlib.sha256(source.data).hexdigest()
            raise

    def deadly(self) -> str:
        """Return the hash of what was read last, if it ended the process, and forget it."""
        content_hash, self._deadly = self._deadly, ""
        return content_hash

    def abort(self) -> None:
        """End the process at once; `read` in another thread notices, and puts it away."""
        self._aborted = True
        while not self._lock.acquire(timeout=0.05):
            process = self._process
            if process is not None:
                process.kill()
        try:
            self._end()
        finally:
            self._lock.release()


def failure(uri: str, reason: str, before: Mapping[str, DocumentSummary]) -> FileReport:
    """Return the report of a file that can't be read, saying that what was read of it before is still there."""
    kept_before = " The version read before is kept." if before else ""
    document_id = before[uri].id if uri in before else ""
    return FileReport(uri, "failed", f"{reason}{kept_before}", document_id)


def shown(path: Path) -> str:
    """Return a path as text that can be stored and printed: bytes that are no UTF-8 become U+FFFD."""
    return os.fsencode(path).decode("utf-8", errors="replace")


def _unchanged(before: DocumentSummary) -> FileReport:
    return FileReport(before.uri, "unchanged", "", before.id, before.passages)


def _unread(part: Unread, deadly: str, before: Mapping[str, DocumentSummary]) -> FileReport | Failed:
    if part.foreign:
        return FileReport(part.uri, "skipped", part.reason)
    known = before.get(part.uri)
    return Failed(failure(part.uri, part.reason, {part.uri: known} if known else {}), deadly)


def _stamp(path: Path) -> tuple[int, float]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0.0  # why it can't be read is said by who reads it
    return status.st_size, status.st_mtime

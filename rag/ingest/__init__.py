"""Files and folders to the store: what is new, changed, gone or can't be read, and nothing read or embedded twice.

`plan` says what there is to do; `reading` makes records of a file, `ahead` does so for the next files while `writing`
embeds and stores the documents of this one; `moves` and `attempts` know what was there under another name, and what
failed before.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from rag.config import Settings
from rag.embed import Embedder
from rag.errors import DocumentError
from rag.ingest.ahead import ahead
from rag.ingest.attempts import Attempts
from rag.ingest.moves import Moved, Moves
from rag.ingest.plan import Plan, plan
from rag.ingest.reading import Failed, FileRead, Reader, shown
from rag.ingest.records import Ready, Recorder
from rag.ingest.writing import Writer
from rag.language import foreign
from rag.originals import first, name_of, same
from rag.types import FileReport, IngestReport, Progress, Step
from rag.walk import absolute
from rag.web import Web, split
from vectorstore.store import DocumentSummary, Store

ROOM = 64_000_000
"""Bytes of files that are read ahead of the embedding; a larger file is read alone."""
MOST_READERS = 4

_PLAIN = re.compile(r"[^A-Za-z0-9]+")


def ingest(
    paths: Sequence[Path | str],
    *,
    store: Store,
    embedder: Embedder,
    collection: str,
    settings: Settings,
    prune: bool = False,
    retry: bool | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """Bring a collection up to date with files, folders and web pages; each document goes in whole or not at all.

    A string that begins with http:// or https:// is a web page; its address is the document's uri. What can't be read
    is in the report with the reason, and the others go in. A file that was moved keeps its document. With `prune`,
    documents whose files under these paths are gone are removed.

    Args:
        retry: what failed before is tried again, but for files that ended their reader several times; True tries those
            too, False only files that have changed since.

    Raises:
        PathError: a path is missing, a folder is empty, or nothing there is of a kind that can be read.
        StoreError: the store can't be written, or belongs to another embedding model.
    """
    urls, files = split(paths)
    ingestion = _Ingestion(store, embedder, collection, settings, retry, progress or (lambda step: None))
    ingestion.fetch(urls)
    return ingestion.run(files, prune=prune)


def collection_of(path: Path) -> str:
    """Return the name of the collection that belongs to a path alone: readable, and always the same for it.

    A link has one of its own, as its documents are named by it: in one collection with its target's they'd be doubled.
    """
    there = absolute(path)
    name = _PLAIN.sub("-", there.stem if there.is_file() else there.name).strip("-")[:40].strip("-")
    return f"{name or 'documents'}-{hashlib.sha256(os.fsencode(there)).hexdigest()[:8]}"


class _Ingestion:
    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        collection: str,
        settings: Settings,
        retry: bool | None,
        progress: Progress,
    ) -> None:
        self.store = store
        self.embedder = embedder
        self.collection = collection
        self.settings = settings
        self.progress = progress
        self.writer = Writer(store, embedder, collection, progress)
        self.attempts = Attempts(store, collection, _limits(settings), retry)
        self.pages: dict[Path, str] = {}
        """The files of web pages, with their addresses."""

    def fetch(self, urls: Sequence[str]) -> None:
        """Bring web pages here; what can't be had is reported, and the version read before is kept."""
        web = Web(self.settings.home / "web", self.settings)
        for number, url in enumerate(urls):
            self.progress(Step("Fetching pages", number, len(urls), "files", url))
            try:
                name, path = web.fetch(url)
                self.pages[path] = name
            except DocumentError as error:
                report = FileReport(url, "failed", str(error))
                self.writer.reports.append(report)
                self.attempts.note(report, 0, 0.0)
        if urls:
            self.progress(Step("Fetching pages", len(urls), len(urls), "files"))

    def run(self, paths: Sequence[Path], *, prune: bool) -> IngestReport:
        try:
            if paths or self.pages or not self.writer.reports:
                self._run(paths, prune=prune)
            self.attempts.finish()
        except BaseException:
            self.attempts.write()  # what was found out is kept, also where the rest was broken off
            raise
        finally:
            self.writer.close()
        documents = self.store.documents(self.collection)
        reports = tuple(sorted(_naming_copies(self.writer.reports, documents), key=lambda report: report.uri))
        return IngestReport(self.collection, reports, self.writer.embedded, self._warnings(documents))

    def _warnings(self, documents: Sequence[DocumentSummary]) -> tuple[str, ...]:
        languages = (document.language for document in documents)
        known = getattr(self.embedder, "languages", None)
        return foreign(languages, known, self.embedder.fingerprint.partition("@")[0])

    def _run(self, paths: Sequence[Path], *, prune: bool) -> None:
        documents = self.store.documents(self.collection)
        planned = plan(paths, [*self.pages], documents, leave_out=self.settings.home, prune=prune)
        if documents:  # that it is of another model shows before anything is read
            self.writer.ensure_collection()
        moves = Moves(planned.known, planned.files)
        self._read_all(planned, moves)
        for why in dict.fromkeys(why for _, why in planned.removals):
            gone = [one for one, reason in planned.removals if reason == why and one.id not in moves.taken]
            self.writer.remove(gone, why)

    def _read_all(self, planned: Plan, moves: Moves) -> None:
        for folder, reason in planned.closed.items():
            self.writer.reports.append(FileReport(shown(folder), "failed", f"can't be listed ({reason})."))
        recorder = Recorder(self.collection, self.embedder, {one.id: uri for uri, one in planned.known.items()})
        reader = Reader(
            self.settings, recorder, pages=self.pages, before=planned.by_file, moves=moves, attempts=self.attempts
        )
        threads = max(1, min(MOST_READERS, self.settings.cores // 2))
        total = len(planned.files)
        read = ahead(planned.files, reader.read, reader.weight, threads=threads, room=ROOM, stop=reader.stop)
        try:
            for number, (path, file) in enumerate(read):
                self.progress(Step("Reading documents", number, total, "files", path.name))
                self._take(file)
            self.writer.flush()
        finally:
            read.close()
        self.progress(Step("Reading documents", total, total, "files"))

    def _take(self, file: FileRead) -> None:
        failed: set[str] = set()
        for one in file.found:
            if isinstance(one, Ready):
                self.writer.add(one)
            elif isinstance(one, Moved):
                self.writer.move(one)
            elif isinstance(one, Failed):
                self.writer.reports.append(one.report)
                self.attempts.note(one.report, file.size, file.modified, one.deadly)
                failed.add(one.report.uri)
            else:
                self.writer.reports.append(one)
        if file.attempted:
            self.attempts.settle(file.uri, failed)
        self.writer.remove(file.left, f"{Path(file.uri).name} no longer holds it")


def _naming_copies(reports: Sequence[FileReport], documents: Sequence[DocumentSummary]) -> Iterator[FileReport]:
    """Yield the reports; one of a document that was added says of which other one it has the very bytes.

    Of several that were added together the original doesn't.
    """
    added = {report.document_id for report in reports if report.outcome == "added"}
    contents = same(documents) if added else {}
    twins = {
        one.id: [other for other in several if other is not one] for several in contents.values() for one in several
    }
    original = {one.id: first(several) for several in contents.values() for one in several}
    for report in reports:
        others = twins.get(report.document_id, []) if report.outcome == "added" else []
        if others and original[report.document_id].id == report.document_id:
            others = [one for one in others if one.id not in added]
        if not others:
            yield report
            continue
        said = f"Same as {name_of(first(others).uri)}."
        yield replace(report, reason=f"{said} {report.reason}".strip())


def _limits(settings: Settings) -> str:
    """Return a mark of what decides whether a file can be read, besides the file."""
    secrets = "\0".join(password.get_secret_value() for password in settings.passwords)
    limits = f"{settings.file_bytes}/{settings.file_seconds:g}/{settings.file_memory}"
    return hashlib.sha256(f"{limits}/{secrets}".encode()).hexdigest()[:16]

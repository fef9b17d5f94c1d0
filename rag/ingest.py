"""Files and folders to the store: what is new, changed, gone or can't be read, and nothing read or embedded twice."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from rag.chunk import chunk
from rag.clean import kept, signature
from rag.config import Settings
from rag.embed import Embedder
from rag.errors import DocumentError, PathError
from rag.language import foreign
from rag.load import WITHIN, Unread, file_of, is_readable, read_bytes, readable_name, unfold
from rag.load.worker import Worker
from rag.types import Document, FileReport, IngestReport, Passage, Progress, Step
from rag.walk import Found, absolute, find, is_gone, is_under, left_out, refuse_nothing
from rag.web import Web, split
from vectorstore.store import DocumentRecord, DocumentSummary, PassageRecord, Store, Vectors

PIPELINE = "3"
"""Version of loading, cleaning and chunking: raise it when they make other passages of the same file, and every
document is read again at its next ingestion."""
PASSAGE_TOKENS = 200
CONTEXT_TOKENS = 50
"""Tokens of what the embedder reads that are left to title, date, heading and its own special tokens."""
SPECIAL_TOKENS = 2
BATCH = 64
"""Passages that are embedded at once; a document is stored when all of its own are."""
UNFINISHED = -1.0
"""Stands for the time stamp of a file of which a part could not be read: it is read again, and the part named again."""
SETTLED = 2.0
"""Seconds: a file changed less long ago may change again without a new time stamp, so its stamp isn't trusted."""

_PLAIN = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class _Ready:
    """A document with its passages, waiting for those vectors that are not known yet."""

    document: DocumentRecord
    passages: tuple[PassageRecord, ...]
    texts: tuple[str, ...]
    outcome: FileReport


def ingest(
    paths: Sequence[Path | str],
    *,
    store: Store,
    embedder: Embedder,
    collection: str,
    settings: Settings,
    prune: bool = False,
    progress: Progress | None = None,
) -> IngestReport:
    """Bring a collection up to date with files, folders and web pages; each document goes in whole or not at all.

    A string that begins with http:// or https:// is a web page; its address is the document's uri. What can't be read
    is in the report with the reason, and the others go in. With `prune`, documents whose files under these paths are
    gone are removed.

    Raises:
        PathError: a path is missing, a folder is empty, or nothing there is of a kind that can be read.
        StoreError: the store can't be written, or belongs to another embedding model.
    """
    urls, files = split(paths)
    ingestion = _Ingestion(store, embedder, collection, settings, progress)
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
        self, store: Store, embedder: Embedder, collection: str, settings: Settings, progress: Progress | None
    ) -> None:
        self.store = store
        self.embedder = embedder
        self.collection = collection
        self.settings = settings
        self.progress = progress or (lambda step: None)
        self.passage_tokens = min(PASSAGE_TOKENS, max(16, embedder.max_tokens - CONTEXT_TOKENS))
        self.pipeline = f"{PIPELINE}/{self.passage_tokens}/{embedder.max_tokens}"
        self.reports: list[FileReport] = []
        self.pages: dict[Path, str] = {}
        """The files of web pages, with their addresses."""
        self.embedded = 0
        self.to_embed = 0
        self.worker = Worker(settings.file_seconds, settings.file_memory)
        self.passwords = tuple(password.get_secret_value() for password in settings.passwords)

    def fetch(self, urls: Sequence[str]) -> None:
        """Bring web pages here; what can't be had is reported, and the version read before is kept."""
        web = Web(self.settings.home / "web", self.settings)
        for number, url in enumerate(urls):
            self.progress(Step("Fetching pages", number, len(urls), "files", url))
            try:
                name, path = web.fetch(url)
                self.pages[path] = name
            except DocumentError as error:
                self.reports.append(FileReport(url, "failed", str(error)))
        if urls:
            self.progress(Step("Fetching pages", len(urls), len(urls), "files"))

    def run(self, paths: Sequence[Path], *, prune: bool) -> IngestReport:
        if not paths and not self.pages and self.reports:
            return IngestReport(self.collection, tuple(self.reports))
        roots = [*(absolute(path) for path in paths), *self.pages]
        known = {summary.uri: summary for summary in self.store.documents(self.collection)}
        gone = [uri for uri in known if prune and any(is_under(uri, root) for root in roots) and is_gone(uri)]
        self._refuse_missing(roots, gone)
        found = find(roots, leave_out=self.settings.home)
        unmeant = left_out(known, roots, found) if prune else []
        if not gone:
            refuse_nothing(roots, found)
        if known:  # that it is of another model shows before anything is read
            self._ensure_collection()
        with self.worker:
            self._read_all(found, known)
        self._remove([known[uri] for uri in gone], "the file is gone")
        self._remove([known[uri] for uri in unmeant], "it is left out now (.ragignore)")
        reports = tuple(sorted(self.reports, key=lambda r: r.uri))
        return IngestReport(self.collection, reports, self.embedded, self._warnings())

    def _warnings(self) -> tuple[str, ...]:
        languages = (document.language for document in self.store.documents(self.collection))
        known = getattr(self.embedder, "languages", None)
        return foreign(languages, known, self.embedder.fingerprint.partition("@")[0])

    def _ensure_collection(self) -> None:
        self.store.ensure_collection(self.collection, self.embedder.fingerprint, self.embedder.dimensions)

    def _refuse_missing(self, roots: Sequence[Path], gone: Sequence[str]) -> None:
        for root in roots:
            if not os.path.lexists(root) and not any(is_under(uri, root) for uri in gone):
                raise PathError(f"There is no file or folder {root}; check the path.")

    def _read_all(self, found: Found, known: dict[str, DocumentSummary]) -> None:
        for folder, reason in found.closed.items():
            self.reports.append(FileReport(_shown(folder), "failed", f"can't be listed ({reason})."))
        waiting: list[_Ready] = []
        by_file = _by_file(known)
        for number, path in enumerate(found.files):
            self.progress(Step("Reading documents", number, len(found.files), "files", path.name))
            for ready in self._read(path, by_file.get(self.pages.get(path, str(path)), {})):
                if isinstance(ready, FileReport):
                    self.reports.append(ready)
                    continue
                waiting.append(ready)
                if sum(len(one.texts) for one in waiting) >= BATCH:
                    self._store(waiting)
                    waiting = []
        self._store(waiting)
        self.progress(Step("Reading documents", len(found.files), len(found.files), "files"))

    def _read(self, path: Path, before: dict[str, DocumentSummary]) -> Iterator[_Ready | FileReport]:
        """Yield the documents of a file, and what is to be reported where there is nothing to store.

        `before` is what the store has of it by uri: the file's own document and those of the files within it.
        """
        uri = self.pages.get(path) or _shown(path)
        if not is_readable(path):
            yield FileReport(uri, "skipped", f"not yet readable ({path.suffix.lower() or 'no suffix'})")
            return
        try:
            if path not in self.pages and uri != str(path):
                raise DocumentError(f"{_shown(Path(path.name))}: its name is not valid UTF-8; rename it.")
            if before and all(self._is_untouched(path, one) for one in before.values()):
                yield from map(_unchanged, before.values())
                return
            modified = _modified(path)
            data = read_bytes(path, self.settings.file_bytes)
            whole = list(before) == [uri] and before[uri].modified != UNFINISHED
            if whole and self._is_same(before[uri], hashlib.sha256(data).hexdigest()):
                yield _unchanged(before[uri])
                return
            if modified and _modified(path) != modified:
                raise DocumentError(f"{path.name}: changed while it was read; read it again when it is complete.")
        except DocumentError as error:
            yield _failure(uri, str(error), before)
            return
        yield from self._unfolded(path, data, modified, before)

    def _unfolded(
        self, path: Path, data: bytes, modified: float, before: dict[str, DocumentSummary]
    ) -> Iterator[_Ready | FileReport]:
        uri = self.pages.get(path, str(path))
        parts = list(unfold(path, data, uri=uri, passwords=self.passwords, read=self.worker.read))
        failed = [part for part in parts if isinstance(part, Unread) and not part.foreign]
        if failed and failed[0].uri == uri and len(parts) == 1:
            yield _failure(uri, failed[0].reason, before)
            return
        # Where a part failed, the whole file is read again next time: by then there may be a password for it.
        stamp = UNFINISHED if failed else modified
        for part in parts:
            if isinstance(part, Unread):
                yield _unread(part, before)
                continue
            known = before.get(part.uri)
            if known is not None and self._is_same(known, part.content_hash):
                yield _unchanged(known)
                continue
            try:
                yield self._prepared(part, len(data), stamp, known)
            except DocumentError as error:
                yield _failure(part.uri, str(error), {part.uri: known} if known else {})
        left = [known for known in before.values() if known.uri not in {part.uri for part in parts}]
        self._remove(left, f"{path.name} no longer holds it")

    def _is_same(self, before: DocumentSummary, content_hash: str) -> bool:
        return (content_hash, self.pipeline) == (before.content_hash, before.pipeline)

    def _is_untouched(self, path: Path, before: DocumentSummary) -> bool:
        try:
            status = path.stat()
        except OSError:
            return False
        return (status.st_size, status.st_mtime, self.pipeline) == (before.size, before.modified, before.pipeline)

    def _prepared(
        self, document: Document, size: int, modified: float, before: DocumentSummary | None
    ) -> _Ready | FileReport:
        document_id = _hex(16, self.collection, document.uri)
        passages = chunk(document, kept(document.text), self.embedder.count, max_tokens=self.passage_tokens)
        if not passages:
            raise DocumentError(f"{Path(document.uri).name}: has no text to ask about.")
        texts = tuple(self._context(document, passage) for passage in passages)
        record = DocumentRecord(
            id=document_id,
            collection=self.collection,
            uri=document.uri,
            title=document.title,
            text=document.text,
            content_hash=document.content_hash,
            media_type=document.media_type,
            published_at=document.published_at,
            author=document.author,
            pages=tuple((page.start, page.end) for page in document.pages),
            size=size,
            modified=modified,
            pipeline=self.pipeline,
            added_at=datetime.now(UTC).isoformat(timespec="seconds"),
            places=tuple((place.start, place.end, place.label) for place in document.places),
            language=document.language,
        )
        rows = tuple(_row(record, passage, text) for passage, text in zip(passages, texts, strict=True))
        said = f"{document.note[0].upper()}{document.note[1:]}." if document.note else ""
        outcome = FileReport(document.uri, "updated" if before else "added", said, document_id, len(rows))
        return _Ready(record, rows, texts, outcome)

    def _context(self, document: Document, passage: Passage) -> str:
        """Return what is embedded for a passage: where it stands, then its text, within what the embedder reads."""
        room = self.embedder.max_tokens - SPECIAL_TOKENS
        words = _where(document, passage).split()
        while words:
            text = f"{' '.join(words)}\n{passage.text}"
            if self.embedder.count(text) <= room:
                return text
            words = words[: len(words) // 2]
        return passage.text

    def _store(self, waiting: Sequence[_Ready]) -> None:
        if not waiting:
            return
        # Before the embedding: a process that has to be refused is refused before it works in vain.
        self.store.claim()
        self._ensure_collection()
        vectors = self._vectors(waiting)
        for ready in waiting:
            rows = np.stack([vectors[passage.vector_key] for passage in ready.passages])
            self.store.put(ready.document, ready.passages, rows)
            self.reports.append(ready.outcome)

    def _vectors(self, waiting: Sequence[_Ready]) -> dict[str, Vectors]:
        """Return the vector of each passage by its key; only texts that were never embedded are."""
        texts = {
            passage.vector_key: text
            for ready in waiting
            for passage, text in zip(ready.passages, ready.texts, strict=True)
        }
        vectors = dict(self.store.cached_vectors(self.embedder.fingerprint, list(texts)))
        missing = [key for key in texts if key not in vectors]
        if missing:
            done = self.embedded
            self.to_embed += len(missing)

            def tell(number: int) -> None:
                self.progress(Step("Embedding passages", done + number, self.to_embed, "passages"))

            rows = self.embedder.documents([texts[key] for key in missing], tell)
            vectors.update(zip(missing, rows, strict=True))
            self.embedded += len(missing)
        return vectors

    def _remove(self, gone: Sequence[DocumentSummary], why: str) -> None:
        if gone:
            self.store.remove([summary.id for summary in gone])
            self.reports += [FileReport(one.uri, "removed", why, one.id) for one in gone]


def _by_file(known: dict[str, DocumentSummary]) -> dict[str, dict[str, DocumentSummary]]:
    """Return the known documents by the file on disk that they come from."""
    found: dict[str, dict[str, DocumentSummary]] = {}
    for uri, summary in known.items():
        found.setdefault(str(file_of(uri)) if WITHIN in uri else uri, {})[uri] = summary
    return found


def _unchanged(before: DocumentSummary) -> FileReport:
    return FileReport(before.uri, "unchanged", "", before.id, before.passages)


def _unread(part: Unread, before: dict[str, DocumentSummary]) -> FileReport:
    if part.foreign:
        return FileReport(part.uri, "skipped", part.reason)
    known = before.get(part.uri)
    return _failure(part.uri, part.reason, {part.uri: known} if known else {})


def _failure(uri: str, reason: str, before: dict[str, DocumentSummary]) -> FileReport:
    """Return the report of a file that can't be read, saying that what was read of it before is still there."""
    kept_before = " The version read before is kept." if before else ""
    document_id = before[uri].id if uri in before else ""
    return FileReport(uri, "failed", f"{reason}{kept_before}", document_id)


def _row(document: DocumentRecord, passage: Passage, embedded: str) -> PassageRecord:
    mark, bands = signature(passage.text)
    return PassageRecord(
        id=_hex(24, document.id, document.content_hash, str(passage.start), str(passage.end)),
        document_id=document.id,
        ordinal=passage.ordinal,
        start=passage.start,
        end=passage.end,
        text=passage.text,
        sentences=tuple((span.start, span.end) for span in passage.sentences),
        page=passage.page,
        heading=passage.heading,
        signature=mark,
        bands=bands,
        vector_key=_hex(64, embedded),
    )


def _where(document: Document, passage: Passage) -> str:
    """Return title, date and heading on one line, each only where the passage doesn't begin with it anyway."""
    title = document.title if _says_something(document) else ""
    parts = []
    if title and not passage.text.startswith(title):
        parts.append(title)
    if document.published_at:
        parts.append(f"({document.published_at})")
    if passage.heading not in {"", title} and not passage.text.startswith(passage.heading):
        parts.append(f"– {passage.heading}" if parts else passage.heading)
    return " ".join(parts)


def _says_something(document: Document) -> bool:
    """Say no for a title that is only a file's name without a word in it: "000 d8ea8e826b47bdfd"."""
    if document.title != readable_name(Path(document.uri)):
        return True
    return any(word.isalpha() and len(word) > 2 for word in document.title.split())


def _hex(length: int, *parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:length]


def _shown(path: Path) -> str:
    """Return a path as text that can be stored and printed: bytes that are no UTF-8 become U+FFFD."""
    return os.fsencode(path).decode("utf-8", errors="replace")


def _modified(path: Path) -> float:
    """Return a file's time stamp, or 0 where it is too young to tell a change by."""
    try:
        stamp = path.stat().st_mtime
    except OSError:
        return 0.0
    return stamp if abs(time.time() - stamp) > SETTLED else 0.0

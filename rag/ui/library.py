"""Documents on the page: what is there, what is brought, what became of each file."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from rag.errors import PathError, RagError, UsageError
from rag.types import FileReport
from rag.ui import view

if TYPE_CHECKING:
    from rag.engine import Engine

SLICE = 4
"""Files that are read at once: after so many the page hears what became of them."""
SAMPLE = "sample"
"""Name of the collection of the sample folder."""
_COLLECTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
ABANDONED = 24 * 3600.0
"""Seconds after which an upload that was begun and never finished is cleared away."""
_BATCH = re.compile(r"[0-9a-f]{32}")
_DEEPEST = 12
_LONGEST = 120


class Library:
    """The collections and documents of an engine, and the files that people upload (under `home/uploads`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.folder = engine.settings.home / "uploads"

    def collections(self) -> list[dict[str, Any]]:
        """Return the collections for the page; the default one is there even when it is empty."""
        found = {c.name: c for c in self._engine.collections()}
        names = sorted({*found, self._engine.settings.collection})
        return [
            {
                "name": name,
                "documents": found[name].documents if name in found else 0,
                "passages": found[name].passages if name in found else 0,
            }
            for name in names
        ]

    def documents(self, collection: str) -> list[dict[str, Any]]:
        """Return the documents of a collection for the page."""
        return [
            {
                "id": document.id,
                "title": view.safe(document.title),
                "file": self._shown(document.uri, collection),
                "date": view.safe(document.published_at or ""),
                "kind": document.media_type,
                "language": document.language,
                "passages": document.passages,
                "characters": document.characters,
                "added": document.added_at,
            }
            for document in self._engine.documents.list(collection)
        ]

    def remove(self, document_ids: Sequence[str]) -> int:
        """Forget documents; files that were uploaded go, too, others stay where they are."""
        there = {document.id: document for document in self._engine.documents.list()}
        found = [there[document_id] for document_id in document_ids if document_id in there]
        for document in found:
            self._engine.documents.remove(document.id)
            path = Path(document.uri)
            if path.is_relative_to(self.folder):
                path.unlink(missing_ok=True)
        return len(found)

    def batch(self) -> str:
        """Begin an upload; its name goes with each file. What others began a day ago and left is cleared away."""
        for left in (self.folder / ".arriving").glob("*"):
            if time.time() - left.stat().st_mtime > ABANDONED:
                shutil.rmtree(left, ignore_errors=True)
        name = secrets.token_hex(16)
        self._staging(name).mkdir(mode=0o700, parents=True)
        return name

    def place(self, batch: str, name: str) -> Path:
        """Return where an uploaded file goes.

        Raises:
            UsageError: there is no such upload, it has too many files, or the name is none.
        """
        folder = self._staging(batch)
        if not folder.is_dir():
            raise UsageError("This upload is over; drop the files again.")
        if sum(1 for path in folder.rglob("*") if path.is_file()) >= self._engine.settings.upload_files:
            raise UsageError(
                f"More than {self._engine.settings.upload_files} files at once are not accepted (RAG_UPLOAD_FILES)."
            )
        path = folder / harmless(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def add(self, batch: str, collection: str) -> Iterator[dict[str, Any]]:
        """Read the files of an upload into a collection; yield what became of each, then the sum.

        Files of the same name replace those uploaded before, so that a new version is an update.
        """
        if not _COLLECTION.fullmatch(collection):
            raise UsageError(
                f"The name {collection!r} is not allowed; use 1 to 200 of A-Z a-z 0-9 . _ -, a letter or digit first."
            )
        staging = self._staging(batch)
        try:
            target = self.folder / collection
            moved = [self._moved(path, target / path.relative_to(staging)) for path in _files(staging)]
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        yield from self._read(moved, collection)

    def sample(self) -> Iterator[dict[str, Any]]:
        """Read the sample folder into a collection of its own; yield as `add` does."""
        folder = sample_folder()
        yield from self._read(_files(folder), SAMPLE)

    def _read(self, paths: Sequence[Path], collection: str) -> Iterator[dict[str, Any]]:
        total, counts = len(paths), dict[str, int]()
        for number in range(0, total, SLICE):
            several = paths[number : number + SLICE]
            names = [self._shown(str(path), collection) for path in several]
            yield {"type": "reading", "done": number, "total": total, "file": names[0], "files": names}
            for report in self._reports(several, collection):
                shown = self._outcome(report, collection)
                counts[shown["outcome"]] = counts.get(shown["outcome"], 0) + 1
                yield {"type": "file", **shown}
        yield {"type": "end", "total": total, "counts": counts, "collection": collection}

    def _reports(self, paths: Sequence[Path], collection: str) -> Sequence[FileReport]:
        readable = {suffix.lower() for suffix in self._engine.readable()}
        able = [path for path in paths if path.suffix.lower() in readable]
        others = [
            FileReport(
                str(path), "skipped", f"{_kind(path)} can't be read yet; “What can be read?” lists those that can."
            )
            for path in paths
            if path not in able
        ]
        try:
            read = self._engine.ingest(able, collection=collection).files if able else ()
        except PathError as error:
            read = tuple(FileReport(str(path), "failed", str(error)) for path in able)
        except RagError as error:
            read = tuple(FileReport(str(path), "failed", f"not added: {error}") for path in able)
        return sorted([*others, *read], key=lambda report: report.uri)

    def _outcome(self, report: FileReport, collection: str) -> dict[str, Any]:
        name = self._shown(report.uri, collection)
        reason = report.reason.replace(str(self.folder / collection) + os.sep, "")
        return {
            "file": name,
            "outcome": report.outcome,
            "reason": view.safe(reason),
            "passages": report.passages,
            "document": report.document_id,
        }

    def _moved(self, path: Path, to: Path) -> Path:
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if to.is_dir():
            to = to.with_name(f"{to.stem} (file){to.suffix}")
        return path.replace(to)

    def _staging(self, batch: str) -> Path:
        if not _BATCH.fullmatch(batch):
            raise UsageError("This upload is over; drop the files again.")
        return self.folder / ".arriving" / batch

    def _shown(self, uri: str, collection: str) -> str:
        """Return a document's name for people: within its upload, else without its folders."""
        path = Path(uri)
        for folder in (self.folder / collection, sample_folder()):
            if path.is_relative_to(folder):
                return view.safe(path.relative_to(folder).as_posix())
        return view.name_of(uri)


def harmless(name: str) -> PurePosixPath:
    """Return a relative path made of a file's name as it was sent: no `..`, nothing hidden, nothing absolute.

    Raises:
        UsageError: nothing is left of it.
    """
    parts = [re.sub(r"[\x00-\x1f\x7f:*?\"<>|]", "_", part).strip(" .") for part in re.split(r"[/\\]", name)]
    kept = [part[-_LONGEST:] for part in parts if part][-_DEEPEST:]
    if not kept:
        raise UsageError(f"{name!r} is not a file name.")
    return PurePosixPath(*kept)


def sample_folder() -> Path:
    """Return the folder of sample documents that comes with the page."""
    return Path(str(files("rag.ui") / "sample"))


def _kind(path: Path) -> str:
    return f"Files of the kind {path.suffix}" if path.suffix else "Files without a suffix"


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())

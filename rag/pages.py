"""The files that documents were read from: the original, and the pages of a PDF as pictures with the place of a quote.

A file is found by its document, and its pages are shown only while its bytes are those that were read: what is boxed is
what was quoted. A web page is not fetched again.
"""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath

from rag.config import Settings
from rag.errors import DocumentError, PathError
from rag.load import WITHIN, original
from rag.load.parsed import Source
from rag.load.pdf_picture import Sought
from rag.load.worker import Worker
from rag.types import Document, PageBoxes, PagePicture, Span

WIDTH = 1240
"""Pixels: a page of A4 at 150 dots an inch."""
_WIDTHS = (100, 3000)
_PDF = "application/pdf"


class Pages:
    """Draws pages in a process of its own; any number of threads may use it, one at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._passwords = tuple(password.get_secret_value() for password in settings.passwords)
        self._worker = Worker(settings.file_seconds, settings.file_memory)

    def picture(self, document: Document, number: int, width: int) -> PagePicture:
        """Return a page as a picture; see `Documents.page`."""
        total = len(document.pages)
        source = self._source(document)
        if not 1 <= number <= total:
            raise PathError(f"{source.name} has {total} {'page' if total == 1 else 'pages'}, but no page {number}.")
        width, height, png = self._worker.picture(source, number, min(max(width, _WIDTHS[0]), _WIDTHS[1]))
        return PagePicture(number, total, width, height, png)

    def boxes(self, document: Document, span: Span) -> tuple[PageBoxes, ...]:
        """Return where some of the text stands; see `Documents.boxes`."""
        source = self._source(document)
        sought = [one for number in range(len(document.pages)) if (one := _on_page(document, number, span))]
        found = self._worker.boxes(source, sought) if sought else []
        return tuple(PageBoxes(one.page, tuple(boxes)) for one, boxes in zip(sought, found, strict=True) if boxes)

    def original(self, document: Document) -> bytes:
        """Return the file as it is now; see `Documents.original`."""
        if not Path(document.uri).is_absolute():
            raise DocumentError(f"{document.uri}: was not read from a file of this machine.")
        return original(
            document.uri, max_bytes=self._settings.file_bytes, passwords=self._passwords, read=self._worker.read
        )

    def close(self) -> None:
        """End the process."""
        self._worker.close()

    def _source(self, document: Document) -> Source:
        name = PurePosixPath(document.uri.replace("\\", "/").rpartition(WITHIN)[2]).name
        if document.media_type != _PDF:
            raise DocumentError(f"{name}: is {document.media_type}; only pages of PDFs can be shown as pictures.")
        data = self.original(document)
        if hashlib.sha256(data).hexdigest() != document.content_hash:
            raise DocumentError(f"{name}: has changed since it was read; ingest it again to see its pages.")
        return Source(data, name if name.lower().endswith(".pdf") else f"{name}.pdf", self._passwords)


def _on_page(document: Document, number: int, span: Span) -> Sought | None:
    """Return the part of a span that stands on a page (counted from 0), or None."""
    page = document.pages[number]
    start, end = max(span.start, page.start), min(span.end, page.end)
    if not document.text[start:end].strip():
        return None
    return Sought(number + 1, page.of(document.text), start - page.start, end - page.start)

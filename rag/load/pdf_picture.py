"""A page of a PDF as it is printed, and where on it some of its text stands. A part of `rag.load.pdf`.

The place is found by the characters: those of the quote, less white space and the marks that the reader put in, have to
stand on the page one after the other. So a box is either around the very words, or there is none.
"""

from __future__ import annotations

import ctypes
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rag.errors import DocumentError
from rag.load.parsed import Source
from rag.load.pdf import opened
from rag.load.pdf_chars import Page, Word, read_page, unturned
from rag.load.pdf_order import ordered
from rag.load.pdf_tables import page_rows
from rag.mend import normalized
from rag.types import Box

PIXELS = 12_000_000
"""Most of a picture: a page may be metres wide."""
_MARKS = str.maketrans("", "", "#|/")
"""What the reader puts before headings and between cells."""
_STEPS = 100_000
"""PDFium gives places on a page as whole numbers; of so many steps across it."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Characters `start` to `end` of the text of a page (counted from 1), to be found on it."""

    page: int
    text: str
    start: int
    end: int


def picture(source: Source, number: int, width: int) -> tuple[int, int, bytes]:
    """Return width and height in pixels of a page (counted from 1), and the page as PNG.

    Raises:
        DocumentError: the file can't be opened, or this page of it is damaged.
    """
    with _Opened(source) as document:
        page = document.page(number)
        across, down = page.get_size()
        scale = min(width / max(across, 1.0), (PIXELS / max(across * down, 1.0)) ** 0.5)
        bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=False)
        try:
            pixels = bitmap.to_numpy()
            high, wide, channels = pixels.shape
            return wide, high, _png(wide, high, channels, pixels)
        finally:
            bitmap.close()


def boxes(source: Source, sought: Sequence[Sought]) -> list[list[Box]]:
    """Return for each of these texts the boxes around its lines; none where it isn't found on its page.

    Raises:
        DocumentError: the file can't be opened, or a page of it is damaged.
    """
    with _Opened(source) as document:
        found = []
        for one in sought:
            page = document.page(one.page)
            words = _words(read_page(page), one)
            found.append([_box(page, rectangle) for rectangle in words])
        return found


class _Opened:
    """A PDF that is closed again, with the pages that were wanted of it."""

    def __init__(self, source: Source) -> None:
        self._name = source.name
        self._document = opened(source)
        self._pages: dict[int, Any] = {}

    def __enter__(self) -> _Opened:
        return self

    def __exit__(self, *_: object) -> None:
        for page in self._pages.values():
            page.close()
        self._document.close()

    def page(self, number: int) -> Any:
        from pypdfium2 import PdfiumError

        if number not in self._pages:
            try:
                self._pages[number] = self._document[number - 1]
            except (PdfiumError, IndexError) as error:
                raise DocumentError(f"{self._name}: page {number} is damaged and can't be drawn.") from error
        return self._pages[number]


def _png(width: int, height: int, channels: int, pixels: Any) -> bytes:
    """Return pixels of one, three or four channels as PNG, each line stored as its difference to the one above."""
    import numpy as np

    flat = pixels.reshape(height, width * channels)
    lines = np.empty((height, 1 + width * channels), np.uint8)
    lines[:, 0] = 2  # the filter "up"
    lines[0, 1:] = flat[0]
    lines[1:, 1:] = flat[1:] - flat[:-1]
    kind = {1: 0, 3: 2, 4: 6}[channels]
    head = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines.tobytes(), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )


_Rectangle = tuple[float, float, float, float]


def _words(page: Page, sought: Sought) -> list[_Rectangle]:
    """Return the rectangles around the lines of a text, in the page's own coordinates: left, bottom, right, top."""
    read = [
        word
        for group in ordered(page_rows(page))
        for line in group
        for cell in line.cells
        if cell is not None
        for word in cell.words
    ]
    for words in (read, page.words):
        if covered := _covered(words, sought):
            return [unturned(*rectangle, page.turn) for rectangle in _lines(covered)]
    return []


def _covered(words: Sequence[Word], sought: Sought) -> list[Word]:
    """Return the words that a text covers, where exactly its characters stand one after the other."""
    wanted = _squeezed(sought.text[sought.start : sought.end])
    owners = [index for index, word in enumerate(words) for _ in _squeezed(word.text)]
    places = list(_occurrences("".join(_squeezed(word.text) for word in words), wanted))
    if not places:
        return []
    # What stands on a page several times is told by how often it stood there before.
    before = len(_squeezed(sought.text[: sought.start]))
    earlier = sum(place < before for place in _occurrences(_squeezed(sought.text), wanted))
    first = places[min(earlier, len(places) - 1)]
    return [words[index] for index in dict.fromkeys(owners[first : first + len(wanted)])]


def _squeezed(text: str) -> str:
    return "".join(normalized(text).split()).translate(_MARKS)  # as rag.load has the text


def _occurrences(text: str, wanted: str) -> Iterator[int]:
    place = text.find(wanted) if wanted else -1
    while place >= 0:
        yield place
        place = text.find(wanted, place + 1)


def _lines(words: Sequence[Word]) -> Iterator[_Rectangle]:
    """Yield a rectangle for each run of words that stand beside each other."""
    run: list[Word] = []
    for word in words:
        if run and not _beside(run[-1], word):
            yield _around(run)
            run = []
        run.append(word)
    if run:
        yield _around(run)


def _beside(one: Word, two: Word) -> bool:
    low = min(one.top - one.bottom, two.top - two.bottom)
    shared = min(one.top, two.top) - max(one.bottom, two.bottom)
    gap = max(two.left - one.right, one.left - two.right)
    return shared > 0.5 * low and gap < 2 * max(one.size, two.size)


def _around(words: Sequence[Word]) -> _Rectangle:
    return (
        min(word.left for word in words),
        min(word.bottom for word in words),
        max(word.right for word in words),
        max(word.top for word in words),
    )


def _box(page: Any, rectangle: _Rectangle) -> Box:
    """Return a rectangle as it stands on the picture: what is cut off or turned when drawn counts."""
    left, bottom, right, top = rectangle
    corners = [_on_picture(page, left, bottom), _on_picture(page, right, top)]
    across, down = sorted(x for x, _ in corners), sorted(y for _, y in corners)
    return Box(across[0], down[0], across[1], down[1])


def _on_picture(page: Any, x: float, y: float) -> tuple[float, float]:
    import pypdfium2.raw as raw

    right, down = ctypes.c_int(), ctypes.c_int()
    raw.FPDF_PageToDevice(page, 0, 0, _STEPS, _STEPS, 0, x, y, right, down)
    return min(max(right.value / _STEPS, 0.0), 1.0), min(max(down.value / _STEPS, 0.0), 1.0)

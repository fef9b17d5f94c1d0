"""The characters of a PDF page with their places, put together to words; by PDFium. A part of `rag.load.pdf`."""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rag.load.pdf_rules import Box, Rules, drawn, rules

_TURNS = (0, 90, 180, 270)
_UNMAPPED = {0, 0xFFFE, 0xFFFF}
_GAP = 0.22
"""Em: characters further apart than this are of two words even where no space stands between them."""
_SOFT_HYPHEN = 2
"""What PDFium gives for a hyphen at the end of a line whose word goes on."""


@dataclass(slots=True)
class Word:
    """Characters without white space between them. Points from the page's lower left corner, turned upright."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    bold: bool = False

    @property
    def middle(self) -> float:
        """Height of its middle."""
        return (self.bottom + self.top) / 2


@dataclass(slots=True)
class _Char:
    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    turn: int
    bold: bool


@dataclass(slots=True)
class Page:
    """The words of a page in the order of its content stream, and PDFium's own reading of it."""

    words: list[Word]
    plain: str
    width: float
    height: float
    turned: str = ""
    """Text that stands at another angle than most of the page: a stamp along the margin."""
    damaged: bool = False
    turn: int = 0
    """Degrees by which the coordinates of its words were turned so that they run from left to right."""
    rules: Rules = field(default_factory=Rules)


def read_page(page: Any) -> Page:
    """Return what stands on a page; text in form fields and comments that are shown counts, too."""
    import pypdfium2.raw as raw

    raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY)
    text_page = page.get_textpage()
    width, height = page.get_size()
    try:
        count = text_page.count_chars()
        chars = _chars(raw, text_page.raw, count)
        plain = _plain(text_page, chars)
    finally:
        text_page.close()
    turns = Counter(char.turn for char in chars if not char.text.isspace())
    main = turns.most_common(1)[0][0] if turns else 0
    upright = [_upright(char, main) for char in chars if char.turn == main or char.text.isspace()]
    turned = " ".join(word.text for word in _words([c for c in chars if c.turn != main and not c.text.isspace()]))
    if main in {90, 270}:
        width, height = height, width
    lines = rules([_turned(box, main) for box in drawn(page)])
    return Page(_words(upright), plain, width, height, turned, turn=main, rules=lines)


def _plain(text_page: Any, chars: Sequence[_Char]) -> str:
    try:
        return _sound(text_page.get_text_range()) if chars else ""
    except UnicodeDecodeError:  # half of a surrogate pair at its end
        return "".join(char.text for char in chars).replace("\r\n", "\n")


def _chars(raw: Any, text_page: Any, count: int) -> list[_Char]:
    box, matrix = raw.FS_RECTF(), raw.FS_MATRIX()
    found: list[_Char] = []
    size, bold, turn = 0.0, False, 0
    skip = False
    for index in range(count):
        code = raw.FPDFText_GetUnicode(text_page, index)
        if skip:  # the second half of a pair
            skip = False
            continue
        if code in _UNMAPPED:
            code = 0xFFFD
        if 0xD800 <= code < 0xDC00 and index + 1 < count:
            low = raw.FPDFText_GetUnicode(text_page, index + 1)
            if 0xDC00 <= low < 0xE000:
                code, skip = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00), True
        if 0xD800 <= code < 0xE000 or code > 0x10FFFF:
            code = 0xFFFD
        char = "-" if code == _SOFT_HYPHEN else chr(code)
        if not char.isspace():
            # The loose box: of one height for all characters of a font, so that a line is told by it.
            raw.FPDFText_GetLooseCharBox(text_page, index, ctypes.byref(box))
            turn = round(raw.FPDFText_GetCharAngle(text_page, index) * 57.29578 / 90) % 4 * 90
            if not found or found[-1].text.isspace():  # weight changes between words, seldom within one
                bold = raw.FPDFText_GetFontWeight(text_page, index) >= 600
                raw.FPDFText_GetMatrix(text_page, index, ctypes.byref(matrix))
                size = raw.FPDFText_GetFontSize(text_page, index) * math.hypot(matrix.c, matrix.d)
        found.append(_Char(char, box.left, box.bottom, box.right, box.top, size, turn, bold))
    return found


def _upright(char: _Char, turn: int) -> _Char:
    """Return a character in coordinates in which text at this angle (degrees, clockwise) runs from left to right."""
    left, bottom, right, top = _turned((char.left, char.bottom, char.right, char.top), turn)
    return _Char(char.text, left, bottom, right, top, char.size, turn, char.bold)


def _turned(box: Box, turn: int) -> Box:
    left, bottom, right, top = box
    if turn == 90:
        return -top, left, -bottom, right
    if turn == 180:
        return -right, -top, -left, -bottom
    if turn == 270:
        return bottom, -right, top, -left
    return box


def unturned(left: float, bottom: float, right: float, top: float, turn: int) -> tuple[float, float, float, float]:
    """Return a rectangle of a page's words (left, bottom, right, top) in the page's own coordinates."""
    if turn == 90:
        return bottom, -right, top, -left
    if turn == 180:
        return -right, -top, -left, -bottom
    if turn == 270:
        return -top, left, -bottom, right
    return left, bottom, right, top


def _words(chars: list[_Char]) -> list[Word]:
    words: list[Word] = []
    run: list[_Char] = []
    for char in chars:
        if char.text.isspace() or (run and not _follows(run[-1], char)):
            _finish(run, words)
            run = []
        if not char.text.isspace():
            run.append(char)
    _finish(run, words)
    return words


def _follows(before: _Char, char: _Char) -> bool:
    """Say whether a character stands beside the one before it, on either side, on one line."""
    high = max(before.top - before.bottom, char.top - char.bottom, before.size * 0.5, 1.0)
    if abs((before.bottom + before.top) - (char.bottom + char.top)) / 2 > high:
        return False
    gap = max(char.left - before.right, before.left - char.right)
    return gap < _GAP * max(before.size, high)


def _finish(run: list[_Char], words: list[Word]) -> None:
    if not run:
        return
    left, right = min(c.left for c in run), max(c.right for c in run)
    bottom, top = min(c.bottom for c in run), max(c.top for c in run)
    size = run[0].size if run[0].size > 1 else (top - bottom) * 0.9
    words.append(Word("".join(c.text for c in run), left, bottom, right, top, size, run[0].bold))


def _sound(text: str) -> str:
    """Return text without half surrogate pairs and unmapped characters."""
    paired = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return paired.replace("\x02\r\n", "-\n").replace("\x02", "-").replace("\r\n", "\n").replace("\ufffe", "\ufffd")

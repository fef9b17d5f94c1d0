"""The pages of a PDF as one text: running heads off, paragraphs and headings told. A part of `rag.load.pdf`."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from rag.load.draft import flat, row
from rag.load.pdf_chars import Page
from rag.load.pdf_lines import Line, Piece, single
from rag.load.pdf_order import Group, ordered
from rag.load.pdf_tables import page_rows
from rag.types import Span

Rows = list[list[Piece]]

_MARGIN = 0.13
"""Share of a page's height, at the top and at the bottom, where running heads and page numbers stand."""
_HEADING = 1.14
"""Times the size of the body text."""
_HEADING_CHARACTERS = 150
_LEADING = 1.2
"""Times their size: how far lines of text usually stand from each other."""
_OPEN = re.compile(r"[\w,;(–—-]$")
_NUMBER = re.compile(r"\d{1,4}")


def laid_out(pages: Sequence[Page]) -> tuple[str, tuple[Span, ...], str]:
    """Return the text of all pages, the span of each, and the largest heading on the first page (or "")."""
    by_page = _without_running_heads([page_rows(page) for page in pages], [page.height for page in pages])
    body, bold = _body([piece for found in by_page for row in found for piece in single(row)])
    parts: list[str] = []
    spans: list[Span] = []
    length = 0
    title = ""
    for page, found in zip(pages, by_page, strict=True):
        blocks = [block for group in ordered(found) for block in _blocks(group, body, bold)]
        if not found or _is_scattered(page):
            blocks = [block for block in page.plain.split("\n\n") if block.strip()]
        if page.turned:
            blocks.insert(0, page.turned)
        if not spans:
            title = _title(found, body)
        start = length
        for number, block in enumerate(blocks):
            gap = _gap(parts[-1], block) if parts else ""
            parts += [gap, block] if parts else [block]
            length += len(gap) + len(block)
            start = start + len(gap) if number == 0 else start
        spans.append(Span(min(start, length), length))
    return "".join(parts), _touching(spans), title


def _touching(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return the spans, each reaching to the start of the next, so that every character is of one page."""
    ends = [following.start for following in spans[1:]] + [span.end for span in spans[-1:]]
    return tuple(Span(span.start, max(span.start, end)) for span, end in zip(spans, ends, strict=True))


def _gap(before: str, block: str) -> str:
    """Return what stands between two blocks: a sentence that goes on in the next column or on the next page is one."""
    first = next((character for character in block if not character.isspace()), "")
    goes_on = _OPEN.search(before) and first.islower() and not before.rpartition("\n")[2].startswith(("#", "|"))
    return "\n" if goes_on else "\n\n"


def _is_scattered(page: Page) -> bool:
    """Say whether rows say nothing: most words run from top to bottom, or letters were set one by one."""
    several = [word for word in page.words if len(word.text) > 1]
    upright = sum(word.top - word.bottom > 1.5 * (word.right - word.left) for word in several)
    if len(several) > 3 and upright > 0.6 * len(several):
        return True
    return len(page.words) > 20 and len(several) < 0.3 * len(page.words)


def _body(pieces: Sequence[Piece]) -> tuple[float, bool]:
    """Return the size of most of the text, in points, and whether that is bold."""
    sizes: Counter[tuple[float, bool]] = Counter()
    for piece in pieces:
        sizes[round(piece.size * 2) / 2, piece.bold] += len(piece.text)
    return sizes.most_common(1)[0][0] if sizes else (0.0, False)


def _blocks(group: Group, body: float, bold: bool) -> Iterator[str]:
    """Yield paragraphs, headings and tables of a group of lines."""
    steps = [one.first.bottom - two.first.bottom for one, two in pairwise(group)]
    ordinary = median([step for step in map(_plain, steps, group[1:]) if step > 0] or [0.0])
    left = min((line.first.left for line in group), default=0.0)
    block: Group = []
    for index, line in enumerate(group):
        if block and _breaks(block[-1], line, steps[index - 1], ordinary, left):
            yield _block(block, body, bold)
            block = []
        block.append(line)
    if block:
        yield _block(block, body, bold)


def _plain(step: float, line: Line) -> float:
    """Return a step without what a row of a table is higher than a line of text."""
    return min(step, _LEADING * line.first.size) if line.follows else step


def _breaks(before: Line, line: Line, step: float, ordinary: float, left: float) -> bool:
    one, two = before.first, line.first
    if before.kind != line.kind or line.opens:
        return True
    if line.kind == "row":
        return not line.follows and step > 2.5 * max(ordinary, two.size)
    if abs(one.size - two.size) > 0.12 * max(one.size, two.size) or one.bold != two.bold:
        return True
    if step > 1.35 * ordinary or step < -ordinary:
        return True
    indented = two.left - left > 0.8 * two.size and one.left - left < 0.4 * two.size
    return indented and not _OPEN.search(one.text)


def _block(block: Group, body: float, bold: bool) -> str:
    if block[0].kind == "row":
        return "\n".join(filter(None, (row([cell.text if cell else "" for cell in line.cells]) for line in block)))
    lines = [" ".join(cell.text for cell in line.cells if cell) for line in block]
    whole = flat(" ".join(lines))
    first = block[0].first
    large = first.size >= _HEADING * body
    stands_out = large or (first.bold and not bold and len(block) <= 2)
    told = any(character.isalpha() for character in whole) and not whole.endswith((".", ",", ";"))
    if stands_out and told and 2 < len(whole) <= _HEADING_CHARACTERS and len(block) <= 3:
        return f"## {whole}"
    return "\n".join(lines)


def _title(found: Rows, body: float) -> str:
    """Return the largest text of the first page, where it is larger than the body's and reads like a title."""
    pieces = [piece for row in found for piece in single(row) if sum(c.isalpha() for c in piece.text) > 2]
    largest = max((piece.size for piece in pieces), default=0.0)
    if largest < _HEADING * body:
        return ""
    title = flat(" ".join(piece.text for piece in pieces if piece.size > 0.95 * largest))
    return title if len(title) <= _HEADING_CHARACTERS else ""


def _without_running_heads(pages: list[Rows], heights: Sequence[float]) -> list[Rows]:
    """Drop page numbers, and what stands in the same place of the margin on several pages, save the first time."""
    at = defaultdict(list)
    for number, (found, height) in enumerate(zip(pages, heights, strict=True)):
        for piece in _in_margin(found, height):
            at[_NUMBER.sub("#", piece.text.casefold()), round(piece.bottom / 4)].append((number, piece))
    drop: set[int] = set()
    for (key, _), places in at.items():
        if len({number for number, _ in places}) < (
            2 if key.strip("-–— .|/of") in {"#", "page #", "page #of #"} else 3
        ):
            continue
        texts = Counter(piece.text for _, piece in places)
        drop.update(id(piece) for _, piece in places if "#" in key and _counts_pages(places))
        seen: set[str] = set()
        for _, piece in places:
            if texts[piece.text] >= 3 and piece.text in seen:
                drop.add(id(piece))
            seen.add(piece.text)
    return [[kept for row in found if (kept := _kept(row, drop))] for found in pages]


def _kept(row: list[Piece], drop: set[int]) -> list[Piece]:
    """Return what is left of a row without running heads; of which several pieces are left, is a row of a table."""
    kept = [piece for piece in row if id(piece) not in drop]
    return kept if len(kept) < 2 else row


def _in_margin(found: Rows, height: float) -> Iterator[Piece]:
    pieces = [piece for row in found for piece in row]
    low = min((piece.bottom for piece in pieces), default=0.0)
    # Turned pages count from elsewhere than the lower edge.
    low = low if low < 0 else 0.0
    for piece in pieces:
        share = (piece.middle - low) / (height or 1)
        if share < _MARGIN or share > 1 - _MARGIN:
            yield piece


def _counts_pages(places: Sequence[tuple[int, Piece]]) -> bool:
    """Say whether one of the numbers in a running head rises with the pages."""
    numbers = [[int(text) for text in _NUMBER.findall(piece.text)] for _, piece in places]
    for column in zip(*numbers, strict=False):
        offsets = {value - number for value, (number, _) in zip(column, places, strict=True)}
        if len(offsets) == 1:
            return True
    return False

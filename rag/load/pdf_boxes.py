"""Boxes of text side by side on a PDF page: each is read by itself, not across. A part of `rag.load.pdf`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rag.load.pdf_cells import table
from rag.load.pdf_chars import Word
from rag.load.pdf_frames import NEAR, Frame, levels
from rag.load.pdf_lines import Line, Piece, lines
from rag.load.pdf_order import ordered

_WORDS = 8
"""Fewer are a label or what is filled in, and of the line that they stand in."""
_LINES = 2


def boxed(found: Iterable[Frame], words: Sequence[Word], tables: Sequence[Piece]) -> Iterator[Piece]:
    """Yield what stands in boxes side by side, each as one piece, if all of them hold text: else they may be cells."""
    boxes = [frame for frame in found if _is_box(frame) and not any(_holds(frame, one) for one in tables)]
    inside = [(frame, frame.words(words)) for frame in boxes]
    for frame, said in inside:
        level = [others for other, others in inside if _are_level(frame, other)]
        if not level or any(len(some) < _WORDS for some in (said, *level)):
            continue
        if len(text := lines(said)) >= _LINES:
            yield table(list(_read(text)))


def _read(rows: Sequence[Sequence[Piece]]) -> Iterator[Line]:
    for group in ordered(rows):
        group[0].opens = True
        yield from group


def _is_box(frame: Frame) -> bool:
    """Say whether lines run along all of its sides, and none inside of it."""
    if frame.top - frame.bottom < 2 * NEAR or frame.right - frame.left < 2 * NEAR:
        return False
    heights, places = levels(rule.at for rule in frame.across), levels(rule.at for rule in frame.down)
    return (
        len(heights) == 2
        and len(places) == 2
        and _are_near(heights, frame.bottom, frame.top)
        and (_are_near(places, frame.left, frame.right))
    )


def _are_near(two: Sequence[float], low: float, high: float) -> bool:
    return abs(two[0] - low) <= NEAR and abs(two[1] - high) <= NEAR


def _holds(frame: Frame, one: Piece) -> bool:
    return frame.left <= (one.left + one.right) / 2 <= frame.right and frame.bottom <= one.middle <= frame.top


def _are_level(one: Frame, two: Frame) -> bool:
    """Say whether boxes stand side by side, over most of the height of the lower one."""
    shared = min(one.top, two.top) - max(one.bottom, two.bottom)
    apart = two.left >= one.right or one.left >= two.right
    return apart and shared > 0.5 * min(one.top - one.bottom, two.top - two.bottom)

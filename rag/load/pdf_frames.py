"""Lines of a PDF page that touch, as frames of what may be tables. A part of `rag.load.pdf`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from rag.load.pdf_chars import Word
from rag.load.pdf_rules import Rule, Rules

NEAR = 4.0
"""Points: lines that come so near to each other touch, and of two beside each other one is the other's shadow."""
_SPACE = 0.8
"""Em: words further apart are hardly of one sentence, even where lines are stretched to one length."""
_PAIRS = 150_000
"""Pairs of a line across and one down: a page with more of them is a drawing."""
_FRAMES = 400
"""Frames: a page with more of them is one, too."""


@dataclass
class Frame:
    """Lines that touch each other, and the rectangle around them in points."""

    across: Sequence[Rule]
    down: Sequence[Rule]

    @cached_property
    def left(self) -> float:
        """Its left edge."""
        return min([rule.start for rule in self.across] + [rule.at for rule in self.down])

    @cached_property
    def right(self) -> float:
        """Its right edge."""
        return max([rule.end for rule in self.across] + [rule.at for rule in self.down])

    @cached_property
    def bottom(self) -> float:
        """Its lower edge."""
        return min([rule.at for rule in self.across] + [rule.start for rule in self.down])

    @cached_property
    def top(self) -> float:
        """Its upper edge."""
        return max([rule.at for rule in self.across] + [rule.end for rule in self.down])

    @property
    def is_walled(self) -> bool:
        """Whether a line runs down inside of it."""
        inner = any(self.left + NEAR < rule.at < self.right - NEAR for rule in self.down)
        return inner and self.top - self.bottom > 2 * NEAR

    def is_row_of(self, found: Iterable[Frame]) -> bool:
        """Say whether it is one row high, and others are as wide: the head of a table that has no lines down."""
        high = len(levels(rule.at for rule in self.across)) <= 2
        return high and any(other is not self and self.is_as_wide(other) for other in found)

    def is_as_wide(self, other: Frame) -> bool:
        """Say whether another one has its sides where this has them."""
        return abs(other.left - self.left) <= NEAR and abs(other.right - self.right) <= NEAR

    def words(self, words: Iterable[Word]) -> list[Word]:
        """Return those words whose middle is in it."""
        return [
            word
            for word in words
            if self.left <= (word.left + word.right) / 2 <= self.right and self.bottom <= word.middle <= self.top
        ]

    def between(self, words: Iterable[Word]) -> list[Word]:
        """Return those words whose middle is between its sides, at whatever height."""
        return [word for word in words if self.left <= (word.left + word.right) / 2 <= self.right]

    def beside(self, words: Iterable[Word]) -> list[Word]:
        """Return those words that stand outside of it, but hardly an em from its sides."""
        return [
            word
            for word in words
            if max(self.left - word.right, word.left - self.right) < word.size
            and not self.left <= (word.left + word.right) / 2 <= self.right
        ]

    def cuts(self, words: Iterable[Word]) -> bool:
        """Say whether a line of text goes on through one of its sides: then it marks words in a text."""
        if self.top <= self.bottom:  # a line by itself, of which a page may have hundreds
            return False
        beside = (word for word in words if self.bottom < word.middle < self.top)
        return any(
            -_SPACE * word.size < word.right - self.left < word.right - word.left - 2
            or -_SPACE * word.size < self.right - word.left < word.right - word.left - 2
            for word in beside
        )


def goes_on(words: Sequence[Word], beside: Sequence[Word]) -> bool:
    """Say whether a line of words goes on beside the frame that they stand in: then it is a text that is wider."""
    return any(
        abs(word.middle - one.middle) < 0.3 * one.size
        and -_SPACE * one.size < max(word.left - one.right, one.left - word.right) < _SPACE * one.size
        for word in beside
        for one in words
    )


def frames(rules: Rules) -> list[Frame]:
    """Return the lines that touch each other, directly or by others; none for a page that is a drawing."""
    if len(rules.across) * len(rules.down) > _PAIRS:
        return []
    heads = list(range(len(rules.across) + len(rules.down)))
    for index, across in enumerate(rules.across):
        for number, down in enumerate(rules.down, start=len(rules.across)):
            if _touch(across, down):
                heads[_head(heads, number)] = _head(heads, index)
    members: dict[int, Frame] = defaultdict(lambda: Frame([], []))
    for index, rule in enumerate([*rules.across, *rules.down]):
        frame = members[_head(heads, index)]
        (frame.across if index < len(rules.across) else frame.down).append(rule)  # type: ignore[attr-defined]
    found = [frame for frame in members.values() if frame.across]
    return found if len(found) <= _FRAMES else []


def _touch(across: Rule, down: Rule) -> bool:
    return across.start - NEAR <= down.at <= across.end + NEAR and down.start - NEAR <= across.at <= down.end + NEAR


def _head(heads: list[int], index: int) -> int:
    while heads[index] != index:
        heads[index] = heads[heads[index]]
        index = heads[index]
    return index


def stacks(found: Iterable[Frame]) -> list[Frame]:
    """Return frames that are as wide as each other, one above the other, as one each: without their lines down."""
    result: list[Frame] = []
    for frame in found:
        for other in result:
            if frame.is_as_wide(other):
                result.remove(other)
                frame = Frame([*other.across, *frame.across], [])
                break
        result.append(Frame(frame.across, []))
    return result


def levels(values: Iterable[float]) -> list[float]:
    """Return values in order, one for those that are near to each other."""
    runs: list[list[float]] = []
    for value in sorted(values):
        if runs and value - runs[-1][-1] <= NEAR:
            runs[-1].append(value)
        else:
            runs.append([value])
    return [(run[0] + run[-1]) / 2 for run in runs]

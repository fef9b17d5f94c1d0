"""Where documents disagree on what was asked: the days of one visit, the number of one thing, two versions of a text.

Only what can be compared without guessing is: days of the calendar, the one number of a sentence (rag.amounts), and
what two versions of one sentence have in place of each other (rag.variants). Two sentences disagree if they are of
different documents, both have half of the question's names (all its words where it has no name, among many documents),
and hold values that exclude each other. "In June" and "June 18" don't; "June 18-19" and "June 16 to 21" do.

Both sides are quoted. A version that three times as many documents have otherwise, none of them older than it, is shown
as outvoted, and comes last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.amounts import alike, amount
from rag.fitted import fitted
from rag.task import Task
from rag.types import Conflict, Side
from rag.variants import variants
from rag.words import VAGUE, content, names, numbers

MOST_SIDES = 4
QUOTES_A_SIDE = 2
OUTVOTED = 3
"""Documents against each one that has another version."""
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = (
    r"(?P<{0}>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_TO = r"\s*(?:-|–|—|to|until|till|through|and)\s*"
_MONTH_FIRST = re.compile(
    rf"\b{_MONTH.format('month')}\s+(?P<first>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)"
    rf"(?:{_TO}(?:{_MONTH.format('other')}\s+)?(?P<last>\d{{1,2}})(?:st|nd|rd|th)?(?!\d))?"
)
_DAY_FIRST = re.compile(
    rf"\b(?P<first>\d{{1,2}})(?:st|nd|rd|th)?(?:{_TO}(?P<last>\d{{1,2}})(?:st|nd|rd|th)?)?\s+(?:of\s+)?"
    rf"{_MONTH.format('month')}\b"
)
_ASKS_WHEN = re.compile(r"\bwhen\b|\bdates?\b|\b(?:what|which) days?\b|\bhow long\b", re.IGNORECASE)
_ASKS_A_NUMBER = re.compile(
    r"\bhow (?:many|much|long|far|big|large|high|tall)\b|\bwhat (?:number|amount|percentage)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Stated:
    """A value that a piece of evidence states: `key` to compare, `shown` as it stands there."""

    index: int
    key: tuple[int, ...]
    shown: str


@dataclass(frozen=True, slots=True)
class Stance:
    """One side of a conflict before its quotes have numbers: `indices` are those of the evidence that is quoted."""

    value: str
    indices: tuple[int, ...]
    documents: int
    """How many say so."""
    published_at: str
    """The date of the newest of them, "" if none has one."""


@dataclass(frozen=True, slots=True)
class Found:
    """A conflict before the quotes have numbers."""

    about: str
    stances: tuple[Stance, ...]
    of_versions: bool = False
    """The sides are versions of one sentence."""

    @property
    def quoted(self) -> tuple[int, ...]:
        """The evidence that is quoted in the answer, that of an outvoted side last."""
        return tuple(index for stance in sorted(self.stances, key=self._is_outvoted) for index in stance.indices)

    def numbered(self, numbers: dict[int, int]) -> Conflict:
        """Return the conflict with the numbers that its quotes have in the answer; what is newest stands first."""
        sides = (
            Side(
                stance.value,
                tuple(numbers[index] for index in stance.indices if index in numbers),
                stance.published_at or None,
                stance.documents,
                self._is_outvoted(stance),
            )
            for stance in self.stances
        )
        newest = sorted(sides, key=lambda side: side.published_at or "", reverse=True)
        return Conflict(self.about, tuple(sorted(newest, key=lambda side: side.outvoted)))

    def _is_outvoted(self, stance: Stance) -> bool:
        """Say whether many deny a side that is no newer; another sentence may mean another thing, a version doesn't."""
        most = max(self.stances, key=lambda one: one.documents)
        many = most.documents >= OUTVOTED * stance.documents
        return self.of_versions and many and stance.published_at <= most.published_at


def disagreement(task: Task) -> Found | None:
    """Return on what the evidence disagrees, if the question asks for something that can be compared."""
    about = _about(task)
    for asks, read in ((_ASKS_WHEN, _days), (_ASKS_A_NUMBER, _numbers)):
        if asks.search(task.standalone):
            groups: dict[tuple[int, ...], list[Stated]] = {}
            for value in read(task, about):
                groups.setdefault(value.key, []).append(value)
            stances = _stances(task, [(same[0].shown, [value.index for value in same]) for same in groups.values()])
            if len(stances) > 1:
                return Found(task.standalone, stances)
    stances = _stances(task, list(variants(task, about).items()))
    return Found(task.standalone, stances, of_versions=True) if len(stances) > 1 else None


def _about(task: Task) -> list[int]:
    """Return the evidence that has half of what the question names and is not far less likely than the best.

    A sentence that has all words of the question counts whatever its likelihood: among few sentences that falls fast.
    Among many documents a question that names nothing is about what has all its words: there are many acts.
    """
    named, asked = names(task.standalone), content(task.standalone) - VAGUE
    wanted = named or asked or content(task.standalone)
    share = 2 if named or task.situation == "whole" else 1
    fitting = [index for index, item in enumerate(task.evidence) if item.fits]
    if not fitting or not wanted:
        return []
    least = fitted(f"relevance_{task.situation}").thresholds["share_in_a_list"] * task.evidence[fitting[0]].score
    own = {index: content(f"{task.evidence[index].heading}. {task.evidence[index].text}") for index in fitting}
    said = {index: content(task.evidence[index].title) | words for index, words in own.items()}
    return [
        index
        for index in fitting
        if (task.evidence[index].score >= least or (len(asked) > 1 and asked <= said[index]))
        and share * len(wanted & said[index]) >= len(wanted)
        and wanted & own[index]
    ]


def _days(task: Task, about: Sequence[int]) -> list[Stated]:
    return [value for index in about for value in _day(task, index)]


def _numbers(task: Task, about: Sequence[int]) -> list[Stated]:
    asked = numbers(task.standalone)
    read = [(index, amount(task.evidence[index].text, asked)) for index in about]
    counted = alike([one for _, one in read if one], task.standalone)
    return [Stated(index, one.key, one.shown) for index, one in read if one in counted and one]


def _day(task: Task, index: int) -> list[Stated]:
    """Return the one day or run of days that a sentence states; of several it is not clear which was asked for."""
    text = task.evidence[index].text
    found = [*_MONTH_FIRST.finditer(text), *_DAY_FIRST.finditer(text)]
    if len(found) != 1:
        return []
    groups = found[0].groupdict()
    first, month = int(groups["first"]), _MONTHS.index(groups["month"][:3].lower()) + 1
    other = groups.get("other")
    end = _MONTHS.index(other[:3].lower()) + 1 if other else month
    last = int(groups["last"] or first)
    return [Stated(index, (month, first, end, last), found[0].group())]


def _stances(task: Task, groups: Sequence[tuple[str, Sequence[int]]]) -> tuple[Stance, ...]:
    """Return the sides of what is stated, by evidence; a second value counts only if another document states it."""
    stances: list[Stance] = []
    seen: set[str] = set()
    for value, indices in groups:
        documents = {task.evidence[index].document_id for index in indices}
        copies = {copy for index in indices for copy in task.evidence[index].also_in}
        if not documents & seen:
            newest = max(task.evidence[index].published_at or "" for index in indices)
            stances.append(Stance(value, tuple(indices[:QUOTES_A_SIDE]), len(documents | copies), newest))
            seen |= documents
    return tuple(stances[:MOST_SIDES])

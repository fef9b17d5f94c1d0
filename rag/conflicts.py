"""Where documents disagree on what was asked: the days of one visit, the number of one thing, two versions of a text.

Only what can be compared without guessing is: the day or the number that a sentence states (rag.stated), and what two
versions of one sentence have in place of each other (rag.variants). Two sentences disagree if they are of different
documents, or one corrects the other, tell of one thing, at least one of them of what was asked, and hold values that
exclude each other. "In June" and "June 18" don't; "June 18-19" and "June 16 to 21" do.

Both sides are quoted. What another sentence corrects comes last, and so does a version that three times as many
documents have otherwise, none of them older than it, which is shown as outvoted: it may still be the one that was
asked for, as of notes on several branches of a shop.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.fitted import fitted
from rag.later import fullest, superseded, takes_place_of
from rag.stated import Key, Stated, stated_days, stated_numbers, stated_times
from rag.task import Task, likely
from rag.types import Conflict, Evidence, Side
from rag.understand.kind import kind_of
from rag.variants import variants
from rag.words import MONTHS, VAGUE, WEEKDAYS, content, is_past, names, numbers, ordinal, tokens

MOST_SIDES = 4
QUOTES_A_SIDE = 2
OUTVOTED = 3
"""Documents against each one that has another version."""
SHARED = 2
"""Words that two sentences about one thing have in common, what a number counts among them."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_DATED = content(" ".join((*MONTHS.values(), *WEEKDAYS)))
_ASKS_A_DAY = re.compile(r"\bdates?\b|\b(?:what|which) days?\b|\bhow long\b|\bdeadline\b", re.IGNORECASE)
_ASKS_A_NUMBER = re.compile(
    r"\bhow (?:many|much|long|far|big|large|high|tall|heavy|wide|deep|thick|fast|loud)\b"
    r"|\bwhat (?:number|amount|percentage)\b",
    re.IGNORECASE,
)
_MEASURES = (
    r"(?:share|proportion|costs?|price|fee|rent|salary|budget|value|worth|turnover|revenue|profit|loss|damage|fine|toll"
    r"|sum|size|length|distance|height|depth|weight|volume|capacity|speed|temperature)"
)
_ASKS_A_MEASURE = re.compile(
    rf"\b(?:what|which)\b.*\b{_MEASURES}\b|^\W*(?:(?:the|its|their) )?{_MEASURES}\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Value:
    """What is stated, and the evidence that does; a correction counts within one document, too."""

    shown: str
    indices: tuple[int, ...]
    corrected: bool = False
    """Another sentence says that it is not so, or no longer."""
    corrects: bool = False


@dataclass(frozen=True, slots=True)
class Stance:
    """One side of a conflict before its quotes have numbers: `indices` are those of the evidence that is quoted."""

    value: str
    indices: tuple[int, ...]
    documents: int
    """How many say so."""
    published_at: str
    """The date of the newest of them, "" if none has one."""
    corrected: bool = False
    """Another side says that it is not so, or no longer."""


@dataclass(frozen=True, slots=True)
class Found:
    """A conflict before the quotes have numbers."""

    about: str
    stances: tuple[Stance, ...]
    of_versions: bool = False
    """The sides are versions of one sentence."""
    sure: bool = False
    """Each side has a sentence about what was asked: the documents do state it."""

    @property
    def quoted(self) -> tuple[int, ...]:
        """The evidence that is quoted in the answer, that of an outvoted or corrected side last."""
        sides = sorted(self.stances, key=lambda one: one.corrected or self._is_outvoted(one))
        return tuple(index for stance in sides for index in stance.indices)

    @property
    def corrected(self) -> frozenset[int]:
        """The evidence of which other evidence says that it is not so, or no longer."""
        return frozenset(index for stance in self.stances if stance.corrected for index in stance.indices)

    def numbered(self, numbers: dict[int, int]) -> Conflict:
        """Return the conflict with the numbers that its quotes have in the answer; what is newest stands first."""
        sides = (
            Side(
                stance.value,
                tuple(numbers[index] for index in stance.indices if index in numbers),
                stance.published_at or None,
                stance.documents,
                self._is_outvoted(stance),
                stance.corrected,
            )
            for stance in self.stances
        )
        newest = sorted(sides, key=lambda side: side.published_at or "", reverse=True)
        return Conflict(self.about, tuple(sorted(newest, key=lambda side: side.outvoted or side.corrected)))

    def _is_outvoted(self, stance: Stance) -> bool:
        """Say whether many deny a side that is no newer; another sentence may mean another thing, a version doesn't."""
        most = max(self.stances, key=lambda one: one.documents)
        many = most.documents >= OUTVOTED * stance.documents
        return self.of_versions and many and stance.published_at <= most.published_at


def disagreement(task: Task) -> Found | None:
    """Return on what the evidence disagrees, if the question asks for something that can be compared."""
    about, question = _about(task), task.standalone
    values: tuple[Stance, ...] = ()
    kind = kind_of(question)
    if kind == "time of day":
        values = _of_values(task, stated_times(task), about)
    elif kind in {"time", "date"} or _ASKS_A_DAY.search(question):
        values = _of_values(task, stated_days(task), about)
    if not values and (kind == "number" or _ASKS_A_NUMBER.search(question)):
        values = _of_values(task, stated_numbers(task), about)
    versions = (
        () if values else _stances(task, [Value(shown, tuple(at)) for shown, at in variants(task, about).items()])
    )
    if len(versions) > 1:
        return Found(question, versions, of_versions=True)
    if not values and _ASKS_A_MEASURE.search(question):
        values = _of_values(task, stated_numbers(task), about)
    sure = bool(values) and all(set(stance.indices) & set(about) for stance in values)
    return Found(question, values, sure=sure) if values else None


def _of_values(task: Task, stated: Sequence[Stated], about: Sequence[int]) -> tuple[Stance, ...]:
    """Return the sides of the first thing that is stated in two ways, the likeliest first; none if nothing is.

    It is what a sentence that answers states (one that is likely quoted, or `about` what was asked and as near to it),
    and others of the same.
    """
    answering = _answering(task, about)
    for first in (one for one in stated if one.index in answering and _is_meant(task, one)):
        others = (one for one in stated if one is not first and _is_meant(task, one))
        same = fullest(task, [first, *(one for one in others if _is_of_one_thing(task, first, one))])
        stances = _stances(task, _by_value(task, sorted(same, key=lambda one: one.index)))
        if len(stances) > 1:
            return stances
    return ()


def _by_value(task: Task, stated: Sequence[Stated]) -> list[Value]:
    """Return each value with the evidence that states it; of one day in two years each is a value with its year."""
    groups: dict[tuple[Key, str], list[Stated]] = {}
    for value in stated:
        known = [year for key, year in groups if key == value.key]
        year = value.year
        if known and (not year or "" in known):
            year = known[0]
        groups.setdefault((value.key, year), []).append(value)
    twice = Counter(key for key, _ in groups)
    denied = {key for one in stated for key in one.denied}
    if {key for key, _ in groups} <= denied:  # each denies the other: none is the last word
        denied = set()
    last, older = superseded(task, stated) if not denied else (None, frozenset[Key]())
    return [
        Value(
            f"{group[0].shown} {year}" if twice[key] > 1 else group[0].shown,
            tuple(one.index for one in group),
            corrected=key in denied or key in older,
            corrects=last in group or any(one.denied & {other.key for other in stated} for one in group),
        )
        for (key, year), group in groups.items()
    ]


def _answering(task: Task, about: Sequence[int]) -> frozenset[int]:
    """Return what is likely quoted or `about` what was asked, and as near to that as any likely quote.

    Where one tells who died in a fire, another that only has the fire tells of those who were hurt.
    """
    asked, best = _asked(task), likely(task, "share")
    nearest = [asked & content(task.evidence[index].text) for index in best]
    known = {index: asked & _known(task.evidence[index]) for index in (*best, *about)}
    return frozenset(
        index
        for index, had in known.items()
        if not any(had < said for said in nearest) and (index in best or nearest[0] <= had)
    )


def _is_meant(task: Task, one: Stated) -> bool:
    """Say whether a sentence has the numbers of the question: "Halcyon-1" is not Halcyon-2; a year may be its own."""
    item = task.evidence[one.index]
    had = numbers(f"{item.text} {item.title} {item.heading}") | {(item.published_at or "")[:4]}
    wanted = {token.key for token in tokens(task.standalone) if token.number and token.text[0].isdigit()}
    return all(number in had or (not item.published_at and _YEAR.fullmatch(number)) for number in wanted)


def _is_of_one_thing(task: Task, one: Stated, other: Stated) -> bool:
    """Say whether two sentences state something of one thing.

    The less likely one has all that the other has of the question, and both have another word in common where they
    state it; or one denies the other or tells what became of it. Neither tells of a "first round" or another year that
    the other doesn't.
    """
    if takes_place_of(task, one, other) or takes_place_of(task, other, one):
        return True
    one, other = sorted((one, other), key=lambda stated: stated.index)
    mine, its = task.evidence[one.index], task.evidence[other.index]
    asked = _asked(task)
    known = _known(its)
    if one.key in other.denied or other.key in one.denied:
        return bool(content(mine.text) & content(its.text) - _aside(mine, its))
    apart = one.key != other.key and one.years and other.years and not one.years & other.years
    if apart or not asked & content(mine.text) <= known or _which(mine.text) != _which(its.text):
        return False
    said, others = content(one.clause), content(other.clause)
    shared = said & others - _aside(mine, its) - one.unit
    named = asked & (said | content(mine.title)) & (others | content(its.title)) - one.unit
    likely_too = its.score >= _least(task) or asked <= known
    return bool(shared) and len(shared | named) + len(one.unit & other.unit) >= SHARED and likely_too


def _known(item: Evidence) -> frozenset[str]:
    return content(f"{item.text} {item.title}. {item.heading}")


def _asked(task: Task) -> frozenset[str]:
    """Return the keys of what a question is about; not "first" and the like, which only say which it is."""
    said = (token for token in tokens(task.standalone) if token.content and not ordinal(token))
    return frozenset(token.key for token in said) - VAGUE


def _which(text: str) -> frozenset[str]:
    """Return which round or visit a text tells of: "first" with the noun behind it, not "as first reported"."""
    pairs = pairwise(tokens(text))
    return frozenset(
        f"{one.key} {noun.key}"
        for one, noun in pairs
        if ordinal(one) and noun.content and noun.key not in VAGUE and not is_past(noun)
    )


def _aside(one: Evidence, other: Evidence) -> frozenset[str]:
    return numbers(one.text) | numbers(other.text) | _DATED


def _least(task: Task) -> float:
    """Return how likely a sentence has to be that is not far less so than the best."""
    best = next((item.score for item in task.evidence if item.fits), 0.0)
    return fitted(f"relevance_{task.situation}").thresholds["share_in_a_list"] * best


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
    least = _least(task)
    own = {index: content(f"{task.evidence[index].heading}. {task.evidence[index].text}") for index in fitting}
    said = {index: content(task.evidence[index].title) | words for index, words in own.items()}
    return [
        index
        for index in fitting
        if (task.evidence[index].score >= least or (len(asked) > 1 and asked <= said[index]))
        and share * len(wanted & said[index]) >= len(wanted)
        and wanted & own[index]
    ]


def _stances(task: Task, values: Sequence[Value]) -> tuple[Stance, ...]:
    """Return the sides of what is stated; a second value counts if another document states it or one is corrected."""
    stances: list[Stance] = []
    seen: set[str] = set()
    for value in values:
        aside = value.corrected or value.corrects
        indices = [index for index in value.indices if aside or task.evidence[index].document_id not in seen]
        documents = {task.evidence[index].document_id for index in indices}
        copies = {copy for index in indices for copy in task.evidence[index].also_in}
        if documents:
            newest = max(task.evidence[index].published_at or "" for index in indices)
            found = tuple(indices[:QUOTES_A_SIDE])
            stances.append(Stance(value.shown, found, len(documents | copies), newest, value.corrected))
            seen |= documents
    return tuple(stances[:MOST_SIDES])

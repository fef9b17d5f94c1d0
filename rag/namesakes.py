"""What answers a question in further documents: several may be called by the name that was asked for.

"When was Bert Smith born?" has an answer for each of that name. Which sentence of which document is one is fitted
(benchmarks/fit_quotes.py), everyday papers included, where most questions are about one thing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from rag.fitted import Logistic, fitted
from rag.task import Task
from rag.types import Evidence
from rag.understand.kind import holds, is_yes_or_no, kind_of
from rag.words import VAGUE, content, names, numbers, tokens

NAMESAKES = ("chance", "share", "called", "alike", "covered", "about", "begins", "titled")
"""Features of the best sentence of another document.

chance, share: natural logarithms of how likely it is to answer, and of that over the likeliest quote's; called: how
many documents are called by the name that was asked for, of three; alike: words that it shares with the first quote
beyond the question's, over those of either (Jaccard, 1901), for "the population was 183 at the census" answers as "the
population was 2,197 at the census" does; covered: share of the question's words that it has; about: it has the name;
begins: its document is called by the name; titled: the title has the name.
"""
MOST_QUOTED = 6
"""Quotes that an answer may have where documents are about several of one name."""
_GOES_ON = re.compile(r"\s*(?:$|[(…:]|[,–—] ?(?!.*\b(?:and|or)\b)|(?:is|was|are|were|in|of|for|at)\b)", re.IGNORECASE)
"""What follows the name that a title is about, and about alone."""
_OWNERS = re.compile(r"['’]s?$")
_LEAST = 1e-4
"""A chance whose logarithm is still told apart from others."""


def of_namesakes(
    task: Task, quotes: Sequence[int], bound: float | None = None, model: Logistic | None = None
) -> list[int]:
    """Return what answers in documents that are not quoted yet, likeliest first.

    Only where all documents are read: among many, most that share a name are about something else. `bound` is how
    likely it has to be by `model` that a sentence does; by default both are as fitted.
    """
    model = model or fitted("namesakes")
    least = model.thresholds["answers"] if bound is None else bound
    chances = [(model(values), -index) for index, values in candidates(task, quotes)]
    likely = sorted((pair for pair in chances if pair[0] >= least), reverse=True)
    return [-index for _, index in likely[: max(0, MOST_QUOTED - len(quotes))]]


def candidates(task: Task, quotes: Sequence[int]) -> list[tuple[int, tuple[float, ...]]]:
    """Return the likeliest sentence of each other document that may answer, with its `NAMESAKES`.

    It holds the kind of thing that was asked for and says something new. Its document is called by the name, or the
    sentence has the name and half of what else the question says: most notes that name a firm are about another job.
    """
    kind = kind_of(task.standalone)
    if task.situation != "whole" or not (quotes and kind) or task.several or is_yes_or_no(task.standalone):
        return []
    name = _Name.of(task, quotes)
    if not name.words:
        return []
    found: dict[str, int] = {}
    for index, item in enumerate(task.evidence):
        is_open = item.document_id not in name.quoted and item.document_id not in found
        if is_open and item.fits and name.may_answer(item) and holds(kind, name.asked, item.text):
            found[item.document_id] = index
    return [(index, name.features(task.evidence[index])) for index in found.values()]


@dataclass(frozen=True, slots=True)
class _Name:
    """The name that was asked for, and what the answer has of it already."""

    asked: AbstractSet[str]
    """Words of the question."""
    words: AbstractSet[str]
    """The name's."""
    known: AbstractSet[str]
    """Words of the question and of the quotes."""
    said: AbstractSet[str]
    """Words of the first quote beyond the question's, names and numbers left out."""
    best: float
    """How likely the likeliest quote is."""
    quoted: AbstractSet[str]
    """Documents that are quoted."""
    called: AbstractSet[str]
    """Documents that are called by it."""

    @classmethod
    def of(cls, task: Task, quotes: Sequence[int]) -> _Name:
        asked = content(task.standalone)
        words = names(task.standalone)
        cited = [task.evidence[index] for index in quotes]
        return cls(
            asked,
            words,
            asked.union(*(content(item.text) for item in cited)),
            _plain(cited[0].text) - asked,
            max(item.score for item in cited),
            frozenset(item.document_id for item in cited),
            {item.document_id for item in task.evidence if begins_with(item.title, words)},
        )

    def may_answer(self, item: Evidence) -> bool:
        """Say whether a sentence tells something new of one of that name, and of what was asked."""
        said = content(item.text)
        other = self.asked - self.words - VAGUE
        is_about = self.words <= said and 2 * len(other & said) >= max(1, len(other))
        return (is_about or item.document_id in self.called) and bool(
            (names(item.text) | numbers(item.text)) - self.known
        )

    def features(self, item: Evidence) -> tuple[float, ...]:
        """Return `NAMESAKES`."""
        said, own = content(item.text), _plain(item.text) - self.asked
        return (
            math.log(max(_LEAST, item.score)),
            math.log(max(_LEAST, item.score / self.best)),
            float(min(3, len(self.called))),
            len(own & self.said) / max(1, len(own | self.said)),
            len(self.asked & said) / max(1, len(self.asked)),
            float(self.words <= said),
            float(item.document_id in self.called),
            float(self.words <= content(item.title)),
        )


def _plain(text: str) -> AbstractSet[str]:
    return content(text) - names(text) - numbers(text)


def begins_with(title: str, wanted: AbstractSet[str]) -> bool:
    """Say whether a title is these words and no more, or says next what it is, or which: "Cove Fort (Ireland)".

    So "Cove Fort is a star fort in …" and "Springfield, Ohio"; not "Cove Fort and Rocky Bay" or "Cove Fort's owner".
    """
    first = [token for token in tokens(title) if token.content][: len(wanted)]
    if not first or not wanted <= {token.key for token in first}:
        return False
    return bool(_GOES_ON.match(title, first[-1].start + len(_OWNERS.sub("", first[-1].text))))

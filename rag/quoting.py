"""Answers made of quotes: the likeliest sentences, the two sides of a disagreement, what a list still lacks."""

from __future__ import annotations

from collections.abc import Iterator

from rag.cite import without_markers
from rag.draft import Draft
from rag.fitted import fitted
from rag.mend import mend
from rag.task import Task
from rag.types import Claim, Sentence
from rag.words import content, names

QUOTED = 3
"""Quotes that make an answer where the model is none or of no help."""
QUOTED_IN_A_LIST = 8


def quoted(task: Task, draft: Draft) -> Iterator[Sentence]:
    """Make the best quotes the answer: what is left when there is no model or what it wrote does not hold."""
    sides = [index for _, indices in draft.disagreement.sides for index in indices] if draft.disagreement else []
    for index in sides or _likely(task):
        yield from quote(draft, index)


def completed(task: Task, draft: Draft) -> Iterator[Sentence]:
    """Add to a list the quotes that likely answer too and name what the answer has not named."""
    for index in _likely(task):
        item = task.evidence[index]
        if index not in draft.citations and names(item.text) - content(draft.text) - content(task.standalone):
            yield from quote(draft, index)


def _likely(task: Task) -> list[int]:
    """Return the evidence that can answer by itself and is nearly as likely to as the best, best first."""
    fitting = [index for index, item in enumerate(task.evidence) if item.fits]
    if not fitting:
        return []
    share = fitted(f"relevance_{task.situation}").thresholds["share_in_a_list" if task.several else "share"]
    least = share * task.evidence[fitting[0]].score
    likely = [index for index in fitting if task.evidence[index].score >= least]
    return likely[: QUOTED_IN_A_LIST if task.several else QUOTED]


def quote(draft: Draft, index: int) -> Iterator[Sentence]:
    """Append a piece of the evidence as a sentence of the answer."""
    # A footnote mark of the document, "[3]", would read as the number of one of our quotes.
    sentence = without_markers(mend(draft.evidence[index].text))
    if sentence:
        yield draft.add(sentence, Claim(0, len(sentence), "supported", (), 1.0), (index,))


def both_sides(draft: Draft) -> Iterator[Sentence]:
    """Quote each side of a disagreement that the answer has not quoted yet."""
    for _, indices in draft.disagreement.sides if draft.disagreement else ():
        for index in indices:
            if index not in draft.citations:
                yield from quote(draft, index)

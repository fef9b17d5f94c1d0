"""Does the model see the answer in the sentences? As a probability.

A small model that is told to reply NOT FOUND where there is nothing rarely does; the odds that it gives to a plain Yes
or No know more than its words. What they are worth is fitted for each model by benchmarks/fit_judge.py (fitted.json,
"judged_SITUATION_MODEL"); a model without this entry is not asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.budget import within
from rag.fitted import fitted, is_fitted
from rag.further import led_to, of_options, of_parts
from rag.task import BEST, Situation, Task, by_example, likely
from rag.types import Usage
from rag.understand.options import asks_whether, options_of

if TYPE_CHECKING:
    from rag.writer import Writer

FEATURES = ("best", "negated", "more")
"""What speaks for an answer.

best: the model's log-odds of Yes over the BEST sentences alone, which tell near misses better than all that it reads.
negated: the question asks for what is not, or least, and these sentences don't say so; near misses are made of such
changes (Rajpurkar et al., ACL 2018). more: the log-odds over the best FEW, for answers that are put together of several
sentences, and for questions in other words than the documents', whose answer often is not among the first two. Over
all that a model has time to read its Yes says less (AUC .757 for .783 on 113 questions of squad2) and costs more. Each
situation has weights and bounds of its own. What the check says of the first sentence, the ranking's own chances, the
words that the question shares with the sentences, and the names that its source lacks, were tried beside them and are
not worth it (docs/experiments.md).
"""
FEW = 5
"""Sentences over which the model is asked where two don't surely answer."""
WRITTEN_FROM = 180
"""Tokens of evidence among many documents from which an answer is written, if these are more than FEW sentences."""
ENOUGH = "enough"
"""The threshold of the odds over the best sentences from which those over more refused nothing that was fitted on."""
_NEGATED = re.compile(
    r"\b(?:not|never|no(?!\. ?\d)|non|least|fewest|without|except|unable|cannot|fail\w*|lack\w*)\b|n['’]t\b", re.I
)
_STEMS = frozenset(("fail", "lack", "leas", "fewe"))


@dataclass(frozen=True, slots=True)
class Odds:
    """How sure a model's Yes is, as log-odds: over the best sentences, and over more (0 where it wasn't asked)."""

    best: float
    more: float = 0.0
    enough: bool = False
    """The best sentences answer so surely that nothing more need be read."""


def features(odds: Odds, task: Task) -> tuple[float, ...]:
    """Return the numbers that say whether the evidence answers, in the order of FEATURES."""
    return (odds.best, float(is_negated(task)), odds.more)


def is_negated(task: Task) -> bool:
    """Say whether a question asks for what is not, or least, by a word that the best sentences don't have."""
    said = {_class(match.group()) for item in briefly(task).read for match in _NEGATED.finditer(item.text)}
    return any(_class(match.group()) not in said for match in _NEGATED.finditer(task.standalone))


def _class(word: str) -> str:
    """Return what a negative word is one of: "fail" for "failed", "not" for all that only deny."""
    stem = word.lower()[:4]
    return stem if stem in _STEMS else "not"


def judged(task: Task, writer: Writer) -> tuple[Odds | None, Usage]:
    """Return how sure the model's Yes is that the sentences answer, and what asking cost; None: it is no judge.

    What it reads first begins what it reads next, and that the prompt that it goes on to write from: little is read
    twice. Nothing more is read where that `is_enough`.

    Raises:
        LLMError: the model failed.
    """
    if not is_judge(writer.name):
        return None, Usage()
    best, usage = writer.odds(by_example(briefly(task)))
    if best is None:
        return None, usage
    if is_enough(best, task, writer.name):
        return Odds(best, enough=True), usage
    over_more, cost = writer.odds(by_example(with_more(task)))
    return None if over_more is None else Odds(best, over_more), usage + cost


def with_link(task: Task) -> Task:
    """Return the question with the sentence that the likeliest one leads to as the second to read.

    Where a question needs two documents the two best of all are often of the first. Where it weighs two things, one
    sentence about each is to be read.
    """
    best = likely(task)[:1]
    leading = of_options(task, ()) or of_parts(task, ()) or [*best, *led_to(task, best)]
    first = [task.evidence[index] for index in leading]
    if len(first) < BEST:
        return task
    read = task.read or task.evidence
    rest = [item for item in read if item not in first]
    return replace(task, read=(*first, *rest)[: max(len(read), BEST)])


def briefly(task: Task) -> Task:
    """Return the question with only the best sentences to read."""
    return replace(task, read=(task.read or task.evidence)[:BEST])


def with_more(task: Task) -> Task:
    """Return the question with the best FEW sentences to read."""
    return replace(task, read=(task.read or task.evidence)[:FEW])


def to_read(task: Task, odds: Odds) -> Task:
    """Return the question with what the answer is to be written from."""
    if odds.enough or task.several:
        return briefly(task) if odds.enough else task
    few = with_more(task)
    if task.situation == "whole":
        return few
    # Among many documents the best are less surely right; of short sentences a few more cost next to nothing.
    more = within(task.read or task.evidence, WRITTEN_FROM)
    return replace(task, read=max(few.read, more, key=len))


def is_hopeless(odds: Odds, task: Task, model: str) -> bool:
    """Say whether so weak a Yes means that the sentences don't answer."""
    judge = fitted(entry(model, task.situation))
    return not odds.enough and judge(features(odds, task)) < judge.thresholds[task.mode]


def is_enough(best: float, task: Task, model: str) -> bool:
    """Say whether a Yes over the best sentences is so sure that the odds over more never changed the verdict."""
    return may_decide(task) and best >= fitted(entry(model, task.situation)).thresholds[ENOUGH]


def may_decide(task: Task) -> bool:
    """Say whether the best sentences may answer alone.

    Not a list, what is weighed or several things, put together of several sentences, and not what is not, or whether
    something is: there a sure Yes means less.
    """
    question = task.standalone
    together = task.several or options_of(question) or of_parts(task, ()) or asks_whether(question)
    return not (together or is_negated(task))


def is_judge(model: str) -> bool:
    """Say whether it is known what this model's yes is worth."""
    return is_fitted(entry(model, "pool")) and is_fitted(entry(model, "whole"))


def entry(model: str, situation: Situation) -> str:
    """Return the name of a model's entry in fitted.json."""
    return f"judged_{situation}_{model}"

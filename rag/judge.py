"""Does the model see the answer in the sentences? As a probability.

A small model that is told to reply NOT FOUND where there is nothing rarely does; the odds that it gives to a plain Yes
or No know more than its words. What they are worth is fitted for each model by benchmarks/fit_judge.py (fitted.json,
"judged_MODEL"); a model without this entry is not asked.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from rag.fitted import fitted, is_fitted
from rag.task import Task, by_example
from rag.types import Usage

if TYPE_CHECKING:
    from rag.writer import Writer

FEATURES = ("odds", "negated", "best_of_whole")
"""What speaks for an answer.

odds: the model's log-odds of Yes. negated: the question asks for what is not, or least, where documents seldom say
that; near misses are made of such changes (Rajpurkar et al., ACL 2018). best_of_whole: the log-odds of the likeliest
sentence where all documents were read, 0 where only the best passages were: there it tells near misses no better than
chance. What the check says of the first sentence, and the names that its source lacks, were tried beside them and are
not worth it (docs/quality.md).
"""
_NEGATED = re.compile(
    r"\b(?:not|never|no|non|least|fewest|without|except|unable|cannot|fail\w*|lack\w*)\b|n['’]t\b", re.I
)


def features(odds: float, task: Task) -> tuple[float, ...]:
    """Return the numbers that say whether the evidence answers, in the order of FEATURES."""
    negated = float(bool(_NEGATED.search(task.standalone)))
    return (odds, negated, logit(task.evidence[0].score) if task.situation == "whole" else 0.0)


def judged(task: Task, writer: Writer) -> tuple[float | None, Usage]:
    """Return the log-odds of the model's Yes that the sentences answer, and what asking cost; None: it is no judge.

    Raises:
        LLMError: the model failed.
    """
    if not is_judge(writer.name):
        return None, Usage()
    return writer.odds(by_example(task))


def is_hopeless(odds: float, task: Task, model: str) -> bool:
    """Say whether so weak a Yes means that the sentences don't answer."""
    judge = fitted(entry(model))
    return judge(features(odds, task)) < judge.thresholds[task.mode]


def is_judge(model: str) -> bool:
    """Say whether it is known what this model's yes is worth."""
    return is_fitted(entry(model))


def entry(model: str) -> str:
    """Return the name of a model's entry in fitted.json."""
    return f"judged_{model}"


def logit(p: float) -> float:
    """Return log-odds, bounded: nothing is certain."""
    p = min(max(p, 1e-4), 1 - 1e-4)
    return math.log(p / (1 - p))

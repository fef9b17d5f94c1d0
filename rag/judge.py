"""Does the model see the answer in the sentences? Its log-odds of "yes", and what retrieval says, as a probability.

A small model that is told to reply NOT FOUND where there is nothing rarely does; the odds it gives to a plain yes or no
know more than its words. What they are worth is fitted for each model by benchmarks/fit_judge.py (fitted.json,
"judged_MODEL"); a model without an entry is not asked.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rag.fitted import fitted, is_fitted
from rag.prompts import JUDGE
from rag.task import Mode, Task, prompt
from rag.types import Usage

if TYPE_CHECKING:
    from rag.writer import Writer

FEATURES = ("odds", "outlook", "best")


def features(odds: float, task: Task) -> tuple[float, ...]:
    """Return the numbers that say whether the evidence answers, in the order of FEATURES."""
    return (odds, logit(task.answerable), logit(task.evidence[0].score))


def judged(task: Task, writer: Writer) -> tuple[float | None, Usage]:
    """Return the probability that the sentences answer, and what asking cost; None where this model is no judge.

    Raises:
        LLMError: the model failed.
    """
    if not is_judge(writer.name):
        return None, Usage()
    odds, usage = writer.odds(prompt(task, JUDGE))
    return (None if odds is None else fitted(entry(writer.name))(features(odds, task))), usage


def bound(model: str, mode: Mode) -> float:
    """Return the probability from which a judge's yes counts."""
    return fitted(entry(model)).thresholds[mode]


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

"""Does the model see the answer in the sentences, and is what it wrote borne by them? Both as probabilities.

A small model that is told to reply NOT FOUND where there is nothing rarely does; the odds that it gives to a plain Yes
or No know more than its words, and whether what it then writes passes the check knows more than both. What they are
worth together is fitted for each model by benchmarks/fit_judge.py (fitted.json, "judged_MODEL" before it writes,
"borne_MODEL" once its first sentence is checked); a model without these entries is not asked.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from rag.cite import Verdict
from rag.fitted import fitted, is_fitted
from rag.task import Task, by_example
from rag.types import Usage

if TYPE_CHECKING:
    from rag.writer import Writer

FEATURES = ("odds", "outlook", "best")
BORNE = ("odds", "negated", "score")
"""What is known once a sentence is written and checked.

negated: the question asks for what is not, or least, where documents seldom say that: near misses are made of such
changes (Rajpurkar et al., ACL 2018); score: the check's on the sentence. Which names of the question its source lacks
is left out: a question that leads from one document to another has them elsewhere, and was refused for that.
"""
_NEGATED = re.compile(
    r"\b(?:not|never|no|non|least|fewest|without|except|unable|cannot|fail\w*|lack\w*)\b|n['’]t\b", re.I
)


def features(odds: float, task: Task) -> tuple[float, ...]:
    """Return the numbers that say whether the evidence answers, in the order of FEATURES."""
    return (odds, logit(task.answerable), logit(task.evidence[0].score))


def features_borne(odds: float, task: Task, verdict: Verdict | None) -> tuple[float, ...]:
    """Return the numbers that say whether the question is answered, in the order of BORNE.

    `verdict` is the check's on the first sentence that was written; None where nothing was.
    """
    return (odds, float(bool(_NEGATED.search(task.standalone))), verdict.score if verdict else 0.0)


def judged(task: Task, writer: Writer) -> tuple[float | None, Usage]:
    """Return the log-odds of the model's Yes that the sentences answer, and what asking cost; None: it is no judge.

    Raises:
        LLMError: the model failed.
    """
    if not is_judge(writer.name):
        return None, Usage()
    return writer.odds(by_example(task))


def is_hopeless(odds: float, task: Task, model: str) -> bool:
    """Say whether so weak a Yes is not worth writing an answer for."""
    judge = fitted(entry(model))
    return judge(features(odds, task)) < judge.thresholds[task.mode]


def is_borne(odds: float, task: Task, verdict: Verdict | None, model: str) -> bool:
    """Say whether the question is answered, by all that is known once the first sentence is written and checked."""
    judge = fitted(entry(model, "borne"))
    return judge(features_borne(odds, task, verdict)) >= judge.thresholds[task.mode]


def is_judge(model: str) -> bool:
    """Say whether it is known what this model's yes is worth."""
    return is_fitted(entry(model)) and is_fitted(entry(model, "borne"))


def entry(model: str, kind: str = "judged") -> str:
    """Return the name of a model's entry in fitted.json."""
    return f"{kind}_{model}"


def logit(p: float) -> float:
    """Return log-odds, bounded: nothing is certain."""
    p = min(max(p, 1e-4), 1 - 1e-4)
    return math.log(p / (1 - p))

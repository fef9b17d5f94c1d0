"""What is quoted beside the likeliest sentences: how likely it has to be. A part of benchmarks/fit.py.

The relevance of sentences has to stand in rag/fitted.json before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from searched import EVERYDAY, Asked

import rag.fitted
from rag.further import are_namesakes, of_links, of_namesakes
from rag.relevance import Situation, features, fits, people
from rag.task import Task, likely

SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
FURTHER = (0.02, 0.05, *SHARES)
Further = Callable[[Task, Sequence[int], float], list[int]]
"""What is quoted beside these quotes at a share."""


def with_namesakes(relevance: dict[str, Any], data: Sequence[Asked]) -> dict[str, Any]:
    """Add how likely a quote of another document has to be that is about the names of the question, too.

    Everyday papers are among them, where most questions are about one: a quote that is added there is beside the point.
    Where no documents are called alike precision counts double, for most that only mention a name are about another
    thing.
    """
    several = [a for a in data if a.of in ("ramdocs", "briefings", *(folder.name for folder in EVERYDAY))]
    what = "the same for the likeliest sentence of another document that is about the names of the question, where"
    for name, alike, beta in (("share_of_namesake", True, 1.0), ("share_of_mention", False, 0.5)):
        share, f = _best(several, "whole", _where(alike), beta)
        said = "several documents are called by them" if alike else "not several are called by them"
        relevance = _with(
            relevance,
            name,
            share,
            f"{what} {said}: the one of {FURTHER} with the best F{beta:g} in ramdocs, the briefings and everyday "
            f"papers, {f:.3f} in the mean of the sets",
        )
    return relevance


def _where(alike: bool) -> Further:
    def further(task: Task, quotes: Sequence[int], share: float) -> list[int]:
        return of_namesakes(task, quotes, share) if are_namesakes(task) == alike else []

    return further


def with_links(relevance: dict[str, Any], data: Sequence[Asked]) -> dict[str, Any]:
    """Add how likely the sentence has to be that quotes lead to in another document.

    Recall counts double: a link too many is seen and passed over, without it half of the answer is missing.
    """
    share, f2 = _best(data, "pool", of_links, beta=2)
    return _with(
        relevance,
        "share_of_link",
        share,
        "the same for the sentence of another document that the quotes lead to, where they lack words of the "
        f"question: the one of {FURTHER} with the best F2, {f2:.4f} in the mean of the sets",
    )


def _with(relevance: dict[str, Any], name: str, share: float, what: str) -> dict[str, Any]:
    relevance["thresholds"][name] = share
    relevance["thresholds_are"][name] = what
    return relevance


def _best(data: Sequence[Asked], situation: Situation, further: Further, beta: float) -> tuple[float, float]:
    """Return the share with the best F-beta over the fitted half, and that: the mean of the sets', each pooled."""
    asked = [(a.of, *_task(a, situation)) for a in data if a.answerable and not a.held_out and a.case.evidence]
    found = {share: _f(asked, further, share, beta) for share in FURTHER}
    best = max(FURTHER, key=lambda share: found[share])
    return best, found[best]


def _f(asked: Sequence[tuple[str, Task, list[bool]]], further: Further, share: float, beta: float) -> float:
    by_set: dict[str, list[int]] = {}
    for of, task, gold in asked:
        quotes = likely(task)
        quotes += further(task, quotes, share) if quotes else []
        counted = by_set.setdefault(of, [0, 0, 0])
        for place, value in enumerate((sum(gold[index] for index in quotes), len(quotes), sum(gold))):
            counted[place] += value
    b = beta * beta
    return float(np.mean([(1 + b) * right / max(1, quoted + b * gold) for right, quoted, gold in by_set.values()]))


def _task(a: Asked, situation: Situation) -> tuple[Task, list[bool]]:
    """Return the question with its evidence as the product would rank it, and which of that is gold."""
    known = people([c.text for c in a.ranked])
    relevance = rag.fitted.fitted(f"relevance_{situation}")
    scored = sorted(((relevance(features(a.asked, c)), c) for c in a.ranked), key=lambda pair: -pair[0])
    evidence = tuple(replace(c.evidence, score=p, fits=fits(a.asked, c, known)) for p, c in scored)
    task = Task(a.asked.text, a.asked.text, evidence, 1.0, (), 0, situation)
    return task, [a.is_gold(c) for _, c in scored]

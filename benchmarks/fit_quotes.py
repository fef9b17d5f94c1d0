"""What is quoted beside the likeliest sentences: how likely it has to be. A part of benchmarks/fit.py.

The relevance of sentences has to stand in rag/fitted.json before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from searched import EVERYDAY, Asked
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

import rag.fitted
from rag.fitted import Logistic
from rag.further import of_links
from rag.namesakes import NAMESAKES, candidates, of_namesakes
from rag.relevance import Situation, features, fits
from rag.task import Task, likely
from rag.understand.people import people

SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
FURTHER = (0.02, 0.05, *SHARES)
Further = Callable[[Task, Sequence[int], float], list[int]]
"""What is quoted beside these quotes at a share."""


def fit_namesakes(data: Sequence[Asked]) -> dict[str, Any]:
    """Fit which sentences of further documents answer, too: several may be called by the name that was asked for.

    Everyday papers are among the questions, where most are about one thing: a quote that is added there is beside the
    point. The bound is the one with the best F1 of all quotes; there is nothing to add to where nothing is quoted.
    """
    several = [a for a in data if a.of in ("ramdocs", "briefings", *(folder.name for folder in EVERYDAY))]
    asked = [(a, *task_of(a, "whole")) for a in several if a.answerable and a.case.evidence]
    rows = [
        (a.held_out, values, gold[index]) for a, task, gold in asked for index, values in candidates(task, likely(task))
    ]
    x, y = np.array([v for out, v, _ in rows if not out]), np.array([g for out, _, g in rows if not out])
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    model = LogisticRegression(C=1.0, max_iter=5000).fit((x - mean) / spread, y)
    weights = model.coef_[0] / spread
    entry: dict[str, Any] = {
        "features": list(NAMESAKES),
        "weights": [round(float(w), 4) for w in weights],
        "bias": round(float(model.intercept_[0] - mean @ weights), 4),
        "fitted_on": len(y),
    }
    return entry | _bound(entry, several, rows)


def _bound(entry: dict[str, Any], several: Sequence[Asked], rows: Sequence[tuple[bool, Any, bool]]) -> dict[str, Any]:
    """Return the bound with the best F1 in the mean of the sets, and what it and no further quotes have held out."""
    fitted = Logistic(tuple(entry["features"]), tuple(entry["weights"]), entry["bias"], {})

    def further(task: Task, quotes: Sequence[int], bound: float) -> list[int]:
        return of_namesakes(task, quotes, bound, fitted)

    bound, f1 = _best(several, "whole", further, 1.0)
    out = [(a.of, *task_of(a, "whole")) for a in several if a.answerable and a.held_out and a.case.evidence]
    test = [(fitted(values), gold) for held_out, values, gold in rows if held_out]
    return {
        "thresholds": {"answers": bound},
        "thresholds_are": {
            "answers": f"the one of {FURTHER} with the best F1 of all quotes in ramdocs, the briefings and everyday "
            f"papers, {f1:.3f} in the mean of the sets"
        },
        "measured_on_held_out": {
            "questions": len(out),
            "f1_without": round(_f(out, further, 1.01, 1.0), 3),
            "f1": round(_f(out, further, bound, 1.0), 3),
            "sentences": len(test),
            "auc": round(float(roc_auc_score([gold for _, gold in test], [p for p, _ in test])), 3),
        },
    }


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
    asked = [(a.of, *task_of(a, situation)) for a in data if a.answerable and not a.held_out and a.case.evidence]
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


def task_of(a: Asked, situation: Situation) -> tuple[Task, list[bool]]:
    """Return the question with its evidence as the product would rank it, and which of that is gold."""
    known = people([c.text for c in a.ranked])
    relevance = rag.fitted.fitted(f"relevance_{situation}")
    scored = sorted(((relevance(features(a.asked, c)), c) for c in a.ranked), key=lambda pair: -pair[0])
    evidence = tuple(replace(c.evidence, score=p, fits=fits(a.asked, c, known)) for p, c in scored)
    task = Task(a.asked.text, a.asked.text, evidence, 1.0, (), 0, situation)
    return task, [a.is_gold(c) for _, c in scored]

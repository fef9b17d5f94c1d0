"""Outcomes to figures: each metric's value with its 95 % interval and the number of cases it is of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from rag.evaluate.metrics import refusing
from rag.evaluate.metrics.sampling import Rows, Statistic, bootstrap, quantile
from rag.evaluate.outcome import Outcome

VERSION = 1
"""Of the layout of summary.json: raised when a name or a meaning changes, not when one is added."""
GROUPS = ("retrieval", "answer", "citation", "refusal", "conflict", "followup", "judge", "latency_ms", "tokens")
_DIGITS = 6


def summarise(outcomes: Sequence[Outcome], settings: Mapping[str, Any], *, seed: int = 0) -> dict[str, Any]:
    """Return what summary.json says; questions that failed are counted and have no part in any figure."""
    good = [outcome for outcome in outcomes if not outcome.error]
    found = {name: entry for name, entry in _metrics(good, seed)}
    ordered = sorted(found, key=lambda name: (GROUPS.index(name.split(".")[0]), name))
    return {
        "version": VERSION,
        "cases": len(outcomes),
        "errors": len(outcomes) - len(good),
        "metrics": {name: found[name] for name in ordered},
        "settings": dict(settings),
    }


def _metrics(outcomes: Sequence[Outcome], seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in sorted({name for outcome in outcomes for name in outcome.scores}):
        yield name, entry([outcome.scores[name] for outcome in outcomes if name in outcome.scores], seed=seed)
    yield from _refusals(outcomes, seed)
    for stage in ("retrieval", "first_token", "answer"):
        # A stage that an answer did without (no model was asked) took no time that could be measured.
        took = [1000 * outcome.seconds[stage] for outcome in outcomes if outcome.seconds.get(stage)]
        for name, q in (("p50", 0.5), ("p95", 0.95)):
            if took:
                yield f"latency_ms.{stage}_{name}", entry(took, quantile(q), seed=seed)
    for kind in ("read", "cached", "written"):
        counts = [outcome.tokens[kind] for outcome in outcomes if kind in outcome.tokens]
        if counts:
            yield f"tokens.{kind}", entry(counts, seed=seed)


def _refusals(outcomes: Sequence[Outcome], seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    asked = [(float(o.answerable), float(o.refused)) for o in outcomes if o.refused is not None]
    if not asked or all(answerable for answerable, _ in asked):
        return
    columns = np.asarray(asked)
    metrics: dict[str, tuple[Callable[..., float | None], Statistic]] = {
        "precision": (refusing.refusal_precision, _refusal_precision),
        "recall": (refusing.refusal_recall, _refusal_recall),
        "f1": (refusing.refusal_f1, _refusal_f1),
    }
    for name, (metric, statistic) in metrics.items():
        if metric([(bool(answerable), bool(refused)) for answerable, refused in asked]) is not None:
            yield f"refusal.{name}", entry(columns, statistic, seed=seed)


def entry(values: Sequence[float] | Rows, statistic: Statistic | None = None, *, seed: int) -> dict[str, Any]:
    """Return a metric's value, the number of its cases, and its interval."""
    rows = np.asarray(values, dtype=np.float64)
    value, low, high = bootstrap(rows, statistic, seed=seed) if statistic else bootstrap(rows, seed=seed)
    return {
        "value": round(value, _DIGITS),
        "n": len(rows),
        "low": round(low, _DIGITS),
        "high": round(high, _DIGITS),
    }


def _counts(samples: Rows) -> tuple[Rows, Rows, Rows]:
    """Return right refusals, refusals, and unanswerable questions of each sample."""
    unanswerable, refused = 1 - samples[:, :, 0], samples[:, :, 1]
    return (unanswerable * refused).sum(axis=1), refused.sum(axis=1), unanswerable.sum(axis=1)


def _divided(above: Rows, below: Rows) -> Rows:
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)


def _refusal_precision(samples: Rows) -> Rows:
    right, refused, _ = _counts(samples)
    return _divided(right, refused)


def _refusal_recall(samples: Rows) -> Rows:
    right, _, unanswerable = _counts(samples)
    return _divided(right, unanswerable)


def _refusal_f1(samples: Rows) -> Rows:
    right, refused, unanswerable = _counts(samples)
    return _divided(2 * right, refused + unanswerable)

"""Outcomes to figures: each metric's value with its 95 % interval and the number of cases it is of, overall and by
type and pool of the questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from rag.evaluate.metrics import refusing
from rag.evaluate.metrics.sampling import Rows, Statistic, bootstrap, bootstrap_means, quantile
from rag.evaluate.outcome import Outcome

VERSION = 1
"""Of the layout of summary.json: raised when a name or a meaning changes, not when one is added."""
GROUPS = ("retrieval", "answer", "citation", "refusal", "conflict", "followup", "judge", "latency_ms", "tokens")
_DIGITS = 6
_MOST_PARTS = 30
"""Types or pools that are shown apart; where there are more they are names, not kinds."""


def summarise(outcomes: Sequence[Outcome], settings: Mapping[str, Any], *, seed: int = 0) -> dict[str, Any]:
    """Return what summary.json says; questions that failed are counted and have no part in any figure."""
    by = {
        kind: {name: _figures(parts[name], seed) for name in sorted(parts)}
        for kind in ("type", "pool")
        if 1 < len(parts := _parts(outcomes, kind)) <= _MOST_PARTS
    }
    return {"version": VERSION, **_figures(outcomes, seed), "by": by, "settings": dict(settings)}


def _parts(outcomes: Sequence[Outcome], kind: str) -> dict[str, list[Outcome]]:
    parts: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if name := getattr(outcome, kind):
            parts.setdefault(name, []).append(outcome)
    return parts


def _figures(outcomes: Sequence[Outcome], seed: int) -> dict[str, Any]:
    good = [outcome for outcome in outcomes if not outcome.error]
    found = dict(_metrics(good, seed))
    ordered = sorted(found, key=lambda name: (GROUPS.index(name.split(".")[0]), name))
    metrics = {name: found[name] for name in ordered}
    return {"cases": len(outcomes), "errors": len(outcomes) - len(good), "metrics": metrics}


def _metrics(outcomes: Sequence[Outcome], seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from _means(outcomes, seed)
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


def _means(outcomes: Sequence[Outcome], seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the scores that are means; those with as many cases at once, because drawing cases is what takes time."""
    by_number: dict[int, list[tuple[str, list[float]]]] = {}
    for name in sorted({name for outcome in outcomes for name in outcome.scores}):
        values = [outcome.scores[name] for outcome in outcomes if name in outcome.scores]
        by_number.setdefault(len(values), []).append((name, values))
    for scored in by_number.values():
        rows = np.asarray([values for _, values in scored], dtype=np.float64).T
        for (name, _), found in zip(scored, bootstrap_means(rows, seed=seed), strict=True):
            yield name, _entry(found, len(rows))


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
    return _entry((value, low, high), len(rows))


def _entry(found: tuple[float, float, float], number: int) -> dict[str, Any]:
    value, low, high = (round(figure, _DIGITS) for figure in found)
    return {"value": value, "n": number, "low": low, "high": high}


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

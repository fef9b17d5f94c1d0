"""What chance may have done: intervals by bootstrap, and the paired permutation test."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]
Statistic = Callable[[Rows], Rows]
"""Of samples, shape (samples, cases) or (samples, cases, columns), to one number a sample; NaN where it has none."""

RESAMPLES = 2000
CONFIDENCE = 0.95
_AT_ONCE = 2_000_000


def mean(samples: Rows) -> Rows:
    """Return the mean of each sample."""
    return np.asarray(samples.mean(axis=1), dtype=np.float64)


def quantile(q: float) -> Statistic:
    """Return the statistic "the value below which a share `q` lies", between the nearest two by interpolation."""
    return lambda samples: np.asarray(np.quantile(samples, q, axis=1), dtype=np.float64)


def bootstrap(
    values: Sequence[float] | Rows, statistic: Statistic = mean, *, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[float, float, float]:
    """Return a statistic and its 95 % interval: cases drawn anew with replacement (Efron 1979, percentile method).

    Args:
        values: one row a case; at least one.
        statistic: see Statistic.
        resamples: how often the cases are drawn.
        seed: the same one gives the same interval.
    """
    rows = np.asarray(values, dtype=np.float64)
    value = float(statistic(rows[np.newaxis])[0])
    rng, drawn = np.random.default_rng(seed), []
    step = max(1, _AT_ONCE // rows.size)
    for start in range(0, resamples, step):
        chosen = rng.integers(len(rows), size=(min(step, resamples - start), len(rows)))
        drawn.append(statistic(rows[chosen]))
    found = np.concatenate(drawn)
    found = found[~np.isnan(found)]
    if not found.size:
        return value, value, value
    low, high = np.quantile(found, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return value, float(low), float(high)


def bootstrap_means(columns: Rows, *, resamples: int = RESAMPLES, seed: int = 0) -> list[tuple[float, float, float]]:
    """Return what `bootstrap` returns for the mean of each column, with the same cases drawn for all of them.

    Args:
        columns: one row a case, one column a metric.
        resamples: how often the cases are drawn.
        seed: the same one gives the same intervals.
    """
    cases = len(columns)
    rng, drawn = np.random.default_rng(seed), []
    step = max(1, _AT_ONCE // cases)
    for start in range(0, resamples, step):
        chosen = rng.integers(cases, size=(min(step, resamples - start), cases))
        # How often each case was drawn, times its value: one product for all metrics.
        times = np.stack([np.bincount(row, minlength=cases) for row in chosen])
        drawn.append(times @ columns / cases)
    low, high = np.quantile(np.concatenate(drawn), [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    means = columns.mean(axis=0)
    return [(float(means[i]), float(low[i]), float(high[i])) for i in range(columns.shape[1])]


def permutation_p(differences: Sequence[float], *, permutations: int = 10_000, seed: int = 0) -> float:
    """Return how often chance alone makes a mean difference at least as large (two-sided paired permutation test).

    If both runs were equally good, each difference might as well have the other sign (Fisher 1935). Up to 13 non-zero
    differences all signs are tried; beyond, `permutations` are drawn, and the observed one counts among them.
    """
    moved = np.asarray([d for d in differences if d], dtype=np.float64)
    if not moved.size:
        return 1.0
    observed = abs(moved.sum()) - 1e-12
    if moved.size <= 13:
        bits = np.arange(2**moved.size)[:, np.newaxis] >> np.arange(moved.size) & 1
        return float(np.mean(np.abs((1 - 2 * bits) @ moved) >= observed))
    rng, extreme = np.random.default_rng(seed), 0
    step = max(1, _AT_ONCE // moved.size)
    for start in range(0, permutations, step):
        signs = rng.choice((-1.0, 1.0), size=(min(step, permutations - start), moved.size))
        extreme += int(np.sum(np.abs(signs @ moved) >= observed))
    return (extreme + 1) / (permutations + 1)

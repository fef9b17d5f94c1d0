"""How well a ranking finds what is relevant. Definitions and edge cases are those of trec_eval (NIST).

`ranked` are ids, best first; one that stands there twice counts once, at its best rank. `grades` says how relevant an
id is; what is not in it, or is graded 0 or less, is not relevant. Where nothing is relevant there is no score: None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2

Grades = Mapping[str, float]


def hit(ranked: Sequence[str], grades: Grades, k: int) -> float | None:
    """Return 1 if one of the first `k` is relevant, else 0 (trec_eval: success_k)."""
    return float(_found(ranked, grades, k) > 0) if _relevant(grades) else None


def recall(ranked: Sequence[str], grades: Grades, k: int) -> float | None:
    """Return which share of what is relevant stands among the first `k` (trec_eval: recall_k)."""
    relevant = _relevant(grades)
    return _found(ranked, grades, k) / relevant if relevant else None


def complete(ranked: Sequence[str], grades: Grades, k: int) -> float | None:
    """Return 1 if all that is relevant stands among the first `k`, else 0: what a multi-hop question needs."""
    relevant = _relevant(grades)
    return float(_found(ranked, grades, k) == relevant) if relevant else None


def precision(ranked: Sequence[str], grades: Grades, k: int) -> float | None:
    """Return which share of the first `k` places is relevant; an empty place is not (trec_eval: P_k)."""
    return _found(ranked, grades, k) / k if _relevant(grades) else None


def reciprocal_rank(ranked: Sequence[str], grades: Grades, k: int) -> float | None:
    """Return 1 / rank of the first relevant one, 0 if it is beyond `k` (Voorhees, TREC-8 1999)."""
    if not _relevant(grades):
        return None
    ranks = (rank for rank, item in enumerate(_top(ranked, k), start=1) if grades.get(item, 0) > 0)
    return 1 / next(ranks, float("inf"))


def average_precision(ranked: Sequence[str], grades: Grades, k: int) -> float | None:
    """Return the mean, over all that is relevant, of the precision at its rank; 0 beyond `k` (trec_eval: map_cut_k)."""
    relevant = _relevant(grades)
    if not relevant:
        return None
    total, found = 0.0, 0
    for rank, item in enumerate(_top(ranked, k), start=1):
        if grades.get(item, 0) > 0:
            found += 1
            total += found / rank
    return total / relevant


def ndcg(ranked: Sequence[str], grades: Grades, k: int) -> float | None:
    """Return the gain, discounted by log2(rank + 1), as a share of the best ranking's (trec_eval: ndcg_cut_k).

    The gain is the grade itself (Järvelin and Kekäläinen, TOIS 2002), not 2^grade - 1.
    """
    ideal = _gain(sorted((grade for grade in grades.values() if grade > 0), reverse=True)[:k])
    if not ideal:
        return None
    return _gain([max(0.0, grades.get(item, 0)) for item in _top(ranked, k)]) / ideal


def _top(ranked: Sequence[str], k: int) -> list[str]:
    return list(dict.fromkeys(ranked))[:k]


def _relevant(grades: Grades) -> int:
    return sum(grade > 0 for grade in grades.values())


def _found(ranked: Sequence[str], grades: Grades, k: int) -> int:
    return sum(grades.get(item, 0) > 0 for item in _top(ranked, k))


def _gain(gains: Sequence[float]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, start=1))

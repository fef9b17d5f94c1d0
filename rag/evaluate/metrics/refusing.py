"""How well a system refuses what its documents don't answer. A refusal is the positive class."""

from __future__ import annotations

from collections.abc import Sequence

Asked = tuple[bool, bool]
"""Whether a question is answerable, and whether it was refused."""


def refusal_precision(asked: Sequence[Asked]) -> float | None:
    """Return which share of the refusals was right; None where nothing was refused."""
    refused = [answerable for answerable, was_refused in asked if was_refused]
    return sum(not answerable for answerable in refused) / len(refused) if refused else None


def refusal_recall(asked: Sequence[Asked]) -> float | None:
    """Return which share of the unanswerable questions was refused; None where there is none."""
    unanswerable = [was_refused for answerable, was_refused in asked if not answerable]
    return sum(unanswerable) / len(unanswerable) if unanswerable else None


def refusal_f1(asked: Sequence[Asked]) -> float | None:
    """Return the harmonic mean of the two: 2 right / (refused + unanswerable); None without unanswerable ones."""
    right = sum(was_refused and not answerable for answerable, was_refused in asked)
    unanswerable = sum(not answerable for answerable, _ in asked)
    return 2 * right / (sum(refused for _, refused in asked) + unanswerable) if unanswerable else None


def refusal_curve(scores: Sequence[tuple[bool, float]]) -> list[tuple[float, float, float]]:
    """Return (threshold, precision, recall) of refusing whatever scores below each threshold, lowest first.

    Args:
        scores: for each question whether it is answerable, and how likely it was thought to be.
    """
    unanswerable = sum(not answerable for answerable, _ in scores)
    if not unanswerable:
        return []
    curve, refused, right = [], 0, 0
    ordered = sorted(scores, key=lambda pair: pair[1])
    for place, (answerable, score) in enumerate(ordered):
        refused, right = refused + 1, right + (not answerable)
        # Questions with the same score fall together.
        if place + 1 == len(ordered) or ordered[place + 1][1] > score:
            curve.append((score, right / refused, right / unanswerable))
    return curve

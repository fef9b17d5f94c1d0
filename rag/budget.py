"""How much of the evidence a model has time to read."""

from __future__ import annotations

from collections.abc import Sequence

from rag.types import Evidence


def within(evidence: Sequence[Evidence], budget: int) -> tuple[Evidence, ...]:
    """Return the best of the evidence that fit in `budget` tokens; the first is taken whatever it costs."""
    taken: list[Evidence] = []
    left = budget
    for item in evidence:
        cost = estimate(item.in_full or item.text)
        if taken and cost > left:
            continue
        taken.append(item)
        left -= cost
    return tuple(taken)


def fitting_first(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return the evidence with what can answer by itself before the rest: for a list, each such sentence counts."""
    return sorted(evidence, key=lambda item: not item.fits)


def estimate(text: str) -> int:
    """Return about how many tokens a text is for a language model: a quarter of its letters, each one beyond Latin."""
    beyond = sum(character > "\u024f" for character in text)
    return beyond + (len(text) - beyond) // 4 + 1

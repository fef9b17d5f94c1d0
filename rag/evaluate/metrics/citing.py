"""Citation recall and precision as ALCE defines them (Gao et al., EMNLP 2023, section 3).

There, a model for entailment says whether cited passages support a statement. Here it is whoever is given as
`supports`: gold evidence, or the product's own check; the caller says which.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Supports = Callable[[int, tuple[int, ...]], bool]
"""Whether these citations, together, support the statement of that index. Without citations nothing is supported."""


def citation_recall(statements: Sequence[Sequence[int]], supports: Supports) -> float | None:
    """Return which share of the statements is supported by its citations; None where nothing is stated.

    Args:
        statements: for each statement of an answer the numbers of its citations.
        supports: see Supports.
    """
    if not statements:
        return None
    return sum(_is_supported(index, cited, supports) for index, cited in enumerate(statements)) / len(statements)


def citation_precision(statements: Sequence[Sequence[int]], supports: Supports) -> float | None:
    """Return which share of the citations is needed or bears its statement out alone; None where nothing is cited.

    A citation counts if its statement is supported, unless it is irrelevant: it doesn't support the statement by
    itself, and the others do without it.
    """
    counted = [
        _is_precise(index, place, tuple(cited), supports)
        for index, cited in enumerate(statements)
        for place in range(len(cited))
    ]
    return sum(counted) / len(counted) if counted else None


def _is_supported(statement: int, cited: Sequence[int], supports: Supports) -> bool:
    return bool(cited) and supports(statement, tuple(cited))


def _is_precise(statement: int, place: int, cited: tuple[int, ...], supports: Supports) -> bool:
    if not _is_supported(statement, cited, supports):
        return False
    others = cited[:place] + cited[place + 1 :]
    return supports(statement, (cited[place],)) or not _is_supported(statement, others, supports)


def is_same_place(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Say whether two spans (start, end) of a document share at least half of the shorter one."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return shared > 0 and 2 * shared >= min(one[1] - one[0], other[1] - other[0])

"""The rows of a table that have in a cell what the question names: "Which rooms are on the first floor?"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rag.columns import cells_of
from rag.series import cells_with_heads
from rag.task import Task
from rag.types import Evidence
from rag.understand.kind import MEASURES, kind_of
from rag.understand.several import asks_openly
from rag.words import VAGUE, content, is_negator, tokens

_TURNED = re.compile(
    r"\b(?:above|below|over|under|than|except|but|other|besides|most|least|more|less|fewer|only|best|worst|or|[a-z]{3,}est)\b",
    re.IGNORECASE,
)
"""What makes the rows that have a word other than those that are asked for."""
OF_A_TABLE = 0.7
"""Share of the question's words that a table has to have whose rows are its answer."""
LEAST_CELLS = 2
_WHICH = re.compile(
    r"^\W*(?:(?:and|so|but) )?(?:which|what|list|show me)(?: of)?(?: the| all(?: the)?)? (?P<sort>\w+)", re.IGNORECASE
)
"""The sort of thing that is asked for: "plants" of "Which plants need sun?"; none of "What does Ann do?"."""
Cells = Sequence[tuple[str, str]]


def of_rows(task: Task) -> list[int]:
    """Return the rows of a table that have in a cell what the question names, if its likeliest sentence is one of them.

    "Which rooms are on the first floor?" is answered by all rows with "First" in their column: where the table, by its
    heads, its heading and its title, has most of what was asked.
    """
    turned = _TURNED.search(task.standalone) or any(map(is_negator, tokens(task.standalone)))
    if turned or kind_of(task.standalone) in MEASURES or not (task.several or asks_openly(task.standalone)):
        return []
    first = next((item for item in task.evidence if item.fits), None)
    if first is None or len(cells_of(first.text)) < LEAST_CELLS:
        return []
    asked = content(task.standalone) - VAGUE
    cells = [content(cell) for _, cell in cells_with_heads(first)]
    told = {at: cell for at, cell in enumerate(cells) if cell and cell <= asked}
    had = asked & content(f"{first.in_full or first.text}. {first.title}. {first.heading}")
    table = _table(task, first)
    if told and len(had) >= OF_A_TABLE * len(asked) and len(found := _with(table, told)) > 1:
        return found
    sort = _WHICH.match(task.standalone)
    return _by_words(table, first, asked, content(sort["sort"])) if sort else []


def _table(task: Task, row: Evidence) -> list[tuple[int, Cells]]:
    """Return the rows of the same table, in their order."""
    there = [
        (item.start, index, cells_with_heads(item))
        for index, item in enumerate(task.evidence)
        if (item.document_id, item.heading) == (row.document_id, row.heading)
    ]
    width = len(cells_of(row.text))
    return [(index, cells) for _, index, cells in sorted(there, key=lambda one: one[:2]) if len(cells) == width]


def _with(table: Sequence[tuple[int, Cells]], told: Mapping[int, frozenset[str]]) -> list[int]:
    """Return the rows that have in each of these columns these words, and don't deny them: not "no shower"."""
    return [index for index, cells in table if all(_has(cells[at][1], words) for at, words in told.items())]


def _has(cell: str, words: frozenset[str]) -> bool:
    return words <= content(cell) and not any(map(is_negator, tokens(cell)))


def _by_words(
    table: Sequence[tuple[int, Cells]], row: Evidence, asked: frozenset[str], sort: frozenset[str]
) -> list[int]:
    """Return the rows that have the question's words in a column where others have not: "full sun" for "need sun".

    The table has to be of the `sort` of thing that is asked for; one word more may be missing: "need" is said by none.
    """
    heads = content(" . ".join(head for head, _ in cells_with_heads(row)))
    of_all = asked & (heads | content(f"{row.title}. {row.heading}"))
    if not sort or not sort <= of_all:
        return []
    told: dict[int, frozenset[str]] = {}
    for word in asked - of_all:
        columns = {at for _, cells in table for at, (_, cell) in enumerate(cells) if word in content(cell)}
        if len(columns) == 1:
            at = columns.pop()
            told[at] = told.get(at, frozenset()) | {word}
    said = frozenset[str]().union(*told.values())
    if not told or len(asked - of_all - said) > 1:
        return []
    found = _with(table, told)
    return found if len(found) < len(table) else []

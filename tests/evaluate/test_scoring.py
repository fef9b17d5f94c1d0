"""What is scored of an answer, beyond the metrics themselves."""

from __future__ import annotations

from typing import Any

import pytest

from rag.evaluate.cases import Case
from rag.evaluate.scoring import Target, answering
from rag.types import Answer, Conflict, Side

SIDES = Conflict("When?", (Side("3 February", (2,)), Side("27 January", (1,))))


def scored(of: str, *, shown: bool) -> dict[str, Any]:
    case = Case("a", "When?", answers=("3 February", "27 January"), type=of)
    answer = Answer("a", "When?", "When?", "answered", "On 3 February.", conflicts=(SIDES,) if shown else ())
    scores = answering(answer, Target(case, {}))
    return {name: value for name, value in scores.items() if name.startswith("conflict.")}


@pytest.mark.parametrize("of", ["conflict", "conflict:ambiguous+noise", "date, conflict"])
def test_a_disagreement_is_to_be_shown_where_the_type_says_that_there_is_one(of: str) -> None:
    assert scored(of, shown=True) == {"conflict.shown": 1.0, "conflict.sides_recall": 1.0}
    assert scored(of, shown=False)["conflict.shown"] == 0.0


@pytest.mark.parametrize("of", ["no-conflict", "date", ""])
def test_it_is_falsely_shown_elsewhere_also_where_the_type_only_has_the_word(of: str) -> None:
    assert scored(of, shown=True) == {"conflict.falsely_shown": 1.0}
    assert scored(of, shown=False) == {"conflict.falsely_shown": 0.0}

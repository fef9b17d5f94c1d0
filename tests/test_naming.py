"""A quote in a list of names has to name something that neither the question nor a likelier quote names."""

from __future__ import annotations

from typing import Any

import pytest

from rag.answer import respond
from rag.draft import Draft
from rag.fitted import fitted
from rag.naming import naming
from rag.quoting import completed, quote
from rag.types import Done, Evidence
from tests.test_answer import task

TOWNS = "Which towns were hit by the flood?"
ROWS = (
    ("a", "The flood hit Arlow and Benby on Monday.", 0.4),
    ("a", "In Benby the flood was the worst in years.", 0.3),
    ("a", "The flood came at night.", 0.2),
    ("b", "Water stood in the streets of Corrin, too.", 0.05),
    ("b", "Dunmore was spared.", 0.001),
)


@pytest.fixture(autouse=True)
def shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold the fitted shares, whatever the last fit said."""
    monkeypatch.setitem(fitted("naming").thresholds, "share", 0.1)
    monkeypatch.setitem(fitted("naming").thresholds, "share_if_picked", 0.5)


def evidence(*rows: tuple[str, str, float]) -> tuple[Evidence, ...]:
    return tuple(Evidence(name, f"{name}-p", 0, len(text), text, score, title=name) for name, text, score in rows)


def quotes(question: str, *rows: tuple[str, str, float], **changes: Any) -> list[str]:
    *_, done = respond(task(evidence=evidence(*rows), question=question, standalone=question, **changes), None)
    assert isinstance(done, Done)
    return [citation.quote for citation in done.answer.citations]


def test_each_quote_names_a_town_that_none_before_names() -> None:
    assert quotes(TOWNS, *ROWS) == [ROWS[0][1], ROWS[3][1]]


def test_reasons_have_no_names_to_tell_them_apart_by() -> None:
    rows = (("a", "The flood came of the rain.", 0.4), ("a", "A second cause were the drains.", 0.3))
    assert quotes("What are the causes of the flood?", *rows) == [rows[0][1], rows[1][1]]


def test_who_is_no_town() -> None:
    rows = (
        ("a", "Ann Lee will speak at the fair in Arlow.", 0.4),
        ("b", "The fair in Corrin will open at nine.", 0.3),
        ("b", "Lee and Bo Ek will speak.", 0.2),
    )
    assert quotes("Who are the speakers at the fair?", *rows) == [rows[0][1], rows[2][1]]


def test_a_name_that_begins_a_sentence_is_known_from_another() -> None:
    found = evidence(("a", "Rain fell on Corrin.", 0.4), ("b", "Corrin was hit.", 0.3), ("b", "Nobody was hurt.", 0.3))
    assert naming(TOWNS, found, [1, 2, 0], 0.1, 8) == [1]


def test_what_likely_answers_is_quoted_though_it_names_nobody() -> None:
    rows = (("a", "The otachi were healers.", 0.9), ("a", "The otachi lived with Bo Ek.", 0.5))
    assert quotes("Who were the otachi?", *rows) == [rows[0][1], rows[1][1]]


def test_to_what_a_model_wrote_likely_names_are_added() -> None:
    rows = (ROWS[0], ("b", "Corrin and Esk were hit by the flood of Monday, too.", 0.3), ROWS[3])
    found = task(evidence=evidence(*rows), question=TOWNS, standalone=TOWNS, situation="pool")
    draft = Draft(found.evidence)
    list(quote(draft, 0))
    added = [sentence.text for sentence in completed(found, draft, picked=True)]
    assert added == [rows[1][1]]

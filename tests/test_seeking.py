"""A follow-up is searched as what it may mean and as it was asked, over a real store without a model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rag.engine import Engine
from rag.seeking import Scope
from rag.types import Turn, Understood
from tests.fakes.library import ROOMS, YELLEN, library

LEASE = "Lease\n\nThe flat in Haverlow is let to Callum Reyes. The deposit is due when Callum moves in.\n"
PRICES = (
    "# Weeks\n\n| Week | Theme | Price per child |\n|---|---|---|\n| 1 | Clay | £110 |\n| 2 | Boats | £98 |\n\n"
    "Bring a hat and a bottle every day.\n"
)


@pytest.fixture
def engine(home: Path, tmp_path: Path) -> Any:
    with library(tmp_path / "docs") as opened:
        (tmp_path / "docs" / "lease.txt").write_text(LEASE)
        (tmp_path / "docs" / "prices.md").write_text(PRICES)
        opened.ingest([tmp_path / "docs"])
        yield opened


def scope(engine: Engine) -> Scope:
    return Scope(engine.retriever(), engine.settings.collection)


def talk(*said: str) -> list[Turn]:
    return [Turn("assistant" if at % 2 else "user", text) for at, text in enumerate(said)]


def test_names_typed_small_are_understood_by_the_documents_capitals(engine: Engine) -> None:
    history = talk("who is the flat let to?", "To callum reyes.", "does callum pay a deposit?", "Yes.")
    sought = scope(engine).sought("when does he move in?", history, lambda: None)
    assert sought.whole == "when does Callum move in?"
    assert sought.asks == sought.whole and sought.alone == ""


def test_a_question_stays_as_it_was_typed_but_for_what_it_takes_from_before(engine: Engine) -> None:
    first = scope(engine).sought("is the flat let to callum reyes?", (), lambda: None)
    assert first.whole == first.asks == "is the flat let to callum reyes?"
    history = talk("who rents the flat?", "Callum Reyes rents it.")
    then = scope(engine).sought("when does he move to haverlow?", history, lambda: None)
    assert then.whole == then.asks == "when does Callum Reyes move to haverlow?"


def test_what_a_follow_up_asks_counts_as_much_as_what_it_may_mean(engine: Engine) -> None:
    history = talk("Who might visit Beijing after Blinken?", YELLEN)
    sought = scope(engine).sought("And how many rooms in that hotel?", history, lambda: None)
    assert sought.whole == "Who might visit Beijing after Blinken? And how many rooms in that hotel?"
    assert sought.asks == sought.alone == "And how many rooms in that hotel?"
    search, collection = engine.retriever().search, engine.settings.collection
    joined, alone, both = (
        {item.text: item.score for item in found.evidence}
        for found in (
            search(sought.whole, collection),
            search(sought.alone, collection),
            search(sought.whole, collection, as_asked=sought.alone),
        )
    )
    assert both == pytest.approx({text: (joined[text] + alone[text]) / 2 for text in both})
    assert both[ROOMS] > joined[ROOMS] and both.keys() == joined.keys() == alone.keys()


def test_a_refused_follow_up_names_no_words_of_the_question_before(engine: Engine) -> None:
    history = talk("Who repaired the zeppelin?", "Your documents don't say. Nothing mentions “zeppelin”.")
    sought = scope(engine).sought("And is that gramophone broken?", history, lambda: None)
    assert "zeppelin" in sought.whole
    assert scope(engine).found(sought).missing == ("gramophone", "broken")


def test_the_model_is_asked_the_follow_up_and_people_see_what_it_was_taken_for(engine: Engine) -> None:
    history = talk("Who might visit Beijing after Blinken?", YELLEN)
    events = list(engine.stream("And how many rooms in that hotel?", history=history))
    (understood,) = [event.standalone for event in events if isinstance(event, Understood)]
    answer = engine.ask("And how many rooms in that hotel?", history=history)
    assert answer.understood == understood != "And how many rooms in that hotel?"
    assert answer.id != engine.ask("And how many rooms in that hotel?").id


def test_a_row_is_found_by_the_heads_of_its_columns_and_quoted_as_it_stands(engine: Engine) -> None:
    rows = {item.text: item for item in engine.search("What is the price per child of the Clay week?", k=20)}
    clay = rows["| 1 | Clay | £110 |"]
    assert clay.in_full == "Week: 1; Theme: Clay; Price per child: £110"
    assert clay.score > rows["| 2 | Boats | £98 |"].score > rows["Bring a hat and a bottle every day."].score
    assert not any(item.in_full for text, item in rows.items() if "|" not in text or "Week" in text)


OFFICE = {
    "a.txt": "Staff news\n\nThe managing director Ann Lee opened the canteen on Monday.\n",
    "b.txt": "Spring party\n\nManaging director Ann Lee thanked the cooks.\n",
    "c.txt": "Rules\n\nExpenses over 500 pounds are approved by the managing director.\n",
}


def test_what_an_office_does_is_not_asked_of_the_person_who_has_it(engine: Engine, tmp_path: Path) -> None:
    for name, text in OFFICE.items():
        (tmp_path / "docs" / name).write_text(text)
    engine.ingest([tmp_path / "docs"])
    sought = scope(engine).sought("What does the managing director approve?", (), lambda: None)
    assert (sought.asks, sought.otherwise) == (sought.heard.said, "What does Ann Lee approve?")
    assert scope(engine).found(sought).evidence[0].text.startswith("Expenses")


def test_of_two_things_that_are_asked_the_one_that_is_there_is_answered(engine: Engine) -> None:
    asked = "What is the price per child, and who composed the opera about Napoleon on Saturn?"
    sought = scope(engine).sought(asked, (), lambda: None)
    found = scope(engine).found(sought)
    assert found.answered == ("What is the price per child?",)
    assert found.unanswered == ("who composed the opera about Napoleon on Saturn?",)
    assert found.asks(asked) == found.answered[0]
    assert scope(engine).found(scope(engine).sought("What is the price per child?", (), lambda: None)).unanswered == ()

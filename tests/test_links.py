"""Questions that need two documents, of which one leads to the other."""

from __future__ import annotations

from typing import Any

from rag.types import Answer, Evidence
from tests.test_judge import SO_SO, Judge
from tests.test_judge import answer as judged

ASKED = "Where was the director of Stagecoach born?"
FILM = "Stagecoach is a film of 1939 by the director John Ford."
CAST = "Stagecoach was shot in a valley of Utah."
BORN = "John Ford was born in Cape Elizabeth."
OTHER = "Howard Hawks was born in Goshen."


def found(born: str = "John Ford") -> tuple[Evidence, ...]:
    rows = (("Stagecoach", FILM, 0.8), ("Stagecoach", CAST, 0.5), (born, BORN, 0.2), ("Howard Hawks", OTHER, 0.3))
    return tuple(Evidence(title, f"{text}-p", 0, len(text), text, score, title=title) for title, text, score in rows)


def answer(writes: str, judge: Judge | None = None, **changes: Any) -> Answer:
    asked = {"question": ASKED, "standalone": ASKED, "evidence": found()} | changes
    return judged(judge or Judge(SO_SO, writes), **asked)


def quotes(given: Answer) -> list[str]:
    return [citation.quote for citation in given.citations]


def test_the_model_reads_what_the_likeliest_sentence_leads_to_right_after_it() -> None:
    judge = Judge(SO_SO, BORN)
    answer(BORN, judge)
    first = judge.asked[0]
    assert FILM in first and BORN in first and CAST not in first


def test_what_is_led_to_takes_no_more_room_than_there_was() -> None:
    judge = Judge(SO_SO, BORN)
    answer(BORN, judge, read=found()[:2])
    assert FILM in judge.asked[1] and BORN in judge.asked[1] and CAST not in judge.asked[1]


def test_what_the_model_takes_from_the_document_that_is_led_to_is_in_its_place() -> None:
    assert quotes(answer(BORN)) == [BORN, FILM]


def test_what_it_takes_from_a_document_that_nothing_leads_to_is_not() -> None:
    assert OTHER not in answer(OTHER).text


def test_where_a_model_puts_both_documents_into_one_sentence_their_quotes_answer() -> None:
    """No quote says all of it, so none of its words are shown."""
    given = answer("John Ford, the director of Stagecoach, was born in Cape Elizabeth.")
    assert set(quotes(given)) == {FILM, BORN} and given.text == f"{BORN} {FILM}"


def test_a_sentence_of_a_document_that_is_named_and_adds_nothing_that_was_asked_is_astray() -> None:
    idle = Evidence("John Ford", "idle", 0, 30, "He liked to travel in the summer.", 0.3, title="John Ford")
    made = answer(idle.text, evidence=(*found()[:2], idle))
    assert idle.text not in made.text


def test_the_likeliest_sentence_that_can_answer_is_read_before_a_likelier_one_that_cannot() -> None:
    headline = Evidence("x", "x", 0, 20, "Stagecoach, born again", 0.9, title="x", fits=False)
    judge = Judge(SO_SO, BORN)
    answer(BORN, judge, evidence=(headline, *found()))
    assert FILM in judge.asked[0] and BORN in judge.asked[0]


def test_a_question_in_the_document_that_is_led_to_is_not_quoted() -> None:
    asks = Evidence("John Ford", "asks", 0, 26, "But where was he born?", 0.2, title="John Ford")
    assert asks.text not in answer(FILM, evidence=(*found()[:2], asks)).text


def test_a_name_that_opens_a_sentence_leads_on_too() -> None:
    opens = Evidence("Stagecoach", "opens", 0, 30, "John Ford was its director.", 0.8, title="Stagecoach")
    assert BORN in answer(opens.text, evidence=(opens, *found()[1:])).text

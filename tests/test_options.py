"""Questions that weigh two things are answered by a quote for each."""

from __future__ import annotations

from typing import Any

import pytest

from rag.types import Answer, Evidence
from tests.test_judge import SO_SO, Judge
from tests.test_judge import answer as judged

ANN = "Ann Lee (born 3 May 1950) is a Danish painter."
TOWN = "Ann Lee lives in Aarhus and shows her pictures at the harbour."
BO = "Bo Ek was born on 1 June 1948 in Umea."
ASKED = "Who is older, Ann Lee or Bo Ek?"
STORM = "Storm is a film of 1999, directed by Ann Lee."
CALM = "Calm is a film of 2001 by the director Bo Ek."


def sentences(*rows: tuple[str, str, float]) -> tuple[Evidence, ...]:
    return tuple(Evidence(title, f"{text}-p", 0, len(text), text, score, title=title) for title, text, score in rows)


PAINTERS = sentences(("Ann Lee", TOWN, 0.8), ("Ann Lee", ANN, 0.6), ("Bo Ek", BO, 0.05))


def answer(evidence: tuple[Evidence, ...] = PAINTERS, asked: str = ASKED, **changes: Any) -> Answer:
    judge = changes.pop("judge", None)
    return judged(judge, question=asked, standalone=asked, evidence=evidence, **changes)


def quotes(given: Answer) -> list[str]:
    return [citation.quote for citation in given.citations]


def test_without_a_model_each_has_the_sentence_that_decides() -> None:
    assert quotes(answer()) == [ANN, BO]


def test_the_model_reads_one_sentence_of_each_first() -> None:
    judge = Judge(SO_SO, BO)
    answer(judge=judge)
    assert ANN in judge.asked[0] and BO in judge.asked[0] and TOWN not in judge.asked[0]


def test_what_a_model_leaves_out_is_quoted() -> None:
    assert quotes(answer(judge=Judge(SO_SO, ANN))) == [ANN, BO]


def test_a_sure_yes_over_two_sentences_is_not_enough() -> None:
    judge = Judge(20.0, BO)
    answer(judge=judge)
    assert TOWN in judge.asked[1]


def test_a_verdict_that_no_quote_has_is_not_shown() -> None:
    given = answer(judge=Judge(SO_SO, "Bo Ek is older than Ann Lee."))
    assert "older" not in given.text and set(quotes(given)) == {ANN, BO}


@pytest.mark.parametrize("model", [None, "The director of Storm is Ann Lee."])
def test_what_is_weighed_by_another_thing_leads_to_that(model: str | None) -> None:
    """Who is older is said of the directors, whom the documents of the films name."""
    films = sentences(("Storm", STORM, 0.8), ("Calm", CALM, 0.6), *((e.title, e.text, 0.01) for e in PAINTERS))
    asked = "Which film has the director who is older, Storm or Calm?"
    given = answer(films, asked, judge=model and Judge(SO_SO, model))
    assert set(quotes(given)) == {STORM, CALM, ANN, BO}


def test_of_two_each_is_another_than_the_other_and_no_near_miss() -> None:
    singers = sentences(
        ("Mark King", "Mark King is an English singer.", 0.8),
        ("Nick Hexum", "Nick Hexum is an American singer.", 0.6),
    )
    assert len(quotes(answer(singers, "Which singer is American, Mark King or Nick Hexum?"))) == 2


def test_somebody_may_be_called_by_a_part_of_the_name() -> None:
    news = sentences(
        ("News", "Yellen is expected in Beijing on July 6.", 0.7), ("Plans", "Raimondo may come in August 2023.", 0.3)
    )
    given = answer(news, "Who comes first, Janet Yellen or Gina Raimondo?")
    assert len(quotes(given)) == 2


def test_where_documents_know_only_one_of_them_the_likeliest_quotes_answer_as_ever() -> None:
    assert quotes(answer(asked="Who is older, Ann Lee or Cy Orr?"))[0] == TOWN


def test_a_question_in_a_document_tells_nothing_of_either() -> None:
    asks = sentences(("Bo Ek", "Was Bo Ek born in 1948?", 0.9))
    assert asks[0].text not in quotes(answer((*asks, *PAINTERS)))


def test_one_sentence_is_not_taken_for_both_of_one_family() -> None:
    lees = sentences(("Bruce Lee", "Bruce Lee was born in 1940 in a hospital.", 0.8))
    assert len(quotes(answer(lees, "Who is older, Ann Lee or Bruce Lee?"))) == 1


def test_a_choice_that_compares_nothing_is_answered_by_the_likeliest() -> None:
    moved = "The meeting was moved to Tuesday at 9."
    canteen = sentences(("Notes", moved, 0.8), ("Menu", "On Monday the canteen serves 3 soups.", 0.2))
    assert quotes(answer(canteen, "Is the meeting on Monday or Tuesday?"))[0] == moved

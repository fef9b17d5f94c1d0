"""A quote that says of another thing what was asked is no answer, and one that says it in other words is."""

from __future__ import annotations

from typing import Any

import pytest

from rag.premise import instead, otherwise
from rag.types import Answer, Evidence
from tests.test_answer import EVIDENCE, answer_of


def evidence(text: str) -> Evidence:
    return Evidence("a", "p", 0, len(text), text, 0.9)


@pytest.mark.parametrize(
    ("question", "quote", "changed"),
    [
        ("What park covers an area of 74 ha?", "The old park covers the area of 76 ha.", ("74", "76")),
        (
            "What is the basic unit of local division in Warsaw?",
            "The basic unit of local division in Poland is a gmina.",
            ("Warsaw", "Poland"),
        ),
        (
            "What are cells in contact with the internal environment called?",
            "Dendritic cells are in contact with the external environment.",
            ("internal", "external"),
        ),
        ("The second item on Mondays is what?", "The first item on Mondays is a prayer.", ("second", "first")),
        ("Which rebellions are common in parliament?", "In parliament such rebellions are rare.", ("common", "rare")),
        ("How long does the Kestrel K3 fly?", "The Kestrel K2 flies for 28 minutes.", ("Kestrel K3", "Kestrel K2")),
        ("What does Room 6 cost a night?", "Room 4 costs 30 pounds, with breakfast.", ("Room 6", "Room 4")),
        ("How much notice must the landlord give?", "The tenant must give two months' notice.", ("landlord", "tenant")),
    ],
)
def test_what_a_quote_has_in_place_of_what_was_asked_is_found(
    question: str, quote: str, changed: tuple[str, str]
) -> None:
    assert otherwise(question, evidence(quote)) == changed


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("How long does the Kestrel K3 fly?", "Both the Kestrel K2 and the K3 fly for 28 minutes."),
        ("What does Room 6 cost a night?", "Rooms 4 and 6 cost 30 pounds a night, Room 5 costs 40."),
        ("What is the unit of division in Poland?", "The unit of division in Poland is a gmina."),
        ("What is not allowed at the boathouse?", "No glass bottles: the boathouse forbids them."),
        ("Who came to Beijing?", "After long talks Antony Blinken came to Beijing on June 18."),
        ("What year was the robot released?", "The robot was released, and sold well in its first months."),  # a unit
        ("How much of the gas do stations of the AAA have?", "American stations have no gas at all."),  # spelt out
        ("Does the park cover 74 ha?", "The park covers 76 ha."),  # it answers: no
        ("When did Antony Blinken arrive in Beijing?", "Secretary Blinken arrived in Beijing on June 18."),
        ("When did Barack Obama speak in Ghent?", "President Obama spoke in Ghent on June 18."),
        ("How much did the plan cost in 2019?", "In all, the plan did cost 30 crowns."),
        ("", "The park covers 76 ha."),
        ("What is it?", ""),
    ],
)
def test_what_says_it_in_other_words_is_not_taken_for_another_thing(question: str, quote: str) -> None:
    assert otherwise(question, evidence(quote)) is None


@pytest.mark.parametrize(
    ("said", "asked", "swapped"),
    [
        ("Mazda opened plants in Ohio.", "What did Mazda open in Ohio?", ("Mazda", "Honda")),
        ("Honda opened plants in Utah.", "What did Honda open?", None),  # not asked for: any check refuses it
        ("Honda opened plants in Ohio.", "What did Honda open in Ohio?", None),
        ("HMC opened plants in Ohio.", "What did HMC open in Ohio?", None),  # may be short for it
        ("Soichiro Honda opened plants in Ohio.", "What did Soichiro Honda open in Ohio?", None),
        ("Mazda sells cars.", "What did Mazda open in Ohio?", None),  # runs along nothing
        ("", "What did Mazda open?", None),
    ],
)
def test_a_name_of_the_question_that_a_model_put_in_place_of_another_is_found(
    said: str, asked: str, swapped: tuple[str, str] | None
) -> None:
    assert instead(said, [evidence("Honda opened plants in Ohio.")], asked) == swapped


VENUE = "Polonia's home venue is located at Konwiktorska Street, a ten-minute walk north from the Old Town."
WHERE = "Where is Ekstraklasa's home venue located?"


def about_polonia(said: str, question: str = WHERE, **changes: Any) -> Answer:
    found = (Evidence("a", "p", 0, len(VENUE), VENUE, 0.6),)
    return answer_of(said, question=question, standalone=question, evidence=found, **changes)


def test_what_a_document_says_of_another_one_is_no_answer_and_the_refusal_says_of_whom_it_is() -> None:
    answer = about_polonia(VENUE.replace("Polonia", "Ekstraklasa"))
    assert answer.status == "not_found" and answer.claims == ()
    assert answer.text.endswith("Where they come closest, it is “Polonia”, not “Ekstraklasa”.")


def test_a_sentence_that_holds_is_no_answer_where_its_quote_is_of_another_thing() -> None:
    park = "The Lazienki Park covers the area of 76 ha."
    found = (Evidence("a", "p", 0, len(park), park, 0.6), *EVIDENCE)
    asked = "What park covers an area of 74 ha?"
    answer = answer_of(park, question=asked, standalone=asked, evidence=found)
    assert answer.status == "not_found" and answer.text.endswith("it is “76”, not “74”.")
    assert answer_of(park, question=asked, standalone=asked, evidence=found, mode="lenient").status == "answered"


def test_where_a_model_swaps_what_was_not_asked_the_quote_answers() -> None:
    answer = about_polonia(VENUE.replace("Konwiktorska", "Marszalkowska"), "Where is Polonia's home venue located?")
    assert [citation.quote for citation in answer.citations] == [VENUE]


def test_what_is_said_of_another_one_is_shown_as_such_where_the_check_is_lenient() -> None:
    answer = about_polonia(VENUE.replace("Polonia", "Ekstraklasa"), mode="lenient")
    assert [claim.status for claim in answer.claims] == ["unsupported"]

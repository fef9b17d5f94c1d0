"""Two versions of one sentence are two sides of a disagreement, and what can both be true is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answer import respond
from rag.conflicts import disagreement
from rag.types import Done
from tests.test_conflicts import EARLY, LONG, WHEN, task, values

BUDGET = "The budget of the harbour project is EUR 4.2 million for two years."
MILL = "The mill at Benenden was last worked for trade in 1921 and the sails were removed in 1923."


@pytest.mark.parametrize(
    ("question", "sentence", "was", "instead"),
    [
        ("What is the budget of the harbour project?", BUDGET, "4.2 million", "4.5 million"),
        ("What is the budget of the harbour project?", BUDGET, "4.2 million", "850,000"),
        ("When was the mill last worked?", MILL, "1921", "1955"),
        ("Who directed the film Duo?", "Duo is a Hindi film directed by Mahesh Bhatt.", "Mahesh Bhatt", "Raj Kapoor"),
        (
            "What format has WCMA?",
            "WCMA broadcasts in a Spanish Tropical format.",
            "Spanish Tropical",
            "Classical Music",
        ),
    ],
)
def test_two_versions_of_a_sentence_are_two_sides(question: str, sentence: str, was: str, instead: str) -> None:
    assert values(task(question, sentence, sentence.replace(was, instead))) == [was, instead]


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("When was the mill last worked?", MILL, MILL.replace("removed", "taken off")),  # said otherwise
        ("Who directed Duo?", "Duo was directed by Raj Kapoor in May.", "Duo was directed by Raj Kapoor in June."),
        (
            "When does Blinken fly?",
            "Blinken flies to China on Sunday at noon.",
            "Blinken flies to China on June 18 at noon.",
        ),
        ("What is the harbour project?", BUDGET, BUDGET.replace("two years", "all that time")),  # no name and no number
        ("Who leads the council?", "Ann Lee leads the council of Ghent.", "The council of Ghent says Bo Ray leads it."),
        ("Which budget has the harbour project?", BUDGET, BUDGET.replace("harbour", "Rail").replace("4.2", "9.1")),
        ("Why was the mill at Benenden closed?", MILL, MILL.replace("1921", "1955")),  # no time was asked for
        ("What is the population of Ghent?", "In 2010 Ghent had 5 people.", "In 2020 Ghent had 5 people."),
        ("What format has the station?", "WCMA has a Spanish format there.", "WABC has a Spanish format there."),
        ("Who might come?", "Ann Lee might come to Ghent in May.", "Bo Ray might come to Ghent in May."),  # both may
        ("When was the mill last worked?", MILL, "The mill at Benenden was not worked in 1955."),
        ("When was the mill last worked?", MILL, MILL),
    ],
)
def test_two_sentences_that_can_both_be_true_are_no_versions(question: str, one: str, other: str) -> None:
    assert values(task(question, one, other)) == []


def test_a_version_that_three_documents_deny_is_shown_as_that_and_comes_last() -> None:
    texts = [f"{MILL[:-1]}, says {who}." for who in ("Ann Lee", "Bo Ray", "Cy Orr")]
    planted = MILL.replace("1921", "1955")
    *_, done = respond(task("When was the mill last worked?", planted, *texts, MILL), None)
    assert isinstance(done, Done)
    (conflict,) = done.answer.conflicts
    assert [(side.value, side.documents, side.outvoted) for side in conflict.sides] == [
        ("1921", 4, False),
        ("1955", 1, True),
    ]
    quotes = {citation.number: citation.quote for citation in done.answer.citations}
    assert [quotes[number] for number in conflict.sides[1].citations] == [planted]
    assert done.answer.text.index("1921") < done.answer.text.index("1955")


def test_what_other_sentences_have_of_a_value_does_not_outvote_a_version() -> None:
    said = (
        "The school at Benenden was opened in 1955.",
        "In 1955 the bus first came to Benenden.",
        "Benenden had 1955 people.",
    )
    found = disagreement(task("When was the mill at Benenden last worked?", MILL, MILL.replace("1921", "1955"), *said))
    assert found and [stance.documents for stance in found.stances] == [1, 1]


def test_texts_without_words_are_no_versions() -> None:
    assert disagreement(task("What is the mill of Benenden?", "— | —", "***")) is None


def test_documents_without_a_title_of_their_own_may_disagree() -> None:
    one = "Since the spring the chair of Arlow Club is Ann Lee, who keeps the keys."
    asked = task("Who is the chair of Arlow Club?", one, one.replace("Ann Lee", "Bo Ek"))
    named = tuple(replace(item, title=f"{item.text[:60]}…") for item in asked.evidence)
    assert values(replace(asked, evidence=named)) == ["Ann Lee", "Bo Ek"]


@pytest.mark.parametrize(
    ("why", "version"),
    [
        ("a number of a note stands ahead of it", f"[2] {MILL}"),
        ("a caption stands ahead of it", f"Close-up view of the sails, June 2018. {MILL}"),
        ("a word is misspelt", MILL.replace("removed", "remvoed")),
        ("one has an article", MILL.replace("for trade", "for a trade")),
    ],
)
def test_versions_may_differ_in_little_besides(why: str, version: str) -> None:
    assert values(task("When was the mill last worked?", MILL, version.replace("1921", "1955"))) == ["1921", "1955"], (
        why
    )


def test_a_version_may_say_its_own_more_than_once() -> None:
    one = "Duo is a film by Raj Kapoor, the third of Raj Kapoor after the war."
    question = "Who directed the film Duo?"
    assert values(task(question, one, one.replace("Raj Kapoor", "Mahesh Bhatt"))) == ["Raj Kapoor", "Mahesh Bhatt"]


def test_documents_that_are_called_by_what_they_say_are_about_two_things_unless_one_copies_the_other() -> None:
    question, said = "Where is Larkin Bridge?", "Larkin Bridge is a covered bridge in {}."
    more = "The bridge was moved there by oxen in the long winter of 1881."
    of = {place: task(question, said.format(place), more) for place in ("Tunbridge", "Chester Springs")}
    rows = [
        replace(item, document_id=place, title=f"Larkin Bridge ({place})")
        for place, one in of.items()
        for item in one.evidence
    ]
    whole = replace(of["Tunbridge"], evidence=tuple(rows))
    assert values(whole) == ["Tunbridge", "Chester Springs"]
    apart = replace(whole, evidence=tuple(item for item in rows if item.text != more))
    assert values(apart) == []


def test_a_newer_version_is_never_outvoted() -> None:
    question, newer = "When was the mill last worked?", MILL.replace("1921", "1955")
    old = ("2020-01-01",) * 4
    *_, done = respond(task(question, MILL, MILL, MILL, MILL, newer, dates=(*old, "2024-01-01")), None)
    assert isinstance(done, Done)
    assert [(side.value, side.outvoted) for side in done.answer.conflicts[0].sides] == [
        ("1955", False),
        ("1921", False),
    ]
    assert "1955" in done.answer.text


def test_three_versions_are_three_sides() -> None:
    texts = (MILL, MILL.replace("1921", "1955"), MILL.replace("1921", "1930"))
    assert values(task("When was the mill last worked?", *texts)) == ["1921", "1955", "1930"]


def test_two_versions_alone_do_not_say_that_the_question_is_answered() -> None:
    found = disagreement(task("When was the mill last worked?", MILL, MILL.replace("1921", "1955")))
    assert found and found.of_versions
    days = disagreement(task(WHEN, EARLY, LONG))
    assert days and not days.of_versions

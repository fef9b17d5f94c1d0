"""A question that nobody could answer is asked back; a name, a word or a topic is a search."""

from __future__ import annotations

import time

import pytest

from rag.types import Evidence, Turn
from rag.understand.unclear import ask_back, unclear


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("When did he arrive?", "Whom do you mean by “he”?"),
        ("Who is she?", "Whom do you mean by “she”?"),
        ("Where do they live?", "Whom or what do you mean by “they”?"),
        ("What about him?", "Whom do you mean by “him”?"),
        ("Which report?", "Which report do you mean, and what do you want to know about it?"),
        ("Why?", "“Why” of what? Please ask the whole question."),
        ("Which one?", "“Which” of what? Please ask the whole question."),
        ("What services does this library offer?", "Which library do you mean?"),
        ("Does this restaurant deliver?", "Which restaurant do you mean?"),
        ("Does this hotel have a pool?", "Which hotel do you mean?"),
        ("Does this insurance cover theft?", "Which insurance do you mean?"),
        ("What is on this menu?", "Which menu do you mean?"),
    ],
)
def test_a_question_about_nobody_is_asked_back(question: str, asked: str) -> None:
    assert unclear(question, []) == asked


@pytest.mark.parametrize(
    "question",
    [
        "Blinken",
        "balloon",
        "summary",
        "Data isolation",
        "Can I use those biodegradable bags for my scraps?",
        "What is this about?",
        "What does this report say about Taiwan?",
        "Who wrote these documents?",
        "Summarise this.",
        "What happened this week?",
        "When did Blinken say he would come?",
        "how many wives did henry say he had",
        "Why did the president say he would resign?",
        "Is it true that they resigned, the ministers of France?",
        "Is this different from that?",
        "In what year did Massachusetts first require children to be educated in schools?",
    ],
)
def test_an_ordinary_question_is_not(question: str) -> None:
    assert unclear(question, []) is None


REFUNDS = [Turn("user", "What is the refund policy?"), Turn("assistant", "Courses are refunded within 14 days.")]


@pytest.mark.parametrize("history", [[], REFUNDS])
@pytest.mark.parametrize(
    "question",
    [
        "Does this apply to cats?",
        "When did this change?",
        "How does this affect tenants?",
        "When did this happen?",
        "Does this include breakfast?",
        "Does this cost extra?",
        "How long does this take?",
        "Did this work?",
        "Why did these increase?",
        "Should this replace the old form?",
        "Did this trigger alarms?",
        "What happens if this expires?",
    ],
)
def test_a_this_before_a_verb_points_at_what_was_said(question: str, history: list[Turn]) -> None:
    assert unclear(question, history) is None


@pytest.mark.parametrize("question", ["What courses start this semester?", "What happened this Easter?"])
def test_this_semester_is_the_present_one(question: str) -> None:
    assert unclear(question, []) is None


@pytest.mark.parametrize(
    "question",
    [
        "If they hear the alarm, what must staff do?",
        "If they are late, are guests refunded?",
        "When they leave, what must tenants return?",
        "Once she was hired, what did the director change?",
        "Before they travel, do employees need approval?",
    ],
)
def test_they_may_be_named_behind_the_clause_that_speaks_of_them(question: str) -> None:
    assert unclear(question, []) is None


@pytest.mark.parametrize("question", ["What does he/she sign?", "When does he or she pay?"])
def test_he_or_she_is_anybody(question: str) -> None:
    assert unclear(question, []) is None


def test_a_question_that_says_enough_is_answered_whoever_they_are() -> None:
    assert unclear("Did they move every item to the new shop?", []) is None


@pytest.mark.parametrize("text", ["this a b ", "these ", "he ", "if ", "this      "])
def test_a_long_question_is_clear_in_no_time(text: str) -> None:
    began = time.thread_time()
    assert unclear(text * (8000 // len(text)), REFUNDS) is None
    assert time.thread_time() - began < 0.5


def test_what_was_spoken_of_is_clear() -> None:
    history = [Turn("user", "Does the city have a library?"), Turn("assistant", "Yes, Bruggemeyer Library.")]
    assert unclear("When does this library open?", history) is None
    assert unclear("When did he arrive?", [Turn("user", "Is Blinken in Beijing?"), Turn("assistant", "Yes.")]) is None


def sentence(text: str, document: str = "a") -> Evidence:
    return Evidence(document, f"{document}:0", 0, len(text), text, 0.5)


BLINKEN = sentence("Antony Blinken arrived on Sunday.")
AGAIN = sentence("Antony Blinken met Wang Yi in the evening.", "b")


def test_names_from_the_documents_are_offered() -> None:
    said = ask_back("When did he arrive?", [], [BLINKEN, AGAIN])
    assert said == "Whom do you mean by “he”? Your documents speak of Antony Blinken and Wang Yi, for example."


def test_a_single_document_says_itself_whom_it_is_about() -> None:
    assert ask_back("When did he arrive?", [], [BLINKEN, sentence("He met Wang Yi.")]) is None


def test_this_library_is_the_one_that_all_of_the_nearest_sentences_are_of() -> None:
    near = [sentence("The library lends books.")] * 5
    assert ask_back("What does this library lend?", [], [*near, sentence("A bus goes there.", "b")]) is None
    assert ask_back("What does this library lend?", [], [sentence("Books.", "b"), *near]) is not None

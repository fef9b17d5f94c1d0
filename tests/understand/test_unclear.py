"""A question that nobody could answer is asked back; a name, a word or a topic is a search."""

from __future__ import annotations

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

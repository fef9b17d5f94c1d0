"""A question that asks two things is two searches; a list of names, of verbs or of years is one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.understand.parts import MOST, parts
from rag.words import content


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "When did the talks begin and who led them?",
            ["When did the talks begin?", "who led the talks?"],
        ),
        (
            "How many people came to the summit, and where was it held?",
            ["How many people came to the summit?", "where was the summit held?"],
        ),
        (
            "What is the weight of the pump and how long is its cable?",
            ["What is the weight of the pump?", "how long is the pump’s cable?"],
        ),
        (
            "How many cats may I keep and what does it cost?",
            ["How many cats may I keep?", "what does it cost (cats may I keep)?"],
        ),
        (
            "Can I bring my dog and how much does it cost?",
            ["Can I bring my dog?", "how much does it cost to bring my dog?"],
        ),
        (
            "When does the tour start and how long does it take?",
            ["When does the tour start?", "how long does the tour take?"],
        ),
        ("How many ships sank, and where?", ["How many ships sank?", "where ships sank?"]),
        ("When did Blinken arrive and why?", ["When did Blinken arrive?", "why did Blinken arrive?"]),
        ("Who is Yun Sun? Where does she work?", ["Who is Yun Sun?", "Where does Yun Sun work?"]),
        (
            "Is Burning Mountain an active volcano and can you climb it?",
            ["Is Burning Mountain an active volcano?", "can you climb Burning Mountain?"],
        ),
        (
            "What is HAART therapy and how does it differ from AZT?",
            ["What is HAART therapy?", "how does HAART differ from AZT?"],
        ),
    ],
)
def test_two_things_asked_are_two_questions(question: str, expected: list[str]) -> None:
    assert parts(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Who met Simon and Garfunkel?",
        "What happened between 1914 and 1918?",
        "What did Smith say about how engines work and why they fail?",
        "Which report explains what happened and who is to blame?",
        "What is the difference between who and whom?",
        "When and where was Ada Lovelace born?",
        "Who wrote and directed the film?",
        "Which river flows through Paris and is longer than the Thames?",
        "What was lost and found again?",
        "Why is it said that dogs and cats do not get along?",
        'Who sang "Who are you and what do you want"?',
        "Blinken and Yellen",
        "Who?",
        "",
    ],
)
def test_one_thing_asked_is_one_question(question: str) -> None:
    assert parts(question) == [question]


def test_what_is_said_beside_a_question_stays_with_it() -> None:
    assert parts("I am new here. How do I get a library card?") == ["I am new here. How do I get a library card?"]
    assert parts("How do I get a card? I am new here.") == ["How do I get a card? I am new here."]


def test_a_questionnaire_is_cut_into_a_few_parts_and_loses_none() -> None:
    found = parts(" ".join(f"Where is town number {n}?" for n in range(9)))
    assert len(found) == MOST
    assert all(str(n) in content(" ".join(found)) for n in range(9))


@given(st.text(max_size=120))
def test_parts_keep_every_word_that_was_asked(question: str) -> None:
    found = parts(question)
    assert found and (len(found) > 1 or found == [question])
    asked = content(question)
    assert content(" ".join(found)) >= asked or len(found) > 1


@given(
    st.lists(st.sampled_from(["Who led the talks", "When did Rome fall", "Where is Lake Como"]), min_size=1, max_size=4)
)
def test_questions_that_stand_alone_come_apart_as_they_were(asked: list[str]) -> None:
    whole = [f"{question}?" for question in dict.fromkeys(asked)]
    assert parts(" ".join(whole)) == whole


@pytest.mark.parametrize(
    "text", ["Who and ", "Who is Ab and who is Bc and ", "Who is Ab? ", "how is it and how much is it "]
)
def test_a_question_of_nothing_but_joints_takes_no_time(text: str) -> None:
    began = time.thread_time()
    assert 1 <= len(parts(text * (8000 // len(text)))) <= MOST
    assert time.thread_time() - began < 2, "and not minutes"


def test_a_gap_of_thousands_of_blanks_takes_no_time() -> None:
    began = time.thread_time()
    parts(f"and what about{' ' * 8000}x?")
    assert time.thread_time() - began < 0.3

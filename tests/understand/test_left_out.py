"""A fragment takes the last question with its words in place of what they stand beside, or of nothing."""

from __future__ import annotations

import time

import pytest

from rag.types import Turn
from rag.understand.follow_up import Understanding, understand


def after(question: str, fragment: str, answer: str = "No.") -> Understanding:
    return understand(fragment, [Turn("user", question), Turn("assistant", answer)])


@pytest.mark.parametrize(
    ("question", "fragment", "meant"),
    [
        ("Does the warranty cover batteries?", "And screens?", "Does the warranty cover screens?"),
        ("How many cats may I keep?", "And dogs?", "How many dogs may I keep?"),
        ("What is the boiling point of water?", "And of ethanol?", "What is the boiling point of ethanol?"),
        ("Who is the mayor of Lisbon?", "of Porto?", "Who is the mayor of Porto?"),
        ("Who is the mayor of Lisbon?", "And Porto?", "Who is the mayor of Porto?"),
        ("What is the population of Lisbon?", "What about Porto?", "What is the population of Porto?"),
        ("What is the rent in Oslo?", "And in Bergen?", "What is the rent in Bergen?"),
        ("What are the fees for members?", "And for guests?", "What are the fees for guests?"),
        ("What does a ticket cost?", "And for children?", "What does a ticket cost for children?"),
        ("How many days of leave do we get?", "And in Germany?", "How many days of leave do we get in Germany?"),
        ("Does it cover damage by water?", "And by fire?", "Does it cover damage by fire?"),
        ("When does the museum open?", "And the library?", "When does the library open?"),
        ("Did Ann Lee visit Oslo?", "And Bo Ek?", "Did Bo Ek visit Oslo?"),
        ("Did Ann Lee visit Oslo?", "In May?", "Did Ann Lee visit Oslo in May?"),
        ("Who was at the meeting?", "And Ann Lee?", "Was Ann Lee at the meeting?"),
        ("What does Section 4 say?", "And Section 5?", "What does Section 5 say?"),
        ("Which meter drifted the most?", "And the least?", "Which meter drifted the least?"),
        ("When is the first payment due?", "And the second?", "When is the second payment due?"),
        ("Was the pool shut?", "Why?", "Why was the pool shut?"),
    ],
)
def test_new_words_are_put_for_what_is_like_them(question: str, fragment: str, meant: str) -> None:
    assert after(question, fragment) == Understanding(meant, is_sure=True)


@pytest.mark.parametrize(
    ("question", "fragment"),
    [
        ("Does the warranty cover batteries?", "And the screen?"),
        ("Does the warranty cover theft?", "And flooding?"),
        ("Does the policy insure phones?", "And bikes?"),
        ("Does the warranty cover batteries?", "Why not?"),
        ("What is our refund policy?", "And exchanges?"),
        ("When does the museum open?", "And close?"),
        ("How do I clean the filter?", "And replace?"),
        ("What is the price of the red bike?", "How about delivery?"),
        ("What is the price of the red bike?", "And the blue?"),
        ("How long is the warranty?", "And the cost?"),
        ("How heavy is the pump?", "And its price?"),
        ("What is the boiling point of water?", "and its freezing point?"),
        ("What are the fees for members?", "And non-members?"),
        ("Which party won the election?", "And the second?"),
        ("Who is the mayor of Lisbon?", "And Ann Lee?"),
        ("When does the course start?", "And Ann Lee?"),
        ("Is smoking allowed in the flat?", "And on the balcony?"),
        ("What does a ticket to the zoo cost?", "And to the museum?"),
        ("When does the mayor of Lisbon resign?", "of Porto?"),
        ("How many days of leave do employees get?", "Can they carry them over?"),
        ("When is the rent due?", "What if I pay late?"),
    ],
)
def test_what_may_stand_for_several_things_is_not_sure(question: str, fragment: str) -> None:
    said = after(question, fragment)
    assert not said.is_sure
    assert said.text.startswith(question)


def test_what_was_only_understood_as_two_questions_gets_no_third_that_is_sure() -> None:
    history = [Turn("user", "Is the bridge shut?"), Turn("assistant", "Yes."), Turn("user", "any bus?")]
    assert not understand("on Sundays?", [*history, Turn("assistant", "A shuttle.")]).is_sure


def test_an_abbreviation_is_nobody_unless_it_does_something() -> None:
    offers = "Option A: a new heat exchanger at £1,290 plus VAT."
    assert not after("How much is it to mend the boiler?", "which did they go for", offers).is_sure
    assert after("What does NASA plan?", "When do they start?", "A trip.").text == "When do NASA start?"


def test_one_person_by_two_names_is_not_two() -> None:
    said = after("Did Neil come?", "When will they be finished?", "Neil Oakshott came. He mends the roof.")
    assert "and" not in said.text


@pytest.mark.parametrize("text", ["and x" + " " * 8000 + "y", "he " * 2600, "and " * 2000 + "? x", "they " * 1600])
def test_a_long_follow_up_takes_no_time(text: str) -> None:
    began = time.thread_time()
    after("When did Ann Lee visit Oslo?", text, "Ann Lee and Bo Ek came in May.")
    assert time.thread_time() - began < 0.7

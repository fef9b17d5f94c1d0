"""What kind of thing a question asks for: a "when" asks for a time only where it is what is asked."""

from __future__ import annotations

import time

import pytest

from rag.understand.kind import holds, is_yes_or_no, kind_of


@pytest.mark.parametrize(
    "question",
    [
        "When does it open?",
        "and when?",
        "when rent due",
        "rent due when?",
        "When's the party?",
        "By when do we have to pay?",
        "Since when has it been shut?",
        "Who leads the talks, and when did they begin?",
        "Where and when was Ann Lee born?",
        "When, where and why did he go?",
        "When in 2020 did they leave?",
        "Can you tell me when he was born?",
        "Does the lease say when it ends?",
        "The bridge, when was it built?",
        "The price is stable until when?",
        "Who is Bo Ek? When did he come?",
    ],
)
def test_a_when_that_is_asked_wants_a_time(question: str) -> None:
    assert kind_of(question) == "time"


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What should staff do when the alarm sounds?", ""),
        ("When the alarm sounds, what should staff do?", ""),
        ("When I leave do I get my deposit back?", ""),
        ("When leaving, must I lock up?", ""),
        ("Is location important when I buy a house?", ""),
        ("What did he say when he was arrested?", ""),
        ("How do I know when the tea is ready?", ""),
        ("Who was king when Will left?", "person"),
        ("Where does the bus park when we visit?", "name"),
        ("How much notice is needed when a tenant leaves?", "number"),
        ("When on leave, whom do I call?", "person"),
    ],
)
def test_a_when_that_only_says_when_asks_for_nothing(question: str, kind: str) -> None:
    assert kind_of(question) == kind


@pytest.mark.parametrize(
    "text", ["when ", "when, ", "? and ", "what is 1 ", "know ", "when on ", ": what ", "what does a "]
)
def test_the_kind_of_a_long_question_takes_no_time(text: str) -> None:
    began = time.thread_time()
    kind_of(text * (8000 // len(text)))
    assert time.thread_time() - began < 0.5


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("whats a term of life drawing cost", "number"),
        ("What did we spend on heat and power in 2023?", "number"),
        ("what do I pay to get my name on the seat?", "number"),
        ("What will I be charged if I bring it back late?", "number"),
        ("The coating, what does Pellbrook charge for that?", "number"),
        ("number of audiobooks lent out", "number"),
        ("hours per week of the head librarian", "number"),
        ("The number of members fell after what year?", "time"),
        ("What force acts on a charge?", ""),
        ("What happens if I don't pay on time?", ""),
        ("What benefits do employees get at no cost?", ""),
        ("What does the insurance pay for?", ""),
        ("What do I pay for as a tenant?", ""),
        ("What do we pay the cleaner?", "number"),
        ("What did we pay for heating?", "number"),
        ("What repairs does the tenant have to pay for?", ""),
        ("What is the deadline to pay?", ""),
        ("What drives the cost?", ""),
        ("What day do I pay?", "time"),
        ("What does the trust pay Ann to do?", ""),
        ("When is the camp and what do I pay for one child?", "time"),
    ],
)
def test_a_sum_may_be_asked_for_with_what(question: str, kind: str) -> None:
    assert kind_of(question) == kind


@pytest.mark.parametrize(
    "question",
    [
        "Can we have candles at a concert?",
        "do we have to pay rent after a fire",
        "Will they be back by noon?",
        "I'm on the front desk, may I work from home?",
        "If I sell it, does the guarantee pass on?",
        "When it rains, is the roof open?",
        "Are there showers on the site?",
        "Did it show a profit?",
    ],
)
def test_what_is_decided_by_yes_or_no_is_seen_as_that(question: str) -> None:
    assert is_yes_or_no(question)


@pytest.mark.parametrize(
    "question",
    [
        "Can you tell me when it opens?",
        "Do we know who came?",
        "Do the documents say what it costs?",
        "Hi, could you shed some light on the rules?",
        "Ann Lee, is a writer, she worked for which paper?",
        "When is the fair, and is it free?",
    ],
)
def test_what_is_only_put_as_yes_or_no_asks_for_more(question: str) -> None:
    assert not is_yes_or_no(question)


def test_what_time_asks_for_a_time_of_day() -> None:
    assert kind_of("What time do we meet?") == kind_of("until what time may we play?") == "time of day"
    assert kind_of("What time of the year is best?") == "time"
    for text in ("We meet at 8:15.", "At 4 p.m.", "a quarter past ten in the evening", "It opens at nine."):
        assert holds("time of day", frozenset(), text)
    assert not holds("time of day", frozenset(), "We meet on 5 June, for 16.50 each or 340 in all.")

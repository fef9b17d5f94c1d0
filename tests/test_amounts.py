"""Which numbers of which sentences can be compared."""

from __future__ import annotations

import pytest

from rag.amounts import Amount, alike, amount
from rag.words import numbers


def compared(question: str, *texts: str) -> list[Amount]:
    read = (amount(text, numbers(question)) for text in texts)
    return alike([one for one in read if one], question)


@pytest.mark.parametrize(
    ("question", "texts", "shown"),
    [
        (
            "How many pages were seized?",
            ("They took 11 sets of papers.", "It took 15 boxes.", "He saw three people."),
            1,
        ),
        ("How many people live in Rome?", ("Three million people live there.", "Rome has two million people."), 2),
        ("How long is the bridge?", ("It is 10km long.", "From end to end it measures 12 km."), 2),
        ("How tall is the tower?", ("It is 830 m tall.", "It rises 828 metres."), 2),
        ("How much does a room cost?", ("A room is $400.", "They ask $350 for a room.", "It has 90 rooms."), 2),
        ("How much does a room cost?", ("A room is $400.", "They ask 350 euros for it."), 1),
        ("How many rupees is it?", ("It is 400 rupees.", "It is 350 rupees.", "It is 9 miles."), 2),
        ("How long is it?", ("It takes 5 h.", "It takes 6 hours."), 2),
        ("How many rooms has it?", ("It has 400 rooms.", "Its rooms number 350."), 2),
        ("How many people attended the fair?", ("400 attended the fair.", "350 people came."), 2),
        ("How many rooms has it?", ("It has 400 new rooms.", "It has 9 new cooks."), 1),
        ("How many days was he there?", ("He was there for 4 days.", "He was 61 years old then."), 1),
        ("How many rooms has it?", ("It has 400 rooms.", "It was built in 1906.", "It has 4K rooms."), 1),
        ("How many rooms has it?", ("It has 400 rooms.", "It has four hundred rooms."), 1),
        ("How many rooms has it?", ("It has 400 rooms on 3 floors.",), 0),
    ],
)
def test_only_what_counts_the_same_is_compared(question: str, texts: tuple[str, ...], shown: int) -> None:
    assert len(compared(question, *texts)) == shown


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It lasts 14 days.", "It lasts two weeks."),
        ("It takes 60 minutes.", "It takes 1 hour."),
        ("$400", "400 dollars"),
    ],
)
def test_the_same_in_other_words_is_the_same(one: str, other: str) -> None:
    found = [amount(text, frozenset()) for text in (one, other)]
    assert all(found) and len({(value.key, value.unit) for value in found if value}) == 1


def test_five_days_and_five_weeks_and_five_months_are_three() -> None:
    found = [amount(f"It takes 5 {unit}.", frozenset()) for unit in ("days", "weeks", "months")]
    assert len({value.key for value in found if value}) == 3


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A room costs $400 a night.", "$400"),
        ("A room costs 350 dollars a night.", "350 dollars"),
        ("It has 15 boxes of presidential papers.", "15 boxes"),
        ("It has 90 other guests.", "90 other guests"),
        ("It is 60% full.", "60%"),
    ],
)
def test_an_amount_is_shown_with_what_it_counts(text: str, shown: str) -> None:
    found = amount(text, frozenset())
    assert found and found.shown.startswith(shown)

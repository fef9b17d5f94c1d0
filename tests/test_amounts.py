"""Which numbers of which sentences can be compared."""

from __future__ import annotations

import pytest

from rag.amounts import Amount, amounts, counted_by
from rag.words import numbers


def compared(question: str, *texts: str) -> list[Amount]:
    read = [one for text in texts for one in amounts(text, numbers(question))]
    counts = counted_by(question, read)
    return [one for one in read if counts(one)]


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
        ("How many rooms has it?", ("It has 400 rooms on 3 floors.",), 1),
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
    found = [value for text in (one, other) for value in amounts(text, frozenset())]
    assert len(found) == 2 and len({(value.key, value.unit) for value in found}) == 1


def test_five_days_and_five_weeks_and_five_months_are_three() -> None:
    found = [value for unit in ("days", "weeks", "months") for value in amounts(f"It takes 5 {unit}.", frozenset())]
    assert len({value.key for value in found}) == 3


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
    (found,) = amounts(text, frozenset())
    assert found.shown.startswith(shown)


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("1. The contract of 14 March 2024 is worth 38.5 million euros.", ["38.5 million euros"]),
        ("2.2 It was hung from hangers 42 and 43 and fell with one person aboard.", ["one person aboard"]),
        ("Doors open at 6.40am, and 300 people came by 9:15.", ["300 people came"]),
        ("Seven people were injured, two of them seriously.", ["Seven people"]),
        ("At Skerra 91.4 per cent of the votes were in favour.", ["91.4 per cent"]),
    ],
)
def test_days_times_and_numbers_of_paragraphs_count_nothing(text: str, counted: list[str]) -> None:
    assert [one.shown for one in amounts(text, frozenset())][:1] == counted


@pytest.mark.parametrize(
    ("text", "holds", "old"),
    [
        ("Five people were injured, not seven people.", "Five people", "seven people"),
        ("It will cost 1,150 jobs and not 600 jobs.", "1,150 jobs", "600 jobs"),
        ("In return 720 jobs will go, up from 600 jobs.", "720 jobs", "600 jobs"),
        ("The toll was raised from 2 euros to 3 euros.", "3 euros", "2 euros"),
    ],
)
def test_a_number_that_no_longer_holds_is_told_from_the_one_that_does(text: str, holds: str, old: str) -> None:
    found = amounts(text, frozenset())
    assert [one.shown for one in found if not one.superseded] == [holds]
    assert [one.shown for one in found if one.superseded] == [old]


def test_a_range_is_no_change() -> None:
    found = amounts("Tickets from 2 euros to 3 euros are sold at the door.", frozenset())
    assert not any(one.superseded for one in found)

"""What has ended since is shown beside what says how it began, and who denies a rumour beside the rumour."""

from __future__ import annotations

import pytest

from rag.ended import endings
from rag.rumours import denials
from rag.task import Task
from rag.types import Evidence

ELECTED = "5. Treasurer: Teo Marsh was elected treasurer for two years."
RESIGNS = "3. Teo resigns as treasurer for family reasons."
FOLLOWS = "Sun-hi takes over until the general meeting."


def task(question: str, *texts: str, places: str = "123456", dates: tuple[str | None, ...] = ()) -> Task:
    """Return a question over sentences that stand one behind another, in the lines that `places` says."""
    evidence, start = [], 0
    for at, text in enumerate(texts):
        document = f"d{at}" if dates else "d"
        item = Evidence(document, "p", start, start + len(text), text, 0.9 - at / 100, place=f"line {places[at]}")
        evidence.append(item if not dates else Evidence(document, "p", 0, len(text), text, 0.9, published_at=dates[at]))
        start += len(text) + 1
    return Task(question, question, tuple(evidence), answerable=0.99, missing=(), searched=1, situation="whole")


def test_who_is_something_no_more_is_shown_with_who_follows() -> None:
    assert endings(task("Who is the treasurer?", ELECTED, RESIGNS, FOLLOWS, places="122"), [0]) == [1, 2]
    assert endings(task("Who is the treasurer?", ELECTED, RESIGNS, FOLLOWS, places="122"), [0, 1]) == [2]


def test_who_gives_something_up_is_followed_by_who_takes_it_over() -> None:
    texts = ("The kiosk is run by Lena Marsh.", "Lena Marsh gives up the kiosk.", "Omar Diaz takes it over.")
    assert endings(task("Who runs the kiosk?", *texts, places="122"), [0]) == [1, 2]


def test_a_decision_that_is_reversed_under_the_same_label_is_shown() -> None:
    texts = (
        "1. Laser cutter: three offers.",
        "1. Laser cutter: Lumio cannot deliver.",
        "Decision reversed: we buy Kestrel.",
    )
    assert endings(task("Which laser cutter did we buy?", *texts, places="122"), [0]) == [2]


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        ("Who is the treasurer?", (RESIGNS, ELECTED)),  # elected after that
        ("Who was the treasurer?", (ELECTED, RESIGNS)),  # what was is asked
        ("Who is the treasurer?", (ELECTED, "Ann resigns as secretary.")),  # of something else
        ("Who is the treasurer?", (ELECTED, "Has the treasurer Teo resigned?")),  # a question
    ],
)
def test_what_ended_before_or_is_of_something_else_is_not_shown(question: str, texts: tuple[str, ...]) -> None:
    first = texts.index(ELECTED)
    assert endings(task(question, *texts), [first]) == []


@pytest.mark.parametrize(
    ("question", "quote", "later"),
    [
        (
            "What is Bettany paid?",
            "Bettany joins as Saturday assistant, £11.80 an hour.",
            "Samir no longer answers the phone; Bettany does that on Saturdays.",
        ),
        (
            "How much has the trust raised?",
            "The trust has raised $4 million, its chair Ed Moss said.",
            "Ed Moss, who led the trust for eight years, stepped down.",
        ),
        (
            "How much does the coffee machine cost?",
            "The coffee machine costs us £60 a month.",
            "The coffee machine was replaced after it leaked.",
        ),
        ("How many does the east terrace seat?", "The east terrace seats 80.", "The east terrace is no longer heated."),
        ("When does the bike shop open?", "The bike shop opens at 9 am.", "The bike shop closes at 5 pm."),
        (
            "Where is the old school?",
            "The old school is on Hill Road.",
            "The old school on Hill Road, which no longer has a gym, took in 58 people.",
        ),
    ],
)
def test_what_ends_beside_what_was_asked_is_not_shown(question: str, quote: str, later: str) -> None:
    assert endings(task(question, quote, later), [0]) == []


def test_what_the_quote_says_is_no_longer_so_is_shown() -> None:
    texts = ("Bus 14 crosses the river at noon.", "Bus 14 no longer crosses the river.")
    assert endings(task("What does bus 14 cross?", *texts), [0]) == [1]
    texts = ("Pensioners get a discount of 10%.", "The discount for pensioners was abolished.")
    assert endings(task("How much is the discount for pensioners?", *texts), [0]) == [1]


def test_of_other_documents_only_a_newer_one_tells_of_an_end() -> None:
    asked = "Who is the treasurer?"
    assert endings(task(asked, ELECTED, RESIGNS, dates=("2031-01-14", "2031-04-08")), [0]) == [1]
    assert endings(task(asked, ELECTED, RESIGNS, dates=("2031-01-14", None)), [0]) == []


RUMOUR = "Rumours that the Harbour Grill had supplied the oysters are being spread."
DENIED = "We know that the Harbour Grill had nothing to do with it, she said."


def test_a_rumour_is_shown_with_who_denies_it() -> None:
    asked = "Did the Harbour Grill supply the oysters?"
    assert denials(task(asked, RUMOUR, "The oysters came from the bay.", DENIED), [0]) == [2]
    assert denials(task(asked, RUMOUR, "We know that the Blue Anchor had nothing to do with it."), [0]) == []
    assert denials(task(asked, "The Harbour Grill supplied the oysters.", DENIED), [0]) == []

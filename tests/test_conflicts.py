"""A disagreement is shown when two documents give one thing two values, and not when they don't."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answer import respond
from rag.conflicts import disagreement
from rag.task import Task
from rag.types import Done, Evidence

WHEN = "On which dates is Blinken in China?"
EARLY = "Blinken holds meetings in China on June 18-19."
LONG = "Blinken visits China from June 16 to 21."


def task(question: str, *texts: str, documents: str = "abcdefg", dates: tuple[str | None, ...] = ()) -> Task:
    evidence = tuple(
        Evidence(documents[i], f"p{i}", 0, len(text), text, 0.9 - i / 100, published_at=dates[i] if dates else None)
        for i, text in enumerate(texts)
    )
    return Task(question, question, evidence, answerable=0.99, missing=(), searched=len(texts), situation="whole")


def values(found: Task) -> list[str]:
    conflict = disagreement(found)
    return [stance.value for stance in conflict.stances] if conflict else []


@pytest.mark.parametrize(
    ("question", "texts", "expected"),
    [
        (WHEN, (EARLY, LONG), ["June 18-19", "June 16 to 21"]),
        (
            "When is Blinken in China?",
            (EARLY, "Blinken is in China from 16 to 21 June."),
            ["June 18-19", "16 to 21 June"],
        ),
        (
            "How many rooms has the Ritz?",
            ("The Ritz has 400 rooms.", "The Ritz has 350 rooms."),
            ["400 rooms", "350 rooms"],
        ),
        (
            "How much does the Ritz cost?",
            ("The Ritz costs $400 a night.", "The Ritz costs 350 dollars a night.", "The Ritz costs 9 guests a tip."),
            ["$400", "350 dollars"],
        ),
        (
            "How long does the Ritz keep a room?",
            ("The Ritz keeps a room for 5 days.", "The Ritz keeps a room for 5 weeks."),
            ["5 days", "5 weeks"],
        ),
        (
            "How many guests has the Ritz?",
            ("The Ritz has 400 rooms.", "The Ritz has 90 other guests.", "The Ritz has 80 guests of note."),
            ["90 other guests", "80 guests"],
        ),
    ],
)
def test_two_values_of_two_documents_are_two_sides(question: str, texts: tuple[str, ...], expected: list[str]) -> None:
    assert values(task(question, *texts)) == expected


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        (WHEN, (EARLY, "Blinken meets Xi in China on June 18–19.")),  # the same days in another dash
        (WHEN, (EARLY, "Blinken is in China in June.")),  # less exact, but no other day
        (WHEN, (EARLY, "Macron visits Chile on July 4.")),  # about somebody else
        (WHEN, (EARLY, "Blinken was in China on May 3 and on June 18.")),  # which of the two is not clear
        ("Who is in China?", (EARLY, LONG)),  # no question of days
        ("How many rooms has the Ritz?", ("The Ritz has 400 rooms.", "The Ritz was built in 1906.")),  # a year
        ("How many rooms has the Ritz?", ("The Ritz has 400 rooms.", "The Ritz has 9 cooks.")),  # of another thing
        ("How many beds has the Ritz?", ("The Ritz has 400 rooms.", "The Ritz has 9 cooks.")),  # none of them asked for
        ("How many rooms has the Ritz?", ("The Ritz has 400 rooms.", "The Ritz has 4K rooms.")),  # in short
        ("How many rooms has the Ritz?", ("The Ritz has 400 rooms.", "The Ritz has four hundred rooms.")),  # in words
        ("How many rooms has the Ritz?", ("The Ritz has 400 rooms.", "The Ritz has four hundred rooms on 5 floors.")),
    ],
)
def test_what_can_stand_together_is_no_conflict(question: str, texts: tuple[str, ...]) -> None:
    assert len(values(task(question, *texts))) < 2


VOTE = "When will the shareholders of the two airlines vote?"
FIRST_VOTE = "Shareholders of both airlines are to vote on 20 March."
HURT = "How many people were injured in the fire at Lindroth?"


@pytest.mark.parametrize(
    ("question", "texts", "expected"),
    [
        (
            VOTE,
            (FIRST_VOTE, "The votes of shareholders are put back and will be held on 27 March, the airlines said."),
            ["20 March", "27 March"],
        ),
        (
            "When do the bridge hearings start?",
            (
                "Hearings are to open on 27 January 2025.",
                "The opening of the hearings is moved from 27 January to 3 May.",
            ),
            ["27 January", "3 May"],
        ),
        (
            HURT,
            (
                "In the fire at Lindroth on Tuesday 19 people were injured, not 14 as first reported, said 2 officers.",
                "At least 14 people were injured, 3 of them badly, in the fire at Lindroth on 4 February.",
            ),
            ["19 people", "14 people"],
        ),
        (
            "How much is the contract with Bremont worth?",
            (
                "1. The contract of 14 March 2024 with Bremont has a value of 38.5 million euros.",
                "The contract, worth 41 million euros, went in March to Bremont, a company of 300 people.",
            ),
            ["38.5 million euros", "41 million euros"],
        ),
        (
            "When do the first pictures of Halcyon come?",
            (
                "The first pictures of Halcyon are expected on 16 June.",
                "The first pictures of Halcyon, due on 16 June, are now expected on 30 June.",
            ),
            ["16 June", "30 June"],
        ),
        (
            "When was the Acme hall built?",
            (
                "The Acme hall was built on June 18, 1923.",
                "The Acme hall, opened by a mayor, was built on June 18, 1932.",
            ),
            ["June 18 1923", "June 18 1932"],
        ),
        (
            "How many staff has Acme?",
            ("Acme has 1,600 staff.", "The staff of Acme is put at 1,900 staff."),
            ["1,600 staff", "1,900 staff"],
        ),
    ],
)
def test_what_one_report_corrects_in_another_has_two_sides(
    question: str, texts: tuple[str, ...], expected: list[str]
) -> None:
    assert values(task(question, *texts)) == expected


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        (  # the Council is named beside the day, not as whose it is
            "By when does the Competition Council decide?",
            (
                "The Council will decide by 30 April.",
                "She takes over on 1 July, provided that the Competition Council agrees.",
            ),
        ),
        (  # the first round is another one
            "How many votes did Keffler get?",
            ("Keffler got 11 votes.", "In the first round Keffler got nine votes."),
        ),
        ("When was Halcyon-1 launched?", ("Halcyon-2 is launched on 14 May.", "Halcyon-2 was launched on 21 May.")),
        (
            "How many people died in the fire at Lindroth?",
            (
                "A second worker died after the fire at Lindroth.",
                "In the fire at Lindroth 19 people were hurt.",
                "At least 14 people were hurt in the fire at Lindroth.",
            ),
        ),
        ("When is the meeting of Acme?", ("Acme meets on March 3, 2023.", "Acme meets on March 10, 2024.")),
        (
            "How many Presto cookers came back?",
            ("57 cookers of Presto came.", "Presto has 42 of the Presto 6 cookers."),
        ),
        (  # what happens is asked, not when
            "What happens when the Acme shop closes?",
            ("The Acme shop closes on June 3.", "By another note, the Acme shop closes on May 5."),
        ),
    ],
)
def test_what_tells_of_something_else_is_no_side(question: str, texts: tuple[str, ...]) -> None:
    assert values(task(question, *texts)) == []


def test_a_side_that_a_document_of_the_other_side_mentions_too_is_one_if_others_state_it() -> None:
    texts = (
        EARLY,
        "Blinken was to be in China on June 20.",
        "Blinken is in China on June 20.",
        "He is in China on June 20.",
    )
    assert values(task(WHEN, *texts, documents="aabc")) == ["June 18-19", "June 20"]


def test_the_likeliest_quote_stands_first_where_the_disagreement_is_on_something_else() -> None:
    unsure = task(
        "When is the Acme fair?",
        "The Acme fair is in the summer.",
        "Acme opens its shop on June 3.",
        "Acme opens its shop on May 5.",
    )
    *_, done = respond(unsure, None)
    assert isinstance(done, Done) and done.answer.text.startswith("The Acme fair")


PARTY = "When is the summer party?"
MOVED = "The summer party is moved from 19 June to 26 June, as the hall is painted."
OLD = "The summer party is on 19 June at the hall."


def test_a_mail_that_moves_what_it_quotes_below_shows_both_and_the_old_day_last() -> None:
    *_, done = respond(task(PARTY, OLD, MOVED, documents="aa"), None)
    assert isinstance(done, Done)
    (conflict,) = done.answer.conflicts
    assert [(side.value, side.corrected) for side in conflict.sides] == [("26 June", False), ("19 June", True)]
    assert done.answer.text.index("26 June") < done.answer.text.index("on 19 June")


def test_of_two_that_deny_each_other_none_is_the_last_word() -> None:
    texts = ("The merger costs 1,150 jobs and not 600.", "The merger costs 600 jobs and not 1,150.")
    found = disagreement(task("How many jobs does the merger cost?", *texts))
    assert found and [(side.value, side.corrected) for side in found.stances] == [
        ("1,150 jobs", False),
        ("600 jobs", False),
    ]


def test_two_values_of_one_document_are_no_conflict() -> None:
    assert values(task(WHEN, EARLY, LONG, documents="aa")) == []


def test_a_sentence_that_cannot_answer_is_no_side() -> None:
    found = task(WHEN, EARLY, LONG)
    other = replace(found, evidence=(found.evidence[0], replace(found.evidence[1], fits=False)))
    assert values(other) == []


def test_the_answer_quotes_both_sides_and_the_newer_stands_first() -> None:
    *_, done = respond(task(WHEN, EARLY, LONG, dates=("2023-06-14", "2023-06-16")), None)
    assert isinstance(done, Done)
    (conflict,) = done.answer.conflicts
    assert [(side.value, side.published_at) for side in conflict.sides] == [
        ("June 16 to 21", "2023-06-16"),
        ("June 18-19", "2023-06-14"),
    ]
    quoted = {citation.number: citation.quote for citation in done.answer.citations}
    assert [quoted[number] for side in conflict.sides for number in side.citations] == [LONG, EARLY]


def test_a_refusal_shows_no_conflict() -> None:
    *_, done = respond(replace(task(WHEN, EARLY, LONG), answerable=0.0), None)
    assert isinstance(done, Done) and done.answer.status == "not_found" and done.answer.conflicts == ()


def test_among_few_sentences_one_that_says_all_that_was_asked_is_a_side_however_unlikely() -> None:
    asked = task(
        "On which dates is the inner harbour closed?",
        *(
            "The inner harbour is closed on June 18-19, while it is dredged.",
            "The inner harbour is closed for dredging from June 16 to 21.",
        ),
    )
    first, second = asked.evidence
    unlikely = replace(asked, evidence=(replace(first, score=0.025), replace(second, score=0.001)))
    assert values(unlikely) == ["June 18-19", "June 16 to 21"]
    elsewhere = replace(second, text="The outer harbour is closed from June 16 to 21.", score=0.001)
    assert values(replace(unlikely, evidence=(unlikely.evidence[0], elsewhere))) == []


def test_among_many_documents_a_question_without_a_name_is_about_what_has_all_its_words() -> None:
    asked = "On which day was this naturalization act passed?"
    texts = ("The naturalization act was passed on 12 May.", "Another act was passed by them on 19 November.")
    assert values(replace(task(asked, *texts), situation="pool")) == []
    assert values(replace(task(asked, texts[0], f"{texts[1][:-1]}, on naturalization."), situation="pool")) == [
        "12 May",
        "19 November",
    ]


def test_what_says_no_more_than_what_kind_is_asked_for_need_not_be_said() -> None:
    texts = ("The act takes effect on June 1.", "By another source, the act takes effect on July 1.")
    found = replace(task("On what date does the act take effect?", *texts), situation="pool")
    assert values(found) == ["June 1", "July 1"]

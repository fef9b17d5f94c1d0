"""The time a question speaks of, and when it is that of the documents themselves."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.understand.period import Period, period

TODAY = date(2023, 6, 17)
"""A Saturday."""


@pytest.mark.parametrize(
    ("question", "start", "end"),
    [
        ("What happened on 2023-06-18?", "2023-06-18", "2023-06-18"),
        ("What happened on June 16, 2022?", "2022-06-16", "2022-06-16"),
        ("What happened on 16th June 2022?", "2022-06-16", "2022-06-16"),
        ("Who came in March?", "2023-03-01", "2023-03-31"),
        ("Who came in November?", "2022-11-01", "2022-11-30"),
        ("Who won in 1998?", "1998-01-01", "1998-12-31"),
        ("What was built in the 1990s?", "1990-01-01", "1999-12-31"),
        ("What happened after June 16?", "2023-06-17", None),
        ("Who ruled before 1800?", None, "1799-12-31"),
        ("What has changed since 2019?", "2019-01-01", None),
        ("What was said between 2019 and 2021?", "2019-01-01", "2021-12-31"),
        ("Was he there from June 16 to 21?", "2023-06-16", "2023-06-21"),
        ("What happened yesterday?", "2023-06-16", "2023-06-17"),
        ("Who resigned this week?", "2023-06-12", "2023-06-17"),
        ("Who resigned last week?", "2023-06-05", "2023-06-11"),
        ("Who resigned last month?", "2023-05-01", "2023-05-31"),
        ("Who resigned last year?", "2022-01-01", "2022-12-31"),
        ("What happened in the past three weeks?", "2023-05-27", "2023-06-17"),
    ],
)
def test_a_date_is_a_span_of_days(question: str, start: str | None, end: str | None) -> None:
    assert period(question, TODAY) == Period(start, end)


@pytest.mark.parametrize(
    "question",
    [
        "Who may visit Beijing?",
        "Did they march on Rome?",
        "May I ask who won?",
        "How were 1500 people saved?",
        "Which firm recalled 2,000 cars?",
        "What costs $1999?",
        "What happened on 2023-02-31?",
        "",
    ],
)
def test_what_only_looks_like_a_date_is_none(question: str) -> None:
    assert period(question, TODAY) is None


@pytest.mark.parametrize(
    ("question", "prefer"),
    [
        ("What is the latest figure?", "newest"),
        ("Who is currently the chairman?", "newest"),
        ("What does the oldest report say?", "oldest"),
        ("What did the first article claim?", "oldest"),
    ],
)
def test_the_newest_and_the_oldest_are_preferred(question: str, prefer: str) -> None:
    found = period(question, TODAY)
    assert found is not None and (found.prefer, found.strict) == (prefer, False)


def test_the_first_president_is_not_the_oldest_document() -> None:
    assert period("Who was the first president?", TODAY) is None


@pytest.mark.parametrize(
    "question",
    ["What do reports published before May say?", "What did articles from last month say?", "News since June 12?"],
)
def test_the_date_of_the_documents_rules_others_out(question: str) -> None:
    found = period(question, TODAY)
    assert found is not None and found.strict


@pytest.mark.parametrize(
    "question",
    [
        "What happened before May 2020?",
        "Which report from the State Department was about June 2020?",
        "Which news did Blinken hear in Beijing on June 18?",
    ],
)
def test_the_date_of_an_event_rules_no_document_out(question: str) -> None:
    found = period(question, TODAY)
    assert found is not None and not found.strict


def test_a_period_says_which_dates_are_within_and_how_far_others_are() -> None:
    week = Period("2023-06-12", "2023-06-18")
    assert [week.holds(day) for day in ("2023-06-12", "2023-06-18T09:00", "2023-06-19", "2023-06", None)] == [
        True, True, False, True, True,
    ]  # fmt: skip
    assert [week.days_off(day) for day in ("2023-06-10", "2023-06-14", "2023-06-20", None, "soon")] == [
        2, 0, 2, None, None,
    ]  # fmt: skip


@given(st.text(max_size=100), st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)))
def test_any_question_on_any_day_has_a_period_in_order_or_none(question: str, today: date) -> None:
    found = period(question, today)
    if found and found.start and found.end:
        assert date.fromisoformat(found.start) <= date.fromisoformat(found.end)


@given(
    st.sampled_from(["before", "after", "since", "in", "until", "last", "3", "two"]),
    st.sampled_from(["0001-01-01", "9999-12-31", "December 9999", "1500", "2099", "February 29", "years ago", "week"]),
    st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)),
)
def test_the_ends_of_the_calendar_are_no_error(word: str, said: str, today: date) -> None:
    period(f"What happened {word} {said}?", today)

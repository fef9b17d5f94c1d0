from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.load.dates import stated_date


@pytest.mark.parametrize(
    "line",
    [
        "2023-06-15",
        "date: 2023-06-15",
        "Date: '2023-06-15T10:30:00Z'",
        "Published: 15 June 2023",
        "Published on June 15, 2023",
        "First published Thu 15 Jun 2023, 10:00",
        "**Posted:** Thursday, June 15th, 2023",
        "June 15, 2023",
        "Thursday, 15 June 2023 | World",
        "15.06.2023",
        "BEIJING, June 15, 2023 (Reuters) – Antony Blinken will visit China.",
        "By Jane Doe | June 15, 2023",
    ],
)
def test_a_date_that_stands_for_the_text_is_read(line: str) -> None:
    assert stated_date(f"A title\n\n{line}\n\nText.") == "2023-06-15"


@pytest.mark.parametrize(
    "line",
    [
        "The talks of June 15, 2023 led nowhere.",
        "June 15, 2023 was a Thursday.",
        "On June 15, 2023, Blinken left.",
        "06/07/2023",
        "2023-13-45",
        "June 2023",
        "February 30, 2023",
        "Washington: on Wednesday",
    ],
)
def test_a_date_of_something_else_or_an_unclear_one_is_not(line: str) -> None:
    assert stated_date(f"A title\n\n{line}\n\nText.") is None


def test_only_the_top_of_a_text_is_looked_at() -> None:
    assert stated_date("A line.\n" * 40 + "2023-06-15\n") is None


def test_what_is_called_the_date_of_publication_comes_before_other_dates() -> None:
    assert stated_date("2023-06-20\nPublished: 2023-06-15\n") == "2023-06-15"


@given(st.text())
def test_no_text_is_too_odd(text: str) -> None:
    found = stated_date(text)
    assert found is None or len(found) == 10

"""A question typed without capitals gets those that its documents write, and nothing else is changed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.understand.casing import cased

LETTER = (
    "Sorry to hear of your knee. Physiotherapy with Callum Reyes starts in March, six sessions.\n"
    "She asked when Ruth could row again. The hall is booked; the Hall Trust pays. You may see the hall at Haverlow.\n"
    "Notes Of The Yearly Meeting In Spring\nPayment Terms\n"
    "Pump room: READ BEFORE USE and after. Wash it.\n"
    "Hattie Crowe will bring the keys. We asked the committee whether the keys fit.\n"
)


def having(words: Sequence[str]) -> list[str]:
    return [LETTER] if any(word in LETTER.lower() for word in words) else []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("when does ruth row again?", "when does Ruth row again?"),
        ("what's callum reyes' number", "what's Callum Reyes' number"),
        ("is ruth's knee better in march?", "is Ruth's knee better in March?"),
        ("and hattie crowe's?", "and Hattie Crowe's?"),
        ("who pays for the hall", "who pays for the hall"),
        ("no sorry, the yearly meeting", "no sorry, the yearly meeting"),
        ("who has the keys of the committee?", "who has the keys of the committee?"),
        ("When does ruth row again?", "When does ruth row again?"),
        ("when do I meet ruth?", "when do I meet Ruth?"),
        ("what are the payment terms?", "what are the payment terms?"),
        ("when can we use it?", "when can we use it?"),
        ("", ""),
    ],
)
def test_names_get_the_capitals_of_the_documents(typed: str, meant: str) -> None:
    assert cased(typed, having) == meant


def test_a_question_with_a_capital_of_its_own_is_not_looked_up() -> None:
    assert cased("when does Ruth meet callum?", lambda words: pytest.fail("looked up")) == "when does Ruth meet callum?"


WORDS = st.sampled_from(["ruth", "Ruth", "RUTH", "hall", "Hall", "straße", "mcKay", "3", "is", "I", "é", "İd"])
LINES = st.lists(st.lists(WORDS, max_size=6).map(" ".join), max_size=4).map("\n".join)


@given(st.lists(WORDS, max_size=6).map(" ".join), LINES)
def test_nothing_but_capitals_changes(question: str, text: str) -> None:
    assert cased(question, lambda words: [text]).lower() == question.lower()

"""Text ends before a stop sequence however it is cut into pieces; waiting for a server is bounded and spread out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rag.failures import retry_after
from rag.types import Usage
from rag.writer import Delta, Patience, until, usage_of

TEXT = st.text(alphabet="ab\n#", max_size=40)
STOPS = st.lists(st.text(alphabet="ab\n#", min_size=1, max_size=4), max_size=3)


def pieces(text: str, cuts: list[int]) -> Iterator[Delta]:
    at = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    for start, end in pairwise(at):
        yield Delta(text[start:end])
    yield Delta("", Usage(1, 0, 1), "length")


@given(TEXT, st.lists(st.integers(0, 100), max_size=12), STOPS)
def test_text_is_what_stands_before_the_first_stop(text: str, cuts: list[int], stops: list[str]) -> None:
    found = [at for stop in stops if (at := text.find(stop)) >= 0]
    out = list(until(pieces(text, cuts), stops))
    got = "".join(delta.text for delta in out)
    if not found:
        assert got == text
        assert out[-1] == Delta("", Usage(1, 0, 1), "length")
    else:
        assert text.startswith(got)
        assert not any(stop in got for stop in stops)
        assert out[-1].finish == "stop"


@given(st.integers(1, 30), st.floats(0, 1))
def test_a_wait_between_tries_is_bounded(attempt: int, chance: float) -> None:
    assert 0 < Patience(chance=lambda: chance).before(attempt) <= 8


def test_retry_after_counts_seconds_or_names_a_date() -> None:
    now = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
    assert retry_after("2.5", now) == 2.5
    assert retry_after("Thu, 01 Jan 2026 12:00:09 GMT", now) == 9
    assert retry_after("Thu, 01 Jan 2026 11:00:00 GMT", now) == 0
    assert retry_after("soon", now) is None
    assert retry_after(None, now) is None


def test_usage_is_read_from_dicts_and_from_anthropics_names() -> None:
    assert usage_of({"usage": {"input_tokens": 7, "cache_read_input_tokens": 3, "output_tokens": 2}}) == Usage(7, 3, 2)
    assert usage_of({"usage": None}) is None
    assert usage_of(None) is None

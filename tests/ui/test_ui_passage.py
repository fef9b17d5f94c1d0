"""The pieces of a document are its text, and a quote is found again where it still is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.types import Document, Span
from rag.ui.passage import WINDOW, Mark, around, located, page_of, window
from rag.ui.view import safe


def document(text: str, pages: tuple[Span, ...] = ()) -> Document:
    return Document("/d/a.txt", "A", text, "0", pages=pages)


@given(
    st.text(min_size=1, max_size=400),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 60)), max_size=5),
    st.integers(0, 400),
)
def test_the_pieces_joined_are_the_window_however_marks_overlap(
    text: str, spans: list[tuple[int, int]], begin: int
) -> None:
    marks = [Mark(number, Span(start, start + length)) for number, (start, length) in enumerate(spans, 1)]
    shown = window(document(text), marks, begin)
    joined = "".join(segment["text"] for segment in shown["segments"])
    assert joined == safe(text[shown["begin"] : shown["end"]])
    assert all(segment["text"] for segment in shown["segments"])


def test_a_mark_is_the_quote() -> None:
    shown = window(document("one two three"), [Mark(3, Span(4, 7))], 0)
    assert shown["segments"] == [
        {"text": "one ", "number": None},
        {"text": "two", "number": 3},
        {"text": " three", "number": None},
    ]


@given(st.integers(0, 100_000), st.integers(1, 2000))
def test_the_window_around_a_quote_has_it_in_it(start: int, length: int) -> None:
    text = "word\n" * 30_000
    span = Span(start, start + length)
    begin = around(document(text), span)
    assert begin <= span.start and span.end <= begin + WINDOW


def test_a_quote_that_moved_is_found_nearest_to_where_it_was() -> None:
    text = "the quote. " + "x" * 100 + " the quote. " + "y" * 400
    assert located(text, "the quote.", 0, 10) == ("there", Span(0, 10))
    assert located(text, "the quote.", 100, 110) == ("moved", Span(112, 122))
    assert located(text, "the quote.", 20, 30) == ("moved", Span(0, 10))
    assert located(text, "gone", 0, 4) == ("gone", None)
    assert located("abc", "", 1, 2) == ("gone", None)


def test_what_reorders_or_hides_becomes_visible_and_nothing_moves() -> None:
    text = "a\u202eb\u2066c\u200fd\x00e\x85"
    assert safe(text) == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffd"
    assert safe("tab\tline\n") == "tab\tline\n"


def test_pages_are_counted_from_one() -> None:
    paged = document("aaaabbbb", (Span(0, 4), Span(4, 8)))
    assert (page_of(paged, 3), page_of(paged, 4), page_of(document("a"), 0)) == (1, 2, None)

"""Markers go, what only looks like one stays: a sentence without its "[1, 5]" says something else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.cite import check
from rag.markers import without_markers, without_notes
from rag.types import Evidence


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Silva signed it [1].", "Silva signed it."),
        ("Silva signed it.[1]", "Silva signed it."),
        ("Silva signed it. [1, 2]", "Silva signed it."),
        ("Silva signed it[1], and Ruiz left [2][3].", "Silva signed it, and Ruiz left."),
        ("Silva [1] signed it.", "Silva signed it."),
        ("[2] Silva signed it.", "Silva signed it."),
        ("According to [1], Silva signed it.", "According to, Silva signed it."),
        ("Paris[1] and Rome [2] signed it.", "Paris and Rome signed it."),
        ("Silva signed it【2†source】.", "Silva signed it."),
        ("Ratings lie in the range [1, 5] for every film.", "Ratings lie in the range [1, 5] for every film."),
        ("Ratings lie in the range [1, 5].", "Ratings lie in the range [1, 5]."),
        ("Set items[3] to zero.", "Set items[ 3] to zero."),
        ("Silva signed it in [2019].", "Silva signed it in [ 2019]."),
        ("请阅读【注意】一栏。", "请阅读【注意】一栏。"),
    ],
)
def test_only_what_can_be_a_marker_goes(text: str, left: str) -> None:
    assert without_markers(text) == left


def test_what_the_documents_have_in_brackets_themselves_is_no_marker() -> None:
    assert without_markers("Set element [7] to zero.", ["Set element [3] to zero."]) == "Set element [ 7] to zero."
    assert without_markers("Zero goes to items[7].", ["Set items[3] to zero."]) == "Zero goes to items[ 7]."
    assert without_markers("It opened in 1999 [1].", ["It opened in 1999[3] in Oslo."]) == "It opened in 1999."
    assert without_markers("It opened in 1999[1].", ["It opened in 1999[3] in Oslo."]) == "It opened in 1999."


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Silva signed it.[3]", "Silva signed it."),
        ("Silva signed it.[3][14]", "Silva signed it."),
        ("Silva signed it. [3]", "Silva signed it."),
        ("In May,[3] Silva signed it.", "In May, Silva signed it."),
        ("It opened in 1999[3] in Oslo.", "It opened in 1999 in Oslo."),
        ("[12] Silva signed it.", "Silva signed it."),
        ("Ratings lie in the range [1, 5] for every film.", "Ratings lie in the range [1, 5] for every film."),
        ("Ratings lie in [1, 5].", "Ratings lie in [1, 5]."),
        ("Set items[3].", "Set items[ 3]."),
        ("请阅读【2】一栏。", "请阅读【2】一栏。"),
    ],
)
def test_a_quote_loses_footnote_marks_and_nothing_else(text: str, left: str) -> None:
    assert without_notes(text) == left


@pytest.mark.parametrize(
    ("text", "claim", "status"),
    [
        ("Ratings lie in the range [1, 5] for every film.", "Ratings lie in the range [1, 5] for every film.", True),
        ("Ratings lie in the range [1, 5] for every film.", "Ratings lie in the range [1, 9] for every film.", False),
        ("Ratings lie in the range [1, 5].", "Ratings lie in the range [1, 9].", False),
        ("Set items[3] to zero.", "Set items[7] to zero.", False),
        ("Set items[3] to zero.", "Items[3] is set to zero.", True),
        ("Set items[3] to zero.", "Set items[ 3] to zero.", True),
        ("The lease was signed by Silva in May.[4]", "The lease was signed by Silva in May [1].", True),
    ],
)
def test_numbers_in_brackets_are_checked(text: str, claim: str, status: bool) -> None:
    assert (check(claim, [Evidence("d", "p", 0, len(text), text, 0.9)]).status == "supported") is status


@given(st.text(alphabet="aB 12[],.–【】†", max_size=40), st.text(alphabet="aB 12[],.–", max_size=40))
def test_nothing_but_brackets_goes_and_none_reads_as_a_number_of_a_quote(text: str, source: str) -> None:
    for left in (without_markers(text, [source]), without_notes(text)):
        rest = iter(text)
        assert all(character in rest for character in left if not character.isspace())
        assert left.count("a") == text.count("a") or "【" in text
        assert not re.search(r"\[\d+\]", left)

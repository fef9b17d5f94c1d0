from __future__ import annotations

from dataclasses import replace

import pytest

from rag.places import place_of
from vectorstore.store import DocumentRecord, PassageRecord

TEXT = "One.\nTwo.\nThree."
DOCUMENT = DocumentRecord("d", "notes", "/a", "A", TEXT, "0" * 64)
PASSAGE = PassageRecord("p", "d", 0, 0, len(TEXT), TEXT, ((0, 4),), heading="Who comes next")
PLACES = ((0, 16, "slide 1"), (5, 9, "row 2"))


@pytest.mark.parametrize(
    ("start", "media_type", "places", "page", "expected"),
    [
        (5, "text/plain", (), None, "line 2"),
        (5, "text/markdown", (), None, "line 2"),
        (5, "application/msword", (), None, "§ Who comes next"),
        (5, "application/pdf", (), 12, "p. 12"),
        (5, "application/x", PLACES, None, "row 2"),
        (0, "application/x", PLACES, None, "slide 1"),
        (10, "application/x", PLACES, None, "slide 1"),
        (10, "text/csv", ((5, 9, "row 2"),), None, "§ Who comes next"),
        (5, "text/html", ((0, 16, "§ A › B"),), None, "§ A › B"),
        (5, "text/markdown", ((0, 16, "§ A › B"),), None, "§ A › B, line 2"),
        (5, "text/x-rst", (), None, "§ Who comes next"),
    ],
)
def test_a_sentence_is_placed_by_what_its_owner_finds_it_by(
    start: int, media_type: str, places: tuple[tuple[int, int, str], ...], page: int | None, expected: str
) -> None:
    document = replace(DOCUMENT, media_type=media_type, places=places)
    assert place_of(document, replace(PASSAGE, page=page), start) == expected


@pytest.mark.parametrize(
    ("heading", "expected"), [("Re: the party", ""), ("re: The Party", ""), ("Re: the party – Food", "§ Food")]
)
def test_a_section_is_not_named_by_the_title_of_its_document(heading: str, expected: str) -> None:
    document = replace(DOCUMENT, media_type="message/rfc822", title="Re: the party")
    assert place_of(document, replace(PASSAGE, heading=heading), 5) == expected


def test_a_long_heading_is_cut_and_none_is_a_line() -> None:
    document = replace(DOCUMENT, media_type="application/msword")
    assert place_of(document, replace(PASSAGE, heading="word " * 40), 0).endswith("word…")
    assert place_of(document, replace(PASSAGE, heading=""), 10) == "line 3"

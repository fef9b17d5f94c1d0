"""A page as a picture, and the boxes around a quote: where the words are drawn, or none at all."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rag.errors import DocumentError
from rag.load import parse
from rag.load.parsed import Source
from rag.load.pdf_picture import PIXELS, Sought, boxes, picture
from rag.types import Box
from tests.fakes.files import column, pdf

SHORT = "A line by itself."
LONG = ("The Secretary of State arrived in the morning and met", "the Foreign Minister for five hours of talks.")


def seek(data: bytes, quote: str, page: int = 1, turn: int = 0) -> list[Box]:
    """Find the last occurrence of the quote, or the one of this turn from the end."""
    document = parse(Path("a.pdf"), data)
    text = document.pages[page - 1].of(document.text)
    start = text.rindex(quote)
    for _ in range(turn):
        start = text.rindex(quote, 0, start)
    return boxes(Source(data, "a.pdf"), [Sought(page, text, start, start + len(quote))])[0]


def drawn(data: bytes, page: int = 1, width: int = 600) -> np.ndarray:
    """Return the picture as shades of grey."""
    wide, high, png = picture(Source(data, "a.pdf"), page, width)
    with Image.open(io.BytesIO(png)) as image:
        assert image.size == (wide, high)
        return np.asarray(image.convert("L"))


def dark(pixels: np.ndarray) -> Box:
    """Return the box around all that is drawn."""
    rows, columns = np.nonzero(pixels < 128)
    high, wide = pixels.shape
    return Box(columns.min() / wide, rows.min() / high, columns.max() / wide, rows.max() / high)


def test_a_quote_is_found_on_its_page_wherever_its_accents_stand() -> None:
    data = pdf([(140, 700, 14, "René leads it.")])
    found = [
        boxes(Source(data, "a.pdf"), [Sought(1, text, 0, len(text))])[0]
        for text in ("René leads it.", unicodedata.normalize("NFD", "René leads it."))
    ]
    assert len(found[0]) == 1 and found[0] == found[1]


@pytest.mark.parametrize("rotated", [False, True])
@pytest.mark.parametrize(
    "media", [b"[0 0 600 800]", b"[0 100 600 800]", b"[0 0 600 800] /CropBox [20 100 500 780] /Rotate 180"]
)
def test_a_box_is_around_what_is_drawn_also_where_the_page_is_cropped_or_turned(media: bytes, rotated: bool) -> None:
    data = pdf([(140, 700, 14, SHORT)], rotated=rotated)
    if rotated and b"Rotate" in media:
        media = media.replace(b" /Rotate 180", b"")
    # Another box of the same length, so that the places in the file stay.
    old = b"/MediaBox [0 0 600 800]"
    data = data.replace(old, b"/MediaBox " + media, 1)
    (box,) = seek(data, SHORT)
    ink = dark(drawn(data))
    assert box.left - 0.01 <= ink.left and box.top - 0.01 <= ink.top
    assert ink.right <= box.right + 0.01 and ink.bottom <= box.bottom + 0.01
    assert (box.right - box.left) * (box.bottom - box.top) < 3 * (ink.right - ink.left) * (ink.bottom - ink.top)


def test_a_quote_over_two_lines_has_a_box_for_each_and_no_other_words_in_them() -> None:
    data = pdf(column(40, 700, *LONG))
    first, second = seek(data, "in the morning and met\nthe Foreign Minister")
    assert first.bottom <= second.top + 0.005 and second.left < first.left < first.right
    assert second.right < seek(data, LONG[1])[0].right, "what follows the quote is not in its box"


def test_what_stands_twice_on_a_page_is_told_apart() -> None:
    data = pdf(column(40, 700, SHORT, "Something else stands here.", SHORT))
    (first,), (second,) = seek(data, SHORT, turn=1), seek(data, SHORT)
    assert first.bottom < second.top


def test_columns_and_pages_are_told_apart() -> None:
    left, right = ("What the left side says goes on", "for a while on lines of its own", "until it ends.") * 2, (
        "The right side has its own words",
        "which go on for three more lines",
        "and end, too.",
    ) * 2  # fmt: skip
    data = pdf(column(40, 700, SHORT), [*column(40, 700, *left), *column(320, 700, *right)])
    assert all(box.right < 0.5 for box in seek(data, "says goes on\nfor a while", page=2))
    assert all(box.left > 0.5 for box in seek(data, "own words\nwhich go on", page=2))


def test_a_heading_and_a_row_are_found_without_the_marks_that_the_reader_puts_in() -> None:
    cells = [(40 + 150 * c, 650 - 14 * r, 10, f"cell {r}{c}") for r in range(3) for c in range(3)]
    data = pdf([(40, 740, 22, "The visit to Beijing"), *column(40, 700, *LONG), *cells])
    assert len(seek(data, "## The visit to Beijing")) == 1
    assert len(seek(data, "cell 10 | cell 11 | cell 12")) == 3, "a box for each cell"


def test_what_does_not_stand_on_the_page_has_no_box() -> None:
    data = pdf(column(40, 700, SHORT))
    assert boxes(Source(data, "a.pdf"), [Sought(1, "Recognised text.", 0, 16), Sought(1, SHORT, 3, 3)]) == [[], []]


def test_a_page_as_large_as_a_wall_is_drawn_smaller() -> None:
    data = pdf([(40, 700, 10, SHORT)]).replace(b"[0 0 600 800]", b"[0 0 14400 14400]")
    wide, high, _ = picture(Source(data, "a.pdf"), 1, 100_000)
    assert wide * high <= PIXELS * 1.01


def test_a_page_that_is_not_there_or_damaged_is_named() -> None:
    with pytest.raises(DocumentError, match=r"^a\.pdf: page 3 is damaged"):
        picture(Source(pdf(column(40, 700, SHORT)), "a.pdf"), 3, 600)

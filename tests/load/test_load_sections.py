"""Headings become places: whoever reads a citation learns the section it is from."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest

from rag.load import parse
from rag.load.sections import sections
from rag.types import Document, Place
from tests.fakes.files import docx, epub, odt, paragraph

MARKDOWN = """---
title: A study
---
# A study

It begins.

## Methods #

We measured.

### [Data](https://example.org) of *rinks*

Forty rinks.

```sh
# no heading
```

Results
-------

They froze.
"""


def place(document: Document, quote: str) -> str:
    """Return the label of the innermost place of a quote."""
    at = document.text.index(quote)
    return next((one.label for one in reversed(document.places) if one.start <= at < one.end), "")


def test_a_sentence_of_markdown_is_placed_under_all_its_headings() -> None:
    document = parse(Path("a.md"), MARKDOWN.encode())
    assert {quote: place(document, quote) for quote in ("It begins", "We measured", "Forty rinks", "They froze")} == {
        "It begins": "",  # under the document's own title alone
        "We measured": "§ Methods",
        "Forty rinks": "§ Methods › Data of rinks",
        "They froze": "§ Results",
    }


def test_a_section_with_a_number_needs_no_path() -> None:
    text = "# 2 Methods\n\n## 2.1 Data\n\nForty.\n\n# 3 Results\n\nFour.\n"
    assert [one.label for one in sections(text, "text/markdown")] == ["§ 2 Methods", "§ 2.1 Data", "§ 3 Results"]


def test_the_title_of_a_book_names_no_section_of_a_chapter_and_unseen_characters_go() -> None:
    text = "# Rinks of the Alps\n\nOne.\n\n## Ice\u200b\n\nTwo.\n"
    found = sections(text, "application/epub+zip", [Place(0, len(text), "ch. “I”")], "RINKS of the Alps")
    assert [one.label for one in found] == ["ch. “I”", "ch. “I”", "ch. “I” › Ice"]


def test_a_deep_path_and_a_long_heading_are_cut() -> None:
    text = "".join(f"{'#' * level} H{level}\n\nText.\n\n" for level in range(2, 7)) + f"## {'word ' * 40}\n\nText."
    *_, deep, long = (one.label for one in sections(text, "text/html"))
    assert deep == "§ … › H4 › H5 › H6"
    assert len(long) < 70 and long.endswith("word…")


def test_sections_cover_the_text_from_the_first_heading_on_without_a_gap() -> None:
    text = "Before.\n\n# A\n\nOne.\n\n# B\n\nTwo.\n\n## C\n\nThree."
    found = sections(text, "text/html")
    assert found[0].start == text.index("# A") and found[-1].end == len(text)
    assert all(one.end == other.start for one, other in pairwise(found))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.rst", "Study\n=====\n\nIt begins.\n\nMethods\n-------\n\nText.\n\nData\n~~~~\n\nForty rinks.\n"),
        ("a.org", "* Methods\nText.\n** Data\nForty rinks.\n* Results\nThey froze.\n"),
        (
            "a.html",
            "<html><body><article><h1>Study</h1><p>It begins.</p><h2>Methods</h2><p>Text.</p><h3>Data</h3>"
            "<p>Forty rinks.</p><h2>Results</h2><p>They froze.</p></article></body></html>",
        ),
    ],
)
def test_other_markup_has_sections_too(name: str, text: str) -> None:
    assert place(parse(Path(name), text.encode()), "Forty rinks") == "§ Methods › Data"


def test_a_word_document_says_the_section() -> None:
    styles = "".join(
        f'<w:style w:styleId="Heading{level}"><w:name w:val="heading {level}"/></w:style>' for level in (1, 2)
    )
    body = paragraph("Methods", "Heading1") + paragraph("Data", "Heading2") + paragraph("Forty rinks.")
    data = docx(body + paragraph("Results", "Heading1"), styles=styles)
    assert place(parse(Path("a.docx"), data), "Forty rinks") == "§ Methods › Data"


def test_an_open_document_says_the_section() -> None:
    body = (
        '<text:h text:outline-level="1">Methods</text:h><text:h text:outline-level="2">Data</text:h>'
        '<text:p>Forty rinks.</text:p><text:h text:outline-level="1">Results</text:h><text:p>Ice.</text:p>'
    )
    assert place(parse(Path("a.odt"), odt(body)), "Forty rinks") == "§ Methods › Data"


def test_a_section_of_a_book_is_named_with_its_chapter() -> None:
    book = epub("<h1>Rinks</h1><p>Ice.</p><h2>How they freeze</h2><p>Slowly.</p>", "<h1>Ponds</h1><p>Water.</p>")
    document = parse(Path("a.epub"), book)
    assert [place(document, quote) for quote in ("Ice.", "Slowly.", "Water.")] == [
        "ch. “Rinks”", "ch. “Rinks” › How they freeze", "ch. “Ponds”",
    ]  # fmt: skip


def test_slides_rows_pages_and_plain_text_keep_the_places_they_have() -> None:
    assert parse(Path("a.txt"), b"# comment\n\nText.\n\n# other\n\nText.").places == ()
    assert [one.label for one in parse(Path("a.csv"), b"# a,b\n1,2\n").places] == ["row 2"]


@pytest.mark.parametrize("line", ["# a" + " " * 400_000 + "b", "# " + "[" * 400_000, "#" * 400_000, "=" * 400_000])
def test_a_line_that_is_made_to_take_long_takes_no_time(line: str) -> None:
    began = time.process_time()
    sections(f"{line}\n\nText.\n\n{line}\n", "text/markdown")
    assert time.process_time() - began < 2

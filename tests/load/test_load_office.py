from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import DocumentError
from rag.load import parse
from rag.types import Document
from tests.fakes.files import docx, epub, odt, paragraph, pptx, shape, xlsx, zipped

RTF = (
    rb"{\rtf1\ansi{\info{\title The trip}{\author Ann Lee}}\pard Yellen may come in July.\par "
    rb"\trowd\cellx1\cellx2 Name\cell Month\cell\row Yellen\cell July\cell\row}"
)
DOCX = docx(
    paragraph("The trip", "Title")
    + paragraph("Who comes next", "Heading2")
    + "<w:p><w:r><w:t>Yellen </w:t></w:r><w:ins><w:r><w:t>may </w:t></w:r></w:ins>"
    "<w:del><w:r><w:delText>will </w:delText></w:r></w:del><w:r><w:t>come.</w:t></w:r></w:p>"
    "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Name</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Month</w:t></w:r></w:p></w:tc></w:tr>"
    "</w:tbl><w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>first</w:t></w:r></w:p>"
    "<w:p><w:r><w:txbxContent><w:p><w:r><w:t>In a box.</w:t></w:r></w:p></w:txbxContent></w:r></w:p>",
    styles='<w:style w:styleId="Title"><w:name w:val="Title"/></w:style>'
    '<w:style w:styleId="Heading2"><w:name w:val="heading 2"/></w:style>',
    footnotes='<w:footnote w:type="separator"/><w:footnote><w:p><w:r><w:t>As two said.</w:t></w:r></w:p></w:footnote>',
)
PPTX = pptx(
    shape("13", "sldNum") + shape("one\ntwo", "body") + shape("First slide", "title"),
    shape("Second slide", "title") + shape("A box."),
    notes="Say it slowly.",
)
BOOK = epub("<h1>The start</h1><p>It rained.</p>", "<h1>The end</h1><ul><li>It</li><li>stopped</li></ul>")
ODT = odt(
    '<text:h text:outline-level="1">The trip</text:h><text:p>Yellen<text:s/>may come.</text:p>'
    "<text:list><text:list-item><text:p>first</text:p></text:list-item></text:list>"
    "<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
    "<table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>"
)
XLSX = xlsx({"Visits": [["Name", "Month"], ["Yellen", 7]]})
FILES = {"a.docx": DOCX, "a.pptx": PPTX, "a.epub": BOOK, "a.odt": ODT, "a.xlsx": XLSX, "a.rtf": RTF}


def read(name: str, data: bytes) -> Document:
    return parse(Path(name), data)


def labels(document: Document) -> dict[str, str]:
    return {document.text[place.start : place.end].strip(): place.label for place in document.places}


def test_word_keeps_headings_lists_tables_boxes_and_notes_but_nothing_deleted() -> None:
    document = read("a.docx", DOCX)
    assert document.text == (
        "# The trip\n\n## Who comes next\n\nYellen may come.\n\n| Name | Month |\n\n- first\n\nIn a box.\n\n"
        "Footnote: As two said."
    )
    assert document.title == "The trip"


def test_slides_are_places_with_title_first_and_notes_last() -> None:
    document = read("a.pptx", PPTX)
    assert labels(document) == {
        "## First slide\n\n- one\n- two\n\n### Notes\n\nSay it slowly.": "slide 1",
        "## Second slide\n\nA box.": "slide 2",
    }
    assert document.title == "First slide"


def test_chapters_of_a_book_are_places() -> None:
    document = read("a.epub", BOOK)
    assert labels(document) == {
        "# The start\n\nIt rained.": "ch. “The start”",
        "# The end\n\n- It\n\n- stopped": "ch. “The end”",
    }
    assert (document.title, document.author, document.published_at) == ("A book", "Ann Lee", "2021-05-06")


def test_open_document_keeps_headings_lists_and_tables() -> None:
    assert read("a.odt", ODT).text == "# The trip\n\nYellen may come.\n\n- first\n\n| a | b |"


def test_rich_text_keeps_rows_title_and_author() -> None:
    document = read("a.rtf", RTF)
    assert document.text == "Yellen may come in July.\n\n| Name | Month |\n| Yellen | July |"
    assert (document.title, document.author) == ("The trip", "Ann Lee")


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.epub", "a.odt", "a.xlsx", "a.xls", "a.doc", "a.rtf", "a.msg"])
@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 broken", b"\x00" * 600, zipped({"x": "y"})])
def test_what_is_no_such_file_is_named(name: str, data: bytes) -> None:
    with pytest.raises(DocumentError, match=rf"^{name}: (is|has) "):
        read(name, data)


def test_an_entity_in_xml_is_never_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    main = f'<!DOCTYPE d [<!ENTITY x SYSTEM "file://{secret}">]><d><p><t>before &x; behind</t></p></d>'
    for name, data in {"a.docx": zipped({"word/document.xml": main}), "a.xml": main.encode()}.items():
        assert "secret" not in read(name, data).text.replace(str(secret), "")


@given(st.sampled_from(sorted(FILES)), st.data())
def test_a_broken_file_is_read_or_named(name: str, data: st.DataObject) -> None:
    whole = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(1, 12))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        document = read(name, bytes(whole))
    except DocumentError as error:
        assert str(error).startswith(f"{name}: ")
    else:
        assert all(0 <= place.start < place.end <= len(document.text) for place in document.places)

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import DocumentError
from rag.load import parse
from rag.load.pdf import is_garbage
from rag.load.pdf_chars import Word
from rag.load.pdf_lines import rows
from rag.load.pdf_order import ordered
from rag.types import Document
from tests.fakes.files import column, pdf

LEFT = (
    "The Secretary of State arrived in the morning and met",
    "the Foreign Minister for five hours of talks, which both",
    "sides called candid. A further meeting with the leader-",
    "ship was announced late in the evening of the first day",
)
RIGHT = (
    "of the visit. Treasury Secretary Janet Yellen may come",
    "in July, Commerce Secretary Gina Raimondo in August, as",
    "two officials said who did not want to be named in this",
    "report because the dates have not been made public yet.",
)


def read(data: bytes, *passwords: str) -> Document:
    return parse(Path("a.pdf"), data, passwords=passwords)


def test_columns_are_read_one_after_the_other_whatever_the_order_of_the_file() -> None:
    mixed = [words for pair in zip(column(40, 700, *LEFT), column(320, 700, *RIGHT), strict=True) for words in pair]
    text = read(pdf([(40, 750, 20, "A visit that spans both of the columns"), *mixed])).text
    assert text.startswith("## A visit that spans both of the columns\n\nThe Secretary")
    assert text.index(LEFT[3]) < text.index(RIGHT[0])
    assert f"{LEFT[3]}\n{RIGHT[0]}" in text, "a sentence goes on in the next column"


def test_a_wide_table_above_two_columns_keeps_them_apart() -> None:
    cells = [(40 + 52 * c, 750 - 12 * r, 9, f"{r}{c}.{c}") for r in range(12) for c in range(10)]
    text = read(pdf([*cells, *column(40, 560, *LEFT), *column(320, 560, *RIGHT)])).text
    assert "00.0 | 01.1 | 02.2" in text
    assert f"{LEFT[0]}\n{LEFT[1]}" in text and f"{LEFT[3]}\n{RIGHT[0]}" in text


def test_a_table_is_rows_with_their_cells_in_columns() -> None:
    rows = [
        ("Name", "Month", "City"),
        ("Yellen", "July", "Beijing"),
        ("Raimondo", "", "Shanghai"),
        ("Kerry", "May", ""),
    ]
    page = [(40 + 150 * c, 700 - 14 * r, 10, cell) for r, row in enumerate(rows) for c, cell in enumerate(row) if cell]
    assert (
        read(pdf(page)).text == "Name | Month | City\nYellen | July | Beijing\nRaimondo |  | Shanghai\n| Kerry | May |"
    )


def test_every_page_has_its_span_and_running_heads_and_page_numbers_go() -> None:
    pages = [
        [
            (40, 780, 9, "Quarterly Report"),
            *column(40, 600, f"What stands on sheet {n} alone."),
            (300, 20, 9, str(n + 4)),
        ]
        for n in range(4)
    ]
    document = read(pdf(*pages))
    assert document.text.count("Quarterly Report") == 1
    assert [page.of(document.text).strip().splitlines()[-1] for page in document.pages] == [
        f"What stands on sheet {n} alone." for n in range(4)
    ]


def test_heads_of_a_table_at_the_top_of_several_pages_are_no_running_heads() -> None:
    heads = [(40, 760, 10, "Model"), (140, 760, 10, "Dev"), (240, 760, 10, "Test")]
    pages = [
        [*heads, (340, 760, 10, f"Size {'abc'[n]}"), (440, 760, 10, f"Cost {'xyz'[n]}"), *column(40, 740, *LEFT)]
        for n in range(3)
    ]
    assert read(pdf(*pages)).text.count("Model | Dev | Test") == 3


def test_line_numbers_along_the_margin_go() -> None:
    lines = [
        "THE CLERK: The case will be heard now and the",
        "parties may speak.",
        "MR. LEE: Thank you.",
        "Good day.",
        "Yes.",
        "No.",
    ]
    page = [(40, 700 - 24 * n, 10, str(n + 1)) for n in range(6)]
    page += [(80, 700 - 24 * n, 10, line) for n, line in enumerate(lines)]
    assert read(pdf(page)).text.replace("\n\n", "\n").split("\n") == lines


@pytest.mark.parametrize("table", [[("No", "Duty"), (LEFT[0],)], [(), ("Post", "Ada Voss")]])
def test_numbers_of_the_rows_of_a_table_stay(table: list[tuple[str, ...]]) -> None:
    heads, cells = table
    page = [(40 + 50 * at, 714, 10, head) for at, head in enumerate(heads)]
    page += [(40, 700 - 14 * n, 10, f"{n + 1}") for n in range(8)]
    page += [(90 + 100 * at, 700 - 14 * n, 10, cell) for n in range(8) for at, cell in enumerate(cells)]
    text = read(pdf(page)).text
    assert [" | ".join([f"{n + 1}", *cells]) in text for n in range(8)] == [True] * 8


def test_a_turned_page_is_read_upright() -> None:
    assert "arrived in the morning and met\nthe Foreign" in read(pdf(column(40, 500, *LEFT), rotated=True)).text


def test_title_and_author_are_those_of_the_file_unless_they_say_nothing() -> None:
    said = read(pdf(column(40, 700, "Text."), info="/Title (The trip) /Author (Ann Lee)"))
    assert (said.title, said.author, said.media_type) == ("The trip", "Ann Lee", "application/pdf")
    empty = read(
        pdf(
            [(40, 740, 22, "The visit"), *column(40, 700, *LEFT)],
            info="/Title (Microsoft Word - x.doc) /Author (anonymous)",
        )
    )
    assert (empty.title, empty.author) == ("The visit", None)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"not a pdf", "is no PDF or too damaged"),
        (b"%PDF-1.7\n" + b"\x00" * 500, "is no PDF or too damaged"),
        (pdf([]), "has no text"),
    ],
)
def test_what_is_no_pdf_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=rf"a\.pdf: {reason}"):
        read(data)


def scan(text: str = "") -> bytes:
    """A page that is a picture."""
    page = pdf([(40, 700, 10, text)] if text else [])
    body = b"q 600 0 0 800 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q"
    start = page.index(b"stream\n") + 7
    end = page.index(b"\nendstream")
    return page[:start] + page[start:end] + b"\n" + body + page[end:]


def test_a_scan_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DocumentError, match=r"has no text; page 1 is scanned, .* install Tesseract"):
        read(scan())


def test_letters_of_a_font_that_is_not_in_the_file_are_named_not_left_out_in_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    font = (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Gone /Encoding /Identity-H /DescendantFonts [<< /Type /Font "
        b"/Subtype /CIDFontType2 /BaseFont /Gone /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) "
        b"/Supplement 0 >> /FontDescriptor << /Type /FontDescriptor /FontName /Gone /Flags 4 /StemV 80 >> >>] >>"
    )
    there = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    set_apart = [(40.0 + 40 * (n % 10), 740.0 - 14 * (n // 10), 10.0, "\x01\x02") for n in range(120)]
    with pytest.raises(DocumentError, match=r"page 1 has letters that can't be told, because their font is not in"):
        read(pdf(set_apart).replace(there, font))


def test_a_scan_is_read_where_tesseract_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "tesseract"
    # Stands for Tesseract: knows two languages, and says what it was given.
    program.write_text(
        '#!/bin/sh\nif [ "$1" = --list-langs ]; then printf "List:\\ndeu\\neng\\nosd\\n"; exit; fi\n'
        'printf "%s of $4" "$(head -c 2)"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.defpath}")
    assert read(scan()).text == "P5 of eng+deu"


def test_letters_that_stand_for_nothing_are_told() -> None:
    shifted = "".join(chr((ord(c) - 97 + 3) % 26 + 97) if c.islower() else c for c in " ".join(LEFT + RIGHT) * 2)
    assert is_garbage(shifted) and is_garbage("\ufffd\ufffd\ue001 a")
    assert not is_garbage(" ".join(LEFT + RIGHT) * 2) and not is_garbage("") and not is_garbage("你好世界" * 100)


@given(st.data())
def test_a_broken_pdf_is_read_or_named(data: st.DataObject) -> None:
    whole = bytearray(pdf(column(40, 700, *LEFT), column(40, 700, *RIGHT)))
    for _ in range(data.draw(st.integers(1, 20))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        document = read(bytes(whole[: data.draw(st.integers(1, len(whole)))]))
    except DocumentError as error:
        assert str(error).startswith("a.pdf: ")
    else:
        assert all(0 <= page.start <= page.end <= len(document.text) for page in document.pages)


def test_a_line_that_is_stretched_to_the_width_of_its_column_is_no_row_of_cells() -> None:
    said = ("He has seen the", "Aitor Lewkowycz and others", "are sure that the wall moves")
    words, right = list[Word](), 40 + 6.0 * len(said[-1])
    for n, line in enumerate(said):
        parts = line.split()
        gap = (right - 40 - 6 * sum(map(len, parts))) / (len(parts) - 1)
        left = 40.0
        for part in parts:
            words.append(Word(part, left, 700 - 12 * n, left + 6 * len(part), 709 - 12 * n, 10))
            left += 6 * len(part) + gap
    assert len(rows(words)[0]) == 4, "its words stand as far apart as cells"
    assert [[cell.text for cell in line.cells if cell] for line in ordered(rows(words))[0]] == [[line] for line in said]


def test_a_paragraph_beside_its_number_is_not_torn_after_its_first_line() -> None:
    page = [(40, 700, 10, "1.2"), (90, 700, 10, "The tenant pays on the first day of each month.")]
    page += [(40, 680, 10, "1.3"), *column(90, 680, *LEFT)]
    text = read(pdf(page)).text
    assert text == "1.2 The tenant pays on the first day of each month.\n\n1.3 " + "\n".join(LEFT)


def test_a_line_that_only_begins_in_large_letters_is_no_heading() -> None:
    page = [(40, 720, 14, "Note"), (90, 720, 10, LEFT[0]), *column(40, 690, *RIGHT)]
    assert read(pdf(page)).text == "\n".join((f"Note {LEFT[0]}", *RIGHT))

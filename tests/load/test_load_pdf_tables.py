"""Tables of PDFs whose cells wrap: a row is one line, and nothing else becomes a table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from rag.load import parse
from rag.load.parsed import Source
from rag.load.pdf_lines import Piece
from rag.load.pdf_order import ordered
from rag.load.pdf_picture import Sought, boxes
from tests.fakes.files import Words, column, pdf

XS = (40.0, 90.0, 220.0, 320.0, 480.0)
FAULTS = (
    (("Code",), ("Meaning",), ("May be reset?",), ("What to do",)),
    (("F02",), ("Flow sensor broken or", "wire off"), ("No",), ("Call engineer, boiler runs", "at reduced output")),
    (("F05",), ("Fan speed too low",), ("Yes, once",), ("Check air openings,", "then reset")),
    (("F28",), ("Condensate cannot run", "off"), ("Yes, after", "clearing"), ("Thaw the drain, then reset",)),
    (("F60",), ("Service computer",), ("No",), ("Not a fault",)),
)
READ = "\n".join(" | ".join(" ".join(lines) for lines in row) for row in FAULTS)
LINE = "What stands in the table holds until it is changed in writing by both of the parties."


def read(data: bytes) -> str:
    return parse(Path("a.pdf"), data).text


def set_out(
    rows: Sequence[Sequence[Sequence[str]]], xs: Sequence[float], middle: bool = False
) -> tuple[list[Words], list[float]]:
    """Set rows of cells of lines between these places; return the words, and where rows end, from the top."""
    words: list[Words] = []
    ys = [700.0]
    for row in rows:
        high = max(len(lines) for lines in row)
        for x, lines in zip(xs, row, strict=False):
            lower = 6 * (high - len(lines)) if middle else 0
            words += column(x + 4, ys[-1] - 14 - lower, *lines)
        ys.append(ys[-1] - 12 * high - 8)
    return words, ys


def ruled(xs: Sequence[float], ys: Sequence[float]) -> str:
    across = [f"{xs[0]} {y} m {xs[-1]} {y} l S" for y in ys]
    return "\n".join([*across, *(f"{x} {ys[0]} m {x} {ys[-1]} l S" for x in xs)])


def drawn(kind: str, ys: Sequence[float]) -> str:
    if kind == "grid":
        return ruled(XS, ys)
    if kind == "thin areas":
        across = [f"{XS[0]} {y} {XS[-1] - XS[0]} 0.7 re f" for y in ys]
        return "\n".join([*across, *(f"{x} {ys[-1]} 0.7 {ys[0] - ys[-1]} re f" for x in XS)])
    if kind == "scaled":
        scaled = ruled([x / 2 for x in XS], [y / 2 for y in ys])
        return f"q 2 0 0 2 0 0 cm {scaled} Q"
    if kind == "across":
        return "\n".join(f"{XS[0]} {y} m {XS[-1]} {y} l S" for y in ys[1:-1])
    if kind == "shaded":
        return "\n".join(f"0.9 g {XS[0]} {two} {XS[-1] - XS[0]} {one - two} re f" for one, two in pairwise(ys))
    return ""


@pytest.mark.parametrize("middle", [False, True])
@pytest.mark.parametrize("kind", ["grid", "thin areas", "scaled", "across", "shaded", "nothing"])
def test_a_row_is_one_line_however_its_cells_wrap(kind: str, middle: bool) -> None:
    words, ys = set_out(FAULTS, XS, middle)
    page = [*column(40, 760, LINE), *words, *column(40, ys[-1] - 40, LINE)]
    assert read(pdf(page, drawing=f"{drawn(kind, ys)} 0 g")) == f"{LINE}\n\n{READ}\n\n{LINE}"


def test_every_other_row_shaded_is_enough() -> None:
    words, ys = set_out(FAULTS, XS)
    shades = "\n".join(f"{XS[0]} {ys[n + 1]} {XS[-1] - XS[0]} {ys[n] - ys[n + 1]} re f" for n in (1, 3))
    assert read(pdf(words, drawing=f"0.9 g {shades} 0 g")) == READ


def test_a_turned_page_has_its_table_too() -> None:
    words, ys = set_out(FAULTS, XS)
    assert read(pdf(words, rotated=True, drawing=f"q 0 1 -1 0 800 0 cm {ruled(XS, ys)} Q")) == READ


def test_a_cell_over_several_rows_is_of_each_and_an_empty_one_keeps_its_place() -> None:
    rows = (("Ground", "Reading Room", "212"), ("", "Office", ""), ("First", "Studio", "64"))
    words = [
        (xs, 686 - 20 * n, 10, cell)
        for n, row in enumerate(rows)
        for xs, cell in zip((44, 144, 304), row, strict=False)
    ]
    lines = ruled((40, 140, 300, 400), (700, 660, 640)) + "\n140 680 m 400 680 l S"
    assert read(pdf([word for word in words if word[3]], drawing=lines)) == (
        "Ground | Reading Room | 212\nGround | Office\nFirst | Studio | 64".replace(
            "Ground | Office", "| Ground | Office |"
        )
    )


def test_a_word_divided_in_a_cell_is_one_and_its_row_is_found_on_the_page() -> None:
    rows = ((("Part",), ("Interval",)), (("Marble chips in neutral-", "iser"), ("Every 12 months",)))
    words, ys = set_out(rows, (40, 180, 320))
    data = pdf(words, drawing=ruled((40, 180, 320), ys))
    text = read(data)
    quote = "| Marble chips in neutral-iser | Every 12 months |"
    assert text.endswith(quote)
    start = text.index(quote)
    found = boxes(Source(data, "a.pdf"), [Sought(1, text, start, start + len(quote))])[0]
    assert len(found) == 3, "two lines of one cell, one of the other"


def test_rows_of_figures_between_two_lines_stay_rows() -> None:
    rows = [("Model", "Dev", "Test"), ("Base", "81.2", "80.1"), ("Large", "84.6", "83.9"), ("Huge", "86.0", "85.2")]
    words = [
        (x, 690.0 - 14 * n, 10.0, cell)
        for n, row in enumerate(rows)
        for x, cell in zip((44, 144, 244), row, strict=False)
    ]
    text = "Model | Dev | Test\nBase | 81.2 | 80.1\nLarge | 84.6 | 83.9\nHuge | 86.0 | 85.2"
    assert read(pdf(words, drawing="40 702 m 320 702 l S 40 686 m 320 686 l S 40 640 m 320 640 l S")) == text
    assert read(pdf(words, drawing=ruled((40, 140, 240, 320), (702, 686, 640)))) == text


def test_cells_that_are_texts_are_read_one_after_the_other() -> None:
    one = ("The council met on Tuesday. It", "voted for the bridge. Nobody", "had expected that.")
    two = ("Work begins in May. The county", "pays a third. Barges have to", "wait until it is done.")
    words, ys = set_out(((one, two), (two, one)), (40, 190, 340))
    text = read(pdf(words, drawing=ruled((40, 190, 340), ys)))
    assert text.split("\n\n") == ["\n".join(part) for part in (one, two, two, one)]


LEFT = (
    "The Secretary of State arrived in the morning and met",
    "the Foreign Minister for five hours of talks, which",
) * 6
RIGHT = (
    "of the visit. Treasury Secretary Janet Yellen may come",
    "in July, Commerce Secretary Gina Raimondo in August",
) * 6
PROSE = [*column(40, 700, *LEFT), *column(320, 700, *RIGHT)]
PARTS = [w for n in range(4) for w in (*column(40, 700 - 60 * n, *LEFT[:3]), *column(320, 700 - 60 * n, *RIGHT[:3]))]
TITLED = [(40.0, 740.0, 16.0, "The visit to Beijing"), *column(40, 700, *LEFT[:4]), *column(40, 620, *RIGHT[:4])]


@pytest.mark.parametrize(
    ("page", "lines"),
    [
        pytest.param(PROSE, "308 720 m 308 540 l S", id="a line between columns"),
        pytest.param(PROSE, ruled((30, 308, 590), (720, 540)), id="columns in a frame"),
        pytest.param(PROSE, ruled((30, 590), (780, 720, 540, 100)), id="lines across the page"),
        pytest.param(PARTS, "", id="columns whose paragraphs end at one height"),
        pytest.param(TITLED, "40 735 m 200 735 l S 40 698 m 120 698 l S", id="words underlined"),
        pytest.param(TITLED, ruled((20, 580), (780, 20)), id="a frame around the page"),
        pytest.param(TITLED, "0.9 g 30 650 540 65 re f 30 575 540 60 re f 0 g", id="shaded paragraphs"),
        pytest.param(TITLED, "1 1 0 rg 39 697 100 12 re 139 697 80 12 re 39 685 180 12 re f 0 g", id="words marked"),
        pytest.param(TITLED, ruled(range(40, 581, 60), range(300, 560, 40)), id="a grid without text"),
        pytest.param(TITLED, ruled(range(0, 601, 1), range(0, 801, 2)), id="graph paper"),
    ],
)
def test_lines_on_a_page_that_are_no_table_change_nothing(page: Sequence[Words], lines: str) -> None:
    assert read(pdf(page, drawing=lines)) == read(pdf(page))
    assert " | " not in read(pdf(page))


def test_nothing_is_lost_of_a_row_whose_cells_a_longer_one_above_spans() -> None:
    page = [(40, 700, 10, "All that was tried, with the best"), (400, 700, 10, "Solved")]
    page += [(40, 686, 10, "PAL"), (120, 686, 10, "80.4"), (300, 686, 10, "No")]
    assert "PAL 80.4 | No" in read(pdf(page))


def test_a_cell_is_of_one_column_where_two_touch_as_in_a_listing() -> None:
    places = ((("port", 0.0, 24.0), ("8080", 66.0, 90.0)), (("key", 0.0, 18.0), ("value", 36.0, 66.0)))
    rows = [
        [Piece(text, left, 700.0 - 12 * n, right, 708.0 - 12 * n, 10.0, False) for text, left, right in row]
        for n, row in enumerate(places)
    ]
    cells = [cell.text for group in ordered(rows) for line in group for cell in line.cells if cell]
    assert cells == ["port", "8080", "key", "value"]


def test_boxes_that_arrows_join_are_said_once() -> None:
    boxes = [f"{x} 600 100 50 re S" for x in (60, 185, 310)] + ["160 625 m 185 625 l S 285 625 m 310 625 l S"]
    page = [
        word
        for x, text in ((64, "Ask"), (189, "Check the list"), (314, "File"))
        for word in column(x, 635, text, "in two days")
    ]
    assert sorted(read(pdf(page, drawing="\n".join(boxes))).replace("|", "").split()) == sorted(
        "Ask Check the list File in two days in two days in two days".split()
    )


def test_a_table_of_one_column_stays_there_beside_a_table_of_the_other() -> None:
    figures = (("Model", "Dev", "Test", "Size"), ("Base", "81.2", "80.1", "110M"), ("Large", "84.6", "83.9", "340M"))
    words, ys = set_out(FAULTS[:3], (320, 360, 440, 490, 590))
    page = [*column(40, 760, *LEFT[:5]), *column(320, 760, *RIGHT[:5]), *words]
    page += [
        (x, 686.0 - 14 * n, 10.0, cell)
        for n, row in enumerate(figures)
        for x, cell in zip((44, 130, 190, 240), row, strict=True)
    ]
    page += [*column(40, 620, *LEFT), *column(320, ys[-1] - 20, *RIGHT)]
    text = read(pdf(page, drawing=ruled((320, 360, 440, 490, 590), ys)))
    assert text.index("Large | 84.6 | 83.9 | 340M") < text.rindex(LEFT[0]) < text.index(RIGHT[0]) < text.index("F02")


def test_text_that_is_wider_than_the_tables_above_and_below_it_is_none_of_their_rows() -> None:
    line = "Below is what holds  from the first day of the year,  as they agreed with everybody."
    tables = ((700, "Phase", "To"), (682, "One", "March"), (664, "Two", "May"))
    page = [
        (x, y - drop, 10.0, cell)
        for drop in (0, 66)
        for y, *row in tables
        for x, cell in zip((104, 300), row, strict=True)
    ]
    rules = [f"100 {y - drop - 5} m 420 {y - drop - 5} l S" for drop in (0, 66) for y in (718, 700, 682, 664)]
    text = read(pdf([*page, (80.0, 645.0, 10.0, line)], drawing="\n".join(rules)))
    assert text.split("\n\n")[1] == " ".join(line.split())
    assert text.count("May") == text.count("Phase") == 2


def test_a_row_between_rows_that_are_surer_is_said_once() -> None:
    sure, names = (("Bridge",), ("Mondays in the old school",)), (("Ann", "Ben"), ("Chess in May", "Choir in June"))
    rows = [sure, sure, names, sure, sure, names, names, names, names]
    words, ys = set_out(rows, (100, 240, 420))
    text = read(pdf(words, drawing="\n".join(f"100 {y} m 420 {y} l S" for y in ys)))
    assert text.count("Ann") == 5


def test_figures_below_each_other_are_of_one_row_beside_a_text_that_wraps() -> None:
    power = (("Power",), ("230 V", "50 Hz", "280 W"), ("A fuse of 10 A is enough for it; do not", "use long leads"))
    rows = ((("Property",), ("Value",), ("Remarks",)), (("Weight",), ("12 kg",), ("Without water",)), power)
    words, ys = set_out(rows, (40, 120, 200, 390))
    text = read(pdf(words, drawing=ruled((40, 120, 200, 390), ys)))
    assert "Power | 230 V 50 Hz 280 W | A fuse of 10 A is enough for it; do not use long leads" in text


def test_boxes_side_by_side_are_read_one_after_the_other() -> None:
    said = (
        ("We meet every Monday in the old", "school. Bring a friend and a cup."),
        ("Give by card or in cash. Every pound", "goes to the wall beside the lane."),
        ("Write to the clerk, or ring the bell", "at the lock house after ten."),
    )
    words = [word for n, lines in enumerate(said) for word in column(34 + 185 * n, 700, *lines)]
    lines = "\n".join(f"{30 + 185 * n} 670 178 50 re S" for n in range(3))
    text = read(pdf([*words, *column(40, 640, LINE)], drawing=lines))
    assert text.split("\n\n") == [*("\n".join(lines) for lines in said), LINE]


def test_boxes_that_are_the_cells_of_a_table_stay_rows() -> None:
    fee = (
        ("Copy of a certificate, sent by post", "within the country"),
        ("12.50",),
        ("Proof is asked for, too", "now"),
    )
    rows = ((("Service",), ("Fee",), ("Note",)), fee, (("Search",), ("9",), ("For each hour",)))
    words, ys = set_out(rows, (40, 260, 330))
    cells = [(x, right - x - 6, one, two) for one, two in pairwise(ys) for x, right in pairwise((40, 260, 330, 500))]
    lines = "\n".join(f"{x} {two + 3} {wide} {one - two - 6} re S" for x, wide, one, two in cells)
    assert "12.50 |" in read(pdf(words, drawing=lines))

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import DocumentError
from rag.load import parse
from rag.load.tables import column
from rag.types import Document
from tests.fakes.files import xlsx


def read(name: str, data: bytes | str) -> Document:
    return parse(Path(name), data.encode() if isinstance(data, str) else data)


def places(document: Document) -> dict[str, str]:
    return {place.label: document.text[place.start : place.end] for place in document.places}


def test_a_row_says_its_columns_and_has_its_cells_as_place() -> None:
    rows = [["Name", "Month", "Share"], ["Yellen", date(2023, 7, 6), 0.5], ["Raimondo", None, 2.0]]
    assert places(read("a.xlsx", xlsx({"Visits": rows}))) == {
        "Visits!A2:C2": "Name: Yellen | Month: 2023-07-06 | Share: 0.5",
        "Visits!A3:C3": "| Name: Raimondo | Share: 2 |",
    }


def test_titles_above_a_table_and_a_second_table_are_told() -> None:
    rows = [["Visits of 2023"], ["Name", "Days"], ["Yellen", 4], [], ["City", "People"], ["Xian", 13]]
    assert places(read("a.xlsx", xlsx({"My visits": rows}))) == {
        "'My visits'!A1": "| Visits of 2023 |",
        "'My visits'!A3:B3": "| Name: Yellen | Days: 4 |",
        "'My visits'!A6:B6": "| City: Xian | People: 13 |",
    }


def test_pairs_of_words_have_no_header() -> None:
    assert read("a.xlsx", xlsx({"Sheet1": [["Name", "Yellen"], ["Office", "Treasury"]]})).text == (
        "| Name | Yellen |\n| Office | Treasury |"
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", 'Name,Place\nYellen,"Xian, China"\n'),
        ("a.csv", "\ufeffName;Place\nYellen;Xian, China\n"),
        ("a.tsv", "Name\tPlace\nYellen\tXian, China\n"),
        ("a.csv", 'Name,Place\nYellen,"Xian, China"\n'.encode("utf-16")),
    ],
    ids=["comma", "semicolon", "tab", "utf-16"],
)
def test_separated_values_are_told_by_their_separator(name: str, data: bytes | str) -> None:
    assert places(read(name, data)) == {"row 2": "| Name: Yellen | Place: Xian, China |"}


def test_columns_have_letters() -> None:
    assert [column(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_json_is_rows_with_names_and_long_values_as_paragraphs() -> None:
    long = "Yellen may come in July. " * 20
    value = {"visits": [{"name": "Yellen", "month": 7}, {"name": "Kerry", "tags": ["a", "b"]}], "note": long}
    assert read("a.json", json.dumps(value)).text == (
        f"note: {long.strip()}\n\n| name: Yellen | month: 7 |\n| name: Kerry | tags: a, b |"
    )


def test_json_lines_have_lines_as_places_and_broken_ones_are_counted() -> None:
    document = read("a.jsonl", '{"a": "x", "b": "y"}\nbroken\n{"a": "z"}\n')
    assert {label: text.strip() for label, text in places(document).items()} == {
        "line 1": "| a: x | b: y |",
        "line 3": "| a: z |",
    }
    assert document.note == "1 line is no JSON, first line 2"


def test_cells_of_a_notebook_are_places() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Trip\n", "Text."]},
        {"cell_type": "code", "source": "print(1)", "outputs": [{"text": ["1\n"]}]},
    ]
    document = read("a.ipynb", json.dumps({"cells": cells}))
    assert document.title == "Trip"
    assert places(document)["cell 2"].strip() == "```python\nprint(1)\n```\n\n```\n1\n```"


def test_records_of_xml_are_rows_and_a_feed_is_its_entries() -> None:
    records = "<l><c><name>Canada</name><capital>Ottawa</capital></c><c><name>France</name></c></l>"
    assert read("a.xml", records).text == "| name: Canada | capital: Ottawa |\n| name: France |"
    feed = read(
        "a.rss",
        "<rss><channel><title>News</title><item><title>A visit</title><description>&lt;p&gt;He came."
        "&lt;/p&gt;</description><pubDate>Tue, 19 Nov 2024 13:30:02 +0000</pubDate></item></channel></rss>",
    )
    assert (feed.title, feed.text) == ("News", "# News\n\n## A visit\n\nPublished: 2024-11-19\n\nHe came.")
    assert [place.label for place in feed.places] == ["entry 1"]


def test_headings_of_rst_and_org_are_marked() -> None:
    rst = "=====\nTrip\n=====\n\n.. toctree::\n   a\n\nWho\n---\n\nSee :ref:`the list <l>`.\n"
    assert read("a.rst", rst).text == "# Trip\n\n## Who\n\nSee the list."
    assert read("a.org", "#+TITLE: Trip\n* TODO Who :x:\nSee [[file:a][the list]].\n").text == "# Who\n\nSee the list."


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.ipynb", "a.xml", "a.csv", "a.rst"])
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_named(name: str, data: bytes) -> None:
    try:
        document = read(name, data)
    except DocumentError as error:
        assert str(error).startswith(f"{name}: ")
    else:
        assert all(0 <= place.start < place.end <= len(document.text) for place in document.places)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)
    )
)
def test_any_json_is_read_or_says_nothing(value: object) -> None:
    try:
        assert read("a.json", json.dumps(value)).text
    except DocumentError as error:
        assert "says nothing" in str(error)

"""Word documents of before 2007, made byte by byte."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import DocumentError
from rag.load import parse
from tests.fakes.ole import properties, word

TEXT = "The trip\rYellen may come in July.\rName\x07Month\x07\x07Yellen\x07July\x07\x07\r"


def narrow(text: bytes) -> bytes:
    return struct.pack("<II", 30, len(text) + 1) + text + b"\0"


def wide(text: str) -> bytes:
    return struct.pack("<II", 31, len(text) + 1) + text.encode("utf-16-le") + b"\0\0"


def code_page(number: int) -> bytes:
    return struct.pack("<IH", 2, number)


def test_text_rows_title_and_author_are_read() -> None:
    summary = properties({1: code_page(1251), 2: narrow("Поездка".encode("cp1251")), 4: wide("Ann Lee")})
    document = parse(Path("a.doc"), word(TEXT, summary))
    assert document.text.startswith("The trip\n\nYellen may come in July.\n\n| Name | Month |")
    assert (document.title, document.author) == ("Поездка", "Ann Lee")


@pytest.mark.parametrize("page", [0, 65001, 9999])
def test_a_code_page_that_is_unknown_or_missing_loses_no_title(page: int) -> None:
    document = parse(Path("a.doc"), word(TEXT, properties({1: code_page(page), 2: narrow(b"The trip")})))
    assert document.title == "The trip"


def test_a_property_that_claims_four_billion_values_takes_no_time() -> None:
    # olefile's own get_metadata would go through all of them: found by benchmarks/fuzz.py.
    summary = properties({2: narrow(b"The trip"), 8: struct.pack("<II", 0x1000 | 0x99, 0xFFFFFFFF)})
    began = time.process_time()
    assert parse(Path("a.doc"), word(TEXT, summary)).title == "The trip"
    assert time.process_time() - began < 5


def test_an_encrypted_document_is_named() -> None:
    data = bytearray(word(TEXT))
    at = data.index(struct.pack("<I", 0x400 * 2 | 0x40000000)) and 512 * 3  # behind header, FAT and directory
    data[at + 0x0B] |= 0x01
    with pytest.raises(DocumentError, match=r"^a\.doc: is encrypted with a password; save a copy without one\."):
        parse(Path("a.doc"), bytes(data))


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 255)), max_size=12))
def test_a_broken_document_is_read_or_named(changes: list[tuple[int, int]]) -> None:
    data = bytearray(word(TEXT, properties({2: narrow(b"The trip"), 4: wide("Ann Lee")})))
    for at, value in changes:
        data[at % len(data)] = value
    try:
        document = parse(Path("a.doc"), bytes(data))
    except DocumentError as error:
        assert str(error).startswith("a.doc: ")
    else:
        assert document.text

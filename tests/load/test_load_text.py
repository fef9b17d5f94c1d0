from __future__ import annotations

import os
import time
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import DocumentError
from rag.load import load, parse, readable_suffixes
from rag.load.encoding import decode
from rag.load.parsed import Parsed, composed
from rag.types import Place, Span

LIMIT = 1_000_000


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_the_text_of_a_plain_file_is_the_file_to_the_byte(tmp_path: Path) -> None:
    data = "  A title\r\n\r\nIt says “so”.\tAnd\x0cmore. \n\n".encode()
    assert load(put(tmp_path, "a.txt", data), max_bytes=LIMIT).text.encode() == data


def test_accents_that_stand_beside_their_letters_are_put_on_them() -> None:
    text = "---\ntitle: Das Büro\nauthor: René Lefèvre\n---\n\n# Genève\n\nRené leads the ofﬁce in 서울.\n"
    document = parse(Path("a.md"), unicodedata.normalize("NFD", text).encode())
    assert (document.text, document.title, document.author) == (text, "Das Büro", "René Lefèvre")
    assert parse(Path(unicodedata.normalize("NFD", "Bürgschaft.txt")), b"It rains.").title == "Bürgschaft"


EDGES = st.lists(st.integers(0, 40), max_size=8)


@given(st.text(alphabet="e\u0301o\u0308 \n한\u1112\u1161", min_size=40, max_size=40), EDGES)
def test_pages_and_places_stay_around_what_they_were_around(text: str, edges: list[int]) -> None:
    bounds = list(pairwise([0, *sorted(edges), 40]))
    pages, places = [Span(*bound) for bound in bounds], [Place(*bound, "p. 1") for bound in bounds]
    found = composed(Parsed(text, pages=tuple(pages), places=tuple(places)))
    for before, page, place in zip(pages, found.pages, found.places, strict=True):
        assert page.of(found.text) == unicodedata.normalize("NFC", before.of(text))
        assert (place.start, place.end) == (page.start, page.end)
    assert "".join(page.of(found.text) for page in found.pages) == found.text


def test_a_letter_with_marks_by_the_thousand_costs_no_time() -> None:
    started = time.monotonic()
    parse(Path("a.txt"), ("e" + "\u0301\u0323" * 32_000).encode())
    assert time.monotonic() - started < 3  # 6 s, and all other threads waiting, where they are put in order


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufeff"), min_size=1))
def test_any_utf8_text_comes_back_as_it_was(text: str) -> None:
    assert decode(text.encode(), "a.txt") == text


def test_a_byte_order_mark_is_not_text(tmp_path: Path) -> None:
    assert load(put(tmp_path, "a.txt", b"\xef\xbb\xbfHello there."), max_bytes=LIMIT).text == "Hello there."


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_are_told_by_mark_or_zeros(encoding: str) -> None:
    text = "Blinken will visit Beijing.\nYellen may follow.\n"
    assert decode(text.encode(encoding), "a.txt") == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("He said “we’re coming to Beijing” – and left. It’s done; the café was closed.", "cp1252"),
        ("Le café était très bon; l'été fut chaud à Genève. Ça va bien, mes élèves.", "cp1252"),
        ("Государственный секретарь США Энтони Блинкен прибыл в Пекин с визитом.", "cp1251"),
        ("Zażółć gęślą jaźń. Święto było wspaniałe, książka leży na półce.", "cp1250"),
        ("美国国务卿布林肯访问北京，会见了中国外长秦刚。", "gb18030"),
    ],
)
def test_other_encodings_are_detected(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), "a.txt") == text


def test_a_few_broken_bytes_do_not_turn_utf8_into_something_else() -> None:
    data = "Größe, Käse, Straße, schön, für, über, Öl".encode() + b" \xff end"
    assert decode(data, "a.txt") == "Größe, Käse, Straße, schön, für, über, Öl \ufffd end"


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7\nabc", b"PK\x03\x04abcdef", b"\xff\xd8\xff\xe0abc", bytes(range(256)) * 8, b"abc\x00def"]
)
def test_a_binary_file_by_the_name_of_a_text_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(DocumentError, match=r"a\.txt: looks like a binary file"):
        load(put(tmp_path, "a.txt", data), max_bytes=LIMIT)


def test_a_file_over_the_limit_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    with open(path, "wb") as file:
        file.truncate(50_000_000_000)  # sparse: reading it would take minutes and all memory
    with pytest.raises(DocumentError, match=r"50,000,000,000 bytes, more than the 1,000,000"):
        load(path, max_bytes=LIMIT)


def test_an_unknown_kind_is_named_by_its_suffix(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"not yet readable \(\.xyz\)"):
        load(put(tmp_path, "a.xyz", b"x"), max_bytes=LIMIT)
    assert ".md" in readable_suffixes()


def test_a_file_that_is_gone_a_loop_of_links_and_a_pipe_say_so(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="is gone"):
        load(tmp_path / "none.txt", max_bytes=LIMIT)
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    with pytest.raises(DocumentError, match=r"loop\.txt: could not be read"):
        load(tmp_path / "loop.txt", max_bytes=LIMIT)
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(DocumentError, match="not a regular file"):
        load(tmp_path / "pipe.txt", max_bytes=LIMIT)


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("a.md", "# The trip\n\nText.", "The trip"),
        ("a.md", "Intro line that is a sentence.\n\n## Plan **B** ##\n\nText.", "Plan B"),
        ("a.md", "The trip\n========\n\nText.", "The trip"),
        ("a.md", "---\ntitle: 'From above'\n---\n# Heading\n", "From above"),
        ("a.txt", "Blinken to visit China\nHe will leave on Friday.\n", "Blinken to visit China"),
        ("my_trip-notes.txt", "This is a sentence, not a title.\nSo is this.\n", "my trip notes"),
        ("a.txt", "x" * 300, "a"),
        ("empty.txt", "", "empty"),
        ("untitled.txt", "", "untitled"),
        ("untitled.txt", "Cove Fort is a star fort.\n", "Cove Fort is a star fort"),
        ("scan0012.txt", f"Cove Fort is a fort {'far ' * 20}away.", f"Cove Fort is a fort{' far' * 10}…"),
        ("000_d8ea8e826b47bdfd.txt", "- a\n\n**Cove Fort** is a star fort.\n", "Cove Fort is a star fort"),
        ("IMG-0012.md", "---\ndate: 2023-06-15\n---\n\nIt is a fort.\n", "It is a fort"),
        ("IMG beach 12.txt", "It is a fort.\n", "IMG beach 12"),
        ("lease2.txt", "It is a fort.\n", "lease2"),
        ("报告.txt", "It is a fort.\n", "报告"),
        ("2024-05-01.md", "It is a fort.\n", "2024 05 01"),
        ("CV.txt", "It is a fort.\n", "CV"),
        ("deed2019.txt", "It is a fort.\n", "deed2019"),
        ("550e8400-e29b-41d4-9fae-446655440000.txt", "It is a fort.\n", "It is a fort"),
        ("未命名.txt", "合同。" * 60, f"{'合同。' * 20}…"),
        ("untitled.txt", "The user_name is *long*.\n", "The user_name is long"),
    ],
)
def test_the_title_is_the_first_heading_or_the_name_or_how_it_begins(name: str, text: str, title: str) -> None:
    assert parse(Path(name), text.encode()).title == title


def test_front_matter_gives_date_and_author() -> None:
    text = "---\ntitle: T\ndate: 2023-06-15\nauthor: Ann Lee\n---\n\nText of 2020-01-01.\n"
    document = parse(Path("a.md"), text.encode())
    assert (document.published_at, document.author, document.text) == ("2023-06-15", "Ann Lee", text)


def test_identity_is_the_hash_of_the_bytes_and_the_absolute_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a b 😀.txt", b"Hello.")
    monkeypatch.chdir(tmp_path)
    document = load(Path("a b 😀.txt"), max_bytes=LIMIT)
    assert document.uri == str(tmp_path / "a b 😀.txt")
    assert document.content_hash == "2d8bd7d9bb5f85ba643f0110d50cb506a1fe439e769a22503193ea6046bb87f7"

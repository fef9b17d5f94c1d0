from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import DocumentError
from rag.load import parse
from rag.load.visible import visible_text
from rag.types import Document

SENTENCE = "The Secretary of State will travel to Beijing for two days of talks with senior officials there. "
PAGE = f"""<html lang="en"><head><title>A visit | The Paper</title>
<meta property="article:published_time" content="2023-06-15T08:00:00Z"><meta name="author" content="Ann Lee">
<script>var tracking = "on";</script><style>p {{ color: red }}</style></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li></ul></nav>
<article><h1>A visit</h1><p>{SENTENCE * 2}</p><h2>Who comes next</h2><p>{SENTENCE}Caf&eacute; &amp; more.</p>
<ul><li>Janet Yellen may come in July.</li><li>Gina Raimondo may come in August.</li></ul>
<table><tr><th>Name</th><th>Month</th></tr><tr><td>Yellen</td><td>July</td></tr></table></article>
<footer>All rights reserved</footer></body></html>"""


def read(page: str | bytes) -> Document:
    return parse(Path("page.html"), page.encode() if isinstance(page, str) else page)


def test_the_main_text_is_there_with_its_structure_and_nothing_else() -> None:
    text = read(PAGE).text
    assert "## Who comes next\n\n" in text
    assert "- Janet Yellen may come in July.\n- Gina Raimondo" in text
    assert "Yellen | July" in text
    assert "Café & more." in text
    for unwanted in ("tracking", "color", "Home", "rights reserved", "<"):
        assert unwanted not in text


def test_title_date_and_author_are_what_the_page_says() -> None:
    document = read(PAGE)
    assert "A visit" in document.title
    assert (document.published_at, document.author, document.media_type) == ("2023-06-15", "Ann Lee", "text/html")


def test_a_page_without_main_text_gives_what_is_visible() -> None:
    document = read("<title>Note</title><script>x()</script><h2>Plan</h2><div>Meet at <b>noon</b>.</div>")
    assert document.text == "## Plan\n\nMeet at noon."
    assert document.title == "Note"


def test_a_page_without_any_text_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"page\.html: has no text"):
        read("<html><head><script>only()</script></head><body><img src=x></body></html>")


def test_the_encoding_that_the_page_declares_is_used() -> None:
    page = '<meta charset="iso-8859-2"><p>Zażółć gęślą jaźń</p>'
    assert "Zażółć gęślą jaźń" in read(page.encode("iso-8859-2")).text


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000 + "Hello" + "</div>" * 100_000,
        "<b>" * 100_000 + "Hello",
        "<ul><li>" * 20_000 + "Hello",
        "<p>Hello</p>" * 60_000,
        "<div " + " ".join(f'a{n}="x"' for n in range(100_000)) + "><p>Hello</p></div>",
        "<" * 300_000 + " Hello",
        "Hello <!--" + "-" * 300_000,
        "Hello <a " * 100_000,
        "Hello" + "<script>" * 50_000,
    ],
    ids=["deep", "inline", "lists", "many", "attributes", "brackets", "comment", "open", "scripts"],
)
def test_a_hostile_page_neither_hangs_nor_crashes(page: str) -> None:
    started = time.monotonic()
    assert "Hello" in read(page).text
    assert time.monotonic() - started < 20


@given(st.text(alphabet="<>/!-ab \"'=&;#\n", max_size=200))
def test_no_markup_is_too_broken_for_the_visible_text(page: str) -> None:
    assert visible_text(f"<p>start</p>{page}").startswith("start")


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="<"), max_size=50))
def test_scripts_and_styles_are_never_text(code: str) -> None:
    for tag in ("script", "style"):
        assert visible_text(f"<p>a</p><{tag} x=1>{code}</{tag}><p>b</p>") == "a\n\nb"


PLAIN = (
    "<html><head><title>Club rules</title></head><body><nav><a href='/'>Home</a></nav>{menu}<h1>Club rules</h1>"
    "<p>Welcome to the rowing club. These rules are for all members and guests, at the boathouse and on the water.</p>"
    "<h2>Fees</h2><ul><li>Adults: 120 euros a year</li><li>Children: 40 euros a year</li></ul>"
    "<p>The boathouse is closed on Sundays in winter, except for regattas, which the board announces two weeks ahead, "
    "and for work on the boats, for which every member may be called on one weekend in spring and one in autumn.</p>"
    "</body></html>"
)


def test_a_plain_page_keeps_its_headings_and_lists() -> None:
    text = read(PLAIN.format(menu="")).text
    assert "## Fees" in text and "- Adults: 120 euros a year" in text and "Home" not in text


def test_a_page_full_of_links_is_read_for_its_paragraphs_alone() -> None:
    menu = "".join(f"<div><a href='/{n}'>Section {n} of the club</a></div>" for n in range(40))
    text = read(PLAIN.format(menu=menu)).text
    assert "Section 7" not in text and "closed on Sundays" in text


@pytest.mark.parametrize("piece", [b"<nav", b"<nav>", b"<a ", b"<a>", b"<a>x</a>", b"</a>", b"<script"])
def test_pages_of_open_tags_take_no_longer_than_others(piece: bytes) -> None:
    began = time.perf_counter()
    with suppress(DocumentError):
        read(piece * 60_000 + b"<p>" + b"Rain fell on the town all day. " * 20)
    assert time.perf_counter() - began < 20

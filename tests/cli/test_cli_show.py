"""What is printed is safe for a terminal, and progress is drawn and taken away again."""

from __future__ import annotations

import io
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from rag.cli.progress import Reporter
from rag.cli.show import harmless, plain, table, to_json
from rag.types import Step

ANY_TEXT = st.text(st.characters() | st.sampled_from("\x1b[]\x07\x9b\u202e\u2066\ud800\n\t"))


@given(ANY_TEXT)
def test_plain_text_has_nothing_that_a_terminal_obeys_or_that_reorders(text: str) -> None:
    shown = plain(text)
    assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}]
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


@given(ANY_TEXT, st.sampled_from(["utf-8", "UTF8", "ascii", "cp1252", None]))
def test_json_gives_back_what_went_in_and_can_be_written(text: str, encoding: str | None) -> None:
    printed = to_json({"text": text}, encoding)
    assert json.loads(printed.encode(encoding or "utf-8").decode(encoding or "utf-8")) == {"text": text}
    assert not set(printed) & set("\x1b\x9b\x7f\u202e\u2066")


def test_words_of_all_scripts_stay_as_they_are() -> None:
    assert plain("Grüße, 习近平 – “quoted” 👩‍💻 مرحبا") == "Grüße, 习近平 – “quoted” 👩‍💻 مرحبا"


def test_an_ansi_sequence_becomes_a_visible_mark() -> None:
    assert plain("a\x1b[31mb\x1b]8;;http://x\x07c") == "a�b�c"


@given(ANY_TEXT)
def test_a_line_of_a_document_is_shown_with_its_white_space_and_nothing_that_a_terminal_obeys(text: str) -> None:
    shown = harmless(text)
    assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}]
    assert harmless("    x  =  1\x1b[2J") == "    x  =  1\ufffd"


def test_a_table_is_aligned_on_the_screen_whatever_the_script() -> None:
    lines = [line.plain for line in table(("TITLE", "PATH"), [("习近平 🎉", "/a"), ("Xi", "/b")])]
    assert lines == ["TITLE      PATH", "习近平 🎉  /a", "Xi         /b"]


def test_a_table_is_aligned() -> None:
    assert [line.plain for line in table(("A", "B"), [("long", None), ("x", "y\nz")])] == [
        "A     B",
        "long",
        "x     y z",
    ]


@pytest.mark.parametrize("total", [None, 2_000_000])
def test_on_a_terminal_a_bar_is_drawn_and_taken_away(total: int | None) -> None:
    screen = io.StringIO()
    reporter = Reporter(Console(file=screen, force_terminal=True, width=120))
    reporter(Step("Fetching [model]", 1_000_000, total, "bytes", "from a mirror"))
    reporter.stop()
    reporter(Step("Reading documents", 1, 7, "files"))
    reporter.stop()
    drawn = screen.getvalue()
    assert "Fetching [model]" in drawn and "1.0 MB" in drawn and "from a mirror" in drawn
    assert "1 of 7 files" in drawn
    assert drawn.rstrip().endswith("\x1b[2K"), "the line of the bar is erased"


def test_in_a_log_a_stage_is_told_once_with_its_last_figures() -> None:
    log = io.StringIO()
    reporter = Reporter(Console(file=log))
    for done, total in ((64, 64), (70, 128), (128, 128)):
        reporter(Step("Embedding passages", done, total, "passages"))
    reporter(Step("Loading qwen", 1, 1))
    reporter(Step("Reading documents", 3, 7, "files"))
    reporter.stop()
    reporter.stop()
    assert log.getvalue() == "Embedding passages: 128 passages\nLoading qwen: done\n"

"""`rag ask` and `rag search`."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest
from fake_engine import CITATION, EVIDENCE, QUOTE, SAID, FakeEngine, answer, reported

from rag.types import Claim, Conflict, Sentence, Side, Step


def test_an_answer_stands_above_its_numbered_quotes(rag: Any) -> None:
    result = rag("ask", "Who is next?")
    assert result.code == 0
    assert result.out.splitlines() == [
        "Janet Yellen might visit. [1]",
        "",
        f"[1] “{QUOTE}” — Who is next, line 7 (/notes/next.txt)",
    ]
    assert result.err == ""


def test_a_refusal_is_a_result_and_shows_the_nearest_passages(rag: Any) -> None:
    refusal = answer(
        status="not_found",
        text="The 7 documents searched do not say.",
        claims=(),
        citations=(),
        evidence=(EVIDENCE,) * 9,
    )
    result = rag("ask", "Who?", engine=FakeEngine(sentences=[], answer=refusal))
    assert result.code == 0
    assert result.out.startswith("The 7 documents searched do not say.\n")
    assert f"Nearest passages:\n– “{QUOTE}” — Who is next (/notes/next.txt)" in result.out
    assert result.out.count(QUOTE) == 3


def test_documents_that_disagree_are_shown_with_both_sides(rag: Any) -> None:
    sides = (Side("June 18–19", (1,), "2023-06-14"), Side("June 16 to 21", (2,)))
    engine = FakeEngine(answer=answer(conflicts=(Conflict("the dates", sides),)))
    assert (
        "The documents disagree: the dates\n  June 18–19 [1] (2023-06-14)\n  June 16 to 21 [2]\n"
        in rag("ask", "When?", engine=engine).out
    )


def test_a_version_that_most_deny_is_marked_as_that(rag: Any) -> None:
    sides = (Side("1921", (1,), documents=4), Side("1955", (2,), documents=1, outvoted=True))
    engine = FakeEngine(answer=answer(conflicts=(Conflict("the year", sides),)))
    shown = rag("ask", "When?", engine=engine).out
    assert "The documents disagree: the year\n  1921 [1]\n  1955 [2] – said by 1 document, denied by 4\n" in shown


def test_what_has_a_last_word_is_called_corrected_and_no_disagreement(rag: Any) -> None:
    sides = (Side("25", (1,)), Side("20", (2,), corrected=True))
    shown = rag("ask", "How much?", engine=FakeEngine(answer=answer(conflicts=(Conflict("the fee", sides),)))).out
    assert "Corrected or changed since: the fee\n  25 [1]\n  20 [2] – corrected by what stands above\n" in shown


def test_a_part_of_a_question_that_nothing_answers_is_named(rag: Any) -> None:
    engine = FakeEngine(answer=answer(unanswered=("who painted it?",)))
    assert (
        "Nothing found answers: who painted it?"
        in rag("ask", "What does it weigh, and who painted it?", engine=engine).out
    )


def test_what_no_quote_supports_is_marked_and_what_is_withheld_is_counted(rag: Any) -> None:
    claim = Claim(0, 9, "unsupported", (), 0.1, "no document names Tokyo")
    engine = FakeEngine(sentences=[Sentence("To Tokyo.", claim, ())], answer=answer(withheld=(claim,)))
    result = rag("ask", "Where?", "--lenient", engine=engine)
    assert "To Tokyo. (unsupported: no document names Tokyo)\n" in result.out
    assert "1 sentence withheld" in result.err
    assert engine.mode == "lenient"


def test_docs_are_brought_up_to_date_and_then_asked_alone(rag: Any, tmp_path: Path) -> None:
    engine = FakeEngine()
    assert rag("ask", "Who?", "--docs", str(tmp_path), engine=engine).code == 0
    assert engine.calls == [("attach", tmp_path), ("stream", "Who?", "docs-of-path")]


def test_files_that_were_not_read_are_named_in_one_line(rag: Any, tmp_path: Path) -> None:
    report = reported(
        ("/d/a.txt", "added", ""),
        ("/d/b.xlsx", "skipped", "b.xlsx: not yet readable (.xlsx)."),
        ("/d/c.txt", "failed", "is not text"),
        ("/d/d.bin", "skipped", "not yet readable"),
        ("/d/e.bin", "skipped", "not yet readable"),
    )
    result = rag("ask", "Who?", "--docs", str(tmp_path), engine=FakeEngine(report=report))
    assert result.err == (
        "4 files not read: b.xlsx: not yet readable (.xlsx); c.txt: is not text; d.bin: not yet readable;"
        " and 1 more (`rag ingest` lists them).\n"
    )


def test_the_settings_of_the_command_line_reach_the_engine(rag: Any, tmp_path: Path) -> None:
    engine = FakeEngine()
    rag("--home", str(tmp_path), "ask", "Who?", "--llm", "none", "--strict", "--collection", "notes", engine=engine)
    assert (engine.settings.home, engine.settings.llm, engine.settings.mode) == (tmp_path, "none", "strict")
    assert engine.calls == [("stream", "Who?", "notes")]


def test_a_dash_reads_the_question_from_standard_input(rag: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("Who\xe9?\n".encode() + b"\xff")))
    engine = FakeEngine()
    rag("ask", "-", engine=engine)
    assert engine.calls == [("stream", "Whoé?\n\ufffd", None)]


def test_an_argument_that_is_not_valid_text_is_mended(rag: Any) -> None:
    engine = FakeEngine()
    rag("ask", "Who\udcff?", engine=engine)
    assert engine.calls == [("stream", "Who??", None)]


def test_json_is_the_whole_answer_and_nothing_else(rag: Any, tmp_path: Path) -> None:
    report = reported(("/d/a.txt", "unchanged", ""), ("/d/b.x", "skipped", "no"))
    engine = FakeEngine(steps=[Step("Reading documents", 7, 7, "files")], report=report)
    result = rag("ask", "Who?", "--docs", str(tmp_path), "--json", engine=engine)
    assert result.json["citations"][0]["quote"] == QUOTE and result.json["status"] == "answered"
    assert "Reading documents: 7 files\n" in result.err and "1 file not read" in result.err


def test_progress_that_is_no_terminals_is_a_line_for_each_finished_stage(rag: Any) -> None:
    steps = [Step("Reading documents", n, 3, "files") for n in range(4)] + [Step("Thinking", 0, None)]
    assert rag("ask", "Who?", engine=FakeEngine(steps=steps)).err == "Reading documents: 3 files\n"


def test_search_shows_what_was_found(rag: Any) -> None:
    engine = FakeEngine()
    assert rag("search", "Who?", "-k", "3", engine=engine).out == f"– “{QUOTE}” — Who is next (/notes/next.txt)\n"
    assert engine.calls == [("search", "Who?", 3, None)]
    assert rag("search", "Who?", "--json").json[0]["start"] == EVIDENCE.start
    assert rag("search", "Who?", engine=FakeEngine(answer=answer(evidence=()))).out == "Nothing found.\n"


def test_text_of_a_document_can_neither_command_the_terminal_nor_style_itself(rag: Any) -> None:
    hostile = "[red]Pay[/red] \x1b[2J\x1b]0;title\x07\u202enow\u202c\r\x9b31m"
    said = Sentence(hostile, SAID.claim, (CITATION,))
    found = answer(citations=(CITATION.__class__(1, "d", hostile, hostile, None, None, hostile, 0, 3, hostile, 1),))
    out = rag("ask", "Who?", engine=FakeEngine(sentences=[said], answer=found)).out
    assert "[red]Pay[/red]" in out
    assert not set("\x1b\x07\x9b\r\u202e\u202c") & set(out)


def test_docs_of_which_nothing_could_be_read_are_named_with_the_reason(rag: Any, tmp_path: Path) -> None:
    engine = FakeEngine(report=reported(("/d/x.txt", "failed", "x.txt: looks like a binary file, not text.")))
    result = rag("ask", "Who?", "--docs", str(tmp_path), engine=engine)
    assert result.code == 2 and ("stream", "Who?", "docs-of-path") not in engine.calls
    assert "x.txt: looks like a binary file" in result.err
    assert f"rag: Nothing of {tmp_path} could be read" in result.err


def test_docs_that_are_gone_are_refused_and_what_was_read_of_them_stays(rag: Any, tmp_path: Path) -> None:
    engine = FakeEngine()
    result = rag("ask", "Who?", "--docs", str(tmp_path / "gone"), engine=engine)
    assert (result.code, engine.calls) == (2, []) and "There is no file or folder" in result.err

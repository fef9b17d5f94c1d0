"""`rag eval`: from question file to exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rag.cli.command import run
from rag.config import Settings
from rag.engine import Engine
from rag.types import Progress
from tests.fakes.embedder import WordEmbedder
from tests.fakes.library import YELLEN, write

CASE = {
    "id": "1",
    "question": "When might Janet Yellen visit Beijing?",
    "answers": ["July"],
    "evidence": [{"doc_id": "visits.txt", "quote": YELLEN}],
}


@pytest.fixture
def rag(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "docs")
    Path("q.jsonl").write_text(json.dumps(CASE) + "\n")

    def make(settings: Settings, progress: Progress) -> Engine:
        return Engine(settings, embedder=WordEmbedder(), progress=progress)

    def command(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments, make)
        return (code, *capsys.readouterr())

    return command


def test_a_run_its_gate_and_its_comparison(rag: Callable[..., Any]) -> None:
    code, out, err = rag("eval", "q.jsonl", "--docs", "docs", "--llm", "none", "--out", "one")
    assert code == 0 and "1 question" in out and "citation.precision" in out and "one" in err
    assert rag("eval", "--docs", "docs", "q.jsonl", "--llm", "none", "--out", "two")[0] == 0
    code, out, _ = rag("eval", "compare", "one", "two", "--out", "both.html")
    assert code == 0 and "WIN/TIE/LOSS" in out and "1 question in both, 0 flips" in out
    assert Path("both.html").read_text().startswith("<!doctype html>")
    code, out, _ = rag("eval", "gate", "one", "--min", "citation.verbatim=1", "--baseline", "two", "--junit", "j.xml")
    assert code == 0 and "ok" in out and "BROKEN" not in out and Path("j.xml").exists()
    code, out, _ = rag("eval", "gate", "one", "--min", "citation.verbatim=1.1")
    assert code == 1 and "BROKEN citation.verbatim is 1, at least 1.1 is wanted" in out


def test_only_the_search_is_measured_and_printed_as_json(rag: Callable[..., Any]) -> None:
    code, out, _ = rag("eval", "q.jsonl", "--docs", "docs", "--only", "retrieval", "--json")
    summary = json.loads(out)
    assert code == 0 and summary["settings"]["only"] == "retrieval" and "answer.contains" not in summary["metrics"]
    assert summary["metrics"]["retrieval.hit@1"]["value"] == 1


def test_every_problem_has_a_line(rag: Callable[..., Any]) -> None:
    Path("q.jsonl").write_text("nothing\n{}\n" + json.dumps({**CASE, "doc_ids": ["gone"]}) + "\n")
    code, out, err = rag("eval", "q.jsonl", "--docs", "docs", "--llm", "none")
    assert (code, out) == (2, "") and "Traceback" not in err
    for line in (1, 2, 3):
        assert any(said.startswith(f"q.jsonl, line {line}: ") for said in err.splitlines())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["q.jsonl", "--docs", "gone"], "There is no file or folder gone"),
        (["q.jsonl", "--docs", "docs", "--collection", "x"], "--docs or --collection, not both"),
        (["q.jsonl"], "has no documents"),
        (["gone.jsonl", "--docs", "docs"], "There is no file gone.jsonl"),
        (["compare", "docs", "docs"], "holds no run"),
        (["gate", "docs", "--min", "a=1"], "holds no run"),
        (["gate", "docs"], "Nothing to check"),
        (["q.jsonl", "--limit", "0", "--docs", "docs"], "--limit"),
    ],
)
def test_wrong_usage_is_one_sentence(arguments: list[str], said: str, rag: Callable[..., Any]) -> None:
    code, out, err = rag("eval", *arguments)
    assert (code, out) == (2, "") and err.startswith("rag: ") and said in err and err.count("\n") == 1


def test_a_first_file_is_drafted_and_never_overwritten(rag: Callable[..., Any]) -> None:
    code, out, _ = rag("eval", "init", "first.jsonl", "--docs", "docs", "--llm", "none", "--count", "2")
    assert code == 0 and "3 questions in first.jsonl, 1 of them without an answer" in out
    assert rag("eval", "first.jsonl", "--docs", "docs", "--llm", "none")[0] == 0
    code, _, err = rag("eval", "init", "first.jsonl", "--docs", "docs", "--llm", "none")
    assert code == 2 and "is there already" in err


def test_what_is_wrong_with_a_file_is_said_once(rag: Callable[..., Any]) -> None:
    Path("q.jsonl").write_text('{"question": ""}\n{"question": "Who?", "anwsers": ["x"]}\n')
    code, _, err = rag("eval", "q.jsonl", "--docs", "docs", "--only", "retrieval")
    assert code == 2 and err.count("its question is empty") == 1 and err.count("did you mean 'answers'?") == 1
    assert "rag: 2 problems in the questions or documents, so nothing was asked. Mend them" in err
    Path("q.jsonl").write_text('{"question": ""}\n')
    assert rag("eval", "q.jsonl", "--docs", "docs", "--only", "retrieval")[2].count("its question is empty") == 1

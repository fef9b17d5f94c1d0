"""benchmarks/all_sets.py: which commands it runs, what it leaves out, and its table."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from rag.evaluate.folder import RunFolder
from rag.evaluate.outcome import Outcome
from rag.evaluate.summary import summarise

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "all_sets.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("all_sets", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["all_sets"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def given(tmp_path: Path) -> argparse.Namespace:
    for name in ("papers", "wiki", "no-questions"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "documents.jsonl").touch()
    for name in ("papers", "wiki"):
        (tmp_path / name / "questions.jsonl").touch()
    (tmp_path / "papers" / "files").mkdir()
    return argparse.Namespace(
        datasets=tmp_path, out=tmp_path / "runs", llm="embedded:x,none,llama-index", baseline_llm=None, only=None,
        sets=[], limit=5, seed=3,
    )  # fmt: skip


def test_each_set_is_run_by_the_command_of_a_user(script: ModuleType, given: argparse.Namespace) -> None:
    runs = script.plan(given)
    assert [(run.name, run.model) for run in runs][:4] == [
        ("papers", "embedded:x"), ("papers", "none"), ("papers", "llama-index"), ("papers-files", "embedded:x"),
    ]  # fmt: skip
    assert len(runs) == 9 and len({run.folder for run in runs}) == 9
    folder = given.datasets / "papers"
    assert list(runs[1].command[1:]) == [
        "-m", "rag", "eval", "run", str(folder / "questions.jsonl"), "--docs", str(folder / "documents.jsonl"),
        "--out", str(runs[1].folder), "--seed", "3", "--limit", "5", "--llm", "none",
    ]  # fmt: skip
    assert runs[2].command[1].endswith("llamaindex.py") and str(folder / "files") in runs[3].command
    given.only, given.sets = "retrieval", ["wiki"]
    (search,) = script.plan(given)
    assert search.command[-2:] == ("--only", "retrieval")


def test_a_finished_run_is_not_made_again_and_stands_in_the_table(
    script: ModuleType, given: argparse.Namespace
) -> None:
    run = script.plan(given)[1]
    assert not run.is_finished()
    kept = RunFolder(run.folder)
    settings = {"limit": 5, "seed": 3}
    kept.begin({"settings": settings})
    assert not run.is_finished(), "it was only begun"
    outcomes = [
        Outcome("1", "Who?", "a|b", True, scores={"answer.contains": 1.0}, seconds={"answer": 2.0}),
        Outcome("2", "Why?", "c", True, scores={"answer.contains": 0.0}, seconds={"answer": 4.0}),
        Outcome("3", "When?", "c", False, error="It stalled."),
    ]
    kept.finish({"settings": settings, "seconds": 90.0}, summarise(outcomes, settings), outcomes)
    assert run.is_finished()
    head, _, row = script.table(script.plan(given)).splitlines()
    cells = dict(zip(head.split(" | "), row.split(" | "), strict=True))
    assert cells["n"] == "3" and cells["answerable n"] == "2" and cells["minutes"] == "1.5"
    assert cells["answer contained"] == "0.500 [0.000, 1.000] n=2" and cells["answer p50 s"].startswith("3.00 [")
    assert cells["verbatim"] == "–" and row.endswith(" | 1 |")
    assert "type a/b" in script.by_parts([run]), "no bar of a type breaks the table"
    given.limit = 6
    assert not script.plan(given)[1].is_finished(), "of other questions"

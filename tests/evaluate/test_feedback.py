"""What readers thought of answers on the chat page becomes a question file that can be run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.cli.command import run as command
from rag.config import Settings
from rag.engine import Engine
from rag.errors import PathError
from rag.evaluate.begin import as_jsonl, judged_questions
from rag.evaluate.dataset import read
from rag.types import Progress
from tests.fakes.embedder import WordEmbedder
from tests.fakes.library import QUESTION, ROOMS, ROOMS_QUESTION, VISITS, YELLEN, library

NOWHERE = "Which Mongolian astronomer founded the violin academy?"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with library(tmp_path / "docs") as engine:
        yield engine


def judged(engine: Engine, question: str, verdict: str, reason: str = "", owner: str = "") -> None:
    chat = engine.chats.create(owner, question, "default")
    turn = engine.chats.ask(owner, chat.id, question)
    engine.chats.answer(turn.id, engine.ask(question))
    engine.chats.judge(owner, turn.id, verdict, reason)  # type: ignore[arg-type]


def test_good_answers_are_the_reference_and_bad_ones_are_to_be_corrected(engine: Engine, tmp_path: Path) -> None:
    judged(engine, ROOMS_QUESTION, "up", "right", owner="ada")
    judged(engine, QUESTION, "down", "Kerry is missing")
    judged(engine, NOWHERE, "up")
    judged(engine, NOWHERE, "down", "It is in the second paper.")
    rooms, visits, refused, missed = judged_questions(engine, "default", root=tmp_path / "docs")
    assert rooms["question"] == ROOMS_QUESTION and rooms["answers"] == [ROOMS] and rooms["type"] == "judged good"
    assert rooms["evidence"] == [{"doc_id": "visits.txt", "quote": ROOMS}]
    assert visits["type"] == "to correct" and visits["answers"] == [] and visits["reason"] == "Kerry is missing"
    assert {"doc_id": "visits.txt", "quote": YELLEN} in visits["evidence"] and YELLEN in visits["given"]
    assert not refused["answerable"] and refused["answers"] == [] == refused["evidence"]
    assert missed["answerable"] and missed["type"] == "to correct"


def test_a_quote_that_its_document_no_longer_has_is_to_be_corrected(engine: Engine, tmp_path: Path) -> None:
    judged(engine, ROOMS_QUESTION, "up")
    (tmp_path / "docs" / "visits.txt").write_text(VISITS.replace("400 rooms", "12 beds"))
    engine.ingest([tmp_path / "docs"])
    (row,) = judged_questions(engine, "default")
    assert row["type"] == "to correct" and row["answers"] == [] == row["evidence"]


def test_another_collection_has_none_of_it(engine: Engine, tmp_path: Path) -> None:
    judged(engine, ROOMS_QUESTION, "up")
    engine.ingest([tmp_path / "docs" / "bread.txt"], collection="bread")
    with pytest.raises(PathError, match="Nobody has judged an answer over collection 'bread'"):
        judged_questions(engine, "bread")


def test_the_file_is_written_by_the_command_and_can_be_read_as_questions(
    engine: Engine, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judged(engine, ROOMS_QUESTION, "up")
    judged(engine, QUESTION, "down", "Kerry is missing")
    rows = judged_questions(engine, "default")
    engine.close()

    def make(settings: Settings, progress: Progress) -> Engine:
        return Engine(settings, embedder=WordEmbedder(), progress=progress)

    out = tmp_path / "judged.jsonl"
    assert command(["eval", "init", str(out), "--from-feedback"], make) == 0
    assert "2 questions in" in capsys.readouterr().out
    assert out.read_text() == as_jsonl(rows) and json.loads(out.read_text().splitlines()[1])["verdict"] == "down"
    found = read(out)
    assert [case.question for case in found.cases] == [ROOMS_QUESTION, QUESTION] and not found.problems

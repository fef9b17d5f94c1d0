"""The sample folder is as messy as it claims to be, and its questions quote it to the byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rag.walk import find

FOLDER = Path(__file__).parents[1] / "examples" / "briefings"
QUESTIONS = [json.loads(line) for line in (FOLDER / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
FIELDS = {"id", "question", "answers", "answerable", "evidence", "type", "history"}
BY_ID = pytest.mark.parametrize("case", QUESTIONS, ids=lambda case: case["id"])


@BY_ID
def test_each_quote_stands_in_its_file_to_the_byte(case: dict[str, Any]) -> None:
    for evidence in case["evidence"]:
        assert evidence["quote"].encode() in (FOLDER / evidence["doc_id"]).read_bytes()


@BY_ID
def test_each_question_is_complete(case: dict[str, Any]) -> None:
    assert set(case) == FIELDS and case["question"].strip()
    assert bool(case["answers"]) == bool(case["evidence"]) == case["answerable"] == (case["type"] != "unanswerable")
    assert all(turn.keys() == {"role", "content"} for turn in case["history"])
    assert (case["type"] != "follow-up") or case["history"]


def test_ids_are_unique_and_every_kind_of_question_is_there() -> None:
    assert len({case["id"] for case in QUESTIONS}) == len(QUESTIONS) >= 20
    assert {"extractive", "list", "conflict", "follow-up", "unanswerable"} <= {case["type"] for case in QUESTIONS}
    assert sum(not case["answerable"] for case in QUESTIONS) >= 6


def test_every_brief_is_asked_about() -> None:
    briefs = {path.name for path in FOLDER.iterdir()} - {"questions.jsonl", ".ragignore"}
    assert {evidence["doc_id"] for case in QUESTIONS for evidence in case["evidence"]} == briefs


def test_the_questions_are_not_read_as_a_brief() -> None:
    assert FOLDER / "questions.jsonl" not in find([FOLDER], leave_out=FOLDER / "none").files


def test_the_briefs_are_messy_in_the_ways_the_readers_have_to_bear() -> None:
    texts = {path.name: path.read_bytes().decode() for path in FOLDER.iterdir()}
    assert texts["weekend-visit.txt"].count("Janet Yellen") == 4, "repeats itself"
    assert texts["monday-links.txt"].count("Read more »") == 4 and "Similar News:" in texts["monday-links.txt"]
    assert texts["state-department-note.md"].startswith("---\n"), "front matter"
    assert "misunder-\nstanding" in texts["state-department-note.md"], "a hyphen at the end of a line"
    assert ".– " in texts["expectations.txt"], "bullets glued together"
    assert "\r\n" in texts["balloon-backgrounder.txt"] and "\xa0" in texts["sticking-points.md"]
    assert "cookie" in texts["talks-in-beijing.html"] and "<script>" in texts["talks-in-beijing.html"]

"""`rag ingest`, `documents`, `collections`, `doctor`, `rebuild`, `config`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fake_engine import QUOTE, FakeEngine, reported, summary

from vectorstore.store import FailureRecord, Finding

TWO = [summary("abc111", "/notes/a.txt"), summary("abd222", "/notes/[b].txt")]


def test_ingest_lists_what_changed_and_what_was_not_read(rag: Any) -> None:
    report = reported(("/d/a.txt", "added", ""), ("/d/b.txt", "unchanged", ""), ("/d/c.x", "skipped", "no reader"))
    engine = FakeEngine(report=report)
    result = rag("ingest", "/d", "/e", "--collection", "notes", "--prune", engine=engine)
    assert result.code == 0
    assert engine.calls == [("ingest", [Path("/d"), Path("/e")], "notes", True)]
    assert result.out.splitlines() == [
        "added    /d/a.txt  0 passages",
        "skipped  /d/c.x  no reader",
        "Collection default: 1 added, 1 skipped, 1 unchanged; 0 passages embedded.",
    ]


def test_what_was_given_up_is_tried_when_asked(rag: Any) -> None:
    engine = FakeEngine()
    rag("ingest", "/d", "--retry", engine=engine)
    assert engine.calls == [("ingest", [Path("/d")], None, False, True)]


def test_a_moved_file_is_a_line_with_where_it_was(rag: Any) -> None:
    result = rag("ingest", "/d", engine=FakeEngine(report=reported(("/d/b.txt", "moved", "from /d/a.txt"))))
    assert result.out.splitlines()[0] == "moved    /d/b.txt  from /d/a.txt"


def test_what_could_not_be_read_is_listed_with_reason_and_attempts(rag: Any) -> None:
    failure = FailureRecord(
        "notes", "/d/a.pdf", "a.pdf: is \x1b[31mdamaged.", 3, 0, "", 9, 1.0, "", "2026-11-01T10:00:00+00:00",
        "2026-11-02T11:30:00+00:00",
    )  # fmt: skip
    engine = FakeEngine(failures=[failure])
    lines = rag("documents", "failed", "--collection", "notes", engine=engine).out.splitlines()
    assert engine.calls == [("failed", "notes")]
    assert lines[0].split() == ["TRIED", "LAST", "(UTC)", "COLLECTION", "PATH", "REASON"]
    assert lines[1].split()[:5] == ["3", "2026-11-02", "11:30", "notes", "/d/a.pdf"] and "\x1b" not in lines[1]
    assert rag("documents", "failed", "--json", engine=engine).json[0]["attempts"] == 3
    assert rag("documents", "failed").out == "No file is known that could not be read.\n"


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_file_that_could_not_be_read_is_named_and_fails_the_command(options: list[str], rag: Any) -> None:
    result = rag("ingest", "/d", *options, engine=FakeEngine(report=reported(("/d/a.txt", "failed", "is binary"))))
    assert result.code == 1 and "/d/a.txt" in result.out and "is binary" in result.out


def test_documents_are_listed(rag: Any) -> None:
    lines = rag("documents", "list", engine=FakeEngine(summaries=TWO)).out.splitlines()
    assert lines[0].split() == ["ID", "DATE", "LANGUAGE", "PASSAGES", "COLLECTION", "TITLE", "PATH"]
    assert lines[2].startswith("abd222") and lines[2].endswith("/notes/[b].txt")


@pytest.mark.parametrize("reference", ["abd222", "abd", "/notes/[b].txt"])
def test_a_document_is_found_by_id_beginning_or_path(reference: str, rag: Any) -> None:
    result = rag("documents", "show", reference, engine=FakeEngine(summaries=TWO))
    assert "abd222" in result.out and result.out.endswith(f"First line.\n{QUOTE}\n")


@pytest.mark.parametrize(
    ("reference", "said"), [("ab", "means 2 documents"), ("", "no document"), ("zz", "no document")]
)
def test_a_document_that_is_not_clear_is_refused(reference: str, said: str, rag: Any) -> None:
    result = rag("documents", "show", reference, engine=FakeEngine(summaries=TWO))
    assert result.code == 2 and said in result.err


def test_nothing_is_removed_when_one_of_them_is_mistyped(rag: Any) -> None:
    engine = FakeEngine(summaries=TWO)
    assert rag("documents", "remove", "abc", "zz", engine=engine).code == 2
    assert not [call for call in engine.calls if call[0] == "remove"]


def test_documents_are_removed_once_each(rag: Any) -> None:
    engine = FakeEngine(summaries=TWO)
    assert rag("documents", "remove", "abc", "abc111", "abd", engine=engine).out == "2 documents removed.\n"
    assert [call for call in engine.calls if call[0] == "remove"] == [("remove", "abc111", "abd222")]


def test_doctor_fails_when_it_finds_something_and_says_what_mends_it(rag: Any) -> None:
    assert rag("doctor").code == 0
    engine = FakeEngine(findings=[Finding("missing", "default", 3, "3 passages are not indexed", "rag rebuild")])
    result = rag("doctor", engine=engine)
    assert result.code == 1
    assert result.out == "default: missing (3): 3 passages are not indexed\n  mend it with: rag rebuild\n"
    assert rag("doctor", "--json", engine=engine).json[0]["mend"] == "rag rebuild"


@pytest.mark.parametrize(
    "command",
    [
        ["ask", "Who?"],
        ["search", "Who?"],
        ["ingest", "/d"],
        ["documents", "list"],
        ["documents", "show", "abc"],
        ["documents", "remove", "abc"],
        ["collections"],
        ["doctor"],
        ["rebuild"],
        ["config"],
    ],
    ids=" ".join,
)
def test_every_command_prints_json_and_nothing_else(command: list[str], rag: Any) -> None:
    result = rag(*command, "--json", engine=FakeEngine(summaries=TWO))
    assert result.code == 0 and isinstance(result.json, dict | list) and result.err == ""


def test_rebuild_and_collections_say_what_they_did(rag: Any) -> None:
    assert rag("rebuild").out == "Index rebuilt: 2 passages.\n"
    assert rag("collections").out.splitlines()[1].split() == ["default", "1", "2", "minilm"]


def test_config_hides_secrets(rag: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    for result in (rag("config"), rag("config", "--json")):
        assert "(set)" in result.out and "secret" not in result.out.replace("secrets", "")


def test_a_collection_gets_no_name_that_the_setting_may_not_have(rag: Any) -> None:
    engine = FakeEngine()
    for name in ("../x", "", "a b"):
        result = rag("ingest", ".", "--collection", name, engine=engine)
        assert (result.code, engine.calls) == (2, []) and f"Argument collection: is {name!r}" in result.err

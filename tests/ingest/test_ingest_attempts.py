"""What could not be read is remembered, tried again where that can help, and given up when it keeps crashing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rag.ingest.attempts import MOST_DEATHS
from rag.ingest.reading import _Parser
from rag.load.parsed import Parsed, Source
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.files import zipped
from tests.fakes.ingestion import OLD, TEXT, outcomes, run, write
from vectorstore.local import LocalStore

POISON = b"%PDF-1.4 this one hangs"


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Let the reader process die over POISON, as over a file that crashes its parser; return the names it was given."""
    tried: list[str] = []
    real = _Parser.read

    def read(self: _Parser, source: Source) -> Parsed:
        if source.data == POISON:
            tried.append(source.name)
            with self._lock:
                self._running().kill()
        return real(self, source)

    monkeypatch.setattr(_Parser, "read", read)
    yield tried


def test_a_failure_is_remembered_until_the_file_can_be_read(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    write(folder / "a.txt")
    path = write(folder / "b.txt", b"\x00\x01\x02")
    for attempts in (1, 2):
        assert outcomes(run(store, embedder, folder))["b.txt"] == "failed"
        (failure,) = store.failures("notes")
        assert (failure.uri, failure.attempts, failure.deaths) == (str(path), attempts, 0)
        assert "binary" in failure.reason and failure.first_at <= failure.last_at
    write(path, b"\x00\x01\x02\x03", modified=OLD + 9)
    run(store, embedder, folder)
    assert [one.attempts for one in store.failures()] == [1], "another version begins anew"
    write(path, TEXT.upper(), modified=OLD + 19)
    assert outcomes(run(store, embedder, folder))["b.txt"] == "added"
    assert store.failures() == []


def test_a_failure_whose_file_is_gone_is_forgotten(folder: Path, store: LocalStore, embedder: FakeEmbedder) -> None:
    write(folder / "a.txt")
    path = write(folder / "b.txt", b"\x00\x01\x02")
    run(store, embedder, folder)
    path.unlink()
    run(store, embedder, folder)
    assert store.failures() == []


def test_only_changed_failures_are_tried_where_that_is_asked_for(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    write(folder / "a.txt")
    path = write(folder / "b.zip", zipped({"x.txt": TEXT.upper(), "y.pdf": "no"}))
    run(store, embedder, folder)
    again = run(store, embedder, folder, retry=False)
    assert outcomes(again) == {"a.txt": "unchanged", "x.txt": "unchanged", "y.pdf": "failed"}
    assert [one.attempts for one in store.failures()] == [1]
    write(path, zipped({"x.txt": TEXT.upper(), "y.pdf": "still no"}), modified=OLD + 9)
    run(store, embedder, folder, retry=False)
    assert [(one.uri, one.attempts) for one in store.failures()] == [(f"{path}!/y.pdf", 1)]


def test_a_file_that_keeps_killing_its_reader_is_given_up_until_it_changes_or_is_asked_for(
    folder: Path, store: LocalStore, embedder: FakeEmbedder, poisoned: list[str]
) -> None:
    write(folder / "a.txt")
    path = write(folder / "b.pdf", POISON)
    for _ in range(MOST_DEATHS + 2):
        report = run(store, embedder, folder)
        assert outcomes(report)["b.pdf"] == "failed"
    assert len(poisoned) == MOST_DEATHS
    assert "crashed" in report.files[1].reason and "--retry" in report.files[1].reason
    (failure,) = store.failures("notes")
    assert (failure.attempts, failure.deaths) == (MOST_DEATHS + 2, MOST_DEATHS)

    run(store, embedder, folder, retry=True)
    assert len(poisoned) == MOST_DEATHS + 1
    run(store, embedder, folder, file_seconds=60)
    assert len(poisoned) == MOST_DEATHS + 2, "with another limit it may go well"
    write(path, TEXT, modified=OLD + 9)
    path.rename(folder / "b.txt")
    assert outcomes(run(store, embedder, folder))["b.txt"] == "added"
    assert store.failures() == []


def test_poison_within_an_archive_is_given_up_alone(
    folder: Path, store: LocalStore, embedder: FakeEmbedder, poisoned: list[str]
) -> None:
    write(folder / "a.zip", zipped({"p.pdf": POISON, "x.txt": TEXT}))
    for _ in range(MOST_DEATHS + 1):
        report = run(store, embedder, folder)
    assert len(poisoned) == MOST_DEATHS
    assert outcomes(report) == {"p.pdf": "failed", "x.txt": "unchanged"}
    (folder / "b").mkdir()
    (folder / "a.zip").rename(folder / "b" / "c.zip")
    run(store, embedder, folder)
    assert len(poisoned) == MOST_DEATHS, "the same content, wherever it is"


def test_an_ingestion_that_is_broken_off_keeps_what_it_found_out(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    write(folder / "a.txt", b"\x00\x01\x02")
    write(folder / "b.txt")
    embedder.fail = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        run(store, embedder, folder)
    assert [Path(one.uri).name for one in store.failures()] == ["a.txt"]


def test_a_web_page_that_cannot_be_had_is_remembered(store: LocalStore, embedder: FakeEmbedder) -> None:
    url = "http://127.0.0.1:9/nothing"
    report = run(store, embedder, url)
    assert report.count("failed") == 1
    assert [one.uri for one in store.failures()] == [url]


@contextmanager
def _nobody(folder: Path) -> Iterator[None]:
    """Be somebody who may enter this folder, and write what is in it, but is not root."""
    above = {path: path.stat().st_mode for path in folder.parents if path.stat().st_mode & 0o1 == 0}
    for path in above:
        path.chmod(0o711)
    for path in (folder, *(path for path in folder.rglob("*") if path.stat().st_mode & 0o700)):
        os.chown(path, 65534, 65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        for path, mode in above.items():
            path.chmod(mode)


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone may become somebody who may not read")
def test_a_file_without_permission_is_named_and_read_when_there_is_one(
    folder: Path, store: LocalStore, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty := folder.parent / "rag.toml").touch()
    monkeypatch.setenv("RAG_CONFIG", str(empty))
    write(folder / "a.txt")
    closed = write(folder / "b.txt", TEXT.upper())
    run(store, embedder, folder / "a.txt")  # the store is open before the privileges go
    closed.chmod(0)
    (folder / "c").mkdir(mode=0)
    with _nobody(folder.parent):
        report = run(store, embedder, folder)
    assert outcomes(report) == {"a.txt": "unchanged", "b.txt": "failed", "c": "failed"}
    reasons = {Path(file.uri).name: file.reason for file in report.files}
    assert reasons["b.txt"] == "b.txt: no permission to read it; change its permissions or leave it out."
    assert reasons["c"] == "can't be listed (Permission denied)."
    assert outcomes(run(store, embedder, folder)) == {"a.txt": "unchanged", "b.txt": "added"}
    assert store.failures() == []

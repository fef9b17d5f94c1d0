"""Files that change, trees of every shape, clocks that are wrong."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from rag.ingest import reading
from rag.walk import find
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.ingestion import OLD, TEXT, interrupted, outcomes, run, write
from vectorstore.check import doctor
from vectorstore.local import LocalStore


def changing(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Let a file grow while it is read, so many times."""
    real, left = reading.read_bytes, [times]

    def read_bytes(path: Path, most: int) -> bytes:
        data = real(path, most)
        if left[0]:
            left[0] -= 1
            write(path, data + b"One more line.\n", modified=path.stat().st_mtime + 5)
        return data

    monkeypatch.setattr(reading, "read_bytes", read_bytes)
    monkeypatch.setattr(reading, "PAUSE", 0.001)


def test_a_file_that_changes_while_it_is_read_is_read_again(
    folder: Path, store: LocalStore, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(folder / "a.txt")
    changing(monkeypatch, 2)
    report = run(store, embedder, folder)
    assert outcomes(report) == {"a.txt": "added"}
    document = store.document(report.files[0].document_id)
    assert document is not None and document.text == path.read_text() == TEXT + "One more line.\n" * 2
    assert document.modified == path.stat().st_mtime
    assert outcomes(run(store, embedder, folder)) == {"a.txt": "unchanged"}


def test_a_file_that_never_rests_is_named_and_what_was_read_is_kept(
    folder: Path, store: LocalStore, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "a.txt")
    run(store, embedder, folder)
    write(folder / "a.txt", TEXT.upper(), modified=OLD + 1)
    changing(monkeypatch, 99)
    (file,) = run(store, embedder, folder).files
    assert file.outcome == "failed" and "changed while it was read" in file.reason and "kept" in file.reason
    assert [one.text for one in [store.document(file.document_id)] if one] == [TEXT]


@pytest.mark.parametrize("shift", [-400 * 86400, 400 * 86400])
def test_a_clock_that_jumps_loses_no_change_and_doubles_nothing(
    folder: Path, store: LocalStore, embedder: FakeEmbedder, shift: float
) -> None:
    path = write(folder / "a.txt", modified=time.time() + shift)
    write(folder / "b.txt", TEXT.upper(), modified=time.time() - shift)
    run(store, embedder, folder)
    assert set(outcomes(run(store, embedder, folder)).values()) == {"unchanged"}
    # The clock was set back: the newer version has the older stamp.
    write(path, TEXT.replace("July", "June"), modified=time.time() + shift - 3600)
    assert outcomes(run(store, embedder, folder)) == {"a.txt": "updated", "b.txt": "unchanged"}
    assert len(store.documents("notes")) == 2 and doctor(store) == []


def test_a_lock_waits_by_a_clock_that_cannot_be_set(
    store: LocalStore, folder: Path, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, start = time.time, time.time()
    monkeypatch.setattr(time, "time", lambda: start - 10 * (real() - start))  # runs backwards
    write(folder / "a.txt")
    assert outcomes(run(store, embedder, folder)) == {"a.txt": "added"}
    assert doctor(store) == []


def test_a_tree_of_ten_thousand_files_is_walked_with_each_file_once(folder: Path) -> None:
    for number in range(100):
        inner = folder / f"{number:02d}"
        inner.mkdir()
        for one in range(100):
            (inner / f"{one:02d}.txt").touch()
    os.symlink(folder, folder / "00" / "loop")
    os.symlink(folder / "01", folder / "02" / "again")
    began = time.perf_counter()
    found = find([folder, folder / "05"], leave_out=folder / "none")
    assert len(found.files) == len(set(found.files)) == 10_000 and found.closed == {}
    assert time.perf_counter() - began < 30
    assert found.files == sorted(found.files)


def test_a_very_deep_tree_is_read_to_its_end(folder: Path, store: LocalStore, embedder: FakeEmbedder) -> None:
    deep = folder
    for _ in range(300):
        deep = deep / "ddd"
        if len(str(deep)) > 3500:  # below the longest path that Linux takes
            break
        deep.mkdir()
    deep = deep if deep.is_dir() else deep.parent
    write(deep / "a.txt")
    assert outcomes(run(store, embedder, folder)) == {"a.txt": "added"}


def test_a_tree_deeper_than_paths_may_be_long_is_named(
    folder: Path, store: LocalStore, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "a.txt")
    monkeypatch.chdir(folder)
    for _ in range(25):  # each path in itself short enough to be made
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
    Path("b.txt").write_text(TEXT)
    os.chdir(folder)
    try:
        report = run(store, embedder, folder)
        assert outcomes(report)["a.txt"] == "added"
        (named,) = [file for file in report.files if file.outcome == "failed"]
        assert "name too long" in named.reason.lower()
    finally:
        subprocess.run(["rm", "-rf", "d" * 200], cwd=folder, check=True)


def test_links_that_lead_to_each_other_are_named_not_followed_for_ever(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    write(folder / "a.txt")
    (folder / "x.txt").symlink_to(folder / "y.txt")
    (folder / "y.txt").symlink_to(folder / "x.txt")
    (folder / "one").mkdir()
    (folder / "two").mkdir()
    (folder / "one" / "to two").symlink_to(folder / "two")
    (folder / "two" / "to one").symlink_to(folder / "one")
    write(folder / "two" / "b.txt", TEXT.upper())
    report = run(store, embedder, folder)
    assert sorted(outcomes(report).items()) == [
        ("a.txt", "added"), ("b.txt", "added"), ("x.txt", "failed"), ("y.txt", "failed"),
    ]  # fmt: skip
    assert len(store.documents("notes")) == 2


def test_files_are_read_while_others_are_embedded(folder: Path, store: LocalStore) -> None:
    for number in range(8):
        parts = "\n\n".join(f"# Part {part}\n\nText {number} of part {part} is short." for part in range(70))
        write(folder / f"{number}.txt", parts)
    embedding, read = threading.Event(), threading.Event()

    class Meeting(FakeEmbedder):
        """The last file is not read to its end before the first is being embedded, nor is that done before it is."""

        def count(self, text: str) -> int:
            if "Text 7" in text:
                assert embedding.wait(60), "nothing was embedded before all was read"
                read.set()
            return super().count(text)

        def documents(self, texts: Any, progress: Any = None) -> Any:
            embedding.set()
            assert read.wait(60), "nothing was read while others were embedded"
            return super().documents(texts, progress)

    assert run(store, Meeting(), folder).count("added") == 8


def test_an_interrupt_ends_the_readers_too(folder: Path, store: LocalStore, embedder: FakeEmbedder) -> None:
    for number in range(30):
        write(folder / f"{number:02d}.html", f"<p>{TEXT} Number {number}.</p>")
    children = set(_children())

    interrupted(store, embedder, folder, after=3)
    assert set(_children()) <= children
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("reading")]
    assert outcomes(run(store, embedder, folder)) == {f"{number:02d}.html": "added" for number in range(30)}


def _children() -> list[str]:
    if not Path("/proc/self/task").is_dir():
        return []
    return [pid for one in Path("/proc/self/task").glob("*/children") for pid in one.read_text().split()]


def test_a_name_that_is_not_utf8_is_named_once(folder: Path, store: LocalStore, embedder: FakeEmbedder) -> None:
    path = Path(os.fsdecode(os.fsencode(folder) + b"/bad\xff.txt"))
    try:
        write(path)
    except OSError:
        pytest.skip("this file system has UTF-8 names only")
    (report,) = run(store, embedder, folder).files
    assert report.reason == "bad\ufffd.txt: its name is not valid UTF-8; rename it."

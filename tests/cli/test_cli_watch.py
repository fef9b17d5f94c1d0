"""`rag ingest FOLDER --watch`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fake_engine import FakeEngine

from rag.cli import watch
from rag.cli.watch import Follower
from rag.config import Settings
from rag.errors import EmbeddingMismatchError, PathError, StoreBusyError
from rag.ingest import ingest
from rag.types import IngestReport
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.ingestion import TEXT
from vectorstore.local import LocalStore, open_store

ROOT = Path(__file__).parents[2]


@dataclass
class Library:
    """The part of an engine that a follower uses, over a real store."""

    store: LocalStore
    errors: list[Exception] = field(default_factory=list)
    rounds: int = 0

    def ingest(self, paths: Any, *, collection: str | None, prune: bool, retry: bool | None) -> IngestReport:
        self.rounds += 1
        if self.errors:
            raise self.errors.pop(0)
        settings = Settings(home=self.store.home)
        return ingest(
            paths,
            store=self.store,
            embedder=FakeEmbedder(),
            collection=collection or "notes",
            settings=settings,
            prune=prune,
            retry=retry,
        )


class Following:
    """A follower in a thread, and what it said."""

    def __init__(self, library: Library, *folders: Path, prune: bool = False) -> None:
        self.lines: list[str] = []
        self.reports: list[IngestReport] = []
        self.stop = threading.Event()
        self.error: BaseException | None = None
        self.follower = Follower(
            library,  # type: ignore[arg-type]
            folders,
            None,
            prune,
            False,
            library.store.home,
            self.reports.append,
            lambda line: self.lines.append(line.plain),
        )
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.follower.run(self.stop)
        except BaseException as error:
            self.error = error

    def until(self, true: Callable[[], object], seconds: float = 40) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end and self.thread.is_alive(), (self.lines, self.error)
            time.sleep(0.02)

    def said(self, *words: str) -> bool:
        return any(all(word in line for word in words) for line in self.lines)

    def end(self) -> None:
        self.stop.set()
        self.thread.join(30)
        assert not self.thread.is_alive()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    return tmp_path / "docs"


@pytest.fixture
def library(tmp_path: Path, folder: Path) -> Iterator[Library]:
    # Within the folder that is followed: the store's own changes must not set off another round.
    with open_store(folder / "home") as store:
        yield Library(store)


@pytest.fixture
def follow(library: Library, folder: Path) -> Iterator[Callable[..., Following]]:
    begun: list[Following] = []

    def start(**given: Any) -> Following:
        begun.append(Following(library, folder, **given))
        begun[-1].until(lambda: begun[-1].said("Following"))
        return begun[-1]

    yield start
    for one in begun:
        one.end()


def test_each_change_is_one_line_and_the_collection_follows(
    library: Library, folder: Path, follow: Callable[..., Following]
) -> None:
    (folder / "a.txt").write_text(TEXT)
    following = follow()
    assert [file.outcome for file in following.reports[0].files] == ["added"]
    (folder / "b.txt").write_text(TEXT.upper())
    following.until(lambda: following.said("added", "b.txt", "1 passage"))
    (folder / "a.txt").write_text(TEXT.replace("July", "June"))
    following.until(lambda: following.said("updated", "a.txt"))
    (folder / "b.txt").rename(folder / "c.txt")
    following.until(lambda: following.said("moved", "c.txt", "from", "b.txt"))
    (folder / "c.txt").unlink()
    (folder / "d.txt").write_bytes(b"\x00\x01")
    following.until(lambda: following.said("failed", "d.txt", "binary"))
    assert {Path(one.uri).name for one in library.store.documents("notes")} == {"a.txt", "c.txt"}, "no --prune"
    (folder / "e.txt").write_text(TEXT.lower())
    following.until(lambda: following.said("added", "e.txt"))
    assert sum("d.txt" in line for line in following.lines) == 1, "what failed and is as it was is not said again"
    assert len(following.lines) == 6, following.lines


def test_with_prune_what_is_gone_goes(library: Library, folder: Path, follow: Callable[..., Following]) -> None:
    (folder / "a.txt").write_text(TEXT)
    (folder / "b.txt").write_text(TEXT.upper())
    following = follow(prune=True)
    (folder / "b.txt").unlink()
    following.until(lambda: following.said("removed", "b.txt"))
    (folder / ".ragignore").write_text("a.*\n")
    following.until(lambda: following.said("removed", "a.txt", ".ragignore"))
    assert library.store.documents("notes") == []


def test_a_burst_is_one_round_and_the_store_itself_none(
    library: Library, folder: Path, follow: Callable[..., Following]
) -> None:
    (folder / "a.txt").write_text(TEXT)
    following = follow()
    before = library.rounds
    for number in range(50):
        (folder / f"{number}.txt").write_text(f"{TEXT}Number {number}.")
    following.until(lambda: sum("added" in line for line in following.lines) == 50)
    (folder / ".hidden.txt").write_text(TEXT)
    time.sleep(3 * watch.QUIET_MS / 1000)
    assert library.rounds - before <= 5, "settled, and not set off by what the rounds wrote"


def test_an_empty_folder_is_followed_until_there_is_something(
    library: Library, folder: Path, follow: Callable[..., Following]
) -> None:
    following = follow()
    assert following.said("empty")
    (folder / "a.txt").write_text(TEXT)
    following.until(lambda: following.reports)
    assert [file.outcome for file in following.reports[0].files] == ["added"]


def test_trouble_that_passes_is_said_once_and_tried_again(
    library: Library, folder: Path, follow: Callable[..., Following], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "AGAIN_SECONDS", 0.1)
    (folder / "a.txt").write_text(TEXT)
    library.errors = [StoreBusyError("Another process is writing.")] * 3
    following = follow()
    following.until(lambda: following.reports)
    assert [line for line in following.lines if "Another" in line] == ["Another process is writing. It is tried again."]
    assert len(library.store.documents("notes")) == 1


def test_trouble_that_does_not_pass_ends_it(library: Library, folder: Path, follow: Callable[..., Following]) -> None:
    (folder / "a.txt").write_text(TEXT)
    following = follow()
    library.errors = [EmbeddingMismatchError("another model")]
    (folder / "b.txt").write_text(TEXT)
    following.thread.join(30)
    assert isinstance(following.error, EmbeddingMismatchError)


def test_a_folder_that_is_gone_is_no_longer_followed(
    library: Library, folder: Path, follow: Callable[..., Following], tmp_path: Path
) -> None:
    (folder / "a.txt").write_text(TEXT)
    following = follow(prune=True)
    folder.rename(tmp_path / "elsewhere")
    following.thread.join(30)
    assert isinstance(following.error, PathError) and "is gone" in str(following.error)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["https://example.com"], "is a web page"),
        (["FILE"], "is a file; name the folder"),
        (["FOLDER", "--json"], "leave out --json"),
        (["FOLDER/none"], "There is no folder"),
    ],
)
def test_what_cannot_be_followed_is_refused_in_a_sentence(
    rag: Callable[..., Any], folder: Path, arguments: list[str], words: str
) -> None:
    (folder / "a.txt").write_text(TEXT)
    given = [one.replace("FOLDER", str(folder)).replace("FILE", str(folder / "a.txt")) for one in arguments]
    result = rag("ingest", *given, "--watch")
    assert result.code == 2 and words in result.err and len(result.err.splitlines()) == 1


def test_a_server_with_a_disk_of_its_own_is_refused(rag: Callable[..., Any], folder: Path) -> None:
    engine = FakeEngine()
    engine.shares_disk = False  # type: ignore[attr-defined]
    result = rag("ingest", str(folder), "--watch", engine=engine)
    assert result.code == 2 and "on the server's machine" in result.err and engine.calls == []


PROGRAM = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests/cli"]
from rag.cli import until_interrupted
from rag.cli.command import run
from test_cli_watch import Library
from vectorstore.local import open_store

class Engine(Library):
    def __enter__(self):
        return self
    def __exit__(self, *_):
        self.store.close()

until_interrupted(lambda: run(sys.argv[2:], lambda settings, progress: Engine(open_store(settings.home))))
"""


def test_ctrl_c_ends_it_with_a_line_and_no_error(folder: Path, home: Path) -> None:
    (folder / "a.txt").write_text(TEXT)
    command = [sys.executable, "-c", PROGRAM, str(ROOT), "ingest", str(folder), "--watch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout and process.stderr
        lines = [process.stdout.readline() for _ in range(3)]
        assert lines[0].startswith("added") and lines[2] == "Following; Ctrl-C ends it.\n", lines
        (folder / "b.txt").write_text(TEXT.upper())
        added = process.stdout.readline()
        assert "added    " in added
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
    # Ctrl-C may come while rich has written the line and not yet forgotten it; it is then written once more.
    assert (out.removeprefix(added), err, process.returncode) == ("No longer following.\n", "", 0)
    with open_store(home) as store:
        assert len(store.documents()) == 2

"""The process that files are read in: what it says is what `read_one` says, and nothing that it does ends the run."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import DocumentError
from rag.load import read_one
from rag.load.parsed import Source
from rag.load.worker import Worker
from tests.fakes.files import column, pdf, pptx, shape, xlsx, zipped

MEMORY = 2_000_000_000
FILES = {
    "a.pdf": pdf(column(40, 700, "Yellen may come in July."), column(40, 700, "Kerry, too.")),
    "a.pptx": pptx(shape("A slide", "title"), notes="Notes."),
    "a.xlsx": xlsx({"Sheet1": [["Name", "Month"], ["Yellen", 7]]}),
    "a.zip": zipped({"a.txt": "Text.", "../b.txt": "x", "empty.txt": ""}),
    "a.jsonl": b'{"a": "\\ud800 half"}\nbroken\n',
    "a.txt": b"Plain text.",
}
ENDLESS = "<r>" + "<a>b</a>" * 400_000 + "</r>"


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(30, MEMORY) as opened:
        yield opened


def process_of(worker: Worker) -> int:
    assert worker._process is not None
    return worker._process.pid


@pytest.mark.parametrize("name", FILES)
def test_what_comes_back_is_what_was_read(worker: Worker, name: str) -> None:
    source = Source(FILES[name], name)
    assert worker.read(source) == read_one(source)


def test_an_error_comes_back_as_its_sentence(worker: Worker) -> None:
    with pytest.raises(DocumentError, match=r"^a\.pdf: is no PDF"):
        worker.read(Source(b"no", "a.pdf"))


def test_one_process_reads_many_files_and_a_killed_one_is_replaced(worker: Worker) -> None:
    source = Source(FILES["a.xlsx"], "a.xlsx")
    worker.read(source)
    first = process_of(worker)
    worker.read(source)
    assert process_of(worker) == first
    os.kill(first, signal.SIGKILL)
    time.sleep(0.2)
    assert worker.read(source).text and process_of(worker) != first


def test_a_file_that_takes_too_long_is_named_and_the_next_is_read() -> None:
    with Worker(0.5, MEMORY) as worker:
        # The first answer waits for the process to start, which may alone take longer than the limit.
        with pytest.raises(DocumentError, match=r"^a\.xml: reading it took longer than 0\.5 s .* RAG_FILE_SECONDS"):
            worker.read(Source(ENDLESS.encode(), "a.xml"))
        worker._seconds = 30
        assert worker.read(Source(FILES["a.pdf"], "a.pdf")).text


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit of memory is Linux's")
def test_a_file_that_takes_too_much_memory_is_named() -> None:
    with Worker(60, 200_000_000) as worker:
        with pytest.raises(DocumentError, match=r"^a\.json: .*(memory|crashed)"):
            worker.read(Source(b"[" + b'{"a": 1},' * 3_000_000 + b"1]", "a.json"))
        assert worker.read(Source(FILES["a.pptx"], "a.pptx")).text


def test_no_process_is_left_and_none_is_started_for_plain_text() -> None:
    with Worker(30, MEMORY) as worker:
        worker.read(Source(b"Text.", "a.txt"))
        assert worker._process is None
        worker.read(Source(FILES["a.xlsx"], "a.xlsx"))
        pid = process_of(worker)
    assert not Path(f"/proc/{pid}").exists()


def test_modules_of_the_folder_that_is_read_are_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "openpyxl.py").write_text("raise SystemExit('run')")
    monkeypatch.chdir(tmp_path)
    with Worker(30, MEMORY) as worker:
        assert worker.read(Source(FILES["a.xlsx"], "a.xlsx")).text

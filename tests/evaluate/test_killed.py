"""A run whose process is killed goes on: what was answered is not asked again, and the figures are of all questions."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rag.evaluate.folder import RunFolder
from tests.fakes.library import write

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys, time
from pathlib import Path
from rag.config import Settings
from rag.engine import Engine
from rag.evaluate import Options, run
from tests.fakes.embedder import WordEmbedder

questions, docs, out, home, asked, seconds, workers = sys.argv[1:]

class Slow(Engine):
    def ask(self, question, **rest):
        with open(asked, "a") as file:
            file.write(question + "\\n")
        time.sleep(float(seconds))
        return super().ask(question, **rest)

with Slow(Settings.load(llm="none", home=home), embedder=WordEmbedder()) as engine:
    run(engine, questions, docs=docs, out=out, options=Options(workers=int(workers)))
"""


def process(folder: Path, seconds: float, workers: int, asked: str) -> subprocess.Popen[bytes]:
    names = ("questions.jsonl", "docs", "run", "home", asked)
    arguments = [*(str(folder / name) for name in names), str(seconds), str(workers)]
    return subprocess.Popen([sys.executable, "-c", SCRIPT, *arguments], cwd=ROOT)


@pytest.mark.server
@pytest.mark.timeout(240)
@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_run_asks_nothing_twice_that_was_answered(tmp_path: Path, workers: int) -> None:
    write(tmp_path / "docs")
    (tmp_path / "home").mkdir()
    rows = [{"id": str(n), "question": f"What may happen in Beijing in {1990 + n}?"} for n in range(12)]
    (tmp_path / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    first = process(tmp_path, 0.3, workers, "first")
    try:
        cases = tmp_path / "run" / "cases.jsonl"
        while first.poll() is None and (not cases.exists() or cases.read_bytes().count(b"\n") < 3):
            time.sleep(0.02)
        first.send_signal(signal.SIGKILL)
    finally:
        first.kill()
        first.wait()
    assert not (tmp_path / "run" / "summary.json").exists(), "it was killed on its way"
    kept = {outcome.question for outcome in RunFolder(tmp_path / "run").outcomes()}
    assert 3 <= len(kept) < 12
    second = process(tmp_path, 0, workers, "second")
    assert second.wait(timeout=200) == 0
    again = (tmp_path / "second").read_text().splitlines()
    assert sorted({*again, *kept}) == sorted(row["question"] for row in rows)
    assert not kept & set(again) and len(again) == len(set(again))
    assert RunFolder(tmp_path / "run").summary()["cases"] == 12

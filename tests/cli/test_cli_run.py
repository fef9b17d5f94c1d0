"""How the command ends: exit codes, one sentence for whatever goes wrong, a fast start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fake_engine import FakeEngine

import rag.errors
from rag.errors import RagError, UsageError

ERRORS = sorted((getattr(rag.errors, name) for name in rag.errors.__all__), key=lambda error: error.__name__)
INTERRUPTED = "rag: interrupted; what was finished is kept.\n"
HEAVY = "torch chromadb llama_index xllamacpp trafilatura datasketch pysbd huggingface_hub sentence_transformers numpy"


@pytest.mark.parametrize("error", ERRORS)
def test_each_error_is_one_sentence_and_its_exit_code(error: type[RagError], rag: Any) -> None:
    result = rag("ask", "Who?", engine=FakeEngine(error=error("It [went] wrong;\nmend it.")))
    assert result.code == (2 if issubclass(error, UsageError) else 1)
    assert (result.out, result.err) == ("", "rag: It [went] wrong; mend it.\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["docs"], "No such command 'docs'."),
        (["ask"], "Missing argument"),
        (["ask", "Who?", "--colour"], "No such option"),
        (["search", "Who?", "-k", "0"], "-k"),
        (["ask", "Who?", "--docs", "a", "--collection", "b"], "--docs or --collection, not both"),
        (["ask", "Who?", "--docs", " "], "An empty path"),
        (["ingest", ""], "An empty path"),
        (["ask", "Who?", "--llm", "gpt"], "embedded:NAME"),
        (["documents", "remove", "x"], "There is no document 'x'"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_code_2(arguments: list[str], said: str, rag: Any) -> None:
    result = rag(*arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("rag: ") and said in result.err and result.err.count("\n") == 1


def test_a_wrong_variable_is_named(rag: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_PASAGES", "3")
    result = rag("collections")
    assert (result.code, result.err.count("\n")) == (2, 1) and "RAG_PASAGES" in result.err


def test_without_a_command_the_help_is_shown(rag: Any) -> None:
    result = rag()
    assert result.code == 2 and "Usage: rag" in result.out


def test_ctrl_c_closes_the_engine(rag: Any) -> None:
    engine = FakeEngine(error=KeyboardInterrupt())
    result = rag("ask", "Who?", engine=engine)
    assert engine.closed
    assert (result.code, result.out, result.err) == (130, "", "")


def test_a_bug_is_one_sentence_and_a_traceback_only_on_demand(rag: Any) -> None:
    result = rag("ask", "Who?", engine=FakeEngine(error=ZeroDivisionError("by 0")))
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert "ZeroDivisionError: by 0" in result.err and "report" in result.err
    assert "Traceback" in rag("--debug", "ask", "Who?", engine=FakeEngine(error=ZeroDivisionError("by 0"))).err


@pytest.mark.parametrize("arguments", [["config"], ["config", "--json"], ["--help"]])
def test_a_reader_that_has_seen_enough_causes_no_noise(arguments: list[str]) -> None:
    command = subprocess.Popen(
        [sys.executable, "-m", "rag", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=_root()
    )
    assert command.stdout and command.stderr
    command.stdout.close()
    assert command.stderr.read() == b""
    command.stderr.close()
    assert command.wait() == 1


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_terminal_without_unicode_gets_what_it_can_show(options: list[str]) -> None:
    command = [sys.executable, "-m", "rag", "config", *options]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii:strict", "RAG_EMBEDDING": "/modèle"}
    done = subprocess.run(command, capture_output=True, cwd=_root(), env=environment, check=True)
    shown = done.stdout.decode("ascii")
    assert (json.loads(shown)["embedding"] == "/modèle") if options else ("/mod?le" in shown)


def test_help_needs_nothing_heavy() -> None:
    script = (
        "import sys; from rag.cli.command import run; run(['ask', '--help']);"
        f"print(set({HEAVY.split()!r}) & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=_root())
    assert done.stdout.splitlines()[-1] == "set()"


def test_version(rag: Any) -> None:
    result = rag("--version")
    assert (result.code, result.out.split()[0].rstrip(",")) == (0, "footnote-rag")


def _root() -> Path:
    return Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT to send to another process")
@pytest.mark.parametrize("module", ["rag.cli.command", "rag.cli.session", "typer"])
def test_ctrl_c_during_the_start_is_one_sentence(module: str) -> None:
    """Interrupted by its own import system, the first time that `module` is looked for."""
    script = f"""
import importlib.abc, os, signal, sys
class Interrupt(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupt())
sys.argv = ["rag", "config"]
from rag.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=_root())
    assert (done.returncode, done.stdout, done.stderr) == (130, "", INTERRUPTED)


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT to send to another process")
@pytest.mark.parametrize("interrupts", [1, 2])
def test_ctrl_c_ends_a_command_that_cannot_end_itself(interrupts: int) -> None:
    """One Ctrl-C ends it after the time of grace, a second one at once."""
    script = f"""
import os, signal, threading
from rag.cli import until_interrupted

def command():
    for _ in range({interrupts}):
        try:
            os.kill(os.getpid(), signal.SIGINT)
            threading.Event().wait(60)
        except KeyboardInterrupt:
            pass
    threading.Event().wait(60)

until_interrupted(command, grace={0.2 if interrupts == 1 else 50})
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=_root(), timeout=30)
    assert (done.returncode, done.stderr) == (130, INTERRUPTED)


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT to send to another process")
@pytest.mark.parametrize("late", ["threading._register_atexit", "atexit.register"])
def test_ctrl_c_after_the_last_word_changes_nothing(late: str) -> None:
    """While the interpreter waits for threads, and while it puts itself away."""
    script = f"""
import atexit, os, signal, threading
from rag.cli import until_interrupted

class Last:
    def __del__(self, kill=os.kill, me=os.getpid(), interrupt=signal.SIGINT):
        kill(me, interrupt)

if {late!r} == "atexit.register":
    signal.last = Last()  # deleted when modules are
else:
    {late}(os.kill, os.getpid(), signal.SIGINT)
until_interrupted(lambda: 1)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=_root())
    assert (done.returncode, done.stderr) == (1, "")


def test_an_empty_question_is_refused_before_any_document_is_read(rag: Any, tmp_path: Path) -> None:
    engine = FakeEngine()
    result = rag("ask", " \t", "--docs", str(tmp_path), engine=engine)
    assert (result.code, engine.calls) == (2, []) and "The question is empty" in result.err

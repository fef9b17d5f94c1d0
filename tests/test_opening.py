"""Models are opened once, when they are wanted, and closed whatever became of them; one that can't be had is named."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rag import Engine, Settings
from rag.errors import (
    LLMAuthError,
    ModelUnavailableError,
    RagError,
    SettingsError,
    UsageError,
)
from rag.opening import Later
from rag.types import Step
from tests.fakes.library import QUESTION, YELLEN, write
from tests.fakes.openai_server import Reply, ScriptedServer


def test_two_questions_at_once_open_the_model_once(opened: Callable[..., Engine]) -> None:
    with ScriptedServer(lambda request: Reply(YELLEN)) as server:
        engine = opened(llm=server.llm)
        answers: list[str] = []
        threads = [threading.Thread(target=lambda: answers.append(engine.ask(QUESTION).text)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == len(server.requests) == 4 and len(set(answers)) == 1
        engine.close()


@pytest.mark.parametrize("setting", [{"llm": "embedded:foo"}, {"llm": "none", "llm_choices": "none,embedded:foo"}])
def test_an_embedded_model_that_there_is_not_is_refused_before_anything_is_opened(
    setting: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=r"'embedded:foo'; the ones there are: embedded:qwen"):
        Engine(Settings.load(home=tmp_path / "home", **setting))
    assert not (tmp_path / "home").exists()


def test_a_model_is_opened_once_for_all_who_want_it() -> None:
    made: list[object] = []
    later = Later(lambda: made.append(time.sleep(0.05)) or object(), lambda thing: None, "open")
    futures: list[Any] = []
    threads = [threading.Thread(target=lambda: futures.append(later.wanted())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(future.result()) for future in futures}) == len(made) == 1


def test_a_model_that_is_open_only_after_the_close_is_closed_then() -> None:
    go, closed = threading.Event(), threading.Event()
    later = Later(lambda: go.wait(10), lambda thing: closed.set(), "open")
    waiting = later.wanted()
    began = time.monotonic()
    later.close(0.05)
    assert time.monotonic() - began < 5 and not closed.is_set()
    go.set()
    with pytest.raises(UsageError, match="closed"):
        waiting.result(10)
    assert closed.is_set()
    with pytest.raises(UsageError, match="closed"):
        later.wanted()


def test_a_model_is_closed_once() -> None:
    closed: list[object] = []
    later = Later(object, closed.append, "open")
    thing = later.wanted().result(10)
    later.close(1)
    later.close(1)
    assert closed == [thing]


def test_a_close_before_anything_was_wanted_does_nothing() -> None:
    later = Later(object, lambda thing: pytest.fail("there is nothing to close"), "open")
    later.close(0)


def test_a_model_that_fails_to_open_is_tried_again() -> None:
    tries = iter([ModelUnavailableError("offline"), None])

    def open_it() -> str:
        if error := next(tries):
            raise error
        return "open"

    later = Later(open_it, lambda thing: None, "open")
    with pytest.raises(ModelUnavailableError, match="offline"):
        later.wanted().result(10)
    assert later.wanted().result(10) == "open"


def test_a_model_that_cannot_be_had_is_the_error_it_is(opened: Callable[..., Engine]) -> None:
    engine = opened(llm="gguf:/nowhere/model.gguf")
    for _ in range(2):
        with pytest.raises(ModelUnavailableError, match=r"/nowhere/model\.gguf"):
            engine.ask(QUESTION)


@pytest.mark.parametrize("embedding", ["/nowhere/model", "hf:nobody/model"])
def test_an_embedding_model_that_cannot_be_had_is_the_error_it_is(tmp_path: Path, embedding: str) -> None:
    with Engine(Settings.load(llm="none", embedding=embedding, offline=True)) as engine:
        with pytest.raises(ModelUnavailableError, match=embedding.removeprefix("hf:")):
            engine.ingest([write(tmp_path)])
        assert engine.collections() == []


@pytest.mark.parametrize("llm", ["hf:nobody/model/a.gguf", "embedded:qwen2.5-coder-0.5b"])
def test_a_model_that_would_have_to_be_fetched_is_an_error_offline(opened: Callable[..., Engine], llm: str) -> None:
    with pytest.raises(ModelUnavailableError):
        opened(llm=llm, offline=True).ask(QUESTION)


def test_the_name_of_a_model_is_not_taken_for_a_model() -> None:
    with pytest.raises(UsageError, match=r"Settings\.load\(llm=…\)"):
        Engine(llm="openai:gpt-9")  # type: ignore[arg-type]


def test_a_missing_key_is_the_error_it_is(opened: Callable[..., Engine]) -> None:
    with pytest.raises(LLMAuthError, match="OPENAI_API_KEY"):
        opened(llm="openai:gpt-9").ask(QUESTION)


def test_a_closed_engine_says_so(engine: Engine) -> None:
    begun = engine.stream(QUESTION)
    engine.close()
    engine.close()
    for use in (lambda: engine.ask(QUESTION), lambda: next(begun), engine.collections, engine.documents.list):
        with pytest.raises(RagError, match="closed"):
            use()


def test_closing_does_not_wait_for_a_model_that_hangs(tmp_path: Path) -> None:
    """A thread that waits for an import that Ctrl-C cut off waits for ever."""
    program = (
        "import time, threading\n"
        "import rag.engine, rag.llm\n"
        "from tests.fakes.library import library, QUESTION\n"
        "from pathlib import Path\n"
        "rag.llm.open_writer = lambda *_: time.sleep(600)\n"
        "rag.opening.CLOSE_SECONDS = 0.2\n"
        f"engine = library(Path({str(tmp_path)!r}), llm='none')\n"
        "asking = threading.Thread(target=lambda: engine.ask(QUESTION), daemon=True)\n"
        "asking.start()\n"
        "for _ in range(2000): 'open-model' in [t.name for t in threading.enumerate()] or time.sleep(0.01)\n"
        "assert 'open-model' in [t.name for t in threading.enumerate()]\n"
        "engine.close()\n"
        "print('closed')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=100, cwd=Path(__file__).parents[1]
    )
    assert (done.stdout, done.returncode) == ("closed\n", 0), done.stderr


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads that take turns all the time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-9)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty")
def test_threads_that_come_at_once_share_one_retriever(engine: Engine) -> None:
    for passages in engine.choices.passages():
        gate = threading.Barrier(8)
        found: list[Any] = []
        using = engine.choices.using(passages=passages)

        def ask(using: Engine = using, gate: threading.Barrier = gate, found: list[Any] = found) -> None:
            gate.wait()
            found.append(using.retriever())

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 8 and len({id(retriever) for retriever in found}) == 1


def test_every_number_of_passages_and_every_thread_reads_with_one_reader(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []

    def opening(embedder: object) -> object:
        opened.append(object())
        return opened[-1]

    monkeypatch.setattr("rag.reader.reader_of", opening)
    monkeypatch.setattr("rag.embed.SentenceEmbedder", object)
    readers = [engine.choices.using(passages=n).retriever().reader for n in engine.choices.passages()]
    assert len(readers) > 1 and {id(reader) for reader in readers} == {id(opened[0])}
    assert len(opened) == 1


def test_a_listener_that_has_left_may_leave_again_and_another_of_the_same_kind_stays(engine: Engine) -> None:
    heard: list[Step] = []
    leave, _ = engine.listen(heard.append), engine.listen(heard.append)
    leave()
    leave()
    engine.rebuild()
    assert len({step.done for step in heard}) == len(heard) > 0

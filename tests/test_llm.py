"""Each way a model's server can misbehave gets one clear sentence, a retry only where it helps, and no lost words."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from llama_index.core.llms import ChatMessage, MockLLM

from rag.config import Settings
from rag.errors import (
    LLMAuthError,
    LLMConnectionError,
    LLMError,
    LLMRateLimitError,
    LLMResponseError,
    LLMTimeoutError,
    ModelCorruptError,
    ModelUnavailableError,
    SettingsError,
)
from rag.failures import Endpoint
from rag.llm import Writer, open_writer, wrap
from rag.types import Usage
from rag.writer import Wire
from tests.fakes.llm import ScriptedLLM
from tests.fakes.openai_server import (
    Act,
    Events,
    Garbage,
    HangUp,
    Reply,
    ScriptedServer,
    Stall,
    Status,
    chunk,
)

QUESTION = [ChatMessage(role="user", content="What is the capital of France?")]


def no_fetch(name: str) -> Path:
    raise AssertionError(f"{name} was fetched")


class Asked:
    """A writer on a scripted server, and how long it would have waited between its tries."""

    def __init__(self, server: ScriptedServer, **settings: Any) -> None:
        self.waits: list[float] = []
        given = {"llm": server.llm, "timeout": 0.5, **settings}
        writer = open_writer(Settings.load(**given), no_fetch, sleep=self.waits.append)
        assert writer
        self.writer: Writer = writer
        self.text = ""

    def ask(self) -> str:
        for delta in self.writer.stream(QUESTION, max_tokens=20):
            self.text += delta.text
        return self.text


@pytest.fixture
def play() -> Iterator[Callable[..., tuple[ScriptedServer, Asked]]]:
    """Return a function that starts a server with a script and a writer on it."""
    opened: list[tuple[ScriptedServer, Asked]] = []

    def start(*script: Act, **settings: Any) -> tuple[ScriptedServer, Asked]:
        server = ScriptedServer(script).__enter__()
        opened.append((server, Asked(server, **settings)))
        return opened[-1]

    yield start
    for server, asked in opened:
        asked.writer.close()
        server.__exit__()


Play = Callable[..., tuple[ScriptedServer, Asked]]


def test_an_answer_streams_in_pieces_and_ends_with_the_usage(play: Play) -> None:
    _, asked = play(Reply("Paris is it."))
    deltas = list(asked.writer.stream(QUESTION))
    assert [delta.text for delta in deltas] == ["Paris", " is", " it.", ""]
    assert deltas[-1].usage == Usage(10, 4, 3)
    assert deltas[-1].finish == "stop"


def test_characters_torn_apart_on_the_wire_arrive_whole(play: Play) -> None:
    _, asked = play(Reply("Zürich, 東京 and 🗼 [1]", split=1))
    assert asked.ask() == "Zürich, 東京 and 🗼 [1]"


def test_the_request_carries_the_settings_and_the_key(play: Play) -> None:
    server, asked = play(Reply("Paris."), api_key="sk-mine", temperature=0.3, seed=7)
    asked.ask()
    [request] = server.requests
    assert request.headers["authorization"] == "Bearer sk-mine"
    assert {name: request.body[name] for name in ("temperature", "seed", "max_tokens", "model")} == {
        "temperature": 0.3,
        "seed": 7,
        "max_tokens": 20,
        "model": "scripted",
    }


def test_openais_key_does_not_go_to_another_address(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai")
    server, asked = play(Reply("Paris."))
    asked.ask()
    assert "sk-openai" not in json.dumps(server.requests[0].headers)


def test_a_proxy_does_not_get_what_goes_to_this_machine(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    _, asked = play(Reply("Paris."), retries=0)
    assert asked.ask() == "Paris."


def test_complete_returns_the_whole_text_and_usage(play: Play) -> None:
    _, asked = play(Reply("Paris."))
    assert asked.writer.complete(QUESTION) == ("Paris.", Usage(10, 4, 3))


def test_the_text_ends_before_a_stop_even_if_the_server_ignores_it(play: Play) -> None:
    server, asked = play(Reply(chunks=["Paris", ".\n", "\nQuestion", ": next"]))
    assert asked.writer.complete(QUESTION, stop=["\n\nQuestion"])[0] == "Paris."
    assert server.requests[0].body["stop"] == ["\n\nQuestion"]


def test_closing_the_stream_hangs_up_so_that_the_server_stops(play: Play) -> None:
    server, asked = play(Reply(chunks=["word "] * 2000, pause=0.01), timeout=5.0)
    stream = asked.writer.stream(QUESTION)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert server.left.wait(5)


@pytest.mark.parametrize("again", [Status(500), Status(503), Status(529), HangUp(), Stall()])
def test_a_failure_that_may_pass_is_tried_again(play: Play, again: Act) -> None:
    server, asked = play(again, Reply("Paris."))
    assert asked.ask() == "Paris."
    assert len(server.requests) == 2
    assert len(asked.waits) == 1


def test_retries_are_bounded_and_wait_longer_each_time(play: Play) -> None:
    server, asked = play(*[Status(500)] * 9, retries=3)
    with pytest.raises(LLMResponseError, match="status 500"):
        asked.ask()
    assert len(server.requests) == 4
    assert 0.2 < asked.waits[0] < asked.waits[2] < 4


@pytest.mark.parametrize(
    ("act", "error", "says"),
    [
        (Status(401), LLMAuthError, "RAG_API_KEY"),
        (Status(403), LLMAuthError, "RAG_API_KEY"),
        (Status(404), LLMResponseError, "doesn't know the model scripted"),
        (Status(400, "bad field"), LLMResponseError, "bad field"),
        (Status(400, "exceeds the available context size"), LLMResponseError, "RAG_EVIDENCE_TOKENS"),
        (Garbage(), LLMResponseError, "not the OpenAI protocol"),
        (Garbage('{"hello": 1}', "application/json"), LLMResponseError, "not the OpenAI protocol"),
        (Events(["{not json"]), LLMResponseError, "not the OpenAI protocol"),
        (Events(['{"hello": 1}']), LLMResponseError, "not the OpenAI protocol"),
        (Events(["[1, 2]"]), LLMResponseError, "not the OpenAI protocol"),
        (Events([{**chunk(), "choices": []}, "[DONE]"]), LLMResponseError, "not the OpenAI protocol"),
        (Events([{**chunk(), "choices": "many"}, "[DONE]"]), LLMResponseError, "not the OpenAI protocol"),
    ],
)
def test_a_failure_that_stays_is_told_at_once(play: Play, act: Act, error: type[LLMError], says: str) -> None:
    server, asked = play(act, Reply("Paris."))
    with pytest.raises(error, match=says):
        asked.ask()
    assert len(server.requests) == 1
    assert asked.waits == []


def test_an_error_inside_the_stream_is_told(play: Play) -> None:
    _, asked = play(Events([{"error": {"message": "out of memory", "code": 500}}]), retries=0)
    with pytest.raises(LLMResponseError, match="out of memory"):
        asked.ask()


def test_a_rate_limit_waits_as_long_as_the_server_says(play: Play) -> None:
    server, asked = play(Status(429, headers={"Retry-After": "7"}), Reply("Paris."))
    assert asked.ask() == "Paris."
    assert asked.waits == [7.0]
    assert len(server.requests) == 2


def test_a_rate_limit_of_an_hour_is_told_instead_of_waited_out(play: Play) -> None:
    server, asked = play(Status(429, headers={"Retry-After": "3600"}), Reply("Paris."))
    with pytest.raises(LLMRateLimitError, match="3600 s"):
        asked.ask()
    assert len(server.requests) == 1


@pytest.mark.parametrize("seconds", [5.0, 7.0])
def test_the_time_to_wait_is_the_setting_also_where_it_is_the_default_of_a_library(seconds: float) -> None:
    wire = Wire(Endpoint("m", "http://127.0.0.1:9/v1"), seconds)
    assert wire.client.timeout == httpx.Timeout(seconds, connect=seconds)
    wire.client.close()


def test_a_stall_before_the_first_word_is_a_timeout(play: Play) -> None:
    server, asked = play(Stall(), Stall(), retries=1)
    with pytest.raises(LLMTimeoutError, match=r"before the first word.*RAG_TIMEOUT"):
        asked.ask()
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (Stall(after="Paris"), LLMTimeoutError),
        (HangUp(after="Paris"), LLMConnectionError),
        (HangUp(after="Paris", politely=True), LLMConnectionError),
    ],
)
def test_an_answer_that_breaks_off_keeps_its_words_and_is_not_begun_again(
    play: Play, act: Act, error: type[LLMError]
) -> None:
    server, asked = play(act, Reply("Rome."))
    with pytest.raises(error, match="cut off"):
        asked.ask()
    assert asked.text == "Paris"
    assert len(server.requests) == 1


def test_garbage_after_the_first_word_is_an_error_not_an_end(play: Play) -> None:
    server, asked = play(Events([chunk("Paris"), "{broken"]), Reply("Rome."))
    with pytest.raises(LLMResponseError):
        asked.ask()
    assert len(server.requests) == 1


def test_nothing_at_the_address_names_address_and_setting() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = Settings.load(llm=f"http://user:hunter2@127.0.0.1:{port}/v1#m", retries=0)
    with _opened(settings) as writer, pytest.raises(LLMConnectionError, match=f"127.0.0.1:{port}.*RAG_LLM") as caught:
        writer.complete(QUESTION)
    assert "hunter2" not in str(caught.value)


def test_a_key_that_the_server_repeats_is_not_shown(play: Play) -> None:
    _, asked = play(Status(400, "bad key sk-mine"), api_key="sk-mine")
    with pytest.raises(LLMResponseError, match="bad key") as caught:
        asked.ask()
    assert "sk-mine" not in str(caught.value)


def test_a_prompt_that_cannot_fit_is_refused_before_the_call(play: Play) -> None:
    server, asked = play(Reply("Paris."), context_window=512)
    with pytest.raises(LLMResponseError, match="512"):
        asked.writer.complete([ChatMessage(role="user", content="word " * 600)])
    assert server.requests == []


def test_ollama_says_how_to_get_a_model_it_does_not_have() -> None:
    with ScriptedServer([Status(404, "model not found")]) as server:
        settings = Settings.load(llm="ollama:qwen3", ollama_url=server.url.removesuffix("/v1"))
        with _opened(settings) as writer, pytest.raises(LLMResponseError, match="ollama pull qwen3"):
            writer.complete(QUESTION)


@pytest.mark.parametrize(("llm", "variable"), [("openai:gpt-5", "OPENAI_API_KEY")])
def test_a_missing_key_is_told_before_any_call(llm: str, variable: str) -> None:
    with pytest.raises(LLMAuthError, match=variable):
        open_writer(Settings.load(llm=llm), no_fetch)


def test_openai_is_asked_where_its_own_variable_says(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer([Reply("Paris.")]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-env")
        with _opened(Settings.load(llm="openai:gpt-5-nano")) as writer:
            assert writer.complete(QUESTION)[0] == "Paris."
    assert server.requests[0].headers["authorization"] == "Bearer sk-env"


def test_anthropic_without_its_extra_says_what_to_install() -> None:
    pytest.importorskip("llama_index.core")
    try:
        import llama_index.llms.anthropic  # noqa: F401
    except ImportError:
        with pytest.raises(SettingsError, match=r"footnote-rag\[anthropic\]"):
            open_writer(Settings.load(llm="anthropic:claude"), no_fetch)
    else:
        with pytest.raises(LLMAuthError, match="ANTHROPIC_API_KEY"):
            open_writer(Settings.load(llm="anthropic:claude"), no_fetch)


def test_none_is_no_writer() -> None:
    assert open_writer(Settings.load(llm="none"), no_fetch) is None


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.gguf"
    path.write_text("just text")
    with pytest.raises(ModelCorruptError, match=r"notes\.gguf is not a GGUF file"):
        open_writer(Settings.load(llm=f"gguf:{path}"), no_fetch)


def test_a_model_that_is_cut_short_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cut.gguf"
    path.write_bytes(b"GGUF" + (3).to_bytes(4, "little") + bytes(64))
    with pytest.raises(ModelCorruptError, match=r"cut\.gguf"):
        open_writer(Settings.load(llm=f"gguf:{path}"), no_fetch)


def test_a_missing_model_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match=r"gone\.gguf"):
        open_writer(Settings.load(llm=f"gguf:{tmp_path / 'gone.gguf'}"), no_fetch)


def test_the_evidence_budget_follows_the_model_the_window_and_the_setting(play: Play) -> None:
    _, roomy = play(context_window=100_000)
    _, small = play(context_window=2048)
    _, given = play(evidence_tokens=123)
    assert roomy.writer.evidence_tokens == 6000
    assert small.writer.evidence_tokens < 2048 - 256
    assert given.writer.evidence_tokens == 123


def test_any_llama_index_llm_can_write() -> None:
    llm = ScriptedLLM([["Par", "is."]])
    writer = wrap(llm, Settings.load())
    assert [delta.text for delta in writer.stream(QUESTION)] == ["Par", "is.", ""]
    assert "capital of France" in llm.prompts[0]
    assert writer.name == "scripted"
    assert "capital of France" in wrap(MockLLM(), Settings.load()).complete(QUESTION)[0]


def test_a_wrapped_llm_that_fails_is_told_as_ours() -> None:
    llm = ScriptedLLM([["Par", RuntimeError("the cable is out")]])
    with pytest.raises(LLMResponseError, match="the cable is out"):
        wrap(llm, Settings.load()).complete(QUESTION)


class APIStatusError(Exception):
    """As the SDKs of other makers have it: named like OpenAI's, and a class of their own."""

    status_code = 401
    message = "invalid x-api-key"


def test_an_error_of_another_makers_sdk_is_understood() -> None:
    llm = ScriptedLLM([APIStatusError("401")])
    with pytest.raises(LLMAuthError, match=r"scripted refused the key.*the LLM you passed"):
        wrap(llm, Settings.load()).complete(QUESTION)


def _opened(settings: Settings) -> Writer:
    writer = open_writer(settings, no_fetch, sleep=lambda _: None)
    assert writer
    return writer

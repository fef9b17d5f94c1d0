"""The embedded model, for real: it streams, remembers what it has read, stops when told, and takes no damaged file."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from llama_index.core.llms import ChatMessage

from rag.config import Settings
from rag.embedded import _prune
from rag.errors import LLMResponseError
from rag.llm import open_writer
from rag.models import ModelStore
from rag.types import Step
from rag.writer import EmbeddedWriter

FACTS = ChatMessage(role="system", content=" ".join(f"Item {n} costs {n * 7} euros." for n in range(40)))
QUESTION = [FACTS, ChatMessage(role="user", content="What does item 7 cost?")]


def opened(home: Path, **settings: object) -> EmbeddedWriter:
    given = Settings.load(llm="embedded:qwen2.5-coder-0.5b", home=home, context_window=2048, **settings)
    writer = open_writer(given, ModelStore(home).pull)
    assert isinstance(writer, EmbeddedWriter)
    return writer


@pytest.fixture(scope="module")
def kept() -> dict[str, EmbeddedWriter]:
    return {}


@pytest.fixture
def writer(home: Path, kept: dict[str, EmbeddedWriter]) -> Iterator[EmbeddedWriter]:
    """Return one writer for all tests of this file: loading it takes seconds."""
    yield kept.get("it") or kept.setdefault("it", opened(home))


@pytest.fixture(scope="module", autouse=True)
def closed(kept: dict[str, EmbeddedWriter]) -> Iterator[None]:
    yield
    for writer in kept.values():
        writer.close()


@pytest.mark.model
def test_it_answers_from_what_it_was_given_and_repeats_itself(writer: EmbeddedWriter) -> None:
    text, usage = writer.complete(QUESTION, max_tokens=30)
    assert "49" in text
    assert usage.prompt_tokens > 300
    assert writer.complete(QUESTION, max_tokens=30)[0] == text


@pytest.mark.model
def test_a_prompt_read_ahead_costs_only_its_end(writer: EmbeddedWriter) -> None:
    writer.warm([FACTS])
    _, usage = writer.complete(QUESTION, max_tokens=5)
    assert usage.prompt_tokens - usage.cached_tokens < 40


@pytest.mark.model
def test_a_saved_prompt_survives_the_process_and_damage_is_noticed(home: Path, writer: EmbeddedWriter) -> None:
    with opened(home) as first:
        first.warm([FACTS])
        assert first.save("facts")
    with opened(home) as second:
        assert not second.restore("other")
        assert second.restore("facts")
        _, usage = second.complete(QUESTION, max_tokens=5)
        assert usage.prompt_tokens - usage.cached_tokens < 40
        [saved] = (home / "cache" / "prefix").glob("*.kv")
        data = bytearray(saved.read_bytes())
        data[len(data) // 2] ^= 1
        saved.write_bytes(data)
        assert not second.restore("facts")


@pytest.mark.model
def test_closing_the_stream_frees_the_model_for_the_next(writer: EmbeddedWriter) -> None:
    story = [ChatMessage(role="user", content="Tell a very long story about the sea.")]
    stream = writer.stream(story, max_tokens=1000)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    began = time.monotonic()
    writer.complete(QUESTION, max_tokens=3)
    assert time.monotonic() - began < 30, "the story would have taken longer"


@pytest.mark.model
def test_it_counts_exactly_and_refuses_what_is_too_long(writer: EmbeddedWriter) -> None:
    assert writer.count("hello world") == 2
    with pytest.raises(LLMResponseError, match="2048"):
        writer.complete([ChatMessage(role="user", content="word " * 3000)])


@pytest.mark.model
def test_only_this_machine_with_the_key_is_served(writer: EmbeddedWriter) -> None:
    url = writer._server.url
    assert url.startswith("http://127.0.0.1:")
    assert httpx.post(f"{url}/v1/chat/completions", json={"messages": []}, trust_env=False).status_code == 401
    assert httpx.get(f"{url}/slots", trust_env=False).status_code == 401


@pytest.mark.model
def test_loading_is_told_and_prints_nothing(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    steps: list[Step] = []
    settings = Settings.load(llm="embedded:qwen2.5-coder-0.5b", home=home, context_window=512)
    writer = open_writer(settings, ModelStore(home).pull, steps.append)
    assert writer
    writer.close()
    assert [(step.stage, step.done) for step in steps] == [
        ("Loading qwen2.5-coder-0.5b", 0),
        ("Loading qwen2.5-coder-0.5b", 1),
    ]
    assert capfd.readouterr() == ("", "")


def test_saved_prompts_are_bounded_and_the_unused_ones_go_first(tmp_path: Path) -> None:
    for age, name in enumerate(("new", "middle", "old")):
        path = tmp_path / f"{name}.kv"
        path.write_bytes(b"x" * 100)
        path.with_suffix(".json").write_text("{}")
        os.utime(path, (1000 - age, 1000 - age))
    _prune(tmp_path, 250)
    assert {path.name for path in tmp_path.iterdir()} == {"new.kv", "new.json", "middle.kv", "middle.json"}

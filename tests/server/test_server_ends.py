"""How a server process ends: drained when it is told to, with its chats readable when it is killed."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from rag import Client, Talk
from rag.client.found import find
from rag.types import Done, Sentence
from tests.fakes.library import QUESTION, library
from tests.fakes.openai_server import Reply, ScriptedServer, Stall, cited
from tests.fakes.process import process_of
from tests.fakes.serving import until

SAID = "Treasury Secretary Janet Yellen might visit Beijing in July. Commerce Secretary Gina Raimondo might visit, too."
BEGUN = cited((SAID.partition(". ")[0] + ".", [1]), ("Commerce Secretary Gina Raimondo might", [2])).partition(
    ' might"'
)[0]
"""One sentence, and the beginning of another."""


@pytest.mark.server
def test_a_server_that_is_killed_in_an_answer_leaves_its_chats_readable(home: Path) -> None:
    with ScriptedServer([Reply(SAID), Stall(BEGUN)]) as model:
        with process_of(home, model.llm) as (process, note), Client(note.url, note.key, retries=0) as client:
            chat = client.chats.create("Visits").id
            first = client.chats.ask(chat, QUESTION)
            events = client.chats.stream(chat, "Which officials might visit Beijing?")
            assert any(isinstance(event, Sentence) for event in events), "it is in the midst of an answer"
            process.kill()
            process.wait(30)
        with library(home / "docs", home=home) as engine:
            before = Talk(engine).turns(chat)
        assert before[0] == first and (before[1].state, before[1].answer) == ("asked", None)
        with process_of(home, model.llm) as (_, note), Client(note.url, note.key) as client:
            after = client.chats.turns(chat)
            assert [turn.state for turn in after] == ["done", "stopped"], "nobody waits for it any more"
            assert after[0] == first and client.doctor() == []


@pytest.mark.server
def test_a_server_that_is_told_to_end_finishes_what_it_is_saying(home: Path) -> None:
    with (
        ScriptedServer(lambda _: Reply(SAID, pause=0.15)) as model,
        process_of(home, model.llm) as (process, note),
        Client(note.url, note.key, retries=0) as client,
    ):
        events = client.stream(QUESTION)
        next(events)
        until(lambda: model.requests)
        process.send_signal(signal.SIGTERM)
        *_, done = events
        assert isinstance(done, Done) and done.answer.status == "answered" and len(done.answer.claims) >= 1
        assert process.wait(30) == 0
        assert find(home) is None

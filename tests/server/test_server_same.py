"""The same question, asked in each way that there is, has the same answer."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.llms import ChatMessage
from llama_index.llms.openai_like import OpenAILike
from mcp import Client as McpClient
from mcp import StdioServerParameters
from openai import APIStatusError, OpenAI

from rag import AsyncClient, Client, Talk
from rag.cli.command import run
from rag.client.found import Note
from rag.engine import Engine
from rag.server import create_app
from rag.server.tools import build
from tests.fakes.library import QUESTION, ROOMS, ROOMS_QUESTION
from tests.fakes.serving import served

ROOT = Path(__file__).parents[2]
FOLLOW_UP = "and she?"
ELSE = "Qui est le premier ministre du Canada?"


def same(answer: Any) -> str:
    """Return as bytes what of an answer is the same each time it is given."""
    answer = json.loads(json.dumps(answer))
    return json.dumps({name: value for name, value in answer.items() if name not in {"id", "timings"}})


def mcp_of(result: Any) -> Any:
    assert not result.is_error, result.content
    return result.structured_content


@pytest.mark.parametrize("question", [QUESTION, ROOMS_QUESTION, ELSE])
async def test_the_same_question_has_the_same_answer_everywhere(
    engine: Engine, question: str, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = same(engine.ask(question).to_dict())
    with served(create_app(engine)) as url, Client(url) as client:
        assert same(client.ask(question).to_dict()) == expected
        *_, done = client.stream(question)
        assert same(done.answer.to_dict()) == expected  # type: ignore[union-attr]
        async with AsyncClient(url) as other:
            assert same((await other.ask(question)).to_dict()) == expected
        assert run(["--url", url, "ask", question, "--json"]) == 0
        assert same(json.loads(capsys.readouterr().out)) == expected
        openai = OpenAI(base_url=f"{url}/openai/v1", api_key="none", max_retries=0)
        reply = openai.chat.completions.create(model="footnote", messages=[{"role": "user", "content": question}])
        assert same(reply.model_extra["footnote"]) == expected  # type: ignore[index]
        responded = openai.responses.create(model="footnote", input=question)
        assert same(responded.model_extra["footnote"]) == expected  # type: ignore[index]
        chat = client.chats.create("x").id
        assert same(client.chats.ask(chat, question).answer) == expected
        async with McpClient(f"{url}/mcp") as mcp:
            assert same(mcp_of(await mcp.call_tool("ask", {"question": question}))) == expected
    assert run(["ask", question, "--json"], lambda settings, progress: _Lent(engine)) == 0  # type: ignore[arg-type, return-value]
    assert same(json.loads(capsys.readouterr().out)) == expected
    async with McpClient(build(engine)) as mcp:
        assert same(mcp_of(await mcp.call_tool("ask", {"question": question}))) == expected


async def test_a_running_server_is_found_by_the_command_and_by_an_assistant_on_standard_input(
    engine: Engine, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = same(engine.ask(QUESTION).to_dict())
    environment = {name: value for name, value in os.environ.items() if name.startswith(("RAG_", "PATH", "PYTHON"))}
    started = StdioServerParameters(command=sys.executable, args=["-m", "rag", "mcp"], env=environment, cwd=str(ROOT))
    app = create_app(engine, secret="own")
    with served(app) as url:
        Note(url, "own", app.state.service.name, os.getpid()).leave(home)
        assert run(["ask", QUESTION, "--json"]) == 0
        assert same(json.loads(capsys.readouterr().out)) == expected
        async with McpClient(started) as mcp:
            assert same(mcp_of(await mcp.call_tool("ask", {"question": QUESTION}))) == expected


async def test_a_follow_up_in_a_chat_has_the_same_answer_everywhere(engine: Engine) -> None:
    talk = Talk(engine)
    here = talk.create("x").id
    first, expected = (same(talk.ask(here, question).answer) for question in (QUESTION, FOLLOW_UP))
    history: Any = [("user", QUESTION), ("assistant", engine.ask(QUESTION).marked()), ("user", FOLLOW_UP)]
    messages: Any = [{"role": role, "content": content} for role, content in history]
    with served(create_app(engine)) as url, Client(url) as client:
        chat, other = client.chats.create("x").id, client.chats.create("y").id
        assert [same(client.chats.ask(chat, question).answer) for question in (QUESTION, FOLLOW_UP)] == [
            first,
            expected,
        ]
        assert [same(turn.answer) for turn in talk.turns(chat)] == [first, expected], "what is kept is what was told"
        dones = [list(client.chats.stream(other, question))[-1] for question in (QUESTION, FOLLOW_UP)]
        assert [same(done.answer.to_dict()) for done in dones] == [first, expected]  # type: ignore[union-attr]
        async with AsyncClient(url) as apart:
            third = (await apart.chats.create("z")).id
            kept = [await apart.chats.ask(third, question) for question in (QUESTION, FOLLOW_UP)]
            assert [same(one.answer) for one in kept] == [first, expected]
        openai = OpenAI(base_url=f"{url}/openai/v1", api_key="none", max_retries=0)
        reply = openai.chat.completions.create(model="footnote", messages=messages)
        assert same(reply.model_extra["footnote"]) == expected  # type: ignore[index]
        responded = openai.responses.create(model="footnote", input=messages)
        assert same(responded.model_extra["footnote"]) == expected  # type: ignore[index]


class _Lent:
    """An engine that the command may not close."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def __enter__(self) -> Engine:
        return self._engine

    def __exit__(self, *_: object) -> None:
        pass


# --- clients of OpenAI ------------------------------------------------------------------------------------------------


def test_openais_client_gets_text_annotations_and_a_stream(engine: Engine) -> None:
    with served(create_app(engine)) as url, OpenAI(base_url=f"{url}/openai/v1", api_key="k", max_retries=0) as client:
        assert {model.id for model in client.models.list()} == {"footnote", "footnote/default"}
        assert client.models.retrieve("footnote/default").id == "footnote/default"
        ask: Any = {"model": "footnote/default", "messages": [{"role": "user", "content": ROOMS_QUESTION}]}
        message = client.chat.completions.create(**ask).choices[0].message
        assert message.content and f"“{ROOMS}”" in message.content and message.annotations
        for note in message.annotations:
            cited = note.url_citation
            assert message.content[cited.start_index : cited.end_index] in {"[1]", "[2]", "[3]"}
            assert client._client.get(cited.url).text in engine.ask(ROOMS_QUESTION).citations[0].quote + ROOMS
        chunks = list(client.chat.completions.create(**ask, stream=True, stream_options={"include_usage": True}))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        assert text == message.content and chunks[-1].usage is not None
        assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"


def test_openais_newer_endpoint_gives_items_annotations_and_typed_events(engine: Engine) -> None:
    weather = next(document for document in engine.documents.list() if document.title == "Weather")
    with served(create_app(engine)) as url, OpenAI(base_url=f"{url}/openai/v1", api_key="k", max_retries=0) as client:
        whole = client.responses.create(model="footnote/default", input="Where did it rain on Monday?")
        assert whole.status == "completed" and "rained in Paris" in whole.output_text
        (part,) = whole.output[0].content  # type: ignore[union-attr]
        (note,) = [note.model_dump() for note in part.annotations[:1]]  # type: ignore[union-attr]
        assert note == {"type": "file_citation", "file_id": weather.id, "filename": "weather.txt", "index": 0}
        events = list(client.responses.create(model="footnote", input="Where did it rain on Monday?", stream=True))
        assert [event.sequence_number for event in events] == list(range(len(events)))
        assert events[0].type == "response.created" and events[-1].type == "response.completed"
        assert "".join(e.delta for e in events if e.type == "response.output_text.delta") == whole.output_text
        assert events[-1].response.output_text == whole.output_text
        with client.responses.stream(model="footnote", input="Where did it rain on Monday?") as stream:
            assert stream.get_final_response().output_text == whole.output_text, "the SDK's own assembly of the events"


def test_openais_newer_endpoint_takes_conversations_and_refuses_what_it_would_have_to_remember(engine: Engine) -> None:
    with served(create_app(engine)) as url, OpenAI(base_url=f"{url}/openai/v1", api_key="k", max_retries=0) as client:
        said = client.responses.create(model="footnote", input=QUESTION)
        spoken: Any = [
            {"role": "developer", "content": "Speak like a pirate."},
            {"role": "user", "content": [{"type": "input_text", "text": QUESTION}]},
            said.output[0].model_dump(exclude={"phase"}),
            {"type": "reasoning", "id": "r", "summary": []},
            {"role": "user", "content": "and she?"},
        ]
        reply = client.responses.create(model="footnote", input=spoken)
        assert reply.model_extra["footnote"]["understood"].endswith("visit Beijing after Blinken?")  # type: ignore[index]
        for wrong in ({"input": "x", "previous_response_id": "resp_1"}, {"input": []}, {"input": " "}):
            with pytest.raises(APIStatusError) as refused:
                client.responses.create(model="footnote", **wrong)  # type: ignore[call-overload]
            assert refused.value.status_code in {400, 422}


def test_a_page_is_cited_by_its_address() -> None:
    from rag.server.responses import notes_of
    from rag.types import Answer, Citation, Claim

    def cited(number: int, uri: str) -> Citation:
        return Citation(number, f"d{number}", "T", uri, None, None, "", 0, 1, "q", 1.0)

    answer = Answer("a", "q", "q", "answered", "Yes. No.", (Claim(0, 4, "supported", (1, 2), 1.0),),
                    (cited(1, "https://example.com/x"), cited(2, "/docs/y.pdf")))  # fmt: skip
    first, second = notes_of(answer, "http://here/")
    assert first == {
        "type": "url_citation",
        "start_index": 5,
        "end_index": 8,
        "url": "https://example.com/x",
        "title": "T",
    }
    assert second["type"] == "file_citation" and second["filename"] == "y.pdf"


def test_openais_client_is_told_what_is_wrong(engine: Engine) -> None:
    with served(create_app(engine)) as url, OpenAI(base_url=f"{url}/openai/v1", api_key="k", max_retries=0) as client:
        with pytest.raises(APIStatusError) as refused:
            client.chat.completions.create(model="footnote/nope", messages=[{"role": "user", "content": "x"}])
        assert refused.value.status_code == 404 and "no collection 'nope'" in str(refused.value)
        with pytest.raises(APIStatusError):
            client.chat.completions.create(model="footnote", messages=[{"role": "assistant", "content": "x"}])
        vectors = client.embeddings.create(model="footnote", input=["Beijing", "Paris"])
        assert [len(row.embedding) for row in vectors.data] == [64, 64]
        assert abs(sum(x * x for x in vectors.data[0].embedding) - 1) < 1e-5


def test_a_conversation_of_openai_is_understood_without_its_footnotes(engine: Engine) -> None:
    with served(create_app(engine)) as url, OpenAI(base_url=f"{url}/openai/v1", api_key="k", max_retries=0) as client:
        first: Any = [{"role": "system", "content": "Speak like a pirate."}, {"role": "user", "content": QUESTION}]
        said = client.chat.completions.create(model="footnote", messages=first).choices[0].message.content
        follow = [*first, {"role": "assistant", "content": said}, {"role": "user", "content": "and she?"}]
        reply = client.chat.completions.create(model="footnote", messages=follow)
    understood = reply.model_extra["footnote"]["understood"]  # type: ignore[index]
    assert understood.endswith("visit Beijing after Blinken?")


def test_llama_index_talks_to_it_as_to_any_other_model(engine: Engine) -> None:
    with served(create_app(engine)) as url:
        llm = OpenAILike(model="footnote", api_base=f"{url}/openai/v1", api_key="k", is_chat_model=True, max_retries=0)
        assert ROOMS in str(llm.chat([ChatMessage(role="user", content=ROOMS_QUESTION)]).message.content)
        assert "".join(
            r.delta or "" for r in llm.stream_chat([ChatMessage(role="user", content=ROOMS_QUESTION)])
        ).count("[1]")


# --- MCP --------------------------------------------------------------------------------------------------------------


async def test_an_assistant_finds_lists_and_reads_documents(engine: Engine) -> None:
    async with McpClient(build(engine)) as mcp:
        assert {tool.name for tool in (await mcp.list_tools()).tools} == {
            "ask", "search", "list_documents", "read_document",
        }  # fmt: skip
        found = mcp_of(await mcp.call_tool("search", {"question": QUESTION, "k": 1}))["evidence"][0]
        listed = mcp_of(await mcp.call_tool("list_documents", {}))
        assert listed["total"] == 3 and found["document_id"] in {d["id"] for d in listed["documents"]}
        span = {"document_id": found["document_id"], "start": found["start"], "end": found["end"]}
        assert mcp_of(await mcp.call_tool("read_document", span))["text"] == found["text"]
        resources = (await mcp.list_resources()).resources
        contents = (await mcp.read_resource(resources[0].uri)).contents
        assert len(resources) == 3 and contents[0].text  # type: ignore[union-attr]


async def test_an_assistant_is_told_what_is_wrong_and_kept_to_its_collection(engine: Engine) -> None:
    async with McpClient(build(engine, only="other")) as mcp:
        refused = await mcp.call_tool("search", {"question": "x", "collection": "default"})
        assert refused.is_error and "Only the collection 'other'" in str(refused.content)
        document = engine.documents.list()[0].id
        assert (await mcp.call_tool("read_document", {"document_id": document})).is_error
    async with McpClient(build(engine)) as mcp:
        refused = await mcp.call_tool("ask", {"question": " "})
        assert refused.is_error and "The question is empty" in str(refused.content)

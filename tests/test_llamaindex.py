"""The product as llama-index parts, used as llama-index users do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from llama_index.core.base.response.schema import Response
from llama_index.core.llms import ChatMessage
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.response_synthesizers import ResponseMode, get_response_synthesizer

from rag import Engine
from rag.errors import PathError
from tests.fakes.library import QUESTION, RAIMONDO, YELLEN, library
from tests.fakes.llm import ScriptedLLM


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with library(tmp_path / "docs") as opened:
        yield opened


def marked(engine: Engine) -> str:
    """The answer's text with its marks: which quotes there are, and in which order, is the retrieval's business."""
    return engine.ask(QUESTION).marked()


def test_nodes_have_the_offsets_of_their_text(engine: Engine) -> None:
    nodes = engine.as_retriever().retrieve(QUESTION)
    assert {nodes[0].text, nodes[1].text} == {YELLEN, RAIMONDO}
    for found in nodes:
        document = engine.documents.get(found.node.metadata["document_id"])
        start, end = found.node.start_char_idx, found.node.end_char_idx  # type: ignore[attr-defined]
        assert document.text[start:end] == found.text and found.score is not None
    assert len({found.node.node_id for found in nodes}) == len(nodes)


async def test_retrieving_does_not_block_the_loop(engine: Engine) -> None:
    assert await engine.as_retriever().aretrieve(QUESTION) == engine.as_retriever().retrieve(QUESTION)


def test_the_retriever_serves_in_a_pipeline_of_llama_index(engine: Engine) -> None:
    llm = ScriptedLLM(["Janet Yellen."])
    synthesizer = get_response_synthesizer(llm, response_mode=ResponseMode.COMPACT)
    response = RetrieverQueryEngine(engine.as_retriever(), synthesizer).query(QUESTION)
    assert str(response) == "Janet Yellen." and YELLEN in llm.prompts[0]
    assert YELLEN in {node.text for node in response.source_nodes}


async def test_a_mark_in_the_response_is_the_number_of_its_node(engine: Engine) -> None:
    query = engine.as_query_engine()
    for response in (query.query(QUESTION), await query.aquery(QUESTION)):
        assert isinstance(response, Response) and response.metadata
        assert response.response == marked(engine)
        for number, node in enumerate(response.source_nodes, start=1):
            assert f"{node.text} [{number}]" in response.response
        assert response.metadata["status"] == "answered"
        assert len(response.metadata["answer"]["citations"]) == len(response.source_nodes) >= 2


def test_a_refusal_has_no_nodes(engine: Engine) -> None:
    response = engine.as_query_engine().query("Qui est le premier ministre du Canada?")
    assert isinstance(response, Response) and response.metadata
    assert (response.metadata["status"], response.source_nodes) == ("not_found", [])


def test_errors_are_those_of_the_engine(engine: Engine) -> None:
    with pytest.raises(PathError, match="elsewhere"):
        engine.as_query_engine("elsewhere").query(QUESTION)
    with pytest.raises(PathError, match="elsewhere"):
        engine.as_retriever("elsewhere").retrieve(QUESTION)


async def test_a_chat_understands_follow_ups_until_it_is_reset(engine: Engine) -> None:
    chat = engine.as_chat_engine()
    first = chat.chat(QUESTION)
    assert str(first) == marked(engine) and len(first.source_nodes) >= 2
    second = await chat.achat("and she?")
    assert second.metadata
    assert second.metadata["answer"]["understood"].endswith("visit Beijing after Blinken?")
    # The marks are for people; what is remembered has none.
    assert [message.role.value for message in chat.chat_history] == ["user", "assistant"] * 2
    assert "[1]" not in (chat.chat_history[1].content or "")
    chat.reset()
    assert chat.chat_history == []


def test_a_history_that_is_given_replaces_the_one_before(engine: Engine) -> None:
    chat = engine.as_chat_engine()
    chat.chat("What rose in Paris?")
    given = [ChatMessage(role="system", content="Be brief."), ChatMessage(role="user", content=QUESTION)]
    answered = chat.chat("and she?", chat_history=given)
    assert answered.metadata
    assert answered.metadata["answer"]["understood"].endswith("visit Beijing after Blinken?")
    assert len(chat.chat_history) == 4


def test_a_streamed_chat_comes_sentence_by_sentence(engine: Engine) -> None:
    chat = engine.as_chat_engine()
    streamed = chat.stream_chat(QUESTION)
    pieces = list(streamed.response_gen)
    assert len(pieces) >= 2 and "".join(pieces) == streamed.response == marked(engine)
    assert len(streamed.source_nodes) == len(pieces)
    assert [message.content for message in chat.chat_history] == [QUESTION, engine.ask(QUESTION).text]


async def test_a_streamed_chat_does_not_block_the_loop(engine: Engine) -> None:
    chat = engine.as_chat_engine()
    streamed = await chat.astream_chat(QUESTION)
    pieces = [piece async for piece in streamed.async_response_gen()]
    assert len(pieces) >= 2 and "".join(pieces) == marked(engine)
    assert len(streamed.source_nodes) == len(pieces) and len(chat.chat_history) == 2


async def test_a_streamed_refusal_is_its_text(engine: Engine) -> None:
    chat = engine.as_chat_engine()
    question = "Qui est le premier ministre du Canada?"
    text = engine.ask(question).text
    assert list(chat.stream_chat(question).response_gen) == [text]
    assert [piece async for piece in (await chat.astream_chat(question)).async_response_gen()] == [text]


def test_a_stream_that_is_not_read_is_forgotten(engine: Engine) -> None:
    chat = engine.as_chat_engine()
    next(iter(chat.stream_chat(QUESTION).response_gen))
    assert chat.chat_history == []

"""The product as llama-index parts: a retriever, a query engine, a chat engine, for use in other people's pipelines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from typing import TYPE_CHECKING, Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import Response
from llama_index.core.callbacks import CallbackManager
from llama_index.core.chat_engine.types import (
    AgentChatResponse,
    BaseChatEngine,
    StreamingAgentChatResponse,
)
from llama_index.core.llms import ChatMessage
from llama_index.core.query_engine import BaseQueryEngine
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag.types import Answer, Evidence, Turn

if TYPE_CHECKING:
    from rag.engine import Engine


def node_of(item: Evidence) -> NodeWithScore:
    """Return a sentence as a node whose offsets are right: `document.text[start_char_idx:end_char_idx]` is its text."""
    node = TextNode(
        id_=f"{item.passage_id}:{item.start}",
        text=item.text,
        start_char_idx=item.start,
        end_char_idx=item.end,
        metadata={
            "document_id": item.document_id,
            "title": item.title,
            "uri": item.uri,
            "place": item.place,
            "published_at": item.published_at,
        },
    )
    return NodeWithScore(node=node, score=item.score)


class FootnoteRetriever(BaseRetriever):
    """Sentences that may answer, best first, from the engine's own retrieval."""

    def __init__(self, engine: Engine, collection: str | None) -> None:
        super().__init__(callback_manager=CallbackManager([]))
        self._engine = engine
        self._collection = collection

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [node_of(item) for item in self._engine.search(query_bundle.query_str, collection=self._collection)]


def _response(answer: Answer) -> Response:
    return Response(
        response=answer.text,
        source_nodes=[node_of(item) for item in _cited(answer)],
        metadata={"status": answer.status, "answer": answer.to_dict()},
    )


def _cited(answer: Answer) -> list[Evidence]:
    """Return the evidence that the answer cites, in the order of the citation numbers."""
    by_place = {(item.document_id, item.start, item.end): item for item in answer.evidence}
    return [by_place[citation.document_id, citation.start, citation.end] for citation in answer.citations]


class FootnoteQueryEngine(BaseQueryEngine):
    """Answers with checked citations: `response.source_nodes[i]` is citation i + 1, `metadata["answer"]` has it all."""

    def __init__(self, engine: Engine, collection: str | None) -> None:
        super().__init__(callback_manager=CallbackManager([]))
        self._engine = engine
        self._collection = collection

    def _query(self, query_bundle: QueryBundle) -> Response:
        return _response(self._engine.ask(query_bundle.query_str, collection=self._collection))

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        return await asyncio.to_thread(self._query, query_bundle)

    def _get_prompt_modules(self) -> dict[str, Any]:
        return {}


class FootnoteChatEngine(BaseChatEngine):
    """One conversation over a collection; follow-ups are understood from what was said before."""

    def __init__(self, engine: Engine, collection: str | None) -> None:
        self._engine = engine
        self._collection = collection
        self._history: list[ChatMessage] = []

    @property
    def chat_history(self) -> list[ChatMessage]:
        """The messages so far."""
        return list(self._history)

    def reset(self) -> None:
        """Forget the conversation."""
        self._history.clear()

    def chat(self, message: str, chat_history: list[ChatMessage] | None = None) -> AgentChatResponse:
        """Answer a message; `chat_history` replaces what was said before."""
        if chat_history is not None:
            self._history = list(chat_history)
        answer = self._engine.ask(message, collection=self._collection, history=self._turns())
        self._history += [
            ChatMessage(role="user", content=message),
            ChatMessage(role="assistant", content=answer.text),
        ]
        response = _response(answer)
        return AgentChatResponse(response=answer.text, source_nodes=response.source_nodes, metadata=response.metadata)

    def stream_chat(self, message: str, chat_history: list[ChatMessage] | None = None) -> StreamingAgentChatResponse:
        """Answer a message; the text comes sentence by sentence once it is checked, so it is whole when it starts."""
        answered = self.chat(message, chat_history)

        def pieces() -> Generator[Any]:
            from llama_index.core.llms import ChatResponse

            yield ChatResponse(
                message=ChatMessage(role="assistant", content=answered.response), delta=answered.response
            )

        return StreamingAgentChatResponse(chat_stream=pieces(), source_nodes=answered.source_nodes)

    async def achat(self, message: str, chat_history: list[ChatMessage] | None = None) -> AgentChatResponse:
        """Answer a message without blocking the event loop."""
        return await asyncio.to_thread(self.chat, message, chat_history)

    async def astream_chat(
        self, message: str, chat_history: list[ChatMessage] | None = None
    ) -> StreamingAgentChatResponse:
        """Answer a message without blocking the event loop; the text comes at once."""
        answered = await self.achat(message, chat_history)

        async def pieces() -> AsyncGenerator[Any]:
            from llama_index.core.llms import ChatResponse

            yield ChatResponse(
                message=ChatMessage(role="assistant", content=answered.response), delta=answered.response
            )

        return StreamingAgentChatResponse(achat_stream=pieces(), source_nodes=answered.source_nodes)

    def _turns(self) -> list[Turn]:
        return [
            Turn("user" if message.role.value == "user" else "assistant", message.content or "")
            for message in self._history
            if message.role.value in {"user", "assistant"}
        ]

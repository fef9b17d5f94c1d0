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
from llama_index.core.llms import ChatMessage, ChatResponse
from llama_index.core.query_engine import BaseQueryEngine
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag.types import Answer, AnswerEvent, Done, Evidence, Sentence, Turn

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


def _cited(answer: Answer) -> list[NodeWithScore]:
    """Return the sentences that the answer cites, in the order of the citation numbers."""
    by_place = {(item.document_id, item.start, item.end): item for item in answer.evidence}
    return [node_of(by_place[quote.document_id, quote.start, quote.end]) for quote in answer.citations]


def _response(answer: Answer) -> Response:
    return Response(response=answer.marked(), source_nodes=_cited(answer), metadata=_metadata(answer))


def _metadata(answer: Answer) -> dict[str, Any]:
    return {"status": answer.status, "answer": answer.to_dict()}


class FootnoteRetriever(BaseRetriever):
    """Sentences that may answer, best first, from the engine's own retrieval."""

    def __init__(self, engine: Engine, collection: str | None) -> None:
        # Its own manager: without one llama-index takes that of its global Settings.
        super().__init__(callback_manager=CallbackManager([]))
        self._engine = engine
        self._collection = collection

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [node_of(item) for item in self._engine.search(query_bundle.query_str, collection=self._collection)]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


class FootnoteQueryEngine(BaseQueryEngine):
    """Answers with checked citations: "[n]" in a response is `source_nodes[n - 1]`; `metadata["answer"]` has it all."""

    def __init__(self, engine: Engine, collection: str | None) -> None:
        super().__init__(callback_manager=CallbackManager([]))
        self._engine = engine
        self._collection = collection

    def _query(self, query_bundle: QueryBundle) -> Response:
        return _response(self._engine.ask(query_bundle.query_str, collection=self._collection))

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        return _response(await self._engine.aask(query_bundle.query_str, collection=self._collection))

    def _get_prompt_modules(self) -> dict[str, Any]:
        return {}


class FootnoteChatEngine(BaseChatEngine):
    """One conversation over a collection; follow-ups are understood from what was said before.

    "[n]" in a response is `source_nodes[n - 1]`. What is remembered of an answer is its text without these marks, and
    only once the answer is at its end: a stream that is not read to the end is forgotten, with its question.
    """

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
        """Answer a message; `chat_history` replaces what was said before. Errors are those of `Engine.ask`."""
        answer = self._engine.ask(message, collection=self._collection, history=self._turns(chat_history))
        return self._chatted(message, answer)

    async def achat(self, message: str, chat_history: list[ChatMessage] | None = None) -> AgentChatResponse:
        """Do what `chat` does, without blocking the event loop."""
        turns = self._turns(chat_history)
        return self._chatted(message, await self._engine.aask(message, collection=self._collection, history=turns))

    def stream_chat(self, message: str, chat_history: list[ChatMessage] | None = None) -> StreamingAgentChatResponse:
        """Answer a message sentence by sentence, each once it is checked; `source_nodes` are there at the end."""
        events = self._engine.stream(message, collection=self._collection, history=self._turns(chat_history))
        response = StreamingAgentChatResponse(is_writing_to_memory=False)

        def pieces() -> Generator[ChatResponse]:
            said = ""
            for event in events:
                if piece := self._piece(message, event, said, response):
                    said += piece
                    yield _spoken(said, piece)

        response.chat_stream = pieces()
        return response

    async def astream_chat(
        self, message: str, chat_history: list[ChatMessage] | None = None
    ) -> StreamingAgentChatResponse:
        """Do what `stream_chat` does, without blocking the event loop."""
        events = self._engine.astream(message, collection=self._collection, history=self._turns(chat_history))
        response = StreamingAgentChatResponse(is_writing_to_memory=False)

        async def pieces() -> AsyncGenerator[ChatResponse]:
            said = ""
            async for event in events:
                if piece := self._piece(message, event, said, response):
                    said += piece
                    yield _spoken(said, piece)

        response.achat_stream = pieces()
        return response

    def _piece(self, message: str, event: AnswerEvent, said: str, response: StreamingAgentChatResponse) -> str:
        """Return what an event adds to the text; at the last one, keep the turn and what it cites."""
        if isinstance(event, Sentence):
            return " ".join(filter(None, (" " * bool(said) + event.text, event.claim.marks())))
        if isinstance(event, Done):
            self._keep(message, event.answer)
            response.source_nodes.extend(_cited(event.answer))
            return "" if said else event.answer.text
        return ""

    def _chatted(self, message: str, answer: Answer) -> AgentChatResponse:
        self._keep(message, answer)
        return AgentChatResponse(response=answer.marked(), source_nodes=_cited(answer), metadata=_metadata(answer))

    def _keep(self, message: str, answer: Answer) -> None:
        self._history += [
            ChatMessage(role="user", content=message),
            ChatMessage(role="assistant", content=answer.text),
        ]

    def _turns(self, chat_history: list[ChatMessage] | None) -> list[Turn]:
        if chat_history is not None:
            self._history = list(chat_history)
        return [
            Turn("user" if message.role.value == "user" else "assistant", message.content or "")
            for message in self._history
            if message.role.value in {"user", "assistant"}
        ]


def _spoken(said: str, piece: str) -> ChatResponse:
    return ChatResponse(message=ChatMessage(role="assistant", content=said), delta=piece)

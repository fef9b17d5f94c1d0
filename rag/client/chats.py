"""The chats of whoever uses a client: the methods of `rag.Talk`, said to a server."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from rag.chats import Kept
from rag.client import calls
from rag.client.calls import Call
from rag.types import AnswerEvent
from vectorstore.chats import ChatRecord, Verdict

if TYPE_CHECKING:
    from rag.client.asynchronous import AsyncClient
    from rag.client.synchronous import Client

Mode = Literal["strict", "lenient"]
_CHAT, _TURN = calls.reader(ChatRecord), calls.reader(Kept)


def _create(title: str, collection: str | None) -> Call[ChatRecord]:
    return Call("POST", "/v1/chats", _CHAT, {"title": title, "collection": collection}, safe=False)


def _find(words: str, after: str | None) -> Call[tuple[list[ChatRecord], str | None]]:
    rows = calls.reader(list[ChatRecord], "chats")
    params = {"words": words, "limit": calls.PAGE, "after": after}
    return Call("GET", "/v1/chats", lambda data: (rows(data), data.get("next")), params=params)


def _get(chat_id: str) -> Call[ChatRecord]:
    return Call("GET", _of(chat_id), _CHAT)


def _rename(chat_id: str, title: str) -> Call[ChatRecord]:
    return Call("PATCH", _of(chat_id), _CHAT, {"title": title}) if title.strip() else _get(chat_id)


def _delete(chat_id: str) -> Call[None]:
    return Call("DELETE", _of(chat_id), lambda _: None, safe=False)


def _turns(chat_id: str) -> Call[list[Kept]]:
    return Call("GET", f"{_of(chat_id)}/turns", calls.reader(list[Kept], "turns"))


def _turn(turn_id: str) -> Call[Kept]:
    return Call("GET", f"/v1/turns/{calls.segment(turn_id)}", _TURN)


def _judge(turn_id: str, verdict: Verdict | None, reason: str) -> Call[Kept]:
    body = {"verdict": verdict, "reason": reason}
    return Call("PUT", f"/v1/turns/{calls.segment(turn_id)}/feedback", _TURN, body)


def _ask(chat_id: str, body: dict[str, Any]) -> Call[Kept]:
    return Call("POST", f"{_of(chat_id)}/ask", _TURN, body, headers=calls.once())


def _stream(chat_id: str, body: dict[str, Any]) -> Call[None]:
    # Sent twice, it would be kept twice.
    return Call("POST", f"{_of(chat_id)}/ask/stream", lambda _: None, body, safe=False)


def _of(chat_id: str) -> str:
    return f"/v1/chats/{calls.segment(chat_id)}"


def _body(question: str, document_ids: Sequence[str] | None, mode: Mode | None, quotes_only: bool) -> dict[str, Any]:
    body = calls.asked(question, None, document_ids, ()) | calls.how(mode, quotes_only)
    return {name: value for name, value in body.items() if name not in {"collection", "history"}}


class RemoteChats:
    """The chats of this client's key on the server; of the user of this machine where there is none."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def create(self, title: str, collection: str | None = None) -> ChatRecord:
        """Begin a chat over a collection, by default the server's."""
        return self._client.send(_create(title, collection))

    def find(self, words: str = "") -> list[ChatRecord]:
        """List the chats, the latest first; with `words` those in which all of them stand."""
        found: list[ChatRecord] = []
        after: str | None = None
        while True:
            rows, after = self._client.send(_find(words, after))
            found += rows
            if after is None:
                return found

    def get(self, chat_id: str) -> ChatRecord:
        """Return a chat; PathError where this key has none of that id."""
        return self._client.send(_get(chat_id))

    def rename(self, chat_id: str, title: str) -> ChatRecord:
        """Give a chat another title; an empty one leaves the old."""
        return self._client.send(_rename(chat_id, title))

    def delete(self, chat_id: str) -> None:
        """Delete a chat with all that was said."""
        self._client.send(_delete(chat_id))

    def turns(self, chat_id: str) -> list[Kept]:
        """Return what was asked and answered, oldest first."""
        return self._client.send(_turns(chat_id))

    def turn(self, turn_id: str) -> Kept:
        """Return one question with its answer."""
        return self._client.send(_turn(turn_id))

    def judge(self, turn_id: str, verdict: Verdict | None, reason: str = "") -> Kept:
        """Say what you think of an answer; None takes it back."""
        return self._client.send(_judge(turn_id, verdict, reason))

    def ask(
        self,
        chat_id: str,
        question: str,
        *,
        document_ids: Sequence[str] | None = None,
        mode: Mode | None = None,
        quotes_only: bool = False,
    ) -> Kept:
        """Ask in a chat; return the question with its answer, as they were kept there."""
        return self._client.send(_ask(chat_id, _body(question, document_ids, mode, quotes_only)))

    def stream(
        self,
        chat_id: str,
        question: str,
        *,
        document_ids: Sequence[str] | None = None,
        mode: Mode | None = None,
        quotes_only: bool = False,
    ) -> Generator[AnswerEvent]:
        """Yield the events of an answer in a chat; closing it stops the model there, and what was shown is kept."""
        return self._client.events(_stream(chat_id, _body(question, document_ids, mode, quotes_only)))


class AsyncChats:
    """What `RemoteChats` is, to be awaited."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def create(self, title: str, collection: str | None = None) -> ChatRecord:
        """Begin a chat over a collection, by default the server's."""
        return await self._client.send(_create(title, collection))

    async def find(self, words: str = "") -> list[ChatRecord]:
        """List the chats, the latest first; with `words` those in which all of them stand."""
        found: list[ChatRecord] = []
        after: str | None = None
        while True:
            rows, after = await self._client.send(_find(words, after))
            found += rows
            if after is None:
                return found

    async def get(self, chat_id: str) -> ChatRecord:
        """Return a chat; PathError where this key has none of that id."""
        return await self._client.send(_get(chat_id))

    async def rename(self, chat_id: str, title: str) -> ChatRecord:
        """Give a chat another title; an empty one leaves the old."""
        return await self._client.send(_rename(chat_id, title))

    async def delete(self, chat_id: str) -> None:
        """Delete a chat with all that was said."""
        await self._client.send(_delete(chat_id))

    async def turns(self, chat_id: str) -> list[Kept]:
        """Return what was asked and answered, oldest first."""
        return await self._client.send(_turns(chat_id))

    async def turn(self, turn_id: str) -> Kept:
        """Return one question with its answer."""
        return await self._client.send(_turn(turn_id))

    async def judge(self, turn_id: str, verdict: Verdict | None, reason: str = "") -> Kept:
        """Say what you think of an answer; None takes it back."""
        return await self._client.send(_judge(turn_id, verdict, reason))

    async def ask(
        self,
        chat_id: str,
        question: str,
        *,
        document_ids: Sequence[str] | None = None,
        mode: Mode | None = None,
        quotes_only: bool = False,
    ) -> Kept:
        """Ask in a chat; return the question with its answer, as they were kept there."""
        return await self._client.send(_ask(chat_id, _body(question, document_ids, mode, quotes_only)))

    def stream(
        self,
        chat_id: str,
        question: str,
        *,
        document_ids: Sequence[str] | None = None,
        mode: Mode | None = None,
        quotes_only: bool = False,
    ) -> AsyncGenerator[AnswerEvent]:
        """Yield the events of an answer in a chat; `aclose` stops the model there, and what was shown is kept."""
        return self._client.events(_stream(chat_id, _body(question, document_ids, mode, quotes_only)))

"""Routes for chats: questions that are kept with their answers, each chat its caller's own, and feedback on answers."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from rag import wire
from rag.chats import Kept
from rag.errors import BusyError, RagError
from rag.server.access import Caller, Reads
from rag.server.asking import EVENT, EVENTS, IdempotencyKey, events_of
from rag.server.schema import ChatIn, ChatRenamed, ChatsOut, Judged, Question, TurnsOut
from rag.server.service import Served, Service
from rag.server.streams import EventStream, event, unless_gone
from rag.talk import BUG, SoFar, Talk
from rag.types import AnswerEvent
from vectorstore.chats import ChatRecord, State

router = APIRouter(prefix="/v1", tags=["chats"])
_PAGE = 100


def talk_of(service: Service, caller: Caller) -> Talk:
    """Return the chats of a caller; no other ones can be reached by it."""
    return Talk(service.engine, caller.owner)


@router.post("/chats", response_model=ChatRecord, status_code=201)
def create(body: ChatIn, service: Served, caller: Reads) -> Any:
    """Begin a chat."""
    return talk_of(service, caller).create(body.title, body.collection)


@router.get("/chats", response_model=ChatsOut)
def find(
    service: Served,
    caller: Reads,
    words: Annotated[str, Query(max_length=1000, description="Only chats in which all of these stand.")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = _PAGE,
    after: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
) -> Any:
    """List the caller's chats, the latest first, page by page."""
    rows = sorted(talk_of(service, caller).find(words), key=_cursor, reverse=True)
    rest = [row for row in rows if after is None or _cursor(row) < after]
    more = len(rest) > limit
    return {"chats": rest[:limit], "next": _cursor(rest[limit - 1]) if more else None}


def _cursor(chat: ChatRecord) -> str:
    return f"{chat.updated_at} {chat.id}"


@router.get("/chats/{chat_id}", response_model=ChatRecord)
def get(chat_id: str, service: Served, caller: Reads) -> Any:
    """Return a chat of the caller; its questions are at `turns`."""
    return talk_of(service, caller).get(chat_id)


@router.patch("/chats/{chat_id}", response_model=ChatRecord)
def rename(chat_id: str, body: ChatRenamed, service: Served, caller: Reads) -> Any:
    """Give a chat another title."""
    return talk_of(service, caller).rename(chat_id, body.title)


@router.delete("/chats/{chat_id}", status_code=204)
def delete(chat_id: str, service: Served, caller: Reads) -> None:
    """Delete a chat with all that was said in it."""
    talk_of(service, caller).delete(chat_id)


@router.get("/chats/{chat_id}/turns", response_model=TurnsOut)
def turns(chat_id: str, service: Served, caller: Reads) -> Any:
    """Return what was asked and answered in a chat, oldest first."""
    return JSONResponse({"turns": [asdict(kept) for kept in talk_of(service, caller).turns(chat_id)]})


@router.get("/turns/{turn_id}", response_model=Kept)
def turn(turn_id: str, service: Served, caller: Reads) -> Any:
    """Return one question with its answer."""
    return JSONResponse(asdict(talk_of(service, caller).turn(turn_id)))


@router.put("/turns/{turn_id}/feedback", response_model=Kept)
def judge(turn_id: str, body: Judged, service: Served, caller: Reads) -> Any:
    """Keep what the caller thinks of an answer."""
    return JSONResponse(asdict(talk_of(service, caller).judge(turn_id, body.verdict, body.reason)))


@router.post("/chats/{chat_id}/ask", response_model=Kept)
async def ask(
    chat_id: str,
    body: Question,
    request: Request,
    service: Served,
    caller: Reads,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Ask in a chat, where a follow-up is understood; return the question with its answer as they were kept."""
    fingerprint = hashlib.sha256(f"{chat_id}\n{body.model_dump_json()}".encode("utf-8", "replace")).hexdigest()
    talk = talk_of(service, caller)

    async def work() -> object:
        kept = None
        async with aclosing(answered(service, talk, chat_id, body)) as events:
            async for one in events:
                kept = one if isinstance(one, Kept) else kept
        assert kept is not None, "an answer in a chat begins with its question"
        return asdict(await asyncio.to_thread(talk.turn, kept.id))

    answer = service.repeats.once(caller.owner, idempotency_key, fingerprint, work)
    return JSONResponse(await unless_gone(request.receive, answer))


@router.post(
    "/chats/{chat_id}/ask/stream",
    response_class=Response,
    responses={
        200: {"description": f"`kept` (the turn), then: {EVENTS}", "content": {"text/event-stream": {"schema": EVENT}}}
    },
)
async def stream(chat_id: str, body: Question, request: Request, service: Served, caller: Reads) -> Response:
    """Ask in a chat, answered as server-sent events; who hangs up stops the model, and what was shown is kept."""
    talk = talk_of(service, caller)

    async def events() -> AsyncGenerator[bytes]:
        async with aclosing(answered(service, talk, chat_id, body)) as answer:
            async for one in answer:
                if isinstance(one, Kept):
                    yield event("kept", asdict(one))
                else:
                    yield event(wire.name_of(one), wire.event_to_dict(one))

    return await unless_gone(request.receive, EventStream.begun(events()))


async def answered(service: Service, talk: Talk, chat_id: str, body: Question) -> AsyncGenerator[Kept | AnswerEvent]:
    """Yield the question as it is kept, then the events of its answer, which is kept before the last of them."""
    begun = await asyncio.to_thread(talk.begin, chat_id, body.question, body.document_ids)
    so_far = SoFar(begun.kept.question)
    arguments = {
        "collection": begun.collection,
        "document_ids": body.document_ids,
        "history": begun.history,
        "mode": body.mode,
        "quotes_only": body.quotes_only,
    }
    state: State | None = "stopped"
    told = ""
    try:
        yield begun.kept
        async with aclosing(events_of(service, begun.kept.question, arguments)) as events:
            async for one in events:
                so_far.add(one)
                if so_far.whole is not None:
                    state = None
                    await asyncio.to_thread(talk.end, begun, so_far, "done")
                yield one
    except BusyError:
        state = None
        await asyncio.to_thread(talk.forget, begun)
        raise
    except Exception as error:
        state, told = "failed", str(error) if isinstance(error, RagError) else BUG
        raise
    finally:
        if state is not None:
            await asyncio.to_thread(talk.end, begun, so_far, state, told)

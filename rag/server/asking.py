"""Routes that answer and search."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse

from rag import wire
from rag.server.access import Reads
from rag.server.schema import Asked, FoundOut, Searched
from rag.server.service import Served, Service
from rag.server.streams import EventStream, event, unless_gone
from rag.server.traces import Course
from rag.types import Answer, AnswerEvent, Done, Understood

router = APIRouter(prefix="/v1", tags=["ask"])
IdempotencyKey = Annotated[
    str | None, Header(max_length=200, description="Sent again with the same key, a request is not done again.")
]


async def events_of(service: Service, question: str, arguments: dict[str, Any]) -> AsyncGenerator[AnswerEvent]:
    """Yield the events of an answer, once there is a slot for it. Closing it frees the slot and stops the model."""
    began = time.perf_counter()
    course = Course(arguments.get("collection") or service.settings.collection)
    try:
        async with service.slots.one():
            course.slot = time.time_ns()
            async with aclosing(service.engine.astream(question, **arguments)) as events:  # type: ignore[type-var]
                async for one in events:
                    if isinstance(one, Understood):
                        service.metrics.first_event(time.perf_counter() - began)
                    elif isinstance(one, Done):
                        usage = one.answer.usage
                        service.metrics.answer(one.answer.status, usage.prompt_tokens, usage.completion_tokens)
                    course.saw(one)
                    yield one
    except BaseException as error:
        # After its last event a stream is closed, which is no failure.
        course.error = "" if course.answer else type(error).__name__
        raise
    finally:
        if service.traces is not None:
            service.traces.answered(course)


async def answer_of(service: Service, question: str, arguments: dict[str, Any]) -> Answer:
    """Return the whole answer."""
    async with aclosing(events_of(service, question, arguments)) as events:
        async for one in events:
            if isinstance(one, Done):
                return one.answer
    raise AssertionError("a stream of answer events ends with Done")


@router.post("/ask", response_model=Answer)
async def ask(
    body: Asked, request: Request, service: Served, caller: Reads, idempotency_key: IdempotencyKey = None
) -> Response:
    """Answer a question; every sentence of the answer has quotes that were checked. Hanging up stops the model."""
    fingerprint = hashlib.sha256(body.model_dump_json().encode("utf-8", "replace")).hexdigest()

    async def work() -> object:
        return (await answer_of(service, body.question, body.arguments())).to_dict()

    answer = service.repeats.once(caller.owner, idempotency_key, fingerprint, work)
    return JSONResponse(await unless_gone(request.receive, answer))


EVENT = {
    "type": "object",
    "properties": {"event": {"type": "string"}, "data": {"type": "string", "description": "JSON."}},
    "required": ["data"],
}
"""Schema of one event of a stream."""
EVENTS = (
    "`understood` (question, standalone), `retrieved` (evidence), `sentence` (text, claim, citations) for each "
    "sentence of the answer, `done` (answer). A failure after the answer has begun is an event `error`, a problem."
)


@router.post(
    "/ask/stream",
    response_class=Response,
    responses={200: {"description": EVENTS, "content": {"text/event-stream": {"schema": EVENT}}}},
)
async def stream(body: Asked, request: Request, service: Served, _: Reads) -> Response:
    """Answer a question as server-sent events, each sentence as soon as it is checked."""

    async def events() -> AsyncGenerator[bytes]:
        async with aclosing(events_of(service, body.question, body.arguments())) as answer:
            async for one in answer:
                yield event(wire.name_of(one), wire.event_to_dict(one))

    return await unless_gone(request.receive, EventStream.begun(events()))


@router.post("/search", response_model=FoundOut)
async def search(body: Searched, service: Served, _: Reads) -> Any:
    """Find the sentences that bear on a question, best first. No model writes anything."""
    found = await asyncio.to_thread(
        service.engine.search, body.question, k=body.k, collection=body.collection, document_ids=body.document_ids
    )
    return {"evidence": found}

"""The newer endpoint of OpenAI, `/responses`: the same answers, as items and typed events.

After https://platform.openai.com/docs/api-reference/responses. Nothing is stored: the conversation comes with each
request. A quote of a web page is a `url_citation`, one of a file a `file_citation`.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import PurePosixPath
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from rag.errors import UsageError
from rag.server.access import Reads
from rag.server.asking import EVENT, answer_of, events_of
from rag.server.openai import citations, collection_of, conversation
from rag.server.openai_schema import Anything, ResponseIn
from rag.server.problems import problem_of
from rag.server.service import Served
from rag.server.streams import EventStream, unless_gone
from rag.server.wording import footnoted, footnotes
from rag.types import Answer, Done, Sentence

router = APIRouter(prefix="/openai/v1", tags=["openai"])
_ITEM = {"output_index": 0, "item_id": "msg_footnote"}
_PART = {**_ITEM, "content_index": 0}


@router.post(
    "/responses",
    response_model=Anything,
    responses={200: {"content": {"text/event-stream": {"schema": EVENT}}}},
)
async def respond(body: ResponseIn, request: Request, service: Served, _: Reads) -> Response:
    """Answer the last message of `input`. Instructions, tools and the like mean nothing here.

    The quotes are `annotations`, and footnotes below the text; `footnote` has all of it.
    """
    if body.previous_response_id is not None:
        raise UsageError("No response is stored here, so there is none to go on from; send all messages as `input`.")
    question, history = conversation(body.messages())
    arguments = {"collection": collection_of(body.model), "history": history}
    base = str(request.base_url)
    if not body.stream:
        answer = await unless_gone(request.receive, answer_of(service, question, arguments))
        return JSONResponse(response(answer, body.model, base))
    numbers = _Numbers()

    async def events() -> AsyncGenerator[bytes]:
        async with aclosing(events_of(service, question, arguments)) as answer:
            said = False
            for first in _beginning(body.model):
                yield numbers.event(first)
            async for one in answer:
                if isinstance(one, Sentence):
                    text = f"{one.text} {marks}" if (marks := one.claim.marks()) else one.text
                    yield numbers.event(_delta(f"{' ' if said else ''}{text}"))
                    said = True
                elif isinstance(one, Done):
                    for last in _ending(one.answer, body.model, base, said=said):
                        yield numbers.event(last)

    return await unless_gone(request.receive, EventStream.begun(events(), told=numbers.failure))


def response(answer: Answer, model: str, base: str) -> dict[str, Any]:
    """Return an answer as a response; `base` is the server's address."""
    usage = answer.usage
    return {
        **_frame(f"resp_{answer.id}", model, "completed"),
        "output": [_message(footnoted(answer), notes_of(answer, base), "completed")],
        "usage": {
            "input_tokens": usage.prompt_tokens,
            "input_tokens_details": {"cached_tokens": usage.cached_tokens, "cache_write_tokens": 0},
            "output_tokens": usage.completion_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        },
        "footnote": answer.to_dict(),
    }


def notes_of(answer: Answer, base: str) -> list[dict[str, Any]]:
    """Return a citation for each number in the text, in their order there."""
    by_number = {citation.number: citation for citation in answer.citations}
    files = list(dict.fromkeys(c.document_id for c in answer.citations if not _is_page(c.uri)))
    numbers = [number for claim in answer.claims for number in claim.citations]
    found: list[dict[str, Any]] = []
    for number, placed in zip(numbers, citations(answer, base), strict=True):
        cited = by_number[number]
        if _is_page(cited.uri):
            found.append({"type": "url_citation", **placed["url_citation"]})
            continue
        name = PurePosixPath(cited.uri.replace("\\", "/")).name
        index = files.index(cited.document_id)
        found.append({"type": "file_citation", "file_id": cited.document_id, "filename": name, "index": index})
    return found


def _is_page(uri: str) -> bool:
    return uri.startswith(("http://", "https://"))


def _frame(name: str, model: str, status: str) -> dict[str, Any]:
    """Return what every response has; what can't be chosen here is as OpenAI's own has it when nobody chooses."""
    return {
        "id": name,
        "object": "response",
        "created_at": int(time.time()),
        "status": status,
        "model": model,
        "output": [],
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "parallel_tool_calls": False,
        "temperature": None,
        "tool_choice": "none",
        "tools": [],
        "top_p": None,
        "store": False,
        "usage": None,
    }


def _message(text: str, notes: list[dict[str, Any]], status: str) -> dict[str, Any]:
    return {
        "id": _ITEM["item_id"],
        "type": "message",
        "role": "assistant",
        "status": status,
        "content": [_text(text, notes)],
    }


def _text(text: str, notes: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": notes, "logprobs": []}


def _beginning(model: str) -> Iterator[dict[str, Any]]:
    frame = _frame("resp_footnote", model, "in_progress")
    yield {"type": "response.created", "response": frame}
    yield {"type": "response.in_progress", "response": frame}
    item = {**_message("", [], "in_progress"), "content": []}
    yield {"type": "response.output_item.added", "output_index": 0, "item": item}
    yield {"type": "response.content_part.added", **_PART, "part": _text("", [])}


def _delta(text: str) -> dict[str, Any]:
    return {"type": "response.output_text.delta", **_PART, "delta": text, "logprobs": []}


def _ending(answer: Answer, model: str, base: str, *, said: bool) -> Iterator[dict[str, Any]]:
    if rest := footnotes(answer) if said else footnoted(answer):
        yield _delta(rest)
    whole = response(answer, model, base)
    (item,) = whole["output"]
    (part,) = item["content"]
    for number, note in enumerate(part["annotations"]):
        kind = "response.output_text.annotation.added"
        yield {"type": kind, **_PART, "annotation_index": number, "annotation": note}
    yield {"type": "response.output_text.done", **_PART, "text": part["text"], "logprobs": []}
    yield {"type": "response.content_part.done", **_PART, "part": part}
    yield {"type": "response.output_item.done", "output_index": 0, "item": item}
    # As it was called at its beginning.
    yield {"type": "response.completed", "response": {**whole, "id": "resp_footnote"}}


class _Numbers:
    """Counts the events of one stream, as the specification wants it."""

    def __init__(self) -> None:
        self._next = 0

    def event(self, data: dict[str, Any]) -> bytes:
        """Return an event as it is sent."""
        number, self._next = self._next, self._next + 1
        told = json.dumps({**data, "sequence_number": number}, ensure_ascii=False)
        return f"event: {data['type']}\ndata: {told}\n\n".encode()

    def failure(self, error: Exception) -> bytes:
        """Return the event that tells of a failure."""
        told = problem_of(error)
        return self.event({"type": "error", "code": told["type"], "message": told["detail"], "param": None})

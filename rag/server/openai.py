"""The endpoint that clients of OpenAI know: chat completions with citations, models, embeddings.

After https://platform.openai.com/docs/api-reference. A collection is a model: `footnote`, or `footnote/COLLECTION`.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from rag.errors import PathError, QuestionError
from rag.server.access import Reads
from rag.server.asking import EVENT, answer_of, events_of
from rag.server.openai_schema import Anything, Completion, Embedding, Message, ModelOut, ModelsOut
from rag.server.problems import problem_of
from rag.server.service import Served
from rag.server.streams import EventStream, unless_gone
from rag.server.wording import footnoted, footnotes
from rag.types import Answer, Citation, Done, Sentence, Turn

router = APIRouter(prefix="/openai/v1", tags=["openai"])
MODEL = "footnote"


@router.get("/models", response_model=ModelsOut)
def models(service: Served, _: Reads) -> Any:
    """List the collections as models."""
    names = [MODEL, *(f"{MODEL}/{info.name}" for info in service.engine.collections())]
    return {"data": [{"id": name} for name in names]}


@router.get("/models/{model:path}", response_model=ModelOut)
def model(model: str, service: Served, _: Reads) -> Any:
    """Return one of the models."""
    if (name := collection_of(model)) and all(info.name != name for info in service.engine.collections()):
        raise PathError(f"There is no model {model!r}; `{MODEL}` is the usual collection, `{MODEL}/NAME` another.")
    return {"id": model}


@router.post(
    "/chat/completions",
    response_model=Anything,
    responses={200: {"content": {"text/event-stream": {"schema": EVENT}}}},
)
async def complete(body: Completion, request: Request, service: Served, _: Reads) -> Response:
    """Answer the last message. The quotes are `annotations`, and footnotes below the text; `footnote` has all of it.

    System messages, temperature, tools and the like mean nothing here: what is said is what the documents say.
    """
    question, history = conversation(body.messages)
    arguments = {"collection": collection_of(body.model), "history": history}
    base = str(request.base_url)
    if not body.stream:
        answer = await unless_gone(request.receive, answer_of(service, question, arguments))
        return JSONResponse(completion(answer, body.model, base))
    usage = body.stream_options is not None and body.stream_options.include_usage

    async def events() -> AsyncGenerator[bytes]:
        async with aclosing(events_of(service, question, arguments)) as answer:
            said = False
            async for one in answer:
                if isinstance(one, Sentence):
                    text = f"{one.text} {marks}" if (marks := one.claim.marks()) else one.text
                    yield _data(_chunk(body.model, {"role": "assistant", "content": f"{' ' if said else ''}{text}"}))
                    said = True
                elif isinstance(one, Done):
                    for last in _last(one.answer, body.model, base, said=said, usage=usage):
                        yield last

    return await unless_gone(request.receive, EventStream.begun(events(), told=_failure))


@router.post("/embeddings", response_model=Anything)
async def embed(body: Embedding, service: Served, _: Reads) -> Response:
    """Turn texts into vectors of unit length, by the model that finds sentences here."""
    texts = [body.input] if isinstance(body.input, str) else body.input
    if not all(text.strip() for text in texts):
        raise QuestionError("A text to embed is empty; leave it out.")
    rows = await asyncio.to_thread(service.engine.embed, texts)
    data = [
        {
            "object": "embedding",
            "index": number,
            "embedding": row.tolist()
            if body.encoding_format == "float"
            else base64.b64encode(row.astype("<f4").tobytes()).decode(),
        }
        for number, row in enumerate(rows)
    ]
    words = sum(len(text.split()) for text in texts)
    return JSONResponse(
        {"object": "list", "model": body.model, "data": data, "usage": {"prompt_tokens": words, "total_tokens": words}}
    )


def conversation(messages: list[Message]) -> tuple[str, list[Turn]]:
    """Return the question and what was said before it.

    Raises:
        QuestionError: the last message is not the user's.
    """
    spoken = [message for message in messages if message.role in {"user", "assistant"}]
    if not spoken or spoken[-1].role != "user":
        raise QuestionError("The last message has to be the user's: it is the question.")
    *before, last = spoken
    turns = [Turn("user" if message.role == "user" else "assistant", _said(message)) for message in before]
    return last.text(), [turn for turn in turns if turn.content]


def _said(message: Message) -> str:
    """Return what was said; of an answer of ours without the footnotes."""
    text = message.text()
    return text.partition("\n\n[1] “")[0] if message.role == "assistant" else text


def collection_of(model: str) -> str | None:
    """Return the collection that a model's name means; None is the usual one, also for names of other models."""
    return model.removeprefix(f"{MODEL}/") if model.startswith(f"{MODEL}/") else None


def completion(answer: Answer, model: str, base: str) -> dict[str, Any]:
    """Return an answer as a chat completion; `base` is the server's address, to link to documents that have no own."""
    message = {
        "role": "assistant",
        "content": footnoted(answer),
        "refusal": None,
        "annotations": citations(answer, base),
    }
    return {
        "id": f"chatcmpl-{answer.id}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": _usage(answer),
        "footnote": answer.to_dict(),
    }


def citations(answer: Answer, base: str) -> list[dict[str, Any]]:
    """Return a `url_citation` for each quote of each sentence; the indices are of the marks in the text."""
    found = []
    by_number = {citation.number: citation for citation in answer.citations}
    shift = 0
    for claim in answer.claims:
        place = claim.end + shift + 1
        for number in claim.citations:
            mark = f"[{number}]"
            cited = {
                "start_index": place,
                "end_index": place + len(mark),
                "url": link(by_number[number], base),
                "title": by_number[number].title,
            }
            found.append({"type": "url_citation", "url_citation": cited})
            place += len(mark)
        shift += len(claim.marks()) + 1 if claim.citations else 0
    return found


def link(citation: Citation, base: str) -> str:
    """Return where a quote can be read: the page itself, or the quoted characters of the text that is kept of it."""
    if citation.uri.startswith(("http://", "https://")):
        return citation.uri
    return f"{base}v1/documents/{citation.document_id}/text?start={citation.start}&end={citation.end}"


def _last(answer: Answer, model: str, base: str, *, said: bool, usage: bool) -> Iterator[bytes]:
    """Yield the end of a stream: what is left of the text, then the citations and the whole answer."""
    rest = footnotes(answer) if said else footnoted(answer)
    delta = {"content": rest, "annotations": citations(answer, base)}
    yield _data({**_chunk(model, delta), "footnote": answer.to_dict()})
    yield _data(_chunk(model, {}, "stop"))
    if usage:
        yield _data({**_chunk(model, {}), "choices": [], "usage": _usage(answer)})
    yield b"data: [DONE]\n\n"


def _chunk(model: str, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {
        "id": "chatcmpl-footnote",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": model,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}],
    }


def _data(value: dict[str, Any]) -> bytes:
    return b"data: " + JSONResponse(value).body + b"\n\n"


def _failure(error: Exception) -> bytes:
    told = problem_of(error)
    return _data({"error": {"message": told["detail"], "type": told["type"], "code": told["status"]}})


def _usage(answer: Answer) -> dict[str, Any]:
    usage = answer.usage
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
    }

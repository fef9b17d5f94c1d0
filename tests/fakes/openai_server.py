"""A scripted server that speaks the OpenAI protocol on loopback, well or badly, one script entry a request.

with ScriptedServer([Status(500), Reply("Paris.")]) as server:
    writer = open_writer(Settings.load(llm=server.llm), fetch)
    ...
assert len(server.requests) == 2
"""

from __future__ import annotations

import json
import re
import select
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

MODEL = "scripted"


@dataclass(frozen=True)
class Request:
    """What the client sent; header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def prompt(self) -> str:
        """The text of all messages, one after another."""
        return "\n".join(str(message.get("content")) for message in self.body.get("messages", []))

    @property
    def schema(self) -> dict[str, Any] | None:
        """The JSON schema that the reply has to follow, if there is one."""
        wanted = self.body.get("response_format") or {}
        schema: dict[str, Any] | None = wanted.get("json_schema", {}).get("schema")
        return schema

    @property
    def numbered(self) -> dict[str, int]:
        """The numbered sentences of the prompt with their numbers."""
        return {text: int(number) for number, text in re.findall(r"^\[(\d+)\] (.+)$", self.prompt, re.MULTILINE)}


@dataclass(frozen=True)
class Reply:
    """A good answer: `chunks` one by one (or `text` word by word), `pause` seconds apart, then the usage.

    `split` sends the bytes in pieces of that many, so that characters and lines are torn apart on the wire.
    """

    text: str = ""
    chunks: Sequence[str] | None = None
    usage: tuple[int, int, int] | None = (10, 4, 3)
    """Tokens of prompt, of these cached, and of the answer; None sends no usage."""
    finish: str | None = "stop"
    pause: float = 0.0
    split: int | None = None


@dataclass(frozen=True)
class Status:
    """An error status, by default with an error of OpenAI's form as its body."""

    code: int
    message: str = "scripted"
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None


@dataclass(frozen=True)
class Stall:
    """Silence until the server is closed: after the words `after`, or before any byte when that is empty."""

    after: str = ""


@dataclass(frozen=True)
class HangUp:
    """The connection is closed after the words `after`, or before any byte; `politely` hides that it was too early."""

    after: str = ""
    politely: bool = False


@dataclass(frozen=True)
class Garbage:
    """Status 200 with any body, for example a web page."""

    body: str = "<html><body>It works!</body></html>"
    content_type: str = "text/html"


@dataclass(frozen=True)
class Events:
    """A stream of these data lines as they are; dicts become JSON."""

    data: Sequence[str | dict[str, Any]]


Act = Reply | Status | Stall | HangUp | Garbage | Events


def cited(*sentences: tuple[str, Sequence[Any]], answerable: bool = True, missing: str = "") -> str:
    """Return the JSON that a model is asked for: sentences, each with the numbers of its evidence."""
    found = [{"text": text, "evidence": list(numbers)} for text, numbers in sentences]
    return json.dumps({"answerable": answerable, "sentences": found, "missing": missing}, ensure_ascii=False)


def without_schema(act: Act, refusal: Act | None = None) -> Callable[[Request], Act]:
    """Return a script for a server that refuses a schema and plays `act` where none is asked for."""
    refusal = refusal or Status(400, "Invalid parameter: 'response_format' of type 'json_schema' is not supported.")
    return lambda request: refusal if request.schema else act


def chunk(content: str | None = None, finish: str | None = None) -> dict[str, Any]:
    """Return one event of a streamed answer."""
    delta = {} if content is None else {"role": "assistant", "content": content}
    return _event("chat.completion.chunk", [{"index": 0, "delta": delta, "finish_reason": finish}])


class ScriptedServer:
    """Plays `script`, one entry a request, then answers 500; a function decides on each request by itself."""

    def __init__(self, script: Sequence[Act] | Callable[[Request], Act]) -> None:
        self.requests: list[Request] = []
        self.left = threading.Event()
        """Set when a client went away before its reply was at its end."""
        self._script = script
        self._closing = threading.Event()
        self._http = _Http(self)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        """The address to give as an OpenAI base URL."""
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    @property
    def llm(self) -> str:
        """The setting RAG_LLM that uses this server."""
        return f"{self.url}#{MODEL}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def next(self, request: Request) -> Act:
        """Record the request and return what to do with it."""
        self.requests.append(request)
        if callable(self._script):
            return self._script(request)
        number = len(self.requests) - 1
        return self._script[number] if number < len(self._script) else Status(500, "the script is over")

    def rest(self, seconds: float | None = None) -> bool:
        """Wait, but not longer than the server lives; say whether it is being closed."""
        return self._closing.wait(seconds)


class _Http(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, owner: ScriptedServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._whole(200, json.dumps({"object": "list", "data": [{"id": MODEL, "object": "model"}]}))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        act = self.server.owner.next(Request("POST", self.path, headers, json.loads(body)))
        try:
            self._play(act, bool(json.loads(body).get("stream")))
        except (BrokenPipeError, ConnectionResetError):
            self.server.owner.left.set()
        self.close_connection = True

    def _play(self, act: Act, stream: bool) -> None:
        match act:
            case Reply() if not stream:
                self._whole(200, json.dumps(_whole_answer(act)))
            case Reply():
                self._reply(act)
            case Status():
                error = {"error": {"message": act.message, "type": "scripted", "code": act.code}}
                self._whole(act.code, json.dumps(error) if act.body is None else act.body, act.headers)
            case Garbage():
                self._whole(200, act.body, {"Content-Type": act.content_type})
            case Events():
                self._begin()
                for data in act.data:
                    self._send(_sse(data))
                self._end()
            case Stall():
                self._some(act.after)
                self._until_left()
            case HangUp():
                self._some(act.after, chunked=not act.politely)

    def _reply(self, act: Reply) -> None:
        self._begin()
        for event in _events(act):
            self.server.owner.rest(act.pause) if act.pause else None
            payload = _sse(event)
            size = act.split or len(payload)
            for start in range(0, len(payload), size):
                self._send(payload[start : start + size])
        self._send(_sse("[DONE]"))
        self._end()

    def _until_left(self) -> None:
        """Wait until the client goes away, or the server is closed."""
        while not self.server.owner.rest(0.005):
            if select.select([self.connection], [], [], 0)[0] and not self.connection.recv(1, socket.MSG_PEEK):
                self.server.owner.left.set()
                return

    def _some(self, words: str, *, chunked: bool = True) -> None:
        if words:
            self._begin(chunked)
            self._send(_sse(chunk(words)))

    def _begin(self, chunked: bool = True) -> None:
        self._chunked = chunked
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked") if chunked else None
        self.send_header("Connection", "close")
        self.end_headers()

    def _send(self, payload: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(payload), payload) if self._chunked else payload)
        self.wfile.flush()

    def _end(self) -> None:
        self.wfile.write(b"0\r\n\r\n")

    def _whole(self, code: int, body: str, headers: dict[str, str] | None = None) -> None:
        payload = body.encode()
        self.send_response(code)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test's output clean."""


def _events(act: Reply) -> list[dict[str, Any]]:
    pieces = act.chunks if act.chunks is not None else _words(act.text)
    events = [chunk(piece) for piece in pieces] + [chunk(None, act.finish)]
    return [*events, {**_event("chat.completion.chunk", []), "usage": _usage(act.usage)}] if act.usage else events


def _whole_answer(act: Reply) -> dict[str, Any]:
    text = act.text if act.chunks is None else "".join(act.chunks)
    message = {"role": "assistant", "content": text}
    answer = _event("chat.completion", [{"index": 0, "message": message, "finish_reason": act.finish}])
    return {**answer, "usage": _usage(act.usage)} if act.usage else answer


def _words(text: str) -> list[str]:
    words = text.split(" ")
    return [words[0], *(f" {word}" for word in words[1:])]


def _event(kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": "scripted", "object": kind, "created": 0, "model": MODEL, "choices": choices}


def _usage(tokens: tuple[int, int, int]) -> dict[str, Any]:
    prompt, cached, answer = tokens
    return {
        "prompt_tokens": prompt,
        "completion_tokens": answer,
        "total_tokens": prompt + answer,
        "prompt_tokens_details": {"cached_tokens": cached},
    }


def _sse(data: str | dict[str, Any]) -> bytes:
    # Real text, not \u escapes, so that `split` can tear a character apart.
    return f"data: {data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)}\n\n".encode()

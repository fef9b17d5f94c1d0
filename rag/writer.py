"""A model as the thing that writes: it streams, tries again where that helps, and says clearly what went wrong."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from rag.errors import LLMResponseError
from rag.failures import BrokenReplyError, Endpoint, HungUpError, explain, may_refuse_schema
from rag.types import Usage

if TYPE_CHECKING:
    import httpx
    from llama_index.core.llms import LLM, ChatMessage

    from rag.embedded import EmbeddedServer

NO_KEY = "none"
"""Sent where no key is set: with an empty one llama-index would send OPENAI_API_KEY, to whatever address it is."""
_CONNECT_SECONDS = 10.0
_LIKELIEST = 40
"""First words whose chances are asked for: small models put much on words that were not on offer."""


class _SchemaRefusedError(Exception):
    """The server answered a request with a schema by an error that may be about that."""


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of an answer as it comes; the last one has no text but the `usage` and why the model stopped."""

    text: str = ""
    usage: Usage | None = None
    finish: str = ""
    """"stop", "length" (cut at max_tokens), or "" where the model doesn't say."""
    chances: dict[str, float] = field(default_factory=dict)
    """Log-probabilities of the likeliest first words, lower case; empty unless they were asked for."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait and how often to try again. `sleep` and `chance` are parameters so that tests don't wait."""

    timeout: float = 120.0
    retries: int = 2
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def before(self, attempt: int) -> float:
        """Return the seconds to wait before try number `attempt` (from 1): doubling, and never all at one time."""
        return min(8.0, 0.5 * 2.0 ** (attempt - 1)) * (0.5 + self.chance() / 2)


class Wire:
    """The HTTP client to a model's address; it can hang up.

    The SDK's stream is a reference cycle: left alone, it stays open, and the model at work, until the garbage
    collector comes by. So the responses are noted here, by the thread that asked for them.
    """

    def __init__(self, at: Endpoint, timeout: float) -> None:
        import httpx
        import openai

        self._noted = threading.local()
        limit = httpx.Timeout(timeout, connect=min(_CONNECT_SECONDS, timeout))
        # The SDK's own retries are off, so that the count is ours. A proxy must not get what goes to this machine.
        self.client = openai.OpenAI(
            timeout=limit,  # also here: the SDK takes httpx's default of 5 s for "not set", and waits 600 s
            api_key=at.secret or NO_KEY,
            base_url=at.url or None,
            max_retries=0,
            http_client=httpx.Client(
                timeout=limit,
                trust_env=not _here(at.url),
                follow_redirects=True,
                event_hooks={"response": [self._note]},
            ),
        )

    def opened(self) -> httpx.Response | None:
        """Return the response that this thread got last, once."""
        response: httpx.Response | None = getattr(self._noted, "response", None)
        self._noted.response = None
        return response

    def _note(self, response: httpx.Response) -> None:
        self._noted.response = response


class Writer:
    """The model that writes the answer: streams, counts tokens, and knows how much it can read.

    Safe to use from several threads; the embedded model answers one after another.
    """

    def __init__(
        self,
        llm: LLM,
        at: Endpoint,
        *,
        context_window: int,
        evidence_tokens: int,
        patience: Patience,
        wire: Wire | None = None,
        structured: bool = False,
    ) -> None:
        self.name = at.model
        self.structured = structured
        """It is asked for JSON with the numbers of its evidence (rag/structured.py)."""
        self.context_window = context_window
        self.evidence_tokens = evidence_tokens
        """Tokens of evidence that a question may cost with this model."""
        self._llm = llm
        self._at = at
        self._patience = patience
        self._wire = wire
        self._takes_schema = wire is not None
        """False once its server has refused a schema or not kept to it."""

    def stream(
        self,
        messages: Sequence[ChatMessage],
        *,
        max_tokens: int | None = None,
        stop: Sequence[str] = (),
        schema: Mapping[str, Any] | None = None,
    ) -> Generator[Delta]:
        """Yield the answer as it is written; closing the iterator stops the model.

        The text never contains a `stop`. A failure that may pass is tried again, but only before the first word:
        what has been shown can't be taken back. A wrapped LLM keeps its own limit in place of `max_tokens`.

        A `schema` (JSON Schema) is a wish: servers of the OpenAI protocol are asked to keep to it until one refuses or
        ignores it, other models are not. So say in the prompt, too, what the reply has to look like.

        Raises:
            LLMError: the answer could not be had, or was cut off; the message says what to do.
        """
        self._refuse_too_long(messages, max_tokens or 0)
        options = self._options(max_tokens, stop)
        tries = self._shaped(messages, options, schema) if schema else self._tries(messages, options)
        with closing(tries) as deltas:
            yield from until(deltas, stop)

    def complete(
        self, messages: Sequence[ChatMessage], *, max_tokens: int | None = None, stop: Sequence[str] = ()
    ) -> tuple[str, Usage]:
        """Return the whole answer at once; errors as for `stream`."""
        deltas = list(self.stream(messages, max_tokens=max_tokens, stop=stop))
        return "".join(delta.text for delta in deltas), next((d.usage for d in reversed(deltas) if d.usage), Usage())

    def odds(self, messages: Sequence[ChatMessage], yes: str = "yes", no: str = "no") -> tuple[float | None, Usage]:
        """Return the log-odds that the model's first word is `yes` and not `no`; None where it doesn't tell.

        Only the embedded model is asked: among the others there is no knowing who can answer this, and for none of
        them is it known what its odds are worth. Errors as for `stream`.
        """
        return None, Usage()

    def count(self, text: str) -> int:
        """Return how many tokens `text` is: OpenAI's count, which for other makers' models is within some 20 %."""
        from llama_index.core.utils import get_tokenizer

        return len(get_tokenizer()(text))

    def warm(self, messages: Sequence[ChatMessage]) -> Usage:
        """Read a prompt ahead of time, so that a question that begins with it costs only its end.

        Only the embedded model does; others return zeros.
        """
        return Usage()

    def save(self, name: str) -> bool:
        """Keep on disk the prompt that was read last, for `restore`; False where the model can't."""
        return False

    def restore(self, name: str) -> bool:
        """Take back a saved prompt; False if there is none that fits this model."""
        return False

    def close(self) -> None:
        """Free what the model holds; using it afterwards is an error."""
        if self._wire is not None:
            self._wire.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _options(self, max_tokens: int | None, stop: Sequence[str]) -> dict[str, Any]:
        if self._wire is None:
            return {}
        limits = {"max_tokens": max_tokens} if max_tokens else {}
        return {**limits, "stop": list(stop)} if stop else limits

    def _refuse_too_long(self, messages: Sequence[ChatMessage], answer: int) -> None:
        """Servers differ in what they do with a prompt that is too long; some cut it without a word."""
        tokens = sum(self.count(message.content or "") for message in messages)
        if tokens + answer > self.context_window:
            raise LLMResponseError(
                f"The prompt of {tokens} tokens and an answer of {answer} don't fit in the "
                f"{self.context_window} tokens that {self.name} can read; ask a shorter question, "
                "lower RAG_EVIDENCE_TOKENS, or raise RAG_CONTEXT_WINDOW if the model can read more."
            )

    def _shaped(
        self, messages: Sequence[ChatMessage], options: dict[str, Any], schema: Mapping[str, Any]
    ) -> Generator[Delta]:
        """Yield a reply of the form of `schema` if the server takes one, else any."""
        refused = False
        if self._takes_schema:
            asked = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": dict(schema)}}
            try:
                with closing(self._tries(messages, {**options, "response_format": asked}, shaped=True)) as deltas:
                    yield from self._watched(deltas)
                return
            except _SchemaRefusedError:
                refused = True
        with closing(self._tries(messages, options)) as deltas:
            for delta in deltas:
                # Only now it is clear that the schema was what the server did not like.
                self._takes_schema = self._takes_schema and not refused
                yield delta

    def _watched(self, deltas: Iterator[Delta]) -> Iterator[Delta]:
        """Yield a reply; note if it is not of the form that was asked for."""
        begun = False
        for delta in deltas:
            text = "" if begun else delta.text.lstrip()
            if text:
                begun = True
                self._takes_schema = self._takes_schema and text.startswith("{")
            yield delta

    def _tries(
        self, messages: Sequence[ChatMessage], options: dict[str, Any], *, shaped: bool = False
    ) -> Generator[Delta]:
        attempt = 0
        while True:
            started = False
            try:
                with closing(self._once(messages, options)) as deltas:
                    for delta in deltas:
                        started = started or bool(delta.text)
                        yield delta
                return
            except Exception as error:
                if shaped and not started and may_refuse_schema(error):
                    raise _SchemaRefusedError from error
                failure = explain(error, self._at, timeout=self._patience.timeout, started=started)
                if started or not failure.again or attempt >= self._patience.retries:
                    raise failure.error from error
            attempt += 1
            self._patience.sleep(self._patience.before(attempt) if failure.wait is None else failure.wait)

    def _once(self, messages: Sequence[ChatMessage], options: dict[str, Any]) -> Generator[Delta]:
        usage, finish, spoke, response = None, "", False, None
        chances: dict[str, float] = {}
        try:
            for reply in self._llm.stream_chat(list(messages), **options):
                response = response or (self._wire.opened() if self._wire else None)
                usage = usage_of(reply.raw) or usage
                finish = _finish_of(reply.raw) or finish
                spoke = spoke or bool(_get(reply.raw, "choices"))
                chances = chances or _chances_of(reply.raw)
                if reply.delta:
                    yield Delta(reply.delta)
        finally:
            if response is not None:
                response.close()
        if self._wire is not None and not finish:
            raise HungUpError("no finish_reason") if spoke else BrokenReplyError("no choices")
        yield Delta("", usage, finish, chances)


class EmbeddedWriter(Writer):
    """The embedded model: counts exactly, and keeps the prompts it has read."""

    def __init__(self, server: EmbeddedServer, llm: LLM, at: Endpoint, **rest: Any) -> None:
        super().__init__(llm, at, **rest)
        self._server = server

    def count(self, text: str) -> int:
        """Return how many tokens the model makes of `text`, exactly."""
        return self._server.count(text)

    def odds(self, messages: Sequence[ChatMessage], yes: str = "yes", no: str = "no") -> tuple[float | None, Usage]:
        """Return the log-odds that the model's first word is `yes` and not `no`."""
        self._refuse_too_long(messages, 1)
        asked = {"max_tokens": 1, "logprobs": True, "top_logprobs": _LIKELIEST}
        with closing(self._tries(messages, asked)) as deltas:
            *_, last = deltas
        if not last.chances:
            return None, last.usage or Usage()
        # A word that is not among the likeliest is less likely than the last of them.
        least = min(last.chances.values())
        return last.chances.get(yes, least) - last.chances.get(no, least), last.usage or Usage()

    def warm(self, messages: Sequence[ChatMessage]) -> Usage:
        """Read a prompt ahead of time, so that a question that begins with it costs only its end."""
        return self.complete(messages, max_tokens=1)[1]

    def save(self, name: str) -> bool:
        """Keep on disk the prompt that was read last, for `restore`; False where the folder can't be written."""
        return self._server.save(name)

    def restore(self, name: str) -> bool:
        """Take back a saved prompt; False if there is none, it is damaged, or it is another model's."""
        return self._server.restore(name)

    def close(self) -> None:
        """Stop the server and free its memory."""
        super().close()
        self._server.close()


def until(deltas: Iterator[Delta], stop: Sequence[str]) -> Iterator[Delta]:
    """Yield `deltas` up to the first of `stop`; what may be the beginning of one is held back until that is clear."""
    held = ""
    for delta in deltas:
        held += delta.text
        cut = min((at for word in stop if (at := held.find(word)) >= 0), default=-1)
        keep = _overlap(held, stop) if delta.text else 0
        ready = held[:cut] if cut >= 0 else held[: len(held) - keep]
        held = held[len(ready) :]
        if ready:
            yield Delta(ready)
        if cut >= 0:
            yield Delta("", delta.usage, "stop")
            return
        if not delta.text:
            yield delta


def _overlap(text: str, stop: Sequence[str]) -> int:
    """Return the length of the longest end of `text` that is a beginning of one of `stop`."""
    lengths = (n for word in stop for n in range(min(len(word) - 1, len(text)), 0, -1) if text.endswith(word[:n]))
    return max(lengths, default=0)


def usage_of(raw: Any) -> Usage | None:
    """Return the token counts of a raw reply of OpenAI's or Anthropic's kind, as an object or a dict; else None."""
    usage = _get(raw, "usage")
    if usage is None:
        return None
    details = _get(usage, "prompt_tokens_details")
    read = _get(usage, "prompt_tokens") or _get(usage, "input_tokens") or 0
    cached = _get(details, "cached_tokens") or _get(usage, "cache_read_input_tokens") or 0
    return Usage(int(read), int(cached), int(_get(usage, "completion_tokens") or _get(usage, "output_tokens") or 0))


def _finish_of(raw: Any) -> str:
    choices = _get(raw, "choices")
    return str(_get(choices[0], "finish_reason") or "") if choices else ""


def _chances_of(raw: Any) -> dict[str, float]:
    """Return the log-probabilities of the likeliest tokens of a chunk's first place, by word in lower case."""
    choices = _get(raw, "choices")
    places = _get(_get(choices[0], "logprobs"), "content") if choices else None
    found: dict[str, float] = {}
    for token in _get(places[0], "top_logprobs") or () if places else ():
        word = str(_get(token, "token")).strip().lower()
        found[word] = max(found.get(word, -math.inf), float(_get(token, "logprob")))
    return found


def _get(thing: Any, name: str) -> Any:
    return thing.get(name) if isinstance(thing, dict) else getattr(thing, name, None)


def _here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")

"""Question + numbered evidence -> sentences, each with the numbers that the model gives for it.

For models that can cite. The numbers are hints (rag/hinted.py): what is shown is decided by the check, as ever. A model
that was asked for JSON and writes prose is read as prose, sentence by sentence; markers like "[2]" in it are hints.
"""

from __future__ import annotations

import re
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.cite import Verdict, second_opinion
from rag.hinted import check_with_hints
from rag.markers import without_markers
from rag.mend import mend
from rag.prompts import ANSWER_SCHEMA, ANSWER_SYSTEM, ANSWER_USER, STRUCTURED, is_of_documents, material, may_refuse
from rag.sentences import CUT, split, whole_sentences
from rag.task import heading
from rag.types import Evidence, Usage
from rag.unfinished import BEGINS, LONGEST_BEGINNING, MAY_BEGIN, Reader, Written, numbers_in, unbroken
from rag.words import content, tokens

if TYPE_CHECKING:
    from llama_index.core.llms import ChatMessage

    from rag.task import Task
    from rag.writer import Delta, Writer

PREAMBLE = 200
"""Characters of prose held back in case an object follows: "Sure! Here is the answer as JSON:" is no answer."""
_LINE_TOKENS = 3
"""What a server's count of a line may exceed ours by: its break, and a number in two tokens."""
_MARKER = re.compile(r"\[\s*\d+(?:\s*[,;–-]\s*\d+)*\s*\]")
_LEADING = re.compile(rf"(?:{_MARKER.pattern}[.,;]?\s*)+")
_OPENS_JSON = re.compile(r"\s*(?:```\w*\s*)?(?:\{|\[\s*\{)")
_THINKS = re.compile(r"\s*<think(?:ing)?>")
_THOUGHT = re.compile(r"</think(?:ing)?>")
_NO_THOUGHT_YET = re.compile(r"\s*(?:<(?:t(?:h(?:i(?:n(?:k(?:i(?:n(?:g)?)?)?)?)?)?)?)?)?")


@dataclass(frozen=True, slots=True)
class Drafted:
    """A sentence of the model, not yet checked; the last one has no text but what is known at the end."""

    text: str = ""
    hints: tuple[int, ...] = ()
    """Indices into the task's evidence that the model names for it: only ones that exist, nothing to rely on."""
    refused: bool = False
    """The model says that the evidence doesn't answer: all in all, or with this sentence."""
    missing: str = ""
    """What it says is not answered. Untrusted: show `missing_words` of it, never itself."""
    usage: Usage | None = None
    first: float = 0.0
    """Seconds from the call to the model's first word."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A prompt with numbered sentences: number n is `evidence[indices[n - 1]]` of the task."""

    messages: list[ChatMessage]
    indices: tuple[int, ...]


@dataclass(slots=True)
class _Heard:
    """What the stream tells beside its text."""

    usage: Usage = field(default_factory=Usage)
    first: float = 0.0


def structured(task: Task, writer: Writer) -> Generator[Drafted]:
    """Yield the model's sentences as each is whole, then a last Drafted without text; no sentence comes twice.

    Raises:
        LLMError: the model failed; what was yielded before stands.
    """
    began, heard = time.perf_counter(), _Heard()
    most = answer_tokens(task)
    numbered = number(task, writer, most)
    reader, seen, sources = Reader(), set[str](), [item.text for item in task.evidence]
    with closing(writer.stream(numbered.messages, max_tokens=most, schema=ANSWER_SCHEMA)) as deltas:
        pieces = _pieces(task, deltas, heard, began)
        for written in read(pieces, reader):
            for drafted in _sentences(written, numbered.indices, sources):
                key = drafted.text.casefold()
                if key not in seen:
                    seen.add(key)
                    yield drafted
    yield Drafted("", (), not reader.answerable, reader.missing, heard.usage, heard.first)


def verdict_on(task: Task, drafted: Drafted) -> Verdict | None:
    """Check a sentence with the model's hints; None for one that only says that the evidence doesn't answer.

    "The ministry did not specify a date" may be what a document says: it counts as a refusal only if no quote has it.
    """
    if not drafted.text:
        return None
    verdict = check_with_hints(drafted.text, drafted.hints, task.evidence, task.standalone)
    verdict = second_opinion(verdict, drafted.text, task.evidence, task.checker)
    stated = verdict.status == "supported" and (verdict.score == 1.0 or not is_of_documents(drafted.text))
    return None if drafted.refused and not (drafted.hints and stated) else verdict


def missing_words(question: str, missing: str) -> tuple[str, ...]:
    """Return the words of the question, as they stand in it, that a model says are not answered.

    Nothing if it used any other word: then it may be saying something about the world, which nobody checked.
    """
    named = content(missing)
    if not named or not named <= content(question):
        return ()
    return tuple(dict.fromkeys(token.text for token in tokens(question) if token.content and token.key in named))


def answer_tokens(task: Task) -> int:
    """Return the tokens to allow: around a sentence of some 25 tokens stand about 12 of JSON."""
    return task.answer_tokens * 3 // 2 + 32


def number(task: Task, writer: Writer, most: int) -> Numbered:
    """Return the prompt: as much of the evidence as the model can read, by document, each sentence with its number."""
    from llama_index.core.llms import ChatMessage

    def messages(evidence: str) -> list[ChatMessage]:
        user = ANSWER_USER.format(evidence=evidence, question=material(task.standalone), wanted=STRUCTURED)
        return [ChatMessage(role="system", content=ANSWER_SYSTEM), ChatMessage(role="user", content=user)]

    where = {_place(item): index for index, item in enumerate(task.evidence)}
    best = [where[_place(item)] for item in task.read or task.evidence if _place(item) in where]
    around = sum(writer.count(message.content or "") for message in messages(""))
    chosen = _within(task, writer, best, writer.context_window - most - around)
    text, indices = _numbered(task, chosen)
    return Numbered(messages(text), indices)


def _place(item: Evidence) -> tuple[str, int, int]:
    return (item.document_id, item.start, item.end)


def _within(task: Task, writer: Writer, best: Sequence[int], room: int) -> Sequence[int]:
    """Return the first of `best` that fit in so many tokens with all that stands around them."""
    if writer.count(_numbered(task, best)[0]) <= room:
        return best
    spent, begun = 0, set[str]()
    for rank, index in enumerate(best):
        item = task.evidence[index]
        lines = [f"[{len(best)}] {material(item.text)}"]
        lines += [] if item.document_id in begun else [heading(item)]
        begun.add(item.document_id)
        spent += sum(writer.count(line) + _LINE_TOKENS for line in lines)
        if spent > room:
            return best[:rank]
    return best


def _numbered(task: Task, chosen: Sequence[int]) -> tuple[str, tuple[int, ...]]:
    """Return the numbered sentences, document by document, the best one's first, and which is which."""
    documents: dict[str, list[int]] = {}
    for index in chosen:
        documents.setdefault(task.evidence[index].document_id, []).append(index)
    blocks: list[str] = []
    order: list[int] = []
    for indices in documents.values():
        lines = [heading(task.evidence[indices[0]])]
        for index in sorted(indices, key=lambda i: task.evidence[i].start):
            order.append(index)
            lines.append(f"[{len(order)}] {material(task.evidence[index].text)}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks), tuple(order)


def _pieces(task: Task, deltas: Iterator[Delta], heard: _Heard, began: float) -> Iterator[str]:
    for delta in deltas:
        heard.first = heard.first or time.perf_counter() - began
        heard.usage = heard.usage + delta.usage if delta.usage else heard.usage
        if task.stopped.is_set():
            return
        if delta.text:
            yield delta.text
        if delta.finish == "length":
            yield CUT


def _sentences(written: Written, indices: Sequence[int], sources: Sequence[str]) -> Iterator[Drafted]:
    """Yield the sentences of what stands in one object, each with the numbers that were named for it."""
    text = unbroken(written.text)
    for whole in rejoined(span.of(text) for span in split(text)):
        plain = mend(without_markers(whole, sources))
        marked = [n for marker in _MARKER.findall(whole) for n in numbers_in(marker)]
        named = dict.fromkeys([*written.numbers, *marked])
        hints = tuple(indices[n - 1] for n in named if 1 <= n <= len(indices))
        if any(character.isalnum() for character in plain):
            yield Drafted(plain, hints, may_refuse(plain))


def rejoined(sentences: Iterable[str]) -> Iterator[str]:
    """Yield sentences with the markers that stand behind their ends: "… in July. [1] …". But where the first one opens
    with a marker, all stand in front."""
    held, before = "", False
    for sentence in sentences:
        opens = _LEADING.match(sentence)
        if not held:
            held, before = sentence, bool(opens)
            continue
        if opens and not before:
            held, sentence = f"{held} {opens[0].strip()}", sentence[opens.end() :]
        if sentence:
            yield held
            held = sentence
    if held:
        yield held


def read(pieces: Iterator[str], reader: Reader) -> Iterator[Written]:
    """Yield what the model wrote, from JSON if there is any, else from prose; however it is cut, the same."""
    feed = _Feed(_without_thoughts(pieces))
    if not feed.opens_with_json():
        for sentence in rejoined(whole_sentences(feed.prose())):
            if not sentence.startswith("```"):
                yield Written(sentence)
    for piece in feed.rest():
        yield from reader.feed(piece)
    yield from reader.end()


class _Feed:
    """Pieces of a reply, looked at before it is decided what they are."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._held = ""
        self._over = False
        self._cut = False

    def opens_with_json(self) -> bool:
        """Say whether the reply is an object, perhaps behind a line or two of introduction, which are dropped."""
        while True:
            if _OPENS_JSON.match(self._held):
                return True
            found = BEGINS.search(self._held)
            if found and found.start() <= PREAMBLE:
                self._held = self._held[found.start() :]
                return True
            if len(self._held) > PREAMBLE + LONGEST_BEGINNING or not self._more():
                return False

    def prose(self) -> Iterator[str]:
        """Yield what is no JSON, up to where an object begins."""
        while True:
            found = BEGINS.search(self._held)
            unclear = found or (None if self._over else MAY_BEGIN.search(self._held))
            ready = self._held[: unclear.start()] if unclear else self._held
            self._held = self._held[len(ready) :]
            if ready:
                yield ready
            if found:
                return
            if not self._more():
                if self._held:
                    yield self._held
                    self._held = ""
                if self._cut:
                    yield CUT
                return

    def rest(self) -> Iterator[str]:
        """Yield what is left."""
        while True:
            if self._held:
                yield self._held
                self._held = ""
            if not self._more():
                return

    def _more(self) -> bool:
        if self._over:
            return False
        piece = next(self._pieces, None)
        self._cut = self._cut or piece == CUT
        self._over = piece is None or piece == CUT
        self._held += "" if piece is None or piece == CUT else piece
        return not self._over


def _without_thoughts(pieces: Iterator[str]) -> Iterator[str]:
    """Yield a reply without the thoughts that some models open it with, in <think>…</think>."""
    held = ""
    for piece in pieces:
        held += piece if piece != CUT else ""
        if piece == CUT:
            yield from ([] if _THINKS.match(held) else [held])
            yield CUT
            return
        if _THINKS.match(held):
            end = _THOUGHT.search(held)
            if end is None:
                continue
            held = held[end.end() :]
        elif _NO_THOUGHT_YET.fullmatch(held):
            continue
        yield held
        yield from pieces
        return
    yield from ([] if _THINKS.match(held) else [held])

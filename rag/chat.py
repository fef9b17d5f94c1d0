"""A conversation: what a follow-up asks when it stands alone, and what is asked back when nobody could know.

"and the Commerce Secretary?" finds nothing by itself. Rules put its pronouns in words and take over what it leaves out
(rag.understand), in no time. Where they only know that it leans on what was said, the model rewrites it; the rewriting
is used only if it keeps the question's own names and numbers and adds none that were not spoken of. Otherwise, and
without a model, it is searched together with the question it continues. The conversation makes the question and
nothing else: the answer has only documents to quote.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.mend import sound
from rag.prompts import SAYS_NOT, STANDALONE_SYSTEM, STANDALONE_USER, material
from rag.types import Answer, AnswerEvent, Done, Evidence, Retrieved, Timings, Turn
from rag.understand.follow_up import TURNS as UNDERSTOOD
from rag.understand.follow_up import Understanding, leans, queries, understand
from rag.understand.unclear import ask_back
from rag.words import content, names, numbers, tokens

if TYPE_CHECKING:
    from rag.writer import Writer

__all__ = ["TURNS", "ask_back", "asked_back", "heard", "is_faithful", "leans", "standalone"]

TURNS = 6
"""Messages of the conversation that a rewriting sees; older ones are forgotten."""
_REWRITTEN_TOKENS = 64
_TURN_CHARACTERS = 600


def standalone(question: str, history: Sequence[Turn], writer: Callable[[], Writer | None]) -> Understanding:
    """Return the question as it is to be searched; a question that leans on nothing stays as it is.

    Raises:
        LLMError: the model failed.
    """
    ruled = understand(question, history)
    if ruled.is_sure:
        return ruled
    rewriter = writer()
    if rewriter is not None:
        rewritten = _rewrite(question, history, rewriter)
        if is_faithful(rewritten, question, history):
            # A small one drops or mistakes something too often for its words to be asked in place of the user's.
            return Understanding(rewritten, is_sure=rewriter.structured)
    return ruled


@dataclass(frozen=True, slots=True)
class Heard:
    """A question with what was said before it, and what both come to."""

    said: str
    """As it was asked."""
    spoken: tuple[Turn, ...]
    understood: Understanding
    by_itself: bool = False
    """A model is asked its own words: `whole` is a guess, and a small model takes the question before for the one that
    is asked. A large one sees what is meant."""

    @property
    def whole(self) -> str:
        """The question that stands alone."""
        return self.understood.text

    @property
    def wordings(self) -> list[str]:
        """What to search for, so that the rankings can be fused."""
        return [*queries(self.said, self.whole, self.spoken), self.whole]

    @property
    def alone(self) -> str:
        """Its own words where `whole` is a guess, if they say anything; else ""."""
        return self.said if not self.understood.is_sure and content(self.said) else ""


def heard(
    question: str, history: Sequence[Turn], cased: Callable[[str], str], writer: Callable[[], Writer | None]
) -> Heard:
    """Return what a question means after what was said before it.

    `cased` gives what was typed without capitals those that its documents write (rag.understand.casing): without them
    nobody could tell that Ruth is somebody, whom "her" may mean. Beyond that they are not used.

    Raises:
        LLMError: the model failed.
    """
    # No more than the rules go through, so that a conversation of a thousand turns costs no more than one of eight.
    spoken = tuple(replace(turn, content=_of_use(turn)) for turn in history[-2 * UNDERSTOOD :])
    if not spoken:
        return Heard(question, spoken, standalone(question, spoken, writer))
    spoken = tuple(replace(t, content=cased(t.content)) if t.role == "user" else t for t in spoken)
    written = cased(question)
    understood = standalone(written, spoken, writer)
    if written != question:
        understood = replace(understood, text=_as_typed(understood.text, question))
    model = None if understood.is_sure else writer()
    return Heard(question, spoken, understood, not understood.is_sure and not (model and model.structured))


def _as_typed(text: str, question: str) -> str:
    """Return a question with the words that were typed in it as they were typed.

    Their capitals tell whom a pronoun may mean. From then on they would make a name of what only is written large
    ("the Regatta"), which a quote then has to have.
    """
    typed = {token.text for token in tokens(question) if token.text.islower()}
    for token in reversed(tokens(text)):
        if token.text.lower() in typed and token.text != token.text.lower() and token.start:
            text = text[: token.start] + token.text.lower() + text[token.start + len(token.text) :]
    return text


def _of_use(turn: Turn) -> str:
    """Return what was said; nothing for a refusal, whose "passages searched" nobody means by "they"."""
    return "" if turn.role == "assistant" and turn.content.startswith(SAYS_NOT) else sound(turn.content)


def asked_back(
    question: str, understood: str, text: str, evidence: tuple[Evidence, ...], began: float, seconds: float
) -> Iterator[AnswerEvent]:
    """Yield the events, from Retrieved on, of an answer that is a question: what of the user's was unclear.

    `text` asks it (rag.understand.unclear). `began` is when it was asked, by time.perf_counter; `seconds` are those
    that understanding it took.
    """
    yield Retrieved(evidence)
    name = hashlib.sha256("\0".join((question, understood, "clarify", text)).encode()).hexdigest()[:16]
    total = time.perf_counter() - began
    timings = Timings(understand=seconds, retrieve=total - seconds, total=total)
    yield Done(Answer(name, question, understood, "clarify", text, evidence=evidence, model="none", timings=timings))


def _rewrite(question: str, history: Sequence[Turn], writer: Writer) -> str:
    from llama_index.core.llms import ChatMessage

    spoken = "\n".join(f"{turn.role}: {material(turn.content[:_TURN_CHARACTERS])}" for turn in history[-TURNS:])
    text, _ = writer.complete(
        [
            ChatMessage(role="system", content=STANDALONE_SYSTEM),
            ChatMessage(role="user", content=STANDALONE_USER.format(history=spoken, question=material(question))),
        ],
        max_tokens=_REWRITTEN_TOKENS,
        stop=["\n"],
    )
    return text.strip().strip('"“”')


def is_faithful(rewritten: str, question: str, history: Sequence[Turn]) -> bool:
    """Say whether a rewriting keeps the names and numbers of the question and adds none that nobody spoke of.

    And whether it says more than the question: one that takes no word from what was said stands alone no better.
    """
    said = names(rewritten) | numbers(rewritten)
    spoken = content(question) | frozenset[str]().union(*(content(turn.content) for turn in history[-TURNS:]))
    kept = (names(question) | numbers(question)) <= content(rewritten)
    stands = bool(content(rewritten) & spoken - content(question))
    return stands and kept and said <= spoken and len(rewritten) < 3 * len(question) + 200

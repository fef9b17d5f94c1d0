"""A conversation: what a follow-up asks when it stands alone.

"and the Commerce Secretary?" finds nothing by itself. The model rewrites it; the rewriting is used only if it keeps
the question's own names and numbers and adds none that were not spoken of. Otherwise, and without a model, the
question is searched together with the last one it continues.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rag.prompts import STANDALONE_SYSTEM, STANDALONE_USER, material
from rag.types import Turn
from rag.words import content, keys, names, numbers

if TYPE_CHECKING:
    from rag.writer import Writer

TURNS = 6
"""Messages of the conversation that a rewriting sees; older ones are forgotten."""
_REWRITTEN_TOKENS = 64
_TURN_CHARACTERS = 600
_LEANS = frozenset(
    "he she it they him her them his hers its their theirs this that these those there then one ones same former "
    "latter both".split()
)
_BEGINS = re.compile(r"^\s*(?:and|but|so|or|also|what about|how about|why|really|only)\b", re.IGNORECASE)
_FEW = 2
"""Content words up to which a question is taken to lean on the one before."""


def leans(question: str) -> bool:
    """Say whether a question needs the conversation to be understood: a pronoun, "and …?", or hardly a word."""
    return bool(keys(question) & _LEANS) or bool(_BEGINS.search(question)) or len(content(question)) <= _FEW


def standalone(question: str, history: Sequence[Turn], writer: Callable[[], Writer | None]) -> str:
    """Return the question as it is to be searched; a question that leans on nothing stays as it is.

    Raises:
        LLMError: the model failed.
    """
    asked = [turn.content for turn in history if turn.role == "user"]
    if not asked or not leans(question):
        return question
    rewriter = writer()
    if rewriter is not None:
        rewritten = _rewrite(question, history, rewriter)
        if is_faithful(rewritten, question, history):
            return rewritten
    return f"{_joined(asked)} {question}"


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
    """Say whether a rewriting keeps the names and numbers of the question and adds none that nobody spoke of."""
    said = names(rewritten) | numbers(rewritten)
    spoken = content(question) | frozenset[str]().union(*(content(turn.content) for turn in history[-TURNS:]))
    kept = (names(question) | numbers(question)) <= content(rewritten)
    return bool(content(rewritten)) and kept and said <= spoken and len(rewritten) < 3 * len(question) + 200


def _joined(asked: Sequence[str]) -> str:
    """Return the last question that stands alone; what came after leaned on it."""
    return next((question for question in reversed(asked) if not leans(question)), asked[-1])[:_TURN_CHARACTERS]

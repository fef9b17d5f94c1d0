"""Whom a question means by a role: Blinken by "the Secretary of State", where all documents that name one name him.

Few sentences say the role, most the name, so the name is what to search for: the part of it that documents use most.
The question that was understood is shown to whoever asked. It stays as it is where documents name several people in
that role or name one only once, where it asks who has it, or where it speaks of another one ("the former", "the next").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from rag.words import tokens

Having = Callable[[Sequence[str]], Sequence[str]]
"""Returns texts of the collection that have any of some words."""

_HEAD = (
    r"(?:secretary|president|minister|premier|chancellor|ambassador|envoy|director|chair(?:man|woman)?|governor|mayor"
    r"|speaker|commissioner|king|queen|pope|CEO|CFO|CTO)"
)
_OF = r"(?:\s+of\s+(?:the\s+)?\w+)?"
_ROLE = re.compile(rf"\bthe\s+(?P<role>(?:[\w.]+\s+){{0,2}}?{_HEAD}\b{_OF})", re.IGNORECASE)
_OTHER = "former ex late then first last next new previous current future acting deputy vice assistant under".split()
_ASKS_WHO = (
    r"\b(?:who|who['’]s|what|name)\b(?:\s+(?:is|was|are|were|became|becomes|will|be|the|name|of)\b)*\s*(?:the\s+)?$"
)
_NAME = r",?\s+(?P<name>(?:(?:[A-Z]\.|[A-Z][\w-]*)\s+){0,3}[A-Z](?:['’][A-Z])?[\w-]+)"
_LONGEST, _MOST = 4, 4
"""Words of a role, and roles of a question, that are looked for."""
_NEAR = 20
"""Characters before a role in which a word like "former" would stand."""
_LEAST = 2
"""Times that documents have to name who has a role."""
_WORD = re.compile(r"\w[\w-]*")


def with_names(question: str, having: Having) -> str:
    """Return the question with a name in place of each role whose bearer all documents agree on."""
    for found in reversed(list(islice(_ROLE.finditer(question), _MOST))):
        if name := _bearer(question, found, having):
            question = question[: found.start()] + name + question[found.end() :]
    return question


def _bearer(question: str, found: re.Match[str], having: Having) -> str:
    """Return the name of who has the role that a match stands for, "" where that can't be told or is asked."""
    role, before, after = found["role"], question[: found.start()], question[found.end() :]
    words = role.split()
    if len(words) > _LONGEST or {word.lower() for word in words} & set(_OTHER):
        return ""
    if re.match(r",?\s+[A-Z]\w", after) or re.search(_ASKS_WHO, before, re.IGNORECASE):
        return ""
    texts = having([token.text for token in tokens(role)])
    named = [name.split() for text in texts for name in _names(role, text)]
    return _short(named, texts) if len(named) >= _LEAST else ""


def _short(named: Sequence[Sequence[str]], texts: Sequence[str]) -> str:
    """Return what all names have in common, or the one word of it that texts use far more: "Blinken"."""
    common = [word for word in named[0] if all(word in name for name in named)]
    said = Counter(word for text in texts for word in _WORD.findall(text))
    short = [word for word in common if all(said[word] >= 2 * said[other] for other in common if other != word)]
    return " ".join(short or common)


def _names(role: str, text: str) -> Iterator[str]:
    """Yield the names that follow a role in a text, but for former ones and deputies."""
    spelt = r"\s+".join(r"U\.?S\.?" if word in {"US", "U.S."} else re.escape(word) for word in role.split())
    for match in re.finditer(rf"\b(?i:{spelt})(?!\w){_NAME}", text):
        before = re.split(r"[\s-]+", text[max(0, match.start() - _NEAR) : match.start()].rstrip(" -"))[-1]
        if before.lower() not in _OTHER:
            yield match["name"]

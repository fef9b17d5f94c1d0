"""Whom a question means by a role: Blinken by "the Secretary of State", where the documents that name one name him.

Few sentences say the role, most the name, so the name is what to search for: the part of it that documents use most.
The question that was understood is shown to whoever asked. It stays as it is where documents name several people in
that role or one document alone names one, where it asks who has it, where it speaks of the office or of another one
("the former", "the next"), and where a document does, which says the role and names nobody. A role of one word ("the
president") is too many people's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, takewhile

from rag.words import OWNED, tokens

Having = Callable[[Sequence[str]], Sequence[str]]
"""Returns texts of the collection that have any of some words, one a document."""
Name = tuple[str, ...]

_HEAD = (
    r"(?:secretary|president|minister|premier|chancellor|ambassador|envoy|director|chair(?:man|woman)?|governor|mayor"
    r"|speaker|commissioner|king|queen|pope|CEO|CFO|CTO)"
)
_OF = r"(?:\s+of\s+(?:the\s+)?\w+)?"
_ROLE = re.compile(rf"\bthe\s+(?P<role>(?:[\w.]+\s+){{0,2}}?{_HEAD}\b{_OF})", re.IGNORECASE)
_OTHER = frozenset(
    "former ex late then first last next new previous current future acting deputy vice assistant under".split()
)
_ASKED_FOR = re.compile(
    r"\b(?:who|who['’]s|name)\b(?:\s+\w+){0,3}\s*$|\b(?:become|becomes|became|as|elected|appointed|named|called|now|being"
    r"|been)\s+$|^\W*(?:is|are|was|were)\s+\S+(?:\s+\S+){0,3}\s+$"
    r"|\b(?!(?:when|where|why|how)\b)\w+\s+(?:is|are|was|were)\s+$",
    re.IGNORECASE,
)
"""What stands before a role that is asked for, or said of somebody: "who is …", "did she become …", "is Ann Lee …"."""
_OFFICE = re.compile(
    r"[-–—'’]|,?\s+[A-Z]\w|\s+(?:general|elect|designate|emeritus|bee|mother|consort|elected|chosen|appointed|selected)\b"
)
"""What stands behind a longer role, a name, or an office."""
_LONGEST, _MOST = 4, 4
"""Words of a role, and roles of a question, that are looked for."""
_NEAR, _NAMED = 20, 3
"""Characters before a role in which a word like "former" would stand, and words of a name."""
_LEAST = 2
"""Documents that have to name who has a role."""
_ENDED = re.compile(r"[^\w.'’-]|\w{2,}\.|['’]s?$")
_WORD = re.compile(r"\w(?:[\w-]|['’](?=\w\w))*")


def role_wordings(question: str, having: Having) -> tuple[str, ...]:
    """Return the question as it is best asked, and behind it, where it has roles whose bearer is known, in other words.

    Where a document speaks of the role and names nobody who has it ("approved by the managing director"), the office
    may be meant: then the question is asked as it was, else with the names.
    """
    named, is_office = question, False
    for found in reversed(list(islice(_ROLE.finditer(question), _MOST))):
        if not _may_be_named(question, found):
            continue
        texts = having([token.text for token in tokens(found["role"])])
        each = [list(_names(found["role"], text)) for text in texts]
        if sum(map(bool, each)) >= _LEAST and (name := _agreed([one for names in each for one in names], texts)):
            named = named[: found.start()] + name + named[found.end() :]
            is_office |= any(_is_of_office(found["role"], name, text) for text in texts)
    if named == question:
        return (question,)
    return (question, named) if is_office else (named, question)


def with_names(question: str, having: Having) -> str:
    """Return the question with a name in place of each role whose bearer documents agree on, unless it is an office."""
    return role_wordings(question, having)[0]


def _may_be_named(question: str, found: re.Match[str]) -> bool:
    """Say whether somebody is called by a role, which is not asked for, nor said of somebody, nor another one."""
    words = [word.lower() for word in found["role"].split()]
    if not 1 < len(words) <= _LONGEST or _OTHER.intersection(words):
        return False
    return not (_ASKED_FOR.search(question[: found.start()]) or _OFFICE.match(question[found.end() :]))


def _is_of_office(role: str, name: str, text: str) -> bool:
    """Say whether a text speaks of a role without naming who has it, or another who has or had it."""
    if set(name.split()) & set(_WORD.findall(text)):
        return False
    said = [(match, _stands_behind(match, text)) for match in re.finditer(rf"\b(?i:{_spelt(role)})(?!\w)", text)]
    return any(not (_name(text[match.end() :].lstrip(" ,")[:100]) or other) for match, other in said)


def _agreed(named: Sequence[Name], texts: Sequence[str]) -> str:
    """Return the one name that all are: the last of its words if texts use it far more, "" where there are two."""
    full = Counter(name for name in named if len(name) > 1)
    last = {name[-1] for name in full}
    # "Secretary of State Blinken Engages in Talks": in a headline a verb looks like a name.
    full = Counter({name: count for name, count in full.items() if name[0] not in last})
    said = Counter(word for text in texts for word in _WORD.findall(text))
    whole = max(full or Counter(named), key=lambda name: (full[name], name))
    rest = {word for name in named if name[0] not in last for word in name} - set(whole)
    if rest or len({(name[0], name[-1]) for name in full}) > 1:
        return ""
    short = [word for word in whole if all(said[word] >= 2 * said[other] for other in whole if other != word)]
    return " ".join(short or whole)


def _names(role: str, text: str) -> Iterator[Name]:
    """Yield the names that follow a role in a text, without initials, but for former ones and deputies."""
    for match in re.finditer(rf"\b(?i:{_spelt(role)})(?!\w),?\s+", text):
        if not _stands_behind(match, text) and (name := _name(text[match.end() : match.end() + 100])):
            yield name


def _spelt(role: str) -> str:
    return r"\s+".join(r"U\.?S\.?" if word in {"US", "U.S."} else re.escape(word) for word in role.split())


def _stands_behind(match: re.Match[str], text: str) -> bool:
    """Say whether a role has "former" or the like before it."""
    before = re.split(r"[\s-]+", text[max(0, match.start() - _NEAR) : match.start()].rstrip(" -"))[-1]
    return before.lower() in _OTHER


def _name(text: str) -> Name:
    """Return the capitalised words that a text begins with, up to the end of a sentence or a clause."""
    words = list(takewhile(lambda word: word[:1].isupper(), text.split()))[:_NAMED]
    ended = next((at for at, word in enumerate(words) if _ENDED.search(word)), len(words) - 1)
    bare = (OWNED.sub("", re.split(r"[^\w'’-]", word)[0]) for word in words[: ended + 1])
    return tuple(word for word in bare if len(word) > 1)

"""What a question weighs against each other: the two of "Who is older, Ann Lee or Bo Ek?", and by what.

No document says which of two is older: one has the one's birthday, another the other's. So each is to be found, and
what answers is a quote for each (comparison questions: Yang et al., HotpotQA, EMNLP 2018).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice, takewhile

from rag.understand.kind import is_yes_or_no
from rag.words import content

MOST = 4
"""Things that one question weighs."""
JOINTS = 40
"""Times of "or" at which a question is tried to be parted: thousands of them would take minutes."""
_LONGEST = 16
"""Words of what one thing is called."""
_REACH = 300
"""Characters on either side of a joint that are looked at."""
_NEAR = 4
"""Words that may stand before a name that is weighed."""
_JOINED = frozenset(
    "of the and in for to on at with from by de del der den des du la le les el los van von y a an".split()
)
"""Small words within a name."""
_ASKING = frozenset(
    "who whom whose what which when where why how is are was were do does did has have had can could will would shall "
    "should may might must between both either neither".split()
)
"""What no name goes on over, but capitalised within a title."""
_WORD = re.compile(r"[^\s,;:?]+|[,;:]")
_EITHER = re.compile(r"\s(?:or|vs\.?|versus)\s", re.I)
_TOGETHER = re.compile(r"\sand\s", re.I)
_WEIGHED = re.compile(r"\b(?:both|same|differ\w*|compare(?=\W*$)|common|alike|similar\w*)\b", re.I)
_OF_TWO = re.compile(r"\b(?:of|between|two)\b", re.I)
_CHOOSES = re.compile(r"\b(?:which|who|whose|what)\b[^,:]{3,200}[,:][^?]* or [^,?]{2,80}\W*$", re.I)
_THAN = re.compile(r"\bthan\s", re.I)
_BETWEEN = re.compile(
    r"\b(?:differ\w*|similarit\w+|comparison) between (?P<one>[^,?]{2,60}?) and (?P<other>[^,?]{2,60}?)\W*$"
    r"|^\W*how (?:is|are|does|do) (?P<this>[^,?]{2,60}?) differ(?:ent)? (?:to|from|than) (?P<that>[^,?]{2,60}?)\W*$"
    r"|^\W*compare (?P<first>[^,?]{2,60}?) (?:and|with|to) (?P<second>[^,?]{2,60}?)\W*$",
    re.I,
)
_OR = re.compile(r"\bor\b", re.I)
_TIME = re.compile(
    r"\b(?:older|younger|oldest|youngest|earlier|earliest|later|latest|first|last|before|after|sooner|lived longer"
    r"|longer ago|recent\w*|same (?:year|day|month|time))\b",
    re.I,
)
_SIZE = re.compile(
    r"\b(?:larger|largest|bigger|biggest|smaller|smallest|taller|tallest|higher|highest|lower|lowest|longer|longest|shorter"
    r"|shortest|heavier|heaviest|faster|fastest|cheaper|cheapest|farther|further|more|most|fewer|fewest|less|least)\b",
    re.I,
)
_AGE = re.compile(r"\b(?:older|younger|oldest|youngest|lived longer)\b", re.I)


@lru_cache(maxsize=256)
def options_of(question: str) -> tuple[str, ...]:
    """Return what a question weighs, each as the question calls it; none where it doesn't name two or more.

    By their names: "Is it red or blue?" asks of one thing. Two names alone aren't weighed: "Can I pay Ann or Bo?" is
    answered as any other question.
    """
    if match := _BETWEEN.search(question):
        between = tuple(group for group in match.groups() if group)
        return between if all(re.search(r"[^\W\d_]", one) for one in between) else ()
    found = _split(question, _EITHER) if _weighs(question) else []
    found = found or (_compared(question) if _THAN.search(question) else [])
    if not found and (_WEIGHED.search(question) or (weighed_by(question) and _OF_TWO.search(question))):
        found = _split(question, _TOGETHER)
    return tuple(dict.fromkeys(found))[:MOST] if len(set(found)) > 1 else ()


def asks_whether(question: str) -> bool:
    """Say whether a question is decided by what one sentence says: "Are dogs allowed?", not "Are A and B both …?"."""
    return is_yes_or_no(question) and not (_OR.search(question) or options_of(question))


def _weighs(question: str) -> bool:
    """Say whether a question with "or" compares, or asks which of those that it ends with."""
    return bool(weighed_by(question) or _WEIGHED.search(question) or _CHOOSES.search(question))


def weighed_by(question: str) -> str:
    """Return the kind of thing by which it weighs them, as `rag.understand.kind.holds` takes it; "" for any."""
    if _TIME.search(question):
        return "time"
    return "number" if _SIZE.search(question) else ""


def decisive(question: str) -> frozenset[str]:
    """Return the keys of the words in which documents say what decides, where the question has others."""
    return content("born") if _AGE.search(question) else frozenset()


def _split(question: str, joint: re.Pattern[str]) -> list[str]:
    """Return the names before and behind the first joint that has one on each side, with those listed before."""
    for match in islice(joint.finditer(question), JOINTS):
        before = question[max(0, match.start() - _REACH) : match.start()]
        left = _name(_asked(_WORD.findall(before)), backward=True)
        right = _name(_after(_WORD.findall(question[match.end() : match.end() + _REACH])))
        if left and right:
            return [*_listed(before), left, right]
    return []


def _compared(question: str) -> list[str]:
    """Return whom "Is Ann Lee older than Bo Ek?" names on both sides."""
    before, _, after = re.split(r"(\bthan\s)", question, maxsplit=1, flags=re.IGNORECASE)
    left, right = _name(_after(_asked(_WORD.findall(before)))), _name(_after(_WORD.findall(after), near=1))
    return [left, right] if left and right else []


def _listed(before: str) -> Iterator[str]:
    """Yield the names that stand, each between two commas or a colon and a comma, before the last one.

    The first may stand behind the verb that asks: "Were Ann Lee, Bo Ek and Cy Orr …".
    """
    first, *pieces = (_WORD.findall(piece) for piece in re.split(r"[,:]\s", before))
    for words in (_asked(first) if pieces and _asked(first) is not first else [], *pieces[:-1]):
        if words and _name(words) == " ".join(words):
            yield _name(words)


def _asked(words: Sequence[str]) -> Sequence[str]:
    """Return words without the first where that only asks, capital or not: "Was", "Which"."""
    return words[1:] if words and words[0].lower() in _ASKING else words


def _after(words: Sequence[str], near: int = _NEAR) -> list[str]:
    """Return words from the first of a name on, if that is near: "the birth of Ann Lee"."""
    small = sum(1 for _ in takewhile(lambda word: not _is_capital(word) and word not in _ASKING, words))
    return list(words[small if small <= near else 0 :])


def _name(words: Sequence[str], backward: bool = False) -> str:
    """Return the run of words that a list begins with (or ends with), as long as it may be one name."""
    ordered = words[::-1] if backward else words
    run = list(takewhile(_may_be_named, ordered[:_LONGEST]))
    while run and not _is_capital(run[-1]):
        run.pop()
    while run and not _is_capital(run[0]):
        run.pop(0)
    name = " ".join(run[::-1] if backward else run).strip("\"'“”")
    return name if any(letter.isupper() for letter in name) else ""


def _may_be_named(word: str) -> bool:
    return word not in _ASKING and (_is_capital(word) or word in _JOINED or word in "–&")


def _is_capital(word: str) -> bool:
    plain = word.strip("(\"'“”")
    return plain[:1].isdigit() or (plain[:1].isalpha() and any(letter.isupper() for letter in plain))

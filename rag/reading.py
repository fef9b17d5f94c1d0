"""How a sentence hangs together, as far as word order, capitals and commas tell: which words form one name, which names
are members of one list, what is a parenthesis, what is denied and what is only likely. No parser, no model."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.words import MONTHS, Token, denied_at, ordinal, tokens

PREPOSITIONS = frozenset(
    "of in on at to from with by for near into against between among through during since until via than as about over "
    "under towards toward onto upon within without behind beyond across around alongside after before".split()
)
_HANGING = PREPOSITIONS - set("as than since until before after during".split())
_JOINS = frozenset("of de da di del della der den van von la le du al bin ibn y".split())
_ARTICLES = frozenset("the a an his her its their our my your this that these those both some".split())
_TOGETHER = re.compile(r"[\s.'’“”\"-]{0,4}")
_LIST = re.compile(
    r"\s*(?:,|,?\s*and|,?\s*or|,?\s*&|,?\s*as well as|/|,?\s*(?:and )?also)\s*(?:the |an? )?", re.IGNORECASE
)
_BREAK = re.compile(r"[;:]|\s[–—-]\s?|,\s*(?:but|while|whereas|although|though|and (?:he|she|it|they|we|that))\b")
_ASIDE = re.compile(
    r"\(([^()]{1,200})\)|\[([^\[\]]{1,200})\]"
    r"|,\s((?:who|which|whose|where|whom|when|an?|the|including|such|formerly|born|also|known|called|led|founded|based|"
    r"located|according|along|together|after|before|during|while|with|despite|for|in|on|at|as|\w{3,}(?:ing|ed))\b"
    r"[^,;:()]{2,160})(?=,)"
)
_APPOSED = re.compile(r"^(?:, (?:the|an?) [^,]{2,60},|\s*\([^()]*\))")
_YEAR = re.compile(r"1[0-9]\d\d|20\d\d")
_LIKELY = frozenset(
    "may might could would should possible possibly perhaps maybe probably likely expected expect expects plan plans "
    "planned planning hope hopes hoped intend intends intended aim aims consider considering considered propose "
    "proposed proposes allege alleged allegedly reportedly rumored rumoured suspected potential potentially "
    "believed thought supposed supposedly wants wanted seeks sought try tries tried "
    "attempted promised threatened apparently unlikely if unless whether".split()
)
_IF_ONLY = re.compile(r"\W*(?:Had|Were|Should)\b[^?]*,[^?]*\b(?:would|could|might|will|please)\b")
"""What a sentence opens with that tells of what is not, or not yet: \"Had the dam failed, …\"."""
_SHALL = frozenset("will shall going set due scheduled".split())
_SHALL_TO = frozenset("going set due scheduled".split())
"""These speak of the future only before "to"."""
_NO_SUBJECT = re.compile(
    r"\w+(?:ly|ing|ed)|yesterday|today|tomorrow|last|next|recent|earl(?:y|ier)|lat(?:e|er)|former|new|many|several|"
    r"first|second|third|another|like|unlike|despite|although|though|since|because|according|instead|meanwhile|"
    r"nevertheless|nonetheless|hence|together|even|yet|still|upon|within|without|among|throughout|along|beyond|toward",
    re.IGNORECASE,
)
"""What a sentence may open with that is not what it speaks of; any other opening word is taken for its subject."""


@dataclass(frozen=True, slots=True)
class Word:
    """A content word in its place."""

    token: Token
    at: int
    """Its place among all tokens."""
    run: int
    """Words with the same number stand together as one name; -1 for words that are in no name."""
    others: frozenset[str]
    """Keys of the words of its name."""
    member: int
    """Names with the same number are members of one list ("Ana, Ben and Cy")."""
    aside: int
    """Number of the parenthesis that it stands in, -1 for none."""
    clause: int
    preposition: str
    """What governs it: the preposition before it or before its name, "" for none."""
    joint: str
    """"and" or "," where that (or "or", "but") stands right before it or its name, "" for nothing."""
    kind: str
    """"name", "year", "percent", "number", or "" for a common word."""
    hanging: bool
    """Its preposition makes it a part of something else ("the mayor of Lisbon"), so that it does not act itself."""
    denied: bool
    certainty: int
    """2 as it is told, 1 to come, 0 only likely."""

    @property
    def coordinated(self) -> bool:
        """ "and", "or" or a comma stands right before it or its name."""
        return bool(self.joint)

    @property
    def key(self) -> str:
        """The form that is compared."""
        return self.token.key


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence taken apart."""

    text: str
    words: tuple[Word, ...]
    tokens: tuple[Token, ...]
    places: dict[str, tuple[int, ...]]
    """Key -> indices of `words`; "3rd" and "third" are found under either."""


@lru_cache(maxsize=4096)
def read(text: str) -> Reading:
    """Take a sentence apart; never raises, whatever the text."""
    found = tokens(text)
    runs = _runs(text, found)
    members = _members(text, found, runs)
    asides, clauses = _asides(text, found), _clauses(text, found)
    denied = denied_at(text, found)
    certain = _certainty(text, found)
    words: list[Word] = []
    for at, token in enumerate(found):
        if not token.content and runs[at] < 0:
            continue
        first = at
        while first and runs[at] >= 0 and runs[first - 1] == runs[at]:
            first -= 1
        words.append(
            Word(
                token,
                at,
                runs[at],
                frozenset(
                    other.key for other, run in zip(found, runs, strict=True) if run == runs[at] >= 0 and other.content
                ),
                members[at],
                asides[at],
                clauses[at],
                _preposition(found, first),
                _joint(text, found, first),
                _kind(found, at, runs),
                _preposition(found, first) in _HANGING,
                at in denied,
                certain[at],
            )
        )
    kept = tuple(word for word in words if word.token.content)
    return Reading(text, kept, found, _places(kept))


def _places(words: Sequence[Word]) -> dict[str, tuple[int, ...]]:
    places: dict[str, list[int]] = {}
    for index, word in enumerate(words):
        for key in {word.key, ordinal(word.token)} - {""}:
            places.setdefault(key, []).append(index)
    return {key: tuple(found) for key, found in places.items()}


def _gap(text: str, found: Sequence[Token], at: int) -> str:
    """Return what stands between the token before and this one."""
    return text[found[at - 1].start + len(found[at - 1].text) : found[at].start] if at else ""


def _runs(text: str, found: Sequence[Token]) -> list[int]:
    runs = [-1] * len(found)
    names = [_is_name(text, found, at) for at in range(len(found))]
    number = -1
    for at, is_name in enumerate(names):
        if not is_name:
            continue
        start = at
        while start and at - start < 3 and found[start - 1].text.lower() in _JOINS | {"the"} and not names[start - 1]:
            start -= 1
        joined = start < at and start and names[start - 1] and found[start].text.lower() in _JOINS
        begin = start if joined else at
        glued = all(_TOGETHER.fullmatch(_gap(text, found, i)) for i in range(begin, at + 1)) and begin > 0
        if not (glued and names[begin - 1] and runs[begin - 1] >= 0):
            number += 1
            begin = at
        runs[begin : at + 1] = [number] * (at + 1 - begin)
    return runs


def _is_name(text: str, found: Sequence[Token], at: int) -> bool:
    """Capitalised within the sentence, an initial, or the opening word where a name goes on from it."""
    token = found[at]
    if token.name:
        return True
    if not token.text[:1].isupper() or token.number:
        return False
    if not token.content:
        return len(token.text) == 1 and at + 1 < len(found) and found[at + 1].name and token.text not in "AI"
    following = at + 1 < len(found) and found[at + 1].name and bool(_TOGETHER.fullmatch(_gap(text, found, at + 1)))
    return following or not _NO_SUBJECT.fullmatch(token.text)


def _members(text: str, found: Sequence[Token], runs: Sequence[int]) -> list[int]:
    """Number the lists: names (and numbers) with nothing but "," and "and" between them."""
    members = [-1] * len(found)
    number, last = -1, -1
    for at, token in enumerate(found):
        if runs[at] < 0 and not token.number:
            continue
        same = last >= 0 and runs[at] == runs[last] >= 0
        between = text[found[last].start + len(found[last].text) : token.start] if last >= 0 else ""
        between = _APPOSED.sub("", between)
        alike = last >= 0 and _kind(found, last, runs) == _kind(found, at, runs)
        if not (same or (alike and _LIST.fullmatch(between))):
            number += 1
        members[at] = number
        last = at
    return members


def _asides(text: str, found: Sequence[Token]) -> list[int]:
    asides = [-1] * len(found)
    for number, match in enumerate(_ASIDE.finditer(text)):
        after = text[match.end() : match.end() + 5].lower()
        listed = after.startswith((", and", ", or")) and not re.match("the ", match.group(3) or "")
        if match.group(3) is not None and (match.start() == 0 or listed):
            continue
        for at, token in enumerate(found):
            if match.start() <= token.start < match.end():
                asides[at] = number
    return asides


def _clauses(text: str, found: Sequence[Token]) -> list[int]:
    brackets = [match.span() for match in _ASIDE.finditer(text) if match.group(3) is None]
    breaks = [
        match.start()
        for match in _BREAK.finditer(text)
        if not any(start <= match.start() < end for start, end in brackets)
    ]
    return [bisect_left(breaks, token.start) for token in found]


def _before(found: Sequence[Token], first: int) -> int:
    """Return the index of the word before a name, past articles and the adjective next to it."""
    at = first - 1
    while at >= 0 and found[at].text.lower() in _ARTICLES:
        at -= 1
    return at


def _preposition(found: Sequence[Token], first: int) -> str:
    at = _before(found, first)
    low = found[at].text.lower() if at >= 0 else ""
    return low if low in PREPOSITIONS else ""


def _joint(text: str, found: Sequence[Token], first: int) -> str:
    at = _before(found, first)
    if at < 0:
        return ""
    if found[at].text.lower() in {"and", "or", "but"}:
        return "and"
    if "," not in _gap(text, found, at + 1):
        return ""
    dated = (
        found[first].number
        and _YEAR.fullmatch(found[first].text)
        and (found[at].number or found[at].key in MONTHS.values())
    )
    return "" if dated else ","


def _kind(found: Sequence[Token], at: int, runs: Sequence[int]) -> str:
    token = found[at]
    if token.number:
        if at + 1 < len(found) and found[at + 1].key == "percent":
            return "percent"
        return "year" if _YEAR.fullmatch(token.text) else "number"
    return "name" if runs[at] >= 0 else ""


def _certainty(text: str, found: Sequence[Token]) -> list[int]:
    certain = [2] * len(found)
    level = 0 if _IF_ONLY.match(text) else 2
    for at, token in enumerate(found):
        low = token.text.lower().replace("’", "'")
        may = low != "may" or token.text != "May"
        following = found[at + 1].text.lower() if at + 1 < len(found) else ""
        if (low in _LIKELY and may) or (low in _SHALL and (low not in _SHALL_TO or following == "to")):
            level = 0 if low in _LIKELY else 1
        elif token.content and not low.endswith("ly"):
            if not (token.name or token.number or len(low) == 1):
                certain[at] = level
            level = 2
    return certain

"""List items, rows and "Key: value" lines, and the heading or lead-in that they stand under.

None of them ends like a sentence, and yet each says something: "- Ann: budget by Friday" under "Action items". A
headline or a button says nothing by itself; what tells an entry from these is another one right beside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.words import is_negator, is_past, tokens

_BULLET = re.compile(r"[ \t]*(?:>[ \t]*)*(?:[-*+•‣▪●◦·–—]|\[[ xX]\])[ \t]")
_NUMBER = re.compile(r"\(?\d{1,3}[.)][ \t]+\S")
_RECORD = re.compile(r"[^\W_][^:|.!?\n]{0,40}:[ \t]+\S")
_ROW = re.compile(r"\S[ \t]*\|[ \t]*\S")
_ENDS = re.compile(r"[.!?…。؟।][\"'”’)\]»*_\s]*$")
_SAYS = re.compile(
    r":[*_ ]*$|\b(?:I|we|you|they|it|he|she|please|do|don['’]t|no|not|never|without|except|if|when|unless|only)\b",
    re.IGNORECASE,
)
"""What a lead-in has that says something of its entries: "We do not pay for", not "Technical data"."""
WITHIN = "within"
"""The sort of a sentence that goes on in a line."""
SECTION = "section"
"""The sort of a numbered line that only names what follows: "3. Reading garden." in minutes."""
_TITLE_WORDS = 6
"""Words that such a line has at most."""
_TELLS = re.compile(
    r":|\b(?:is|are|was|were|be|been|will|would|must|may|can|shall|should|has|have|had|do|does|did|not|to)\b",
    re.IGNORECASE,
)
"""What a line has that says something by itself."""
_IS_STEP = re.compile(
    r"\w+ (?:the|an?|your|our|in|on|at|with|for|from|before|after|up|off|out|down|into|only)\b", re.IGNORECASE
)
"""What is to be done, or a rule: "Mix the dough.", "Dogs on a lead."."""
_ITEMS = frozenset(("bullet", "number"))
_HIGHEST = 6_000
"""Characters above a place that are looked through for what announces its list."""
LEAD_IN = 100
"""Characters: a longer line announces nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a sentence is by where it stands: an entry of a list, and the text of the line that it stands under."""

    entry: bool = False
    heading: str = ""
    section: bool = False
    """It only names what follows, though it may end like a sentence."""


def lined(text: str, spans: Sequence[tuple[int, int]], heading: str = "") -> list[Line]:
    """Return what each sentence of a passage is; `heading` is what the first of them stand under.

    A passage that begins within a list stands under the line before that list, though another passage has it.
    """
    kinds = _with_sections(text, spans, [_kind(text, start, end) for start, end in spans])
    lead_in, goes_on = _above(text, spans[0][0]) if kinds and kinds[0] in _ITEMS else ("", False)
    heading = lead_in or heading
    entries = _entries(kinds, goes_on)
    found: list[Line] = []
    for at, (start, end) in enumerate(spans):
        announces = kinds[at] == SECTION or (kinds[at] != WITHIN and _announces(text[start:end]))
        if at not in entries and announces:
            heading = text[start:end]
            found.append(Line(section=kinds[at] == SECTION))
        else:
            found.append(Line(at in entries, heading))
    return found


def _above(text: str, start: int) -> tuple[str, bool]:
    """Return the line that announces the list in which a place stands, if one does, and whether an item is above it."""
    goes_on = False
    first = max(0, start - _HIGHEST)
    lines = text[first : text.rfind("\n", 0, start) + 1].splitlines()
    for at in range(len(lines) - 1, -1 if first == 0 else 0, -1):  # the first may be half of a line
        line = lines[at]
        if _BULLET.match(line) or _NUMBER.match(line):
            goes_on = True
        elif line.strip() and line[0] not in " \t":  # no line that an item goes on in
            told = line.startswith("#") or line.rstrip("*_ ").endswith(":") or at == 0 or not lines[at - 1].strip()
            line = line.lstrip("# ").rstrip()
            # What an item goes on in, without an indent, announces nothing.
            return line if told and _announces(line) else "", goes_on
    return "", goes_on


def _entries(kinds: Sequence[str], goes_on: bool = False) -> set[int]:
    """Return which sentences open lines of one sort, one right after the other, and which go on in these.

    `goes_on` says that the first follows on another one.
    """
    opening = [(at, kind) for at, kind in enumerate(kinds) if kind not in {WITHIN, SECTION}]
    alike = (pair for pair in pairwise(opening) if pair[0][1] and pair[0][1] == pair[1][1])
    found = {at for pair in alike for at, _ in pair} | ({0} if goes_on else set())
    for at, kind in enumerate(kinds):
        if kind == WITHIN and at - 1 in found:
            found.add(at)
    return found


def _with_sections(text: str, spans: Sequence[tuple[int, int]], kinds: Sequence[str]) -> list[str]:
    """Return the kinds with SECTION for numbered lines that name what follows, if most numbered lines here do."""
    numbered = [at for at, kind in enumerate(kinds) if kind == "number"]
    named = {at for at in numbered if _names_what_follows(text, *spans[at])}
    return [SECTION if at in named and 3 * len(named) >= 2 * len(numbered) else kind for at, kind in enumerate(kinds)]


def _names_what_follows(text: str, start: int, end: int) -> bool:
    """Say whether a numbered line is short, says nothing itself, and is followed by something else than a number.

    It is alone on its line: "1. Open the valve. Turn it to the left." is a step.
    """
    line_end = text.find("\n", end)
    if text[end : line_end if line_end >= 0 else len(text)].strip():
        return False
    said, following = text[start:end].partition(" ")[2], text[end : end + 200].lstrip()
    if _IS_STEP.match(said) or any(token.number or is_negator(token) for token in tokens(said)):
        return False
    titled = len(said.split()) <= _TITLE_WORDS and not _TELLS.search(said) and not any(map(is_past, tokens(said)))
    return titled and bool(following) and not _NUMBER.match(following)


def _kind(text: str, start: int, end: int) -> str:
    """Return what sort of line a sentence opens; WITHIN where it opens none, "" where it is like any other."""
    opening = text[text.rfind("\n", 0, start) + 1 : start]
    if _BULLET.match(opening):
        return "bullet"
    if opening.strip(" \t>|#"):
        return WITHIN
    if _NUMBER.match(text, start, end):
        return "number"
    if _RECORD.match(text, start, end):
        return "record"
    return "row" if _ROW.search(text, start, end) else ""


def _announces(line: str) -> bool:
    """Say whether a line that is no entry only says what follows: a heading, or one that ends with a colon."""
    bare = line.rstrip("*_ ")
    return len(line) <= LEAD_IN and (bare.endswith(":") or not (_ENDS.search(line) or bare.endswith((",", ";"))))


def ends(text: str) -> bool:
    """Say whether a text ends like a sentence or is a "Key: value" line or a row: no heading or greeting is."""
    return bool(_ENDS.search(text) or _RECORD.match(text) or _ROW.search(text))


def is_introduced(text: str, heading: str) -> bool:
    """Say whether a piece of text is an item that says something only with the line above it.

    "drones" under "We do not pay for" is one, "Weight: 5.2 kg" and a row are none, nor is what ends like a sentence.
    """
    return bool(heading) and not ends(text)


def is_item(text: str, heading: str) -> bool:
    """Say whether a piece of text is one of several under a line: introduced by it, or a numbered step."""
    return is_introduced(text, heading) or (bool(heading) and bool(_NUMBER.match(text)))


def is_said_by(heading: str) -> bool:
    """Say whether a lead-in says something of what stands under it, so that no item may be quoted without it."""
    return bool(_SAYS.search(heading))

"""Single letters that tell one thing from another: "vitamin C", "hepatitis B", "plan A", "World War I", "T cells".

To rag.words they are no content, for most are initials. What such a letter stands beside in a claim it has to stand
beside in a quote; where the quote has another letter there, it is of another thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.words import UNSPACED, Token, ordinal, tokens

_ROMAN = re.compile(r"[IVX]{1,5}")
_VALUES = {"i": "1", "v": "5", "x": "10"}
_BEFORE = re.compile(r"[\s-]{1,2}[(“\"']?")
_BEHIND = re.compile(r"[)”\"']?[\s-]{1,2}")
_LISTED = re.compile(r"\s*(?:,|/|,?\s*(?:and|or|to)|[–-])\s*")
_BEHIND_NUMBER = re.compile(r"\d[\s-]?(?:\(|[°º]\s?|degrees? )?$")
_TO_NUMBER = re.compile(r"\w[-–]?\d")
"""What hangs on a number is seen to by rag.figures."""
_SIGN = re.compile(r"\+\+|[+#*]|[-−](?!\w)")
"""A part of the letter: "C++", "A+", "O-"."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that stands alone."""

    text: str
    """In lower case, with its sign."""
    before: str
    """Key of the content word that it follows, "" for none."""
    after: str
    """Key of the content word that follows it; only where it follows none."""
    shown: str
    initial: bool
    """It may be short for a name, and so be left out or come."""
    small: bool
    """It was written small, as words of one letter are in many languages."""


@lru_cache(maxsize=4096)
def letters(text: str) -> tuple[Letter, ...]:
    """Return the letters of a text that stand alone beside a word, and the Roman numerals behind one."""
    found = tokens(text)
    seen: list[Letter] = []
    listed = ("", -1)
    """What the letter before follows, and where it ends: "vitamins C and D"."""
    for at, token in enumerate(found):
        alone = _is_alone(text, found, at)
        if not alone and not (len(token.text) > 1 and _ROMAN.fullmatch(token.text)):
            continue
        end = token.start + 1 if alone else token.start + len(token.text)
        goes_on = listed[1] >= 0 and _LISTED.fullmatch(text, listed[1], token.start)
        before = listed[0] if goes_on else _word_before(text, found, at)
        letter = _letter(text, found, at, before, end) if before or alone else None
        listed = (before, end) if letter else ("", -1)
        seen += [letter] if letter else []
    return tuple(seen)


def _is_alone(text: str, found: Sequence[Token], at: int) -> bool:
    token = found[at]
    bare = token.text.removesuffix("'s").removesuffix("’s")
    if len(bare) != 1 or not bare.isalpha() or bare.isnumeric() or UNSPACED.match(bare):
        return False
    if "&" in text[max(0, token.start - 2) : token.start + 3]:
        return False  # "R&D"
    return not (
        _BEHIND_NUMBER.search(text[max(0, token.start - 12) : token.start]) or _TO_NUMBER.match(text, token.start)
    )


def _word_before(text: str, found: Sequence[Token], at: int) -> str:
    last = found[at - 1] if at else None
    if last is None or not last.content or last.number:
        return ""
    return last.key if _BEFORE.fullmatch(text, last.start + len(last.text), found[at].start) else ""


def _letter(text: str, found: Sequence[Token], at: int, before: str, end: int) -> Letter | None:
    """Return the letter as it is compared; None for the article "a" and for "I", who speaks."""
    bare = text[found[at].start : end]
    bracketed = text[found[at].start - 1 : found[at].start] == "(" and text[end : end + 1] == ")"
    if (bare == "a" and not bracketed) or (bare in {"A", "I"} and not before):
        return None
    if bare == "I" and not found[at - 1].text[:1].isupper() and found[at - 1].content:
        return None
    sign = _SIGN.match(text, end)
    following = found[at + 1] if at + 1 < len(found) else None
    behind = sign.end() if sign else end
    joined = following is not None and following.content and _BEHIND.fullmatch(text, behind, following.start)
    after = following.key if following and joined and not before and not following.number else ""
    initial = text[end : end + 1] == "." and bool(text[end + 1 :].strip("\"”')"))
    shown = found[at - 1].text if before and at else following.text if following and after else ""
    bare += sign.group() if sign else ""
    name = f"{shown} {bare}" if before else f"{bare} {shown}".strip()
    return Letter(bare.lower(), before, after, name, initial, bare.islower())


def mistaken(claim: str, quotes: Sequence[str], around: Sequence[str]) -> Iterator[str]:
    """Yield the letters of a claim that stand beside another word, or by another letter there, in the quotes.

    `around` has the titles and headings.
    """
    for mine in letters(claim):
        if (len(mine.text) > 1 and mine.text[1:].isalpha()) or (mine.initial and not mine.before):
            continue
        found = [letter for text in (*quotes, *around) for letter in letters(text)]
        theirs = [letter for letter in found if _is_beside_the_same(mine, letter)]
        if any(letter.text == mine.text for letter in theirs):
            continue
        if theirs:
            yield f"the quote has “{theirs[0].shown}”, not “{mine.shown}”"
        elif not (mine.initial or mine.small or _is_anywhere(mine, found, (*quotes, *around))):
            yield f"no quote has “{mine.shown}”"


def _is_beside_the_same(mine: Letter, its: Letter) -> bool:
    if mine.before:
        return its.before == mine.before
    return bool(mine.after) and its.after == mine.after


def _is_anywhere(mine: Letter, found: Sequence[Letter], texts: Sequence[str]) -> bool:
    """Say whether a letter stands alone somewhere, or what the numeral means ("the First World War"), or "WWI"."""
    same = [letter.text for letter in found if letter.text[0] == mine.text[0]]
    if same:
        return mine.text in same
    value = _VALUES.get(mine.text, "-")
    for token in (token for text in texts for token in tokens(text)):
        low = token.text.lower().removesuffix("'s").removesuffix("’s")
        if low == mine.text[0] or value in {token.key, ordinal(token)}:
            return True
        if len(low) > 1 and token.text.isupper() and low.endswith(mine.text):
            return True
    return False

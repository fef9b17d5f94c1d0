"""A claim that is a quote but for a word: what was put in the place of what.

Most wrong sentences of a model are nearly right ones. Where a claim runs along a quote, a name, a number, an opposite
or a "not" that is changed stands out, even if the changed word is elsewhere in the quote.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from rag.polarity import DEGREES, excludes
from rag.reading import Reading
from rag.words import MONTHS, Token, is_negator

ALONG = 0.75
"""Share of a claim's words that a quote has in the same order, from which the claim runs along it."""
FRAME = 4
"""Words that are no names from which a claim runs along a quote if all of them do, whatever its names."""
_NOT, _NOT_ONLY = "\0not", "\0not only"
Line = Sequence[tuple[str, str, Token]]
"""Key, kind and token of the words that make a difference."""


def changes(claim: Reading, quote: Reading) -> Iterator[str]:
    """Yield, for a claim that runs along a quote, what it changed in it, as clauses for people."""
    for there, here in _steps(claim, quote):
        yield from _changed(there, here)


def swapped(claim: Reading, quote: Reading) -> Iterator[tuple[Token, Token]]:
    """Yield, for a claim that runs along a quote, its names and numbers with what the quote has in their place."""
    for there, here in _steps(claim, quote):
        keys = {key for key, _, _ in there}
        for key, kind, token in here:
            its = next((its for _, its_kind, its in there if kind == its_kind and kind in {"number", "name"}), None)
            if its and key not in keys:
                yield token, its


def in_place(claim: Reading, quote: Reading) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield the keys of a claim that stand where a quote has others, which the claim lacks, and these."""
    mine, theirs = ([key for key, _, _ in _line(reading)] for reading in (claim, quote))
    for step, i1, i2, j1, j2 in SequenceMatcher(None, theirs, mine, autojunk=False).get_opcodes():
        others = tuple(key for key in theirs[i1:i2] if key not in mine)
        if step == "replace" and others:
            yield tuple(mine[j1:j2]), others


def _steps(claim: Reading, quote: Reading) -> list[tuple[Line, Line]]:
    """Return where a claim that runs along a quote leaves it: what stands there, and what the claim has."""
    mine, theirs = _line(claim), _line(quote)
    steps = SequenceMatcher(
        None, [key for key, _, _ in theirs], [key for key, _, _ in mine], autojunk=False
    ).get_opcodes()
    along = [kind != "name" for step, _, _, j1, j2 in steps if step == "equal" for _, kind, _ in mine[j1:j2]]
    common = sum(kind != "name" for _, kind, _ in mine)
    if len(along) < ALONG * len(mine) and not (common >= FRAME and sum(along) == common):
        return []
    return [(theirs[i1:i2], mine[j1:j2]) for step, i1, i2, j1, j2 in steps if step != "equal"]


def _line(reading: Reading) -> Line:
    """Return key, kind and token of the words that make a difference: content, "not", and words of degree."""
    kinds = {word.at: word.kind for word in reading.words}
    line: list[tuple[str, str, Token]] = []
    for at, token in enumerate(reading.tokens):
        if is_negator(token):
            only = _is_only(reading.tokens, at)
            line.append((_NOT_ONLY, "not only", token) if only else (_NOT, "not", token))
        elif at in kinds:
            kind = "number" if token.number else "month" if token.key in MONTHS.values() else kinds[at]
            line.append((token.key, kind, token))
        elif token.text.lower() in DEGREES:
            line.append((token.text.lower(), "degree", token))
    return line


def _is_only(tokens: Sequence[Token], at: int) -> bool:
    """Say whether it is the "not" of "not only", which denies nothing and may go, but may not come."""
    return at + 1 < len(tokens) and tokens[at + 1].text.lower() in {"only", "just", "merely", "simply"}


def _changed(there: Line, here: Line) -> Iterator[str]:
    denying, denied = ("not" in {kind for _, kind, _ in side} for side in (there, here))
    if denying != denied and (there if denying else here)[-1][1] == "not":
        side, where = (there, "the quote") if denying else (here, "the sentence")
        yield f"“{side[-1][2].text}” is only in {where}"
    if any(kind == "not only" for _, kind, _ in here) and not any(kind.startswith("not") for _, kind, _ in there):
        yield f"“{here[-1][2].text}” is only in the sentence"
    keys = {key for key, _, _ in there}
    for key, kind, token in here:
        for other, its_kind, its in there:
            same_kind = kind == its_kind and kind in {"number", "name"}
            if key not in keys and (same_kind or excludes(key, other)):
                yield f"the quote has “{its.text}” there, not “{token.text}”"
                break

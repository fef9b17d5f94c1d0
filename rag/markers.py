"""What is a marker, "[1]" or "【2】", and what a number that the sentence needs: "the range [1, 5]", "items[3]".

Models write markers behind sentences and clauses; documents have footnote marks there. Anything else in brackets says
something, and a sentence without it says something else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST = 99
"""The highest number that a marker has: there are never more quotes."""
_BRACKET = r"\[\s*\d+(?:\s*[,;–-]\s*\d+)*\s*\]"
_ODD = r"【[^】]{0,20}】"
_CHAIN = re.compile(rf"(?P<space>\s*)(?P<first>{_BRACKET}|{_ODD})(?P<more>(?:\s*(?:{_BRACKET}|{_ODD}))*)")
_SINGLE = re.compile(r"\[\s*\d+\s*\]|【.*】")
_ENDS = re.compile(r"\s*(?:$|[.,;:!?)\]”\"’…。、，！？])|\s+(?:and|or|but|while|whereas|und|oder|et|ou|y|o)\b")
"""What follows the end of a clause."""
_ENDED = re.compile(r"[.,;:!?)”\"’…。、，！？]\s*$")
_OPEN = re.compile(
    r"(?:\b(?:ranges?|intervals?|vectors?|arrays?|sets?|lists?|tuples?|pairs?|is|are|was|were|of|to|in|at|from|by|with"
    r"|between|within|than|equals?)|[=∈:<>])\s*$",
    re.IGNORECASE,
)
"""What a clause doesn't end with: several numbers in brackets behind it are what it says."""
_LIKE_OURS = re.compile(r"\[(?=\d+\])")
_WORD = re.compile(r"\w*$")
_NOTES = rf"(?:{_BRACKET})+"
_NOTE = re.compile(
    rf"(?:(?<=\w[.!?,;:])|(?<=[.!?][”\"’)])|(?<=[。！？]))\s?{_NOTES}(?=\s*$)"
    rf"|(?:(?<=\w[.!?,;:])|(?<=[.!?][”\"’)])|(?<=[。！？])|(?<=\b[12]\d\d\d)){_NOTES}(?=\s|[.,;:!?)]|$)"
    r"|^\[\d{1,3}\]\s+(?=[A-ZÀ-Þ“\"])"
)


def without_markers(text: str, sources: Sequence[str] = ()) -> str:
    """Return a sentence without the "[1]" and "【2】" that models write.

    Brackets of which `sources`, the texts that it is written from, have the like in that place are none of these.
    """
    if "[" not in text and "【" not in text:
        return text.strip()
    return _apart(_CHAIN.sub(lambda chain: "" if _is_marker(chain, text, sources) else chain.group(), text))


def without_notes(text: str) -> str:
    """Return a document's sentence without its footnote marks: "[3]" behind a sentence, a clause, a year."""
    if "[" not in text:
        return text.strip()
    return "" if _CHAIN.fullmatch(text.strip()) else _apart(_NOTE.sub("", text))


def _apart(text: str) -> str:
    """Return a text in which no number in brackets reads as that of one of our quotes: "items[ 3]"."""
    return _LIKE_OURS.sub("[ ", text).strip()


def _is_marker(chain: re.Match[str], text: str, sources: Sequence[str]) -> bool:
    first, several = chain["first"], bool(chain["more"])
    if first[0] == "【":
        return bool(re.search(r"[\d†]", first))
    before, after = text[: chain.start()], text[chain.end() :]
    if any(int(number) > MOST for number in re.findall(r"[0-9]{1,9}", chain.group())):
        return False
    single = several or bool(_SINGLE.fullmatch(first))
    if _is_in(sources, before, bool(chain["space"])) or (not single and _has(sources, first)):
        return False
    if not single and _OPEN.search(before):
        return False
    if not before.strip() or _ENDED.search(before) or _ENDS.match(after):
        return True
    return single and bool(chain["space"])


def _is_in(sources: Sequence[str], before: str, spaced: bool) -> bool:
    """Say whether the texts have a bracket behind the same word; behind a year that is a footnote mark."""
    match = _WORD.search(before[-60:])
    word = match.group() if match else ""
    if not word or (word.isdigit() and not spaced):
        return False
    gap = r"\s+" if spaced else ""
    there = re.compile(rf"(?<!\w){re.escape(word)}{gap}\[\s*\d", re.IGNORECASE)
    return any("[" in source and there.search(source) for source in sources)


def _has(sources: Sequence[str], bracket: str) -> bool:
    bare = re.sub(r"\s", "", bracket)
    return any("[" in source and bare in re.sub(r"\s", "", source) for source in sources)

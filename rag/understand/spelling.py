"""Words of a question that are written as the documents don't write them: "Blinkin" for "Blinken", "WHO" spelt out.

A word is respelt only if no passage of the collection has it. One that the embedding model's vocabulary has as one
piece is a word of its own ("county" does not become "country"), unless the documents have the other one beside the
same neighbour: "Forth Niagara" becomes "Fort Niagara". It becomes the word of the documents that is one
slip away, as four in five misspellings are (Damerau, "A technique for computer detection and correction of spelling
errors", CACM 1964): a letter too many, too few, another one, or two that changed places; never the first letter, where
people slip least (Yannakoudakis and Fawthrop, 1983). The question that was understood is shown to whoever asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet

from rag.words import Token, tokens, without_accents

SHORTEST, LONGEST = 5, 24
"""Letters of a word that is respelt: among shorter ones too many are one letter apart, longer ones are no words."""
LOOKED_UP, MOST = 64, 8
"""Different words of a question that are looked for, and that are respelt: a thousand of them would take minutes."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"
AT_ONCE = 250
"""Words that one search looks for."""
_WORD = re.compile(r"[^\W\d_]+")

Known = Callable[[str], bool]
"""Says of a word whether it is known."""
Having = Callable[[Sequence[str]], Sequence[str]]
"""Returns texts of the collection that have any of some words."""


def respelt(question: str, there: Known, common: Known, having: Having) -> str:
    """Return the question with each word that no document has as the documents write it.

    `there` says whether the documents have a word, `common` whether everybody knows it.
    """
    words = tokens(question)
    doubtful = dict.fromkeys(_bare(token.text) for token in words if _is_doubtful(token))
    strange = [word for word in list(doubtful)[:LOOKED_UP] if not there(word)][:MOST]
    meant = {word: _meant(word, having, _beside(words, word) if common(word) else None) for word in strange}
    found = question
    for token in reversed(words):
        word = _bare(token.text)
        if _is_doubtful(token) and meant.get(word):
            found = found[: token.start] + meant[word] + found[token.start + len(word) :]
    return found


def _beside(words: Sequence[Token], word: str) -> set[str]:
    """Return the neighbours, in lower case, that a word has where it first stands, but for function words."""
    at = next(at for at, token in enumerate(words) if _bare(token.text) == word)
    return {words[i].text.lower() for i in (at - 1, at + 1) if 0 <= i < len(words) and words[i].content}


def _is_doubtful(token: Token) -> bool:
    word = _bare(token.text)
    return token.content and not token.number and SHORTEST <= len(word) <= LONGEST and word.isascii() and word.isalpha()


def _bare(word: str) -> str:
    return re.sub(r"['’]s$", "", word)


def _meant(word: str, having: Having, beside: AbstractSet[str] | None) -> str:
    """Return the word of the documents that is one slip away, the most frequent if there are several, or "".

    With `beside` only one that stands next to one of these words.
    """
    low = word.lower()
    slips = sorted(set(_slips(low)))
    counted: Counter[str] = Counter()
    for first in range(0, len(slips), AT_ONCE):
        for text in having(slips[first : first + AT_ONCE]):
            words = _WORD.findall(text)
            for before, found, after in zip(["", *words], words, [*words[1:], ""], strict=False):
                fits = beside is None or bool(beside & {before.lower(), after.lower()})
                counted[found] += fits and is_one_slip(low, without_accents(found.lower()))
    return max((found for found in counted if counted[found]), key=lambda found: (counted[found], found), default="")


def _slips(word: str) -> Iterator[str]:
    """Yield what is one slip away from a lower-case word and begins with the same letter."""
    for at in range(1, len(word) + 1):
        head, tail = word[:at], word[at:]
        for letter in LETTERS:
            yield head + letter + tail
            if tail:
                yield head + letter + tail[1:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]


def is_one_slip(a: str, b: str) -> bool:
    """Say whether one letter too many, too few or another, or two letters that changed places, part two words.

    Both begin with the same letter; a word is no slip of itself.
    """
    if a == b or not a or not b or a[0] != b[0] or abs(len(a) - len(b)) > 1:
        return False
    same = next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    a, b = a[same:], b[same:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def spelt_out(acronym: str, texts: Sequence[str]) -> str:
    """Return the capitalised words of a text whose first letters are an acronym: "American Automobile Association"."""
    between = r"[\w’'-]{0,40}\s{1,3}(?:(?:of|the|and|for|in|on|de|du|la)\s{1,3}){0,2}"
    pattern = re.compile(rf"\b{between.join(map(re.escape, acronym))}[\w’'-]{{1,40}}")
    return next((match.group() for text in texts if (match := pattern.search(text))), "")

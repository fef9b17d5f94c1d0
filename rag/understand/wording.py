"""Words of a question that no document uses, though some say the same: "director" and "directed by", an acronym.

Such a word would count as one that is not in the documents, and so against any answer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rag.understand.spelling import spelt_out
from rag.words import content, tokens

KINDS = content("profession occupation nationality citizenship religion sport genre gender sex colour color species")
"""Kinds whose members say what they are: "an American chef" has a nationality and a profession."""
_LONGEST, _MOST = 6, 8
"""Letters of an acronym, and acronyms of a question, that are spelt out."""
_DOERS = ("or", "er")


def said_otherwise(question: str, there: Collection[str], texts: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return those words of a question that no text has, each with the words that a text has for it.

    None are needed for the name of a kind. `there` are the keys of all words of the texts.
    """
    absent = {token.key: token.text for token in tokens(question) if token.content and token.key not in there}
    found = {key: frozenset[str]() for key in absent if key in KINDS}
    found |= {key: frozenset(doing) for key in absent if (doing := _doing(key, there))}
    short = [key for key, word in absent.items() if word.isalpha() and word.isupper() and 2 <= len(word) <= _LONGEST]
    spelt = {key: content(spelt_out(absent[key], texts)) for key in short[:_MOST]}
    return found | {key: words for key, words in spelt.items() if words}


def _doing(key: str, there: Collection[str]) -> list[str]:
    """Return what a doer does, or who does it: "direct" for "director", whose stems differ, and the other way round."""
    doers = [key + ending for ending in _DOERS]
    does = [key.removesuffix(ending) for ending in _DOERS if key.endswith(ending)]
    return [other for other in (*does, *doers) if len(min(other, key, key=len)) > 3 and other in there]

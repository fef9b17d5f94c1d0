"""Words of a question that no document uses, though some say the same: "director" and "directed by", an acronym.

Such a word would count as one that is not in the documents, and so against any answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from rag.understand.kind import kind_of
from rag.understand.spelling import spelt_out
from rag.words import VAGUE, content, tokens

KINDS = content("profession occupation nationality citizenship religion sport genre gender sex colour color species")
"""Kinds whose members say what they are: "an American chef" has a nationality and a profession."""
_LONGEST, _MOST = 6, 8
"""Letters of an acronym, and acronyms of a question, that are spelt out."""
_DOER = re.compile(r"(?:or|er)s?$", re.IGNORECASE)
_DONE = re.compile(r"ed$", re.IGNORECASE)


def said_otherwise(question: str, there: Collection[str], texts: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return those words of a question that no text has, each with the words that a text has for it.

    None are needed for the name of a kind. `there` are the keys of all words of the texts.
    """
    absent = {token.key: token.text for token in tokens(question) if token.key not in there}
    found = {key: frozenset[str]() for key in absent if key in KINDS}
    if kind_of(question) == "person":
        found |= {key: done for key, word in absent.items() if key not in VAGUE and (done := done_by(word, texts))}
    short = [key for key, word in absent.items() if word.isalpha() and word.isupper() and 2 <= len(word) <= _LONGEST]
    spelt = {key: content(spelt_out(absent[key], texts)) for key in short[:_MOST]}
    return found | {key: words for key, words in spelt.items() if words}


def done_by(word: str, texts: Sequence[str]) -> frozenset[str]:
    """Return what who does it has done, "directed" for "director", or the other way round, as far as a text has it."""
    forms = [_DOER.sub("ed", word)] if _DOER.search(word) else []
    forms += [_DONE.sub(ending, word) for ending in ("or", "er") if _DONE.search(word)]
    said = re.compile("|".join(rf"\b{re.escape(form)}s?\b" for form in forms), re.IGNORECASE) if forms else None
    return content(" ".join(forms)) if said and any(said.search(text) for text in texts) else frozenset()

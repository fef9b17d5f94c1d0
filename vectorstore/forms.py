"""The form in which a text's words are indexed and looked for, so that they are found in any script and any inflection.

SQLite's own tokenizer cuts at white space and knows English endings. Before it gets a text, Chinese, Japanese, Thai and
the like are cut into overlapping pairs of characters, Arabic and Hindi lose vowel signs and endings, and words of other
languages become their stems. English text passes as it is. A search goes through the same, for each of a collection's
languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from unicodedata import normalize

if TYPE_CHECKING:
    from Stemmer import Stemmer

VERSION = 2
"""Raise it when a text gets other forms: the word indexes are then made anew when a store is opened."""

_UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0eb9\u0ebb-\u0ecd\u1000-\u109f\u1780-\u17d3\u3005-\u3007\u3040-\u309f"
    "\u30a0-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0900-\u0903\u093a-\u093c\u093e-\u094f\u0951-\u0957"
    "\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u09d7\u09e2\u09e3\u0a01-\u0a03\u0a3c-\u0a4d\u0a70\u0a71\u0a81-\u0a83"
    "\u0abc-\u0acd\u0b01-\u0b03\u0b3c-\u0b57\u0b82\u0bbe-\u0bcd\u0bd7\u0c00-\u0c04\u0c3e-\u0c56\u0c81-\u0c83"
    "\u0cbc-\u0cd6\u0d00-\u0d03\u0d3b-\u0d4d\u0d57\u0dca-\u0ddf"
)
"""Signs that stand on or beside a letter and belong to its word; the inside of a class of a regular expression."""
_JOINERS = "\u00ad\u200c\u200d\u0640"
"""A soft hyphen, signs that (don't) join letters, the Arabic stretch: nothing that is searched for."""
_WORD = re.compile(rf"(?P<unspaced>[{_UNSPACED}]+)|(?P<word>(?:(?![{_UNSPACED}])\w|[{MARKS}{_JOINERS}])+)")
_JOINER = re.compile(f"[{_JOINERS}]")
_BY_SCRIPT = (
    (re.compile("[\u0621-\u064a\u0671-\u06d3]"), "arabic"),
    (re.compile("[\u0900-\u097f]"), "hindi"),
    (re.compile("[\u0400-\u04ff]"), "russian"),
    (re.compile("[\u0370-\u03ff\u1f00-\u1fff]"), "greek"),
    (re.compile("[\u0530-\u058f]"), "armenian"),
    (re.compile("[\u0b80-\u0bff]"), "tamil"),
)
_BY_LANGUAGE = {
    "ca": "catalan", "da": "danish", "de": "german", "es": "spanish", "et": "estonian", "eu": "basque",
    "fi": "finnish", "fr": "french", "ga": "irish", "hu": "hungarian", "id": "indonesian", "it": "italian",
    "lt": "lithuanian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "sv": "swedish",
    "tr": "turkish",
}  # fmt: skip
_ALEF = str.maketrans("أإآٱىة", "اااايه")


def indexed(text: str, language: str | None) -> str:
    """Return a text as the word index gets it; `language` is its document's, "" or None where nobody knows it."""
    algorithm = _BY_LANGUAGE.get(language or "", "")
    if text.isascii() and not algorithm:
        return text
    return _WORD.sub(lambda match: _form(match, algorithm), text)


def looked_for(query: str, languages: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each word of a query with the forms that it may have in an index of texts in these languages.

    A form that ends in "*" is the beginning of one: a single Chinese character is that of any pair.
    """
    algorithms = ["", *(_BY_LANGUAGE[language] for language in languages if language in _BY_LANGUAGE)]
    for match in _WORD.finditer(query):
        if run := match["unspaced"]:
            pairs = _pairs(run)
            yield from ((pair, (pair,)) for pair in pairs[:-1])
            if len(pairs) == 1:
                yield pairs[0], (f"{pairs[0]}*",)
        else:
            word = match.group().casefold()
            yield word, tuple(dict.fromkeys(_stem(word, algorithm) for algorithm in algorithms))


def version() -> str:
    """Return what the forms depend on: these rules and the stemmers'."""
    import Stemmer

    return f"{VERSION}/{Stemmer.version()}"


def _form(match: re.Match[str], algorithm: str) -> str:
    run = match["unspaced"]
    return f" {' '.join(_pairs(run))} " if run else _stem(match.group(), algorithm)


def _pairs(run: str) -> list[str]:
    """Return the overlapping pairs of a run, and its last character, so that each character begins one."""
    plain = normalize("NFKC", run)
    return [plain[i : i + 2] for i in range(len(plain))]


@lru_cache(maxsize=65536)
def _stem(word: str, algorithm: str) -> str:
    if word.isascii():
        return str(_stemmer(algorithm).stemWord(word.lower())) if algorithm else word
    plain = normalize("NFKC", _JOINER.sub("", word))
    by_script = next((name for script, name in _BY_SCRIPT if script.search(plain)), algorithm)
    if not by_script:
        return plain
    stem = str(_stemmer(by_script).stemWord(plain.lower()))
    return stem.translate(_ALEF) if by_script == "arabic" else stem


@cache
def _stemmer(algorithm: str) -> Stemmer:
    import Stemmer

    return Stemmer.Stemmer(algorithm)

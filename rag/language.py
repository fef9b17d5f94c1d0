"""Which language a text is in, as an ISO 639-1 code.

Two ways to tell. `detect` is for documents: by script where one language alone is written in it, else by py3langid's
byte n-grams. `hint` is for a sentence or a question: by script and by the function words of a few languages, with ""
for English and for whatever is not clear, so that rules for English hold wherever another language doesn't show: of
25,121 sentences of English question sets and papers 19 look like another language, most of them lists of names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

NAMES: Mapping[str, str] = MappingProxyType(
    dict(
        pair.split(":")
        for pair in (
            "af:Afrikaans am:Amharic ar:Arabic az:Azerbaijani be:Belarusian bg:Bulgarian bn:Bengali bs:Bosnian "
            "ca:Catalan cs:Czech cy:Welsh da:Danish de:German el:Greek en:English es:Spanish et:Estonian eu:Basque "
            "fa:Persian fi:Finnish fr:French ga:Irish gl:Galician gu:Gujarati he:Hebrew hi:Hindi hr:Croatian "
            "hu:Hungarian hy:Armenian id:Indonesian is:Icelandic it:Italian ja:Japanese ka:Georgian kk:Kazakh km:Khmer "
            "kn:Kannada ko:Korean la:Latin lo:Lao lt:Lithuanian lv:Latvian mk:Macedonian ml:Malayalam mn:Mongolian "
            "mr:Marathi ms:Malay mt:Maltese ne:Nepali nl:Dutch no:Norwegian pa:Punjabi pl:Polish ps:Pashto "
            "pt:Portuguese ro:Romanian ru:Russian si:Sinhala sk:Slovak sl:Slovenian sq:Albanian sr:Serbian sv:Swedish "
            "sw:Swahili ta:Tamil te:Telugu th:Thai tr:Turkish uk:Ukrainian ur:Urdu uz:Uzbek vi:Vietnamese zh:Chinese"
        ).split()
    )
)
"""The languages that are told apart, and what people call them. Rarer ones are left out: each costs the others."""

_PIECES, _PIECE = 4, 1500
"""A long document is judged by four pieces of so many characters, spread over it."""
_FEWEST_LETTERS = 20
_SURE = 200
"""Letters: in so many the n-grams seldom err."""
_MINOR_SHARE = 0.25
"""Of the letters: so much kana makes Chinese characters Japanese; so much of a script makes a text one of it."""
_SCRIPTS = {
    "kana": "\u3040-\u30ff\uff66-\uff9f",
    "han": "\u3400-\u9fff\uf900-\ufaff",
    "ko": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af",
    "th": "\u0e00-\u0e7f",
    "lo": "\u0e80-\u0eff",
    "km": "\u1780-\u17ff",
    "el": "\u0370-\u03ff\u1f00-\u1fff",
    "hy": "\u0530-\u058f",
    "ka": "\u10a0-\u10ff",
    "bn": "\u0980-\u09ff",
    "gu": "\u0a80-\u0aff",
    "pa": "\u0a00-\u0a7f",
    "ta": "\u0b80-\u0bff",
    "te": "\u0c00-\u0c7f",
    "kn": "\u0c80-\u0cff",
    "ml": "\u0d00-\u0d7f",
    "si": "\u0d80-\u0dff",
    "arabic": "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff",
    "devanagari": "\u0900-\u097f",
    "cyrillic": "\u0400-\u052f",
    "hebrew": "\u0590-\u05ff",
    "ethiopic": "\u1200-\u137f",
}
_SCRIPT = re.compile("|".join(f"(?P<{name}>[{characters}])" for name, characters in _SCRIPTS.items()))
_BEYOND_LATIN = re.compile("[\u0370-\ufffd]")
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")
# The first is what a text too short to tell is taken for.
_WRITTEN_IN = {
    "arabic": ("ar", "fa", "ps", "ur"),
    "devanagari": ("hi", "mr", "ne"),
    "cyrillic": ("ru", "be", "bg", "kk", "mk", "mn", "sr", "uk", "uz"),
    "hebrew": ("he",),
    "ethiopic": ("am",),
    "han": ("zh",),
    "kana": ("ja",),
}
_FUNCTION_WORDS = {
    "de": """
        aber als am auch auf aus bei beim bis dann das dass dem den der des die diese dieser doch durch ein eine
        einem einen einer eines er es für hat haben hatte ich ihr im ist kein keine mehr mit nach nicht noch nur
        oder sein seine sich sie sind über um und unter vom von vor wann war waren warum was welche welcher wenn
        wer werden wie wir wird wo wurde wurden zu zum zur zwischen
    """,
    "fr": """
        au aux avec ce cette ces comme dans de depuis des dont du elle en est et était été être il ils la le les
        leur lors mais ne nous ont où ou par pas plus pour quand que quel quelle qui quoi sa se selon ses son sont
        sous sur une un vous y à
    """,
    "es": """
        al antes como con cual cuál cuando cuándo de del desde donde dónde el ella en entre era eran es esta este
        está fue fueron ha hay la las le lo los más muy no para pero por porque que qué quien quién se según ser
        sin sobre son su sus también tras un una y ya
    """,
    "it": """
        agli al alla alle anche che chi come con così cosa da dal dalla dei del della delle di dove e è era gli ha
        i il in la le lo ma nel nella non per perché più quale quando sono sua suo su sul sulla tra un una
    """,
    "pt": """
        ao aos as até com como da das de depois do dos e é ela ele em entre era foi foram há já mais mas na não
        nas no nos o os ou para pela pelo por porque quais qual quando que quem se sem seu sua são também um uma
    """,
    "nl": """
        aan als bij dan dat de der deze die dit door een en er ook geen had heeft het hij hoe in is je maar met
        naar niet nog of om onder op over te tegen toen tot uit van voor waar wanneer was wat we werd wie wordt ze
        zich zij zijn
    """,
}
_ENGLISH = frozenset(
    "a about after all also an and are as at be because been but by can for from had has have he her his how i if in "
    "into is it its may more most new not of on one or said she so some such than that the their them there these they "
    "this to two us was we were what when where which while who why will with would you".split()
)
_OF_LANGUAGE: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split()) for language, words in _FUNCTION_WORDS.items()
}
FUNCTION_WORDS: Mapping[str, frozenset[str]] = MappingProxyType(dict(_OF_LANGUAGE))
"""By language: words that carry a sentence's grammar, not what it is about."""


def detect(text: str) -> str:
    """Return the language of a document, or "" where too little of it is words; the same text has always the same."""
    sample = _sample(text)
    letters = len(_LETTER.findall(sample))
    if letters < _FEWEST_LETTERS and not _BEYOND_LATIN.search(sample):
        return ""
    among = _by_script(sample, letters)
    if len(among) == 1:
        return among[0]
    if (
        not among
        and letters < _SURE
        and not hint(sample)
        and len(_ENGLISH.intersection(_WORD.findall(sample.lower()))) >= 2
    ):
        return "en"  # by its function words: on a few words they know better than the n-grams
    return _classified(sample, among or _latin())


@lru_cache(maxsize=4096)
def hint(text: str) -> str:
    """Return the language of a sentence where its script or at least two of its function words tell, else ""."""
    if _BEYOND_LATIN.search(text):
        among = _by_script(text, len(_LETTER.findall(text)))
        if among:
            return among[0]
    words = Counter(word.lower() for word in _WORD.findall(text[:2000]))
    english = sum(words[word] for word in words.keys() & _ENGLISH)
    found = {
        language: (len(theirs := words.keys() & known), sum(words[word] for word in theirs))
        for language, known in _OF_LANGUAGE.items()
    }
    best = max(found, key=lambda language: (found[language][1], found[language][0], language))
    different, all_of_them = found[best]
    return best if different >= 2 and all_of_them > 2 * english else ""


def likelihoods(text: str) -> Mapping[str, float]:
    """Return for each language of Latin letters the logarithm of how well a text fits it; they compare, no more."""
    return dict(_identifier(_latin()).rank(text))


def foreign(languages: Iterable[str], known: frozenset[str] | None, model: str) -> tuple[str, ...]:
    """Return what is to be said of documents in languages that an embedding model wasn't made for; nothing if it was.

    `known` are the model's languages, None where nobody knows them; a document's "" is no language.
    """
    if known is None:
        return ()
    counts = Counter(language for language in languages if language and language not in known)
    if not counts:
        return ()
    listed = ", ".join(f"{NAMES.get(language, language)} {number}" for language, number in counts.most_common(5))
    several = sum(counts.values())
    whose = "1 document is" if several == 1 else f"{several} documents are"
    return (
        f"{whose} in a language that the embedding model {model} was not made for ({listed}); they are found by their "
        "words, but hardly by their meaning. RAG_EMBEDDING=multilingual-e5-small knows these languages; a collection "
        "made with it has to be a new one (--collection).",
    )


def _sample(text: str) -> str:
    if len(text) <= _PIECES * _PIECE:
        return text
    step = (len(text) - _PIECE) // (_PIECES - 1)
    return "\n".join(text[i * step : i * step + _PIECE] for i in range(_PIECES))


def _by_script(text: str, letters: int) -> tuple[str, ...]:
    """Return the languages that are written in a text's script; none for Latin letters."""
    if not letters or not _BEYOND_LATIN.search(text):
        return ()
    counts = Counter(str(match.lastgroup) for match in _SCRIPT.finditer(text))
    # Vowel signs are no letters; a script that has them may count more characters than letters.
    if counts["kana"] + counts["han"] >= _MINOR_SHARE * letters:
        return ("ja",) if counts["kana"] >= _MINOR_SHARE * counts["han"] / 4 and counts["kana"] else ("zh",)
    script, count = max(counts.items(), key=lambda pair: pair[1], default=("", 0))
    if count < 2 * _MINOR_SHARE * letters:
        return ()
    return _WRITTEN_IN.get(script, (script,))


@cache
def _latin() -> tuple[str, ...]:
    others = {language for among in _WRITTEN_IN.values() for language in among} - {"sr", "uz"} | set(_SCRIPTS)
    return tuple(language for language in NAMES if language not in others)


def _classified(text: str, among: tuple[str, ...]) -> str:
    language: str = _identifier(among).classify(text)[0]
    return language


@cache
def _identifier(among: tuple[str, ...]) -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(among)
    return identifier

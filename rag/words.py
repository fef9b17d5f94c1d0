"""What is in a sentence: its content words, names, numbers, and what it denies. Shared by retrieval and the check."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from rag.language import FUNCTION_WORDS, hint
from rag.mend import letters, normalized

if TYPE_CHECKING:
    from Stemmer import Stemmer

# Scripts without spaces are read in overlapping pairs of characters; vowel signs belong to the letter before.
_ALONE = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0962"
    "\u0963\u0981-\u0983\u09bc-\u09cd\u0a01-\u0a03\u0a3c-\u0a4d\u0abc-\u0acd\u0b3c-\u0b4d\u0bbe-\u0bcd\u0c3e-\u0c4d"
    "\u0cbc-\u0ccd\u0d3e-\u0d4d\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u200c\u200d"
)
_LETTERS = rf"[^\W\d_{_ALONE}]+(?:[{_MARKS}]+[^\W\d_{_ALONE}]*)*"
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "bn": 10**9, "trillion": 10**12}
_SCALE = rf"(?:[\s-](?:{'|'.join(_SCALES)})\b|bn\b)"
_SPELT = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_UNIONS = {"united states": "us", "united kingdom": "uk", "united nations": "un", "european union": "eu"}
UNSPACED = re.compile(f"[{_ALONE}]")
"""A character of a script without spaces, of which words are overlapping pairs."""
_TOKEN = re.compile(
    rf"\b(?:{'|'.join(_UNIONS)})\b(?: of america\b)?"
    rf"|(?:[^\W\d_]\.){{2,}}|(?:\d+(?:[.,:]\d+)*|\b(?:{_SPELT})\b(?={_SCALE})){_SCALE}?|\bper cent\b|[$€£¥%]"
    rf"|[{_ALONE}]+|{_LETTERS}(?:['’]{_LETTERS})*",
    re.IGNORECASE,
)
_FUNCTION_WORDS = """
    a about above after again against all also am an and any are as at be because been before being below between both
    but by can could did do does doing down during each few for from further had has have having he her here hers him
    his how i if in into is it its itself just many may me might more most much must my myself no nor not now of off on
    once only or other our ours out over own said same say says shall she should so some such than that the their theirs
    them themselves then there these they this those through to too under until up upon us very was we were what when
    where which while who whom whose why will with would you your yours one's name tell give list please documents
    document according sources source text mention mentioned describe however additionally moreover furthermore
    therefore overall thus also im ive youre youve theyre theyve weve whats whos thats theres
"""
STOP_WORDS = frozenset(_FUNCTION_WORDS.split())
"""English words that carry a sentence's grammar or address the machine, not what it is about."""
_NEGATORS = frozenset(
    "no not never none nor neither nobody nothing nowhere without cannot deny denied denies denying refuse refused "
    "refuses refusing fail failed fails failing unable lack lacks lacked hardly barely rarely seldom n't "
    "nicht kein keine keinen keiner keinem nie niemals ohne pas jamais aucun aucune nunca jamás não nem niet geen "
    "nooit не нет ни без 不 没 沒 未 无 無 非".split()
)
_ENDS_CLAUSE = re.compile(r"[,;:()\[\]]")
_SHORT = re.compile(r"'(?:m|re|ve|ll|d)$")
"""What is left of a verb behind a pronoun: "I'm", "they've"."""
_NOT_TYPED = frozenset(
    "dont doesnt didnt isnt arent wasnt werent cant couldnt wont wouldnt shouldnt mustnt hasnt havent hadnt".split()
)
"""Negations as they are typed in a hurry."""
_DENY_NOTHING = frozenset("only just merely less fewer until later doubt longer sooner".split())
_ENDS_DENIAL = frozenset("but instead rather however although though because".split())
_NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90"}
_ORDINALS = {"first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "sixth": "6", "seventh": "7"}
MONTHS = {
    name[:3]: name
    for name in "january february march april may june july august september october november december".split()
}
"""The first three letters of a month -> its name, the form in which it is compared."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ALIASES = {"u.s": "us", "usa": "us", "u.s.a": "us", "u.k": "uk", "u.n": "un", "e.u": "eu"} | {
    "$": "dollar", "€": "euro", "£": "pound", "¥": "yen", "%": "percent", "per cent": "percent", "pct": "percent",
    "kilometre": "km", "kilometres": "km", "kilometer": "km", "kilometers": "km", "kms": "km", "kilogram": "kg",
    "kilograms": "kg", "kilogramme": "kg", "kilogrammes": "kg", "mph": "mile", "feet": "foot", "inches": "inch",
    "st": "saint",
}  # fmt: skip
_IRREGULAR = dict(
    pair.split(":")
    for pair in (
        "met:meet won:win led:lead told:tell paid:pay held:hold made:make took:take taken:take gave:give given:give "
        "began:begin begun:begin became:become wrote:write written:write built:build sold:sell bought:buy sent:send "
        "spent:spend lost:lose found:find kept:keep brought:bring taught:teach caught:catch thought:think fought:fight "
        "went:go gone:go came:come ran:run saw:see seen:see knew:know known:know grew:grow grown:grow drew:draw "
        "drawn:draw flew:fly flown:fly threw:throw thrown:throw chose:choose chosen:choose spoke:speak spoken:speak "
        "broke:break broken:break stole:steal stolen:steal fell:fall fallen:fall rose:rise risen:rise drove:drive "
        "driven:drive rode:ride sang:sing sung:sing shot:shoot struck:strike stood:stand understood:understand "
        "meant:mean dealt:deal died:die death:die men:man women:woman children:child people:person born:birth"
    ).split()
)
_NOUNS = frozenset("death men women children people born".split())
_BRITISH = re.compile(r"(?<=[a-z]{3})(?:(?P<our>our)|(?P<re>(?<=[bt])re)|is(?=(?:e|ed|es|ing|ation|ations)$))")
OWNED = re.compile(r"['’]s?$")
"""What makes a word that of an owner: "Ann's", "dogs'"."""
_OPENS = re.compile(r"[.!?:;\n“\"•–]")
_LATIN_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")
# A script tells which endings a word may have; Latin letters don't, so those all have the English ones taken off.
_BY_SCRIPT = (
    (re.compile("[\u0621-\u06d3]"), "arabic"),
    (re.compile("[\u0900-\u097f]"), "hindi"),
    (re.compile("[\u0400-\u04ff]"), "russian"),
    (re.compile("[\u0370-\u03ff]"), "greek"),
)
_ACCENTED = re.compile("[\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff]")
_ALEF = str.maketrans("أإآٱىة", "اااايه")
_NEGATED_WITHIN = 3
"""Content words behind a negator that it is taken to deny."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it stands in the text and as it is compared."""

    text: str
    start: int
    key: str
    """Lower case, stemmed, one form for "U.S." and "US", digits for number words."""
    content: bool
    number: bool
    name: bool
    """Capitalised where a sentence does not start, or an acronym: taken for (part of) a name."""


@lru_cache(maxsize=8192)
def tokens(text: str) -> tuple[Token, ...]:
    """Return the words of a text in order."""
    found: list[Token] = []
    opens = True
    end = 0
    grammar = FUNCTION_WORDS.get(hint(letters(text)), frozenset())
    plain = _LATIN_ORDINAL.sub("  ", text)
    for match in _TOKEN.finditer(plain):
        between = plain[end : match.start()]
        initial = between.startswith(".") and len(found[-1].text) == 1 if found else False
        opens = opens or (not initial and bool(_OPENS.search(between)))
        word = match.group()
        if UNSPACED.match(word):
            pairs = range(max(1, len(word) - 1))
            found += (_token(word[i : i + 2], match.start() + i, opens, grammar) for i in pairs)
        else:
            found.append(_token(word, match.start(), opens, grammar))
        opens = False
        end = match.end()
    return tuple(found)


def _token(word: str, start: int, opens: bool, grammar: frozenset[str]) -> Token:
    low = letters(word).lower().replace("’", "'").rstrip(".")
    if low in _NOT_TYPED:
        low = f"{low[:-1]}'t"
    if not low.endswith("n't"):
        low = _SHORT.sub("", low.removesuffix("'s"))
    union = "us" if word == "US" else next((short for long, short in _UNIONS.items() if low.startswith(long)), "")
    if union:
        return Token(word, start, union, True, False, True)
    number = low[0].isdigit() or low in _NUMBER_WORDS or low.split(" ")[0].split("-")[0] in _NUMBER_WORDS
    if word == "May" and not opens:
        return Token(word, start, "may", True, False, True)
    lone = len(low) == 1 and low not in "$€£¥%" and not UNSPACED.match(low)
    content = (number or not (lone or low in STOP_WORDS or low in grammar)) and not low.endswith("n't")
    acronym = len(word) > 1 and word.isupper()
    name = content and not number and word[0].isupper() and (acronym or not opens)
    return Token(word, start, "n't" if low.endswith("n't") else _key(low), content, number, name)


@cache
def _stemmer(algorithm: str = "english") -> Stemmer:
    import Stemmer

    return Stemmer.Stemmer(algorithm)


@lru_cache(maxsize=65536)
def _key(low: str) -> str:
    if not low.isascii():
        low = _FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.digit(digit[0])), low)
        if algorithm := next((name for script, name in _BY_SCRIPT if script.match(low)), ""):
            return str(_stemmer(algorithm).stemWord(low)).translate(_ALEF)
        low = without_accents(low)
    if low in _NUMBER_WORDS:
        return _NUMBER_WORDS[low]
    if low[0].isdigit() or re.split(r"[\s-]", low)[0] in _NUMBER_WORDS:
        return _value(low)
    if low in _ALIASES:
        return _ALIASES[low]
    if low[:3] in MONTHS and low == MONTHS[low[:3]][: len(low)] and low != "may":
        return MONTHS[low[:3]]
    low = _IRREGULAR.get(low, low)
    spelt = _BRITISH.sub(lambda m: "or" if m["our"] else "er" if m["re"] else "iz", low.replace("'", ""))
    return str(_stemmer().stemWord(spelt))


def without_accents(text: str) -> str:
    """Return Latin letters without their accents, as people type them and as the word index has them."""
    if not _ACCENTED.search(text):
        return text
    bare = "".join(letter for letter in normalized(text, "NFKD") if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", bare) or text


def _value(low: str) -> str:
    """Return one form for "1,200" and "1200", and for "1.5 million" and "1,500,000"."""
    match = re.match(r"[\d.,:]*\d|[a-z]+", low)
    figure = match.group() if match else low
    scale = _SCALES.get(low[len(figure) :].strip(" -\t\n\xa0"))
    figure = _NUMBER_WORDS.get(figure, figure)
    if not re.search(r",\d{1,2}$", figure):
        figure = figure.replace(",", "")
    if scale is None or not re.fullmatch(r"[0-9]{1,15}(?:\.[0-9]{1,9})?", figure):
        return figure if scale is None else f"{figure}e{scale}"
    return format((Decimal(figure) * scale).normalize(), "f")


def content(text: str) -> frozenset[str]:
    """Return the keys of the words that a text is about."""
    return frozenset(token.key for token in tokens(text) if token.content)


def keys(text: str) -> frozenset[str]:
    """Return the keys of all words, function words too."""
    return frozenset(token.key for token in tokens(text))


def names(text: str) -> frozenset[str]:
    """Return the keys of words that are capitalised within a sentence, and of acronyms."""
    return frozenset(token.key for token in tokens(text) if token.name)


def numbers(text: str) -> frozenset[str]:
    """Return the numbers of a text as digits; "two" and "2" are one, "first" is not a number."""
    return frozenset(token.key for token in tokens(text) if token.number)


def ordinal(token: Token) -> str:
    """Return "1" for "first" and so on, "" for what is no ordinal: a number that a text may state in either way."""
    return _ORDINALS.get(token.text.lower(), "")


def is_negator(token: Token) -> bool:
    """Say whether a word denies ("not", "never", "without", "denied"), in one of some languages."""
    low = letters(token.text).lower()
    return token.key == "n't" or low in _NEGATORS or (low[0] in _NEGATORS and bool(UNSPACED.match(low)))


def is_past(token: Token) -> bool:
    """Say whether a word looks like a verb that tells what somebody did: "signed", "told"."""
    low = token.text.lower()
    return len(low) > 2 and ((len(low) > 4 and low.endswith("ed")) or (low in _IRREGULAR and low not in _NOUNS))


def denied_at(text: str, found: Sequence[Token]) -> frozenset[int]:
    """Return the places of the words that a negator stands shortly before; "not only" denies nothing."""
    places: set[int] = set()
    left = end = 0
    for at, token in enumerate(found):
        low = token.text.lower()
        following = found[at + 1].text.lower() if at + 1 < len(found) else ""
        if _ENDS_CLAUSE.search(text, end, token.start):
            left = 0
        end = token.start + len(token.text)
        titled = at > 0 and token.text.istitle()
        if is_negator(token) and following not in _DENY_NOTHING and not titled:
            if token.content and left:
                places.add(at)
            left = _NEGATED_WITHIN
        elif low in _ENDS_DENIAL:
            left = 0
        elif token.content and left:
            places.add(at)
            left -= 1
    return frozenset(places)


def weigh(texts: Iterable[str]) -> dict[str, float]:
    """Return the inverse document frequency of each content word over `texts`: log((n + 1) / (df + 0.5))."""
    import math

    frequency: dict[str, int] = {}
    total = 0
    for text in texts:
        total += 1
        for key in content(text):
            frequency[key] = frequency.get(key, 0) + 1
    return {key: math.log((total + 1) / (count + 0.5)) for key, count in frequency.items()}


VAGUE = content(
    "happen happened dates day year month time century decade number amount kind type else next earlier later likely "
    "person people whats pls plz ok okay stuff exactly actually nr "
    "summarise summarize summary explain outline"
)
"""Words that say what kind of answer is wanted or when, not what it is about: a document need not have them."""
UNASKED = content("per sometimes himself herself yourself ourselves")
"""Words of a question that documents need not have to answer it; of a claim they say something."""

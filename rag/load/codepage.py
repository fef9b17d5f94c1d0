"""Which code page a text without a mark is in, by the letters that it would have. A part of `rag.load.encoding`.

Every byte is a letter in every code page, so what is asked is which language would be written with these letters: a
language's letters by how frequent they are, what else of the text says of its language (the plain Latin letters between
them are the same in all code pages), and where letters can stand: a sign within a word, a capital behind a small letter
or a Cyrillic letter beside a Latin one speaks against.
"""

from __future__ import annotations

import codecs
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice

from rag.language import likelihoods

USUAL = "cp1252"
"""What is taken where nothing speaks for another: the Western code page of Windows, which is most of what there is."""
_WORDS, _MARKED_MOST = 400, 6000
"""Words with such letters that are looked at, and bytes of them."""
_PLAIN = 3000
"""Bytes of plain letters that are asked for their language."""

# The letters beyond a to z of each language, the most frequent first (counted in translations of programs).
_WESTERN = {
    "af": "ëêéïôö", "ca": "óàéíèçòúïü", "da": "æøåé", "de": "üäößé", "en": "éèïöüñçáóäà", "es": "óáíúéñº",
    "et": "äõüöžš", "fi": "äöå", "fr": "éèàêçôîùâûëïœ", "ga": "áíéúó", "gl": "óáíéúñ",
    "is": "ðáíóæþýúöé", "it": "èàùòéì", "nl": "éëïóèöüê", "no": "åøæé", "pt": "ãçáéíóõúêâàô", "sq": "ëç", "sv": "äöåé",
}  # fmt: skip
_CENTRAL = {
    "cs": "íářéčýžěšůúňóťď", "hr": "čšćžđ", "hu": "áéíóöőüúű", "pl": "łęążśćóńź", "ro": "ăţşîâ",
    "sk": "áčíýúťéžšľóäôňĺďŕ", "sl": "čšž",
}  # fmt: skip
_CYRILLIC = {
    "be": "аныркелістдвяпцмозуьўэчгбйшфюхжё", "bg": "аениотрсвдпзлкмъябучгжйфцшщхюь",
    "mk": "аеотинрдквсмплзујбчгжцњшфќхѓљџѕ", "ru": "оеаинтрслвкпдмузяыьйбчжгфшхюцщэёъ",
    "sr": "аеионртскупдвмјзлгбњчшцљжћфхђџ", "uk": "аониевтрікслдпмуязбйьчгжфєцхшюїщґ",
}  # fmt: skip
_GREEK = {"el": "αοτεινρσμηπκυςίλδγήέόάχωθύφώβζξψϊϋΐΰ"}
_TONES = "\u0301\u0300\u0309\u0323\u0303"
# Each code page with its languages, and how seldom it is met, against one that is met often.
_PAGES: Mapping[str, tuple[Mapping[str, str], float]] = {
    "cp1252": (_WESTERN, 2),
    "cp1250": (_CENTRAL, 0),
    "cp1251": (_CYRILLIC, 0),
    "cp1253": (_GREEK, -1),
    "cp1254": ({"tr": "ıçşüğöâîû"}, -0.5),
    "cp1255": ({"he": "יותלהמרנאשבקפדעסםחכגןטצזץךף"}, -1),
    "cp1256": (
        {
            "ar": "اليمتروةنفعدسبحكقصأجطهخإذغشىضزثءئؤظـآ",
            "fa": "اینردهتومبشسکلپخزفگعصجقحطچظآغذضثژ",
        },
        -1,
    ),
    "cp1257": ({"et": "äõüöžš", "lt": "šėųįąžčūę", "lv": "āēīšūļņķžģč"}, -0.5),
    "cp1258": ({"vi": "đôưá" + _TONES + "àêâơăíóúùéèãõ"}, -2),
    "cp874": ({"th": "ารอมกน่เง้ดลไตีสบัยแขิวทหื็พจคปะช์ใำุถฟูณโผึซภธญษฐศ"}, -1),
    "iso8859-2": (_CENTRAL, -1),
    "iso8859-5": (_CYRILLIC, -1),
    "iso8859-7": (_GREEK, -1),
    "koi8-u": (_CYRILLIC, -1),
    "cp866": (_CYRILLIC, -3),
    "mac_cyrillic": (_CYRILLIC, -4),
    "mac_roman": (_WESTERN, -5),
    "cp850": (_WESTERN, -5),
    "cp852": (_CENTRAL, -5),
}
_LATIN = frozenset({"cp1250", "cp1252", "cp1254", "cp1257", "cp1258", "iso8859-2", "mac_roman", "cp850", "cp852"})
_SIGNS = frozenset("“”‘’‚„–—…«»•·°§©®™€£½¼¾×¡¿ªº²³№־׳״،؛؟\xa0")
_NO_LETTERS = frozenset("ªºµˆƒ")
_WITHIN = {"’": 0.0, "־": 0.0, "׳": 0.0, "״": 0.0, "·": 2.0, "–": 2.0, "—": 2.0}
"""What signs cost more between two letters, in natural logarithms as all that follows; others cost 8 more."""
_PLACED, _UNPLACED = 2.5, 7.5
"""A sign where it can stand, and one at the wrong edge of a word: a quote that closes before the word."""
_FOREIGN = -7.0
"""A letter that the language doesn't have."""
_PLAIN_WEIGHT, _PLAIN_MOST = 0.3, 15.0
"""The n-grams of plain letters overlap, so each says less than it seems, and all of them not more than two letters."""

# Two bytes a character: the characters that are met at all (by the rows of the standards), and the most frequent ones.
_HAN = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法"
    "学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日者无与这個們來為國說時會對過發後經學現當沒動還進樣開從實無與"
)
_HANGUL = "이다는을의에가고하기지로한사리어도인자대시나라서를으부일정아그수해전보제스장과모만들게것조주있니여구원성거오"
_KANJI = "日一国人年大十二本中長出三時行見月後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名"
_DOUBLE: Mapping[str, tuple[Sequence[tuple[int, int]], str]] = {
    "gb18030": ([(0xB0A1, 0xD7FA)], _HAN),
    "big5": ([(0xA440, 0xC67F)], _HAN),
    "euc_kr": ([(0xB0A1, 0xC8FF)], _HANGUL),
    "euc_jp": ([(0xB0A1, 0xCFD4)], _KANJI),
    "cp932": ([(0x889F, 0x9873)], _KANJI),
}
_KANA = re.compile("[\u3041-\u30fe]")
_WIDE_SIGN = re.compile("[\u3000-\u301f\uff01-\uff5e\u30fb\u30fc“”‘’…—·]")
_MARKED = re.compile(rb"[^\s]*[\x80-\xff][^\s]*")
_BEYOND = re.compile(rb"[\x80-\xff]")


def guessed(data: bytes) -> str:
    """Return the name of the encoding that bytes which are no UTF-8 are most likely in."""
    words = b" ".join(match.group() for match in islice(_MARKED.finditer(data), _WORDS))[:_MARKED_MOST]
    plain = _languages(data)
    marks = {name: _by_letters(words, name, plain) for name in _PAGES}
    marks |= {name: mark for name in _DOUBLE if (mark := _by_characters(words, name)) is not None}
    return max(marks, key=lambda name: marks[name])


def _languages(data: bytes) -> Mapping[str, float]:
    """Return how much less likely than the best each language is by the plain letters alone."""
    found = likelihoods(_BEYOND.sub(b"\x01", data[:_PLAIN]).decode("ascii"))
    best = max(found.values())
    return {language: max(_PLAIN_WEIGHT * (value - best), -_PLAIN_MOST) for language, value in found.items()}


def _by_letters(words: bytes, page: str, plain: Mapping[str, float]) -> float:
    """Return how likely words are in a code page of one byte a character."""
    text = "".join(map(_characters(page).__getitem__, words))
    latin = page in _LATIN
    letters, cost = [], 0.0
    for before, character, after in _beyond(words, text):
        if _is_letter(character):
            letters.append(character.lower())
            cost += _misplaced(before, character, after, latin=latin)
        else:
            cost += _as_sign(before, character, after)
    languages, usual = _PAGES[page]
    best = max(
        sum(known.get(letter, _FOREIGN) for letter in letters) + (plain.get(language, -_PLAIN_MOST) if latin else 0.0)
        for language, known in ((language, _frequencies(order)) for language, order in languages.items())
    )
    return best - cost + usual


def _beyond(words: bytes, text: str) -> Iterator[tuple[str, str, str]]:
    """Yield the characters beyond ASCII, each between the one before and the one behind it."""
    around = f" {text} "
    for match in _BEYOND.finditer(words):
        index = match.start()
        yield around[index], around[index + 1], around[index + 2]


@cache
def _characters(page: str) -> tuple[str, ...]:
    return tuple(bytes([number]).decode(page, "replace") for number in range(256))


@cache
def _frequencies(order: str) -> Mapping[str, float]:
    """Return letters with the logarithm of how often they stand, by their order alone (as Zipf has it)."""
    whole = sum(1 / (rank + 2) for rank in range(len(order)))
    return {letter: math.log(1 / (rank + 2) / whole) for rank, letter in enumerate(order)}


def _is_letter(character: str) -> bool:
    if unicodedata.category(character) == "Mn":  # tones of Thai and Vietnamese, vowels of Arabic and Hebrew
        return True
    return character.isalpha() and character not in _NO_LETTERS


def _misplaced(before: str, letter: str, after: str, *, latin: bool) -> float:
    """Return what speaks against a letter between these two."""
    cost = 4.0 * (letter.isupper() and before.islower())
    cost += 0.5 * (letter.isupper() and not (before.isupper() or after.isupper()))
    if latin:
        return cost + 1.5 * (after.isalpha() and not after.isascii())
    return cost + 4.0 * sum(one.isascii() and one.isalpha() for one in (before, after))


def _as_sign(before: str, sign: str, after: str) -> float:
    """Return what speaks against a character that is no letter between these two."""
    if sign not in _SIGNS:
        return 9.0 + 6.0 * (before.isalpha() and after.isalpha()) + 10.0 * (sign == "\ufffd" or sign < "\xa0")
    if before.isalpha() and after.isalpha():
        return _PLACED + _WITHIN.get(sign, 8.0)
    return _PLACED if _is_placed(before, sign, after) else _UNPLACED


def _is_placed(before: str, sign: str, after: str) -> bool:
    """Say whether a sign can stand at the edge of a word between these two."""
    if sign in "“‘„‚¿¡":
        return not before.isalnum()
    if sign in "”’…®™²³ªº":
        return not after.isalnum()
    if sign in "–—•©€£½¼¾×·№§":
        return not before.isalpha() and not after.isalpha()
    return True


def _by_characters(words: bytes, page: str) -> float | None:
    """Return how likely words are in an encoding of two bytes a character, None where they can't be in it."""
    try:
        # The last character of many words may be cut in two.
        text = codecs.getincrementaldecoder(page)().decode(words, final=len(words) < _MARKED_MOST)
    except UnicodeDecodeError:
        return None
    rows, frequent = _DOUBLE[page]
    japanese = page in {"euc_jp", "cp932"}
    mark = -1.0
    for before, character, after in zip(f" {text}", text, f"{text[1:]} ", strict=False):
        if character.isascii():
            continue
        if all(one.isascii() and one.isalpha() for one in (before, after)):
            mark -= 8.0
        if _WIDE_SIGN.match(character):
            mark -= 4.0
        elif _KANA.match(character):
            mark -= 4.0 if japanese else 14.0
        elif character in frequent:
            mark -= 5.5
        else:
            number = int.from_bytes(character.encode(page)[:2])
            mark -= 8.0 if any(low <= number < high for low, high in rows) else 14.0
    return mark

"""Full stops that end no sentence in languages other than English, where rules for English would end one.

A language's words count only in a text that is in it (see rag.language.hint): "art." and "no." are words elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rag.language import FUNCTION_WORDS

_ALWAYS = frozenset("डॉ प्रो श्री श्रीमती कु सं पृ रु د أ أ.د م ص ج".split())
"""In scripts in which they can't be other words."""
_NEVER_LAST: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "de": "bzw vgl ggf evtl inkl exkl sog zzgl abzgl hr hrn fr frl dipl ing dr prof mio mrd tsd geb gest verh ehem "
        "hl bes insb insbes allg gem lt lfd entspr mind max jew kath evang röm griech lat bd nr abs art kap abb tab s "
        "z d u i",
        "fr": "m mm mme mmes mlle mgr me dr pr p ex av apr env art chap fig vol éd coll cf c.-à-d n n° no tél bd st "
        "ste",
        "es": "sr sra srta sres sras dr dra dres d dña da ud uds vd vds lic ing prof profa arq gral cnel ee pág págs "
        "art núm cap p ej avda av vol fig aprox tel sto sta",
        "it": "sig sigg sig.ra dott dott.ssa prof avv ing geom rag on egr gent pag pagg art cap es p ca tel fig vol",
        "pt": "sr sra srs sras srta dr dra drs prof profa eng av d pág págs art núm n.º cap p ex aprox tel fig vol",
        "nl": "dhr mevr mr drs ir ing prof bijv bv m.n o.a d.w.z blz nr art ca incl excl resp zgn dr",
        "ru": "ул им стр рис см тыс млн млрд проф акад гл обл пр пл",
    }.items()
}  # fmt: skip
_MAYBE_LAST: Mapping[str, frozenset[str]] = {
    "de": frozenset("usw u.a u.ä etc str jh jhdt chr co min std ff".split()),
    "es": frozenset("uu etc".split()),
    "fr": frozenset("j.-c etc".split()),
}
_ORDINAL = re.compile(r"\d{1,2}|[IVX]{1,5}")
_LETTER_DOT = re.compile(r"(?:[^\W\d_]\.)+")
_STREET = re.compile(r"[^\W\d_]+str", re.IGNORECASE)
_SUSPECT = re.compile(r"[^\W\d_]{1,7}|\d{1,2}|n°|n\.º|[\w.-]*\.[\w.-]+|[^\W\d_]+str", re.IGNORECASE)


def always_open(last: str) -> bool:
    """Say whether the full stop behind `last` is one of an abbreviation in whatever language."""
    return last in _ALWAYS


def is_suspect(last: str) -> bool:
    """Say whether it is worth knowing the language, before the full stop behind `last` is taken for an end."""
    return bool(_SUSPECT.fullmatch(_bare(last)))


def is_open(last: str, earlier: str, following: str, language: str) -> bool:
    """Say whether the full stop behind `last`, after `earlier` and before the word `following`, ends no sentence."""
    word = _bare(last)
    low = word.lower()
    if low in _NEVER_LAST.get(language, ()):
        return True
    begins = following.lower() in FUNCTION_WORDS.get(language, ())
    if low in _MAYBE_LAST.get(language, ()):
        return not begins
    return language == "de" and _open_in_german(word, earlier, following, begins)


def _open_in_german(word: str, earlier: str, following: str, begins: bool) -> bool:
    """Say so of ordinals ("am 3. Oktober", "Ludwig XIV."), "z. B. Berlin", and "Hauptstr. 12"."""
    if begins:
        return False
    before = earlier.split()[-1:] or [""]
    if len(word) == 1 and _LETTER_DOT.fullmatch(before[0]) and before[0].islower():
        return True
    if _STREET.fullmatch(word) and following[:1].isdigit():
        return True
    return bool(_ORDINAL.fullmatch(word)) and following[:1].isupper()


def _bare(last: str) -> str:
    """Return a word without what is elided before it: "l'art" is "art"."""
    return re.split(r"['’]", last)[-1]

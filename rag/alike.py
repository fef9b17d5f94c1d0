"""Words that are not the same and yet say it: "visit" and "trip", "China" and "Chinese", "invade" and "invasion"."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from rag.words import content

EXACT = 1.0
SYNONYM = 0.8
RELATED = 0.6
"""What a word of the claim counts for where the quote has it, a synonym, or a word of the same root."""
_SYNONYMS = """
    visit trip travel tour, begin start commence open launch, end finish conclude, big large huge great,
    small little tiny, buy purchase acquire, build construct erect, show demonstrate indicate reveal,
    create found establish form set, movie film, use utilize employ, help assist aid, country nation,
    situated located lies, company firm business, city town, doctor physician, kill murder, car automobile vehicle,
    job work occupation profession, get obtain receive, write author pen, make produce manufacture,
    rise increase grow, fall decrease decline drop, say tell state announce, need require, choose select pick elect,
    hold host, meet meeting talk, large substantial, important significant major,
    approximately roughly about around nearly, near close, quick fast rapid, child kid, money fund,
    leader head chief, president head, reside live, area region, forbid ban prohibit, allow permit let, keep retain,
    stop halt cease, attempt try effort, seek want, answer reply respond, ask request, next following,
    previous former, entire whole full, part portion section, kind type sort form, name call know term,
    contain include comprise, cause lead result, associate correlate relate link, prognosis outcome, raise increase,
    lower reduce decrease cut, population inhabitant, people person individual, war conflict, fight battle,
    law act legislation, speak talk, launch introduce debut unveil, actor actress star, singer vocalist, band group,
    song track single, album record, game match, team club, win victory, teach instruct, student pupil,
    school academy, wife spouse, husband spouse, marry wed, birth born, home house, world global, pm p.m.
"""
_DEMONYM = re.compile(r"(?:ean|ian|an|ese?|ish|ic|i)$")
_ENDING = re.compile(r"[aeiouy]+$")
_ROOT = 5
"""Letters that two words have to begin with alike to be of one root."""
_LOOSE = """
    include including locate located know known call called become take place make due also both base based name
    named title titled refer term describe
"""
_LIGHT = """
    include including locate located know known call become take place make different various several due able
    part type kind number amount cause state people person time way thing day year come go get give see find found
    base based well often usually generally typically currently recently originally later early also both main
    mainly name named title titled total refer term form described lie situated mean
"""


@cache
def _groups() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for group in _SYNONYMS.split(","):
        stems = content(f"x {group}")
        for stem in stems:
            found.setdefault(stem, set()).update(stems)
    return {stem: frozenset(group) for stem, group in found.items()}


def synonyms(key: str) -> frozenset[str]:
    """Return the words that say about the same, this one included."""
    return _groups().get(key, frozenset((key,)))


@cache
def light() -> frozenset[str]:
    """Return the words that a paraphrase adds or drops at will; the check counts them for less."""
    return content(f"x {_LIGHT}")


@cache
def loose() -> frozenset[str]:
    """Return those of the light words that tie nothing together: "built", "located" in "the tower, located in Oslo"."""
    return content(f"x {_LOOSE}")


@lru_cache(maxsize=65536)
def alike(one: str, other: str, names: bool) -> float:
    """Return what `other` counts for where a claim says `one`, 0 to 1.

    Names are alike only as a land and its people are.
    """
    if one == other:
        return EXACT
    if names:
        return SYNONYM if one[0] == other[0] and _land(one) & _land(other) else 0.0
    if other in _groups().get(one, ()):
        return SYNONYM
    if len(one) < _ROOT or len(other) < _ROOT or one[:_ROOT] != other[:_ROOT]:
        return 0.0
    same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return RELATED if same >= 0.6 * max(len(one), len(other)) else 0.0


def _land(key: str) -> frozenset[str]:
    stripped = _DEMONYM.sub("", key)
    forms = {_ENDING.sub("", key), _ENDING.sub("", stripped) if len(stripped) >= 3 else key}
    return frozenset(form for form in forms if len(form) >= 3)

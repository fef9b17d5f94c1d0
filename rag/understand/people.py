"""Who is named in texts in full, by capitals alone: "Janet Yellen" of "U.S. Treasury Secretary Janet Yellen"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.words import content

_NOT_PERSONS = (
    r"(?:The|This|That|These|An?|In|On|At|By|For|From|But|And|His|Her|Its|New|North|South|East|West|Northern|Southern"
    r"|Eastern|Western|San|Los|Saint|Mount|Lake|River|United|European|American|British|Chinese|Great|White|Red|Black"
    r"|House|State|States|Department|University|College|School|Church|Street|Avenue|Park|City|County|Kingdom|Union"
    r"|Nations|Council|Committee|Court|Act|War|World|National|International|Royal|Supreme|Congress|Senate|Party"
    r"|Company|Corporation|Group|Bank|News|Times|Post|Press|Center|Centre|Institute|Program|Association|League|Cup"
    r"|January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
)
PERSON = re.compile(
    rf"\b(?!{_NOT_PERSONS}\b)[A-Z][^\W\d_]+(?:\s[A-Z]\.)*\s(?!{_NOT_PERSONS}\b)[A-Z][^\W\d_]+\b(?!\s{_NOT_PERSONS}\b)"
)
"""Two capitalised words that are no known kind of thing."""
_TITLES = re.compile(
    r"\b(?:(?:Vice|Prime|Deputy|Under|Foreign|Treasury|Commerce|Defen[cs]e|Finance|Interior|White|House|State|Special"
    r"|Climate|U\.?S\.?|Secretary|President|Minister|Premier|Chancellor|Senator|Governor|Director|Ambassador|Envoy"
    r"|Coordinator|Spokes(?:man|woman|person)|Professor|General|Chairman|Leader|Chief|Sir|Lady|Mrs?|Ms|Dr)\b\.?\s*)+"
)
"""Words before a name that would otherwise be taken for a part of it."""
_END = re.compile(r"[.!?…。؟।][\"'”’)\]»*_\s]*[:\[(\])\d,–-]*$")
"""The end of a sentence; page numbers and footnote marks may follow it."""


def people(sentences: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return each name of those who are named in full somewhere with all names that go with it.

    So "Xi" is known for a person after "Xi Jinping", and for the same one.
    """
    known: dict[str, frozenset[str]] = {}
    for sentence in (sentence for sentence in sentences if not _is_headline(sentence)):
        for match in PERSON.finditer(_TITLES.sub(" ", sentence)):
            parts = content(match.group())
            for part in parts:
                known[part] = known.get(part, frozenset()) | parts
    return known


def _is_headline(sentence: str) -> bool:
    """Say whether Most Words Are Written Like This, without a full stop: there, capitals tell no name.

    A list of people is no headline, "Present: Ann Lee (chair), Bo Ek, Cy Fox", nor is a row of a table.
    """
    if "|" in sentence:
        return False
    if len(PERSON.findall(sentence)) > 1 and sentence.count(",") + 1 >= len(PERSON.findall(sentence)):
        return False
    capitals = [word[0].isupper() for word in re.findall(r"[^\W\d_]{4,}", sentence)]
    return not is_whole(sentence) and 2 * sum(capitals) > len(capitals)


def is_whole(sentence: str) -> bool:
    """Say whether a sentence ends like one, page numbers and footnote marks aside."""
    return bool(_END.search(sentence[-80:].rstrip()))

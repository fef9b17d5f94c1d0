"""Whether a sentence tells what something is from now on: "the fee is raised to 25", "sorry, I was wrong: on 17 July".

It doesn't say what was before, so which other sentence it takes the place of is for rag.conflicts to see.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.words import content, is_negator, tokens

_RAISED = re.compile(
    r"(?P<what>[^.;:?!]*?\w[^.;:?!]*?)\s*\b"
    r"(?:(?:is|are|was|were|has been|have been|had been|will be|has|have|had|gets?|got|being|now|also|therefore)\s+)*"
    r"(?:mov(?:es?|ed)|postponed|put (?:back|off)|brought forward|pushed (?:back|out)|delayed|rescheduled|shifted"
    r"|rais(?:es?|ed)|lower(?:s|ed)?|rises?|rose|risen|falls?|fell|fallen|gr(?:ows?|ew|own)|increas(?:es?|ed)"
    r"|decreas(?:es?|ed)|reduc(?:es?|ed)|cut|chang(?:es?|ed)|extend(?:s|ed)|extended|shortened|revised|corrected"
    r"|goes (?:up|down)|went (?:up|down)|gone (?:up|down)|doubl(?:es?|ed)|amended|adjusted|updated)\s+"
    r"(?:again\s+)?(?:to|till|until)\s+(?:(?:the|about|some|around|nearly|almost)\s+)*(?:\w+day,?\s+)?[$€£¥]?$",
    re.IGNORECASE,
)
"""What stands before a value that something is changed to, `what` being the something."""
_OWNED_UP = re.compile(
    r"\b(?:(?:I|we) (?:was|were) (?:wrong|mistaken)|my mistake|our mistake|(?:a|the) mistake|correction\b|corrected:"
    r"|erratum|in error\b|I misread|we misread|that was wrong)",
    re.IGNORECASE,
)
_NOW = re.compile(
    r"\bfrom (?:today|now on)\b|\bas of (?:today|now)\b|\bnew (?:date|price|time|fee|deadline)\b"
    r"|(?<!\bright )(?<!\bby )(?<!\buntil )(?<!\bfor )(?<!\bjust )(?<!\bup to )(?<!\btill )\bnow\b"
    r"|\b(?:earlier|later) than (?:planned|announced|expected|scheduled|thought)\b"
    r"|\bfinal (?:count|toll|figures?|tally|results?|total|number)\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(r", now\b[^,.;]*,", re.IGNORECASE)
_NUMBER = re.compile(r"\s+[$€£¥]?\d[\d.,]*", re.IGNORECASE)
_MAY_BE = re.compile(
    r"\b(?:wants?|wanted|would like|propos\w+|suggest\w*|asks?|asked|demand\w*|plans?|planned|might|may|could|hopes?"
    r"|hoped|if|whether|should)\b",
    re.IGNORECASE,
)
"""What makes a wish of a change: "the landlord wants the rent raised to 1,020"."""
ANY = content("date day time deadline price cost number figure sum amount total toll rate value length size term new")
"""Words that only say what sort of value is changed."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a sentence says of a value in it: that it is so from now on."""

    what: frozenset[str] | None
    """The keys of what is changed; None where only the whole sentence tells."""


def change_to(text: str, start: int) -> Change | None:
    """Return what is changed to the value that stands at `start`; None where nothing says that it is."""
    clause = text[:start]
    if _MAY_BE.search(clause) or any(is_negator(token) for token in tokens(clause)):
        return None
    if raised := _RAISED.search(clause):
        said = (token for token in tokens(raised["what"]) if token.content and not token.number)
        what = frozenset(token.key for token in said)
        return Change(what) if what else None
    told = any(not _is_of_another(text, found, start) for found in _NOW.finditer(text))
    return Change(None) if told or _OWNED_UP.search(clause) else None


def _is_of_another(text: str, now: re.Match[str], start: int) -> bool:
    """Say whether a "now" is of another number, or said beside: "Staff, now 187, were outside within four minutes"."""
    beside = now.group().lower() == "now" and _ASIDE.match(text, max(0, now.start() - 2))
    number = _NUMBER.match(text, now.end())
    return bool(number and not now.end() <= start <= number.end()) or bool(
        beside and not beside.start() <= start < beside.end()
    )

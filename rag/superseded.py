"""Whether a text says of a number or a day in it that it is not so, or no longer."""

from __future__ import annotations

import re

_DENIED = re.compile(
    r"(?:\b(?:not|rather than|instead of|as? against|against the|(?:up|down|back|forward) from|formerly|previously"
    r"|originally|initially)"
    r"|n['’]t)\s+(?:(?:the|an?|on|about|some|around|nearly|at)\s+)*[$€£¥]?$",
    re.IGNORECASE,
)
_FROM = re.compile(r"\bfrom\s+(?:(?:the|about|some|around|nearly)\s+)*[$€£¥]?$", re.IGNORECASE)
_TO = re.compile(r"[^.;:?!]{0,40}?\bto\b")
_CHANGES = re.compile(
    r"\b(?:mov|chang|rais|lower|rose|ris|fell|fall|grew|grow|increas|decreas|reduc|cut|revis|correct|postpon|delay|push"
    r"|put|brought|bring|shift|extend|shorten|went|go(?:es|ne)?\b|reschedul|amend|adjust|updat|doubl|tripl|halv|slip)\w*",
    re.IGNORECASE,
)
_PLANNED = re.compile(
    r"\b(?:announced|due|planned|scheduled|expected|set|meant|billed|promised|foreseen|estimated|put|given)\s+"
    r"(?:for|on|by|at|as|in)?\s*(?:the|about|some)?\s*[$€£¥]?$",
    re.IGNORECASE,
)
_NOW = re.compile(r"[^.;?!]{0,60}\bnow\b", re.IGNORECASE)
_REACH = 80
"""Characters before "from" within which the change is named."""


def is_superseded(text: str, start: int, end: int) -> bool:
    """Say whether what stands at `start` to `end` is denied, or is what something was changed from.

    "not seven", "up from 600", "moved from 27 January to 3 February", "due on 16 June, are now expected on 30 June".
    """
    before, after = text[:start], text[end:]
    if _DENIED.search(before) or (_PLANNED.search(before) and _NOW.match(after)):
        return True
    return bool(_FROM.search(before) and _TO.match(after) and _CHANGES.search(before[-_REACH:]))

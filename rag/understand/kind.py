"""What kind of thing a question asks for, and whether a sentence holds one."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from itertools import takewhile

from rag.words import content, names, numbers, tokens

_TIME = re.compile(
    r"\b(?:1[5-9]|20)\d\d\b|\b(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|today|tomorrow|yesterday|weekend|week|month|year"
    r"|century|summer|winter|spring|autumn|morning|evening|night|noon|midnight)s?\b|\b\d{1,2}:\d\d\b"
    r"|\b\d{1,2}(?:[:.]\d\d)?\s*(?:[ap]\.?m\b|o['’]clock)",
    re.IGNORECASE,
)
_MONTHS = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)"
)
DAY = re.compile(
    rf"\b{_MONTHS}\.?\s+\d{{1,2}}\b|\b\d{{1,2}}(?:st|nd|rd|th)?(?:\s+of)?\s+{_MONTHS}\b|\b\d{{4}}-\d\d-\d\d\b"
    r"|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b"
)
"""A day of the calendar."""
_CLOCK = re.compile(
    r"\b\d{1,2}:\d\d\b|\b(?:at|from|until|till|by|to) \d{1,2}\.[0-5]\d\b"
    r"|\b\d{1,2}(?:[:.]\d\d)?\s*(?:[ap]\.?m\b|o['’]clock|h\b|hrs\b)"
    r"|\b(?:half|quarter|minutes?|five|ten|twenty)\s+(?:past|to)\s+\w+|\b\w+ o['’]clock|\b(?:noon|midday|midnight)\b"
    r"|\bat (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b|\b(?:sunrise|sunset|dawn|dusk)\b",
    re.IGNORECASE,
)
"""A time of day."""
_PEOPLE = (
    r"(?:persons?|people|officials?|diplomats?|members?|leaders?|politicians?|ministers?|secretar(?:y|ies)|envoys?)"
)
_THING = r"(?:country|city|state|company|team|island|river)"
SIZES = "percentage|number|amount|population|length|height|area|size|temperature|distance|speed|age|cost|price"
"""What is said by a number."""
_SIZE_OF = (
    rf"(?:(?:{SIZES}|width|depth|weight|elevation|altitude)s?|capacity|capacities)"
    r"(?= (?:of|in|for|at|between)\b|\W*$)"
)
"""The size of something: not "the area code"."""
_AUX = (
    r"(?:(?:is|are|was|were|do|does|did|has|have|had|can|could|will|wo|would|shall|should|may|might|must|ca)"
    r"(?:n?['’]?t)?)\b"
)
MEASURES = frozenset({"time", "date", "time of day", "number"})
"""Kinds of question that nothing answers but a time or a number."""
_APART = r"(?:if|when|for|from|with|to|at|in|the|an?|no|this|that|any)"
_WORDS = rf"(?:(?!{_APART}\b)[^\s,;?]+ |(?:the|an?|my|our|his|her|its) ){{0,6}}?"
"""What may stand between "what does" and "cost"."""
_SUMS = (
    r"(?:^|[,:;]) *(?:(?:and|so|but) )?what(?:['’]?s| (?:is|was|do|does|did|will|would|has|have))\b "
    rf"{_WORDS}(?<!\bthe )(?<!\ba )(?<!\bno )costs?\b(?! of\b)"
    r"|(?:^|[,:;]) *(?:(?:and|so|but) )?what(?:['’]?s the (?:most|least)| (?:do|does|did|will|would|has|have))\b "
    rf"{_WORDS}(?<!\bthe )(?<!\ba )(?:pay|spend|owe|charge|be charged)"
    r"(?= (?:for (?!(?:as|in|on|at|by|to|if|when|while|each|every|per|during|with|from)\b)\w"
    r"|(?:on|to|in|a|an|per|each|every|if|when)\b|(?:the|my|our|your|his|her|their) \w+\W*$)|\W*$)"
)
"""What asks for a sum with "what": "What did we spend on heat?", not "What does the insurance pay for?"."""
_KINDS = {
    "number": re.compile(
        r"\bhow (?:many|much|long|old|far|big|large|high|tall|often|heavy|wide|deep|thick|fast|loud)\b"
        r"|\bwhat (?:percentage|number|amount|share)\b"
        r"|^\W*(?:the )?(?:number|amount|percentage|price|cost) of\b(?!.*\b(?:what|which|when|who|where)\b)"
        r"|^\W*(?:hours|days|weeks|months|miles) (?:per|a|each) \w+\b"
        rf"|{_SUMS}"
        rf"|\b(?:what|which) (?:is|was|were|are) (?:[\w.'’-]+ ){{0,3}}{_SIZE_OF}",
        re.I,
    ),
    "time of day": re.compile(
        r"\b(?:at |until |till |from |by )?what time\b(?! (?:of (?:the )?year|period|frame|span|limit)\b)", re.I
    ),
    "date": re.compile(r"\b(?:what|which)(?: \w+)? dates?\b|\b(?:what|which) days\b|\bdates? of\b|\bfrom when\b", re.I),
    "time": re.compile(
        r"\b(?:what|which) (?:year|date|day|month|time|century|decade)s?\b|\bon (?:what|which) dates?\b", re.I
    ),
    "person": re.compile(rf"\b(?:who|whom|whose)\b|\b(?:which|what|name|list|other)(?: \w+){{0,2}} {_PEOPLE}\b", re.I),
    "name": re.compile(rf"\bwhere\b|\b(?:which|what) {_THING}\b|\bwhat (?:name|is the name)\b", re.I),
}
_OPENS = re.compile(
    r"(?:^|[.?!:]\s)[\s\"'“”‘’(*-]*(?:(?:and|but|so|or|also|then|ok(?:ay)?|yes|no|well|hi|hello|hey|please|by)\b,?\s+)*"
    r"when(?P<rest>\b[^.?!]*)",
    re.IGNORECASE,
)
"""A "when" that a question begins with, and what follows."""
_TURNED = re.compile(
    rf"(?:['’]s\b|[,\s]+(?:{_AUX}|(?:to|exactly|else|according|precisely|approximately)\b"
    rf"|(?:in|on|at|during)\b[^,]* {_AUX}))|\W*$",
    re.IGNORECASE,
)
"""What follows a "when" that asks: a verb before its subject, or nothing."""
_GOES_ON = re.compile(
    rf"[,;]|\b(?:who|whom|whose|what|which|where|why|how)\b|\b{_AUX} (?:I|you|he|she|it|we|they|the)\b", re.IGNORECASE
)
"""What is asked behind a clause that is only introduced by "when": "When the bell rings, who opens?"."""
_ASKS_WHEN = re.compile(
    rf"\bwhen (?-i:{_AUX})|\b(?:since|until|till) when\b|\bwhen\W*$"
    r"|\bwhen(?: and|,? or|,) (?:where|why|how|by whom|(?:at|in|to|on) (?:what|which))\b"
    r"|\b(?:where|why|how|who|whom|what)(?: and|,? or|,) when\b",
    re.IGNORECASE,
)
"""Anywhere in a question: "… and when does it end?", "… where and when …", "… since when"."""
_TOLD_WHEN = re.compile(
    r"\b(?:know|knows|knew|tells?|told|asks?|asked|says?|said|states?|stated|specif(?:y|ies|ied)|mentions?|mentioned"
    r"|find(?: out)?|see|check|sure|ideas?|remember|explains?|decides?|decided|determines?|shows?|confirm(?:s|ed)?"
    r"|announce[sd]?|wonder(?:ing)?|clear|learn|date)\s+(?:(?:me|us|you|him|her|them|exactly|to)\s+)?when\b",
    re.IGNORECASE,
)
"""A "when" that is to be told: "Does the lease say when it ends?"; of "What did he say when he fell?" it is not."""
_ASKS_ELSE = re.compile(r"\b(?:who|whom|whose|what|which|where|why|how)\b", re.IGNORECASE)
_YES_OR_NO = re.compile(
    r"\W*(?:(?:and|but|so)\s+)?(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|shall|should|may|might"
    r"|must)(?:n['’]t)?\s+(?:the|an?)?\s*",
    re.IGNORECASE,
)
_YES_OR_NO_LATER = re.compile(
    r"^(?:(?!\b(?:who|whom|whose|what|which|where|why|how)\b)[^?.!])+[,;–-]\s*(?:(?:and|but|so|then)\s+)?"
    r"(?P<asks>(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must)(?:n['’]t)?\s+"
    r"(?:I|we|you|he|she|it|they|there|the|this|that|my|our|an?|any(?:one|body)?)\b"
    r"(?!.*\b(?:who|whom|whose|what|which|why|how)\b).*)",
    re.IGNORECASE,
)
"""Behind what is said of the case: "I'm on the front desk, may I work from home?"."""
_POLITE = re.compile(
    r"\W*(?:(?:can|could|will|would) you\b|do you (?:know|have any idea|remember|happen)\b|did you (?:see|hear|find)\b"
    r"|(?:can|could|do|did|does|is|are) (?:we|they|it|there|the documents?|anyone|anybody) "
    r"(?:say|said|tell|know|see|find|learn|mention|state|show|specify|explain|describe|anything) "
    r"(?:.*\b)?(?:who|whom|whose|what|which|when|where|why|how|whether|if|that)\b)",
    re.IGNORECASE,
)
"""What is put as yes or no and asks for more: "Can you tell me when …", "Do we know who …"."""


def kind_of(question: str) -> str:
    """Return "person", "name", "date" (a day), "time of day", "time" or "number"; "" where anything may answer."""
    return next(
        (name for name, asks in _KINDS.items() if asks.search(question) or (name == "time" and asks_when(question))), ""
    )


def asks_when(question: str) -> bool:
    """Say whether a "when" asks for a time, and doesn't only say when: "What is to be done when the bell rings?"."""
    for opens in _OPENS.finditer(question):
        if _TURNED.match(opens["rest"]) or not _GOES_ON.search(opens["rest"]):
            return True
    if _ASKS_WHEN.search(question):
        return True
    told = _TOLD_WHEN.search(question)
    return told is not None and not _ASKS_ELSE.search(question[: told.start()])


def is_yes_or_no(question: str) -> bool:
    """Say whether a question is answered by yes or no: not "Can you tell me when he was born?"."""
    later = _YES_OR_NO_LATER.match(question)
    asks = later["asks"] if later and not asks_when(question) else question
    return bool(_YES_OR_NO.match(asks)) and not _POLITE.match(asks)


def subject_of(question: str) -> frozenset[str]:
    """Return the keys of the name that a yes-or-no question asks about, none where it asks otherwise or of no name."""
    asks = _YES_OR_NO.match(question)
    if not asks:
        return frozenset()
    following = (token for token in tokens(question) if token.start >= asks.end())
    return frozenset(token.key for token in takewhile(lambda token: token.name, following))


def holds(kind: str, asked: AbstractSet[str], sentence: str) -> float:
    """Return 1 where a sentence holds the kind of thing that was asked for, 0 where not, 0.5 if any will do.

    `asked` are the keys of the question's own words: these answer nothing.
    """
    if kind in {"name", "person"}:
        return float(bool(names(sentence) - asked))
    if kind == "number":
        return float(bool(numbers(sentence) - asked))
    if kind == "date":
        return float(any(content(match.group()) - asked for match in DAY.finditer(sentence)))
    if kind == "time of day":
        return float(bool(_CLOCK.search(sentence)))
    if kind == "time":
        return float(any(content(match.group()) - asked for match in _TIME.finditer(sentence)))
    return 0.5

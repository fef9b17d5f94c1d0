"""Whether a question asks for all that there is of something, not for one thing: "Which shops sell it?", "List …"."""

from __future__ import annotations

import re

from rag.understand.kind import MEASURES, kind_of
from rag.understand.mentions import is_plural, is_verb
from rag.words import is_past, tokens

_MANY = r"(?:\w+[^s\W]s|people|men|women|children)"
"""What may be a plural."""
_LIST = re.compile(
    r"\bwho (?:(?:is|are|was|were) )?(?:might|may|could|would|will|else|likely|expected|all)\b"
    r"|\bwho (?:are|were|have(?! (?:I|we|you|they)\b))\b|\bwho (?:is|was) going to(?! be\b)"
    r"|\bwho['’]?s (?:going to(?! be\b)|all\b)"
    rf"|\b(?:which|what)(?: \w+){{0,2}} {_MANY} (?:may|might|could|would|will|are|were|have|had|do|did|can)\b"
    r"|^\W*(?:(?:in|on|at|from|to|for|by|with) )?which of (?!the (?:two|twins)\b)"
    r"(?:the|these|those|its|their|our|my) (?:\w+ ){1,3}?"
    r"(?:are|were|have|do|may|might|could|would|will|can)\b"
    r"|\b(?:who|what|where|which|how) (?:[\w'’]+ ){0,2}?else\b"
    rf"|^\W*(?:who (?:has|have)|(?:what|which) (?:\w+ ){{0,2}}?{_MANY})\b.*\bso far\b(?! from\b)"
    r"|^\W*(?:the )?(?:names|members|candidates|participants)\b"
    rf"|\bname (?:all|the)\b|\ball the (?:\w+ )?{_MANY}\b|\b(?:any|other) \w+s\b|\b(?:everyone|everybody) who\b",
    re.IGNORECASE,
)
_TO_LIST = re.compile(
    r"^\W*(?:(?:please|now|and|so|then|ok(?:ay)?)\b,?\s+)*list\b|\b(?:you|to|please)\s+list\b"
    r"|\band\s+list\s+(?:the|all|every|any|some|its|their|\w+s)\b"
    r"|\b(?:give|show|make|write|send|need|want)\s+(?:me\s+|us\s+)?(?:(?:an?|the)\s+)?(?:\w+\s+)?list\b"
    r"|\b(?:what|who)(?:\s+all)?(?:\s+(?:is|are|was|were|stands?|goes)|['’]s)\s+(?:on|in)\s+(?:[\w-]+\s+){1,3}list\b"
    r"|^\W*(?!(?:wh\w+|how|is|are|was|were|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must)\b)"
    r"(?:[\w'’-]+\s+){1,3}list(?:\s+(?:of|for|from|in)\b|\W*$)",
    re.IGNORECASE,
)
"""A list is asked for: not "Who manages the waiting list?", which only speaks of one."""
_WHICH = re.compile(
    r"^\W*(?:(?:and|so|but)\b,? )?(?:(?:in|on|at|from|to|for|by|with) )?which (?P<sort>(?!\w+s\b)\w+ )?"
    rf"(?P<noun>(?!(?:was|is|has|does|this)\b){_MANY})\b(?P<rest> .*)$",
    re.IGNORECASE | re.DOTALL,
)
"""Not "Which company makes …": what follows the plural has to be its verb, or say which of them."""
_SORTS = (
    r"(?:reason|cause|step|kind|type|sort|way|option|choice|name|member|part|item|thing|ingredient|rule|condition"
    r"|requirement|benefit|advantage|drawback|disadvantage|risk|symptom|sign|effect|consequence|result|service|feature"
    r"|use|example|source|dut(?:y|ie)|task|plan|proposal|demand|objection|candidate|contender|rival)s"
)
"""Nouns for what a list has: "What were the total expenses?" asks for a sum, "What are tides?" what they are."""
_ARE_WHAT = re.compile(
    rf"^\W*(?:(?:and|so|but)\b,? )?(?:what|which) (?:are|were) (?:[\w'’-]+ ){{0,3}}?{_SORTS}\b(?!.*\bcalled\b)",
    re.IGNORECASE,
)
_SAYS_WHICH = re.compile(r" (?:of|in|on|from|at|with|for|that|who)\b", re.IGNORECASE)
_OPENLY = re.compile(
    r"^\W*(?:(?:and|so|but)\b,? )?"
    r"(?:(?:what|which)\b(?!['’]s\b| (?:is|was|does it)\b)|how (?:do|can|should|to)\b|list\b|name\b)",
    re.IGNORECASE,
)
"""What may be answered by several things."""

_CALLED = re.compile(
    r"(?:\b(?:which|what|list|name|other|any|all)\s+(?:\w+\s+){0,2}?|^\W*(?:the )?)(?:towns|villages|cities|countries"
    r"|states|regions|counties|islands|rivers|places|companies|firms|organi[sz]ations|groups|parties|unions|airlines"
    r"|teams|clubs|bands|schools|universities|banks|shops|stores|hotels|restaurants|newspapers|films|movies|songs|albums"
    r"|ships|streets|roads|routes|stations|names|candidates|members)\b",
    re.IGNORECASE,
)
"""What has a name, so that a sentence which names none is none of a list of these."""


def asks_for_several(question: str) -> bool:
    """Say whether a question asks for all that there is of something, not for one thing."""
    asks = _LIST.search(question) or _TO_LIST.search(question) or _ARE_WHAT.match(question)
    return bool(asks) or _asks_which(question)


def asks_openly(question: str) -> bool:
    """Say whether a question may be answered by several things, though it may have one in mind."""
    return bool(_OPENLY.match(question))


def asks_for_names(question: str) -> bool:
    """Say whether each thing of the list that a question asks for has a name: people, towns, firms; not reasons."""
    return kind_of(question) in {"person", "name"} or bool(_CALLED.search(question))


def _asks_which(question: str) -> bool:
    """Say whether a question begins with "Which shops …" and goes on with what these did, or which they are."""
    asks = _WHICH.match(question)
    if asks is None or not is_plural(asks["noun"]) or kind_of(question) in MEASURES:
        return False
    following = tokens(asks["rest"])[:1]
    if not asks["sort"]:
        return not is_verb(tokens(asks["noun"])[0])
    return bool(_SAYS_WHICH.match(asks["rest"])) or any(is_past(token) for token in following)

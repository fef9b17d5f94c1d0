"""A question that nobody could answer as it stands -> the question to ask back; nearly always there is none.

"When did he arrive?" with nothing said before it speaks of nobody. "Which report?" asks for nothing. "What does this
library offer?" points at what was never named. A name alone, a word alone, a topic are searches, and are answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rag.types import Evidence, Turn
from rag.understand.follow_up import topic_of
from rag.understand.mentions import bare_nouns, is_plural, is_verb, mentions
from rag.understand.topic import Topic, refer
from rag.words import content, keys, names, numbers, tokens

CANDIDATES = 4
"""Names that are offered to choose from."""
_WHO = re.compile(
    r"(?<!/)(?<!\bor )\b(?P<pronoun>he|she|him|his|hers?)\b(?!['’/-]|,? or (?:she|he|her|him|hers|his)\b)",
    re.IGNORECASE,
)
"""Not "he/she" or "his or her", who may be anybody."""
_WHAT = re.compile(r"\b(?P<pronoun>they|them|theirs?)\b(?!['’-])", re.IGNORECASE)
_BARE = re.compile(
    r"^\W*(?:and |but |so )?(?P<which>which|what|who|whose|when|where|why|how) ?(?P<noun>(?:ones?|of (?:them"
    r"|these|those)"
    r"|else|exactly|so|then)?)\W*$",
    re.IGNORECASE,
)
_WHICH = re.compile(r"^\W*(?:and |but |so )?which (?P<noun>[a-z]+)\W*$", re.IGNORECASE)
_POINTED = re.compile(
    r"\b(?P<this>this|these|those)(?P<noun>(?: (?!of\b|is\b|are\b|was\b|were\b|in\b|on\b|about\b|for\b|to\b|and\b"
    r"|or\b|by\b|with\b"
    r"|from\b|at\b|has\b|have\b|had\b|do\b|does\b|did\b|can\b|could\b|will\b|would\b|who\b|that\b)[\w’'-]+){1,5})",
    re.IGNORECASE,
)
_OF_ITSELF = content(
    "week month year day morning evening afternoon night summer winter spring autumn fall season weekend time "
    "moment century decade semester trimester sprint session period cycle hour minute round christmas easter holiday "
    "holidays ramadan thanksgiving lunchtime lesson stage step "
    "quarter term way kind sort type case cases point question answer thing things matter respect regard area field "
    "document documents file files article articles report reports paper papers text texts story book page "
    "pages chapter "
    "section collection folder email letter note notes presentation slide slides table spreadsheet sheet contract "
    "agreement study research news source sources information data list reason reasons world country people "
    "words event "
    "events days weeks months years project policy process system"
)
"""What "this" may point at with nothing said before: the present, the documents, what everybody has around them."""
_IS_THIS = re.compile(r"\b(?:is|are|was|were|isn['’]t|aren['’]t)\s+$", re.IGNORECASE)
"""Before "this": what follows may be said of it, and not be what it is ("Is this different from …?")."""
_VERB_FOLLOWS = re.compile(
    r"\b(?:do|does|did|can|could|will|would|may|might|must|shall|should)(?:n['’]t)?\s+$", re.IGNORECASE
)
_LED = re.compile(
    r"\b(?:of|in|on|by|to|for|from|with|without|about|into|under|near|at|than|behind|inside)\s+$", re.IGNORECASE
)
_HAS_ITS_VERB = re.compile(r"\s+(?:have|be|do)\b", re.IGNORECASE)
"""Behind "does this hotel": what stands before it is no verb."""
_CERTAIN = content(
    "app application apartment bank beach book building burger bus camera car city class clinic club company course "
    "device drug film firm flat game garden hospital hotel house library machine medicine movie museum novel park "
    "phone place printer product program recipe restaurant room school shop software song store street team tool town "
    "train university village website"
)
"""What is no verb: "this restaurant" needs no verb behind it to be one."""
_ANYBODY = Topic("?", (("person", "Somebody"), ("group", "Others")))
_DESCRIBES = 8
"""Content words beyond which a question says itself which one it means."""
_SAYS_ENOUGH = 3
"""Content words from which a question finds its answer, whoever "they" are."""
_LONGEST = 500
"""Characters of a question; a longer one says itself what it is about."""
_CLAUSE_FIRST = re.compile(
    r"^\W*(?:(?:and|but|so)\b,?\s+)?(?:if|when|whenever|once|before|after|while|unless|until|till|because|since|although"
    r"|though|as soon as|in case|as)\b[^,]*,(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
"""A clause in which "they" may be those whom the question names behind it: "If they are late, are guests …?"."""
_READ = 30
"""Sentences found first whose names are offered."""
_NEAR = 5
"""Sentences found first; if all are of one document, "this library" is the one that it is about."""


def unclear(question: str, history: Sequence[Turn], among: Iterable[str] = ()) -> str | None:
    """Return what to ask back if a question doesn't say whom or what it is about; None for nearly every question.

    Args:
        question: as it was asked.
        history: what was said before it, oldest first.
        among: names from the nearest passages, to choose from; the first few are offered.
    """
    if len(question) > _LONGEST:
        return None
    what = _unknown(question, topic_of(history), history)
    return f"{what}{_offered(among)}" if what else None


def ask_back(question: str, history: Sequence[Turn], evidence: Sequence[Evidence]) -> str | None:
    """Return what to ask back over these documents, with names from them; None where they leave no doubt.

    A single document says itself who "he" is, and so does one that all of the nearest sentences are of for "this
    library": then the question is answered.
    """
    if unclear(question, history) is None or len({item.document_id for item in evidence}) < 2:
        return None
    if _pointed_at(question, history) and len({item.document_id for item in evidence[:_NEAR]}) < 2:
        return None
    return unclear(question, history, people_and_things((item.text for item in evidence[:_READ]), question))


def people_and_things(texts: Iterable[str], question: str) -> list[str]:
    """Return who and what some passages name that the question may be about, most often named first."""
    kinds = {"person"} if _WHO.search(question) else {"person", "name", "thing"}
    counts: dict[str, int] = {}
    for text in texts:
        for mention in mentions(text):
            if mention.kind in kinds and mention.text[0].isupper() and not content(mention.text) <= content(question):
                counts[mention.text] = counts.get(mention.text, 0) + 1
    ordered = sorted(counts, key=lambda name: -counts[name])
    return [name for i, name in enumerate(ordered) if not any(content(name) & content(o) for o in ordered[:i])]


def _unknown(question: str, topic: Topic, history: Sequence[Turn]) -> str:
    """Return what is to be asked back, without candidates; "" where the question is clear."""
    said = bool(topic.question)
    if not said and (bare := _BARE.match(question)):
        return f"“{bare['which'].capitalize()}” of what? Please ask the whole question."
    if not said and (which := _WHICH.match(question)) and not content(which["noun"]) & names(question):
        return f"Which {which['noun']} do you mean, and what do you want to know about it?"
    for pattern, ask in ((_WHO, "Whom"), (_WHAT, "Whom or what")):
        pronoun = _unresolved(question, pattern, topic)
        if pronoun:
            return f"{ask} do you mean by “{pronoun}”?"
    noun = _pointed_at(question, history)
    return f"Which {noun} do you mean?" if noun else ""


def _unresolved(question: str, pattern: re.Pattern[str], topic: Topic) -> str:
    """Return the first pronoun that stands for nobody: not in the question, and not in what was said."""
    match = pattern.search(question)
    if match is None or topic.spoken or len(content(question)) >= _SAYS_ENOUGH or _is_named_behind(question, match):
        return ""
    own = mentions(question)
    if (
        names(question)
        or any(mention.end <= match.start() for mention in own)
        or _may_be_named(question[: match.start()])
    ):
        return ""
    return "" if refer(question, _ANYBODY) == question else match["pronoun"].lower()


def _is_named_behind(question: str, pronoun: re.Match[str]) -> bool:
    """Say whether a question names behind its first clause whom that clause calls "they"."""
    first = _CLAUSE_FIRST.match(question)
    if first is None or pronoun.start() > first.start("rest"):
        return False
    return bool(mentions(first["rest"]) or bare_nouns(first["rest"]))


def _may_be_named(before: str) -> bool:
    """Say whether somebody may be named before a pronoun in words that no rule knows: "Why did einstein say he …"."""
    asks = content(
        "did does do was were is are has have had will would can could should may might must when where why how"
    )
    return any(token.content and token.key not in asks for token in tokens(before))


def _pointed_at(question: str, history: Sequence[Turn]) -> str:
    """Return what "this …" points at that was never spoken of; "" where it was, or needs not be."""
    spoken = frozenset[str]().union(*(keys(turn.content) for turn in history))
    if len(content(question)) > _DESCRIBES:
        return ""
    if content(question) & spoken - _OF_ITSELF and len(content(question) & spoken) * 4 > len(content(question)):
        return ""
    for match in _POINTED.finditer(question):
        words = _noun(match)
        if len(words) > 1 and match["this"].lower() == "those":
            continue  # "those biodegradable bags" are known to everybody, as in "you know, those bags"
        nouns = content(" ".join(words))
        named = bool(words) and (words[-1][0].isupper() or numbers(match["noun"]))
        known = nouns & (_OF_ITSELF | spoken | keys(question[: match.start()]))
        if nouns and not named and not known and not _IS_THIS.search(question[: match.start()]):
            return " ".join(words)
    return ""


def _noun(match: re.Match[str]) -> list[str]:
    """Return the words of "this state library" behind "this", none where it stands alone: "Does this apply to …?"."""
    many, led = match["this"].lower() != "this", _LED.search(match.string[: match.start()])
    found: list[str] = []
    for word in tokens(match["noun"]):
        if not word.content or (found and (is_verb(word) or word.text.endswith("ly"))):
            break
        if not (found or led) and (is_verb(word) or (not many and is_plural(word.text))):
            return []  # "what this means"
        found.append(word.text)
        if many and is_plural(word.text):
            return found
    if many:
        return []  # "Why did these increase?"
    return _before_its_verb(match, found) if _VERB_FOLLOWS.search(match.string[: match.start()]) else found


def _before_its_verb(match: re.Match[str], words: list[str]) -> list[str]:
    """Return the noun of "does this restaurant deliver", none of "does this trigger alarms": one of them is a verb.

    Words that no rule knows may be either, and nothing is asked back that may be clear.
    """
    behind = tokens(match["noun"])[len(words) : len(words) + 1]
    if any(word.content for word in behind) or _HAS_ITS_VERB.match(match.string, match.end()):
        return words
    certain = [at for at, word in enumerate(words[:-1]) if content(word) & _CERTAIN]
    return words[: certain[-1] + 1] if certain else []


def _offered(among: Iterable[str]) -> str:
    """Return the names to choose from as a sentence."""
    names_ = list(dict.fromkeys(among))[:CANDIDATES]
    if len(names_) < 2:
        return f" Perhaps {names_[0]}?" if names_ else ""
    return f" Your documents speak of {', '.join(names_[:-1])} and {names_[-1]}, for example."

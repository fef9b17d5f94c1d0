"""How likely a sentence answers a question, and how likely anything that was found does: the features of both.

Cheap and explainable on purpose: cosines of the embedder, word overlap weighted by rarity, and whether the sentence
holds the kind of thing that was asked for (a name for "who", a number for "how many").
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.fitted import fitted
from rag.sentences import is_question
from rag.types import Evidence
from rag.understand.kind import MEASURES, holds, is_yes_or_no, kind_of
from rag.understand.mentions import is_verb
from rag.understand.people import PERSON, is_whole
from rag.understand.wording import said_otherwise
from rag.words import UNASKED, VAGUE, content, is_past, names, tokens, weigh

# Lower case only: "May" is a month.
_MAY = re.compile(
    r"\b(?:may|might|could|can|will|would|shall|should|possible|possibly|likely|expect\w*|plan\w*|hop(?:e|es|ed|ing)"
    r"|intend\w*|aim\w*|optimistic|set to|going to|next|soon|upcoming|future|coming|candida(?:tes?|cy|cies)|contenders?"
    r"|in the running|bid (?:for|to)|considering|scheduled|due to|about to|(?:stand|run)(?:s|ning|ing)? for)\b"
    r"|\b(?:Next|Upcoming|Planned)\b"
)
_CHANGED = re.compile(
    r"\b(?:postponed|rescheduled|deferred|delayed|extended|(?:put|brought|pushed) (?:off|back|forward|out)"
    r"|(?:moved|shifted|changed) (?:from|to|forward|back))\b",
    re.IGNORECASE,
)
"""A change of what is planned."""
_PAST = re.compile(r"\b(?:was|were|had|did|wasn['’]t|weren['’]t|ago|left|got)\b", re.IGNORECASE)
_ONCE = re.compile(
    r"\b(?:(?:1[5-9]|20)\d\d|January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun|to)day|tomorrow|tonight|next \w+|spring|summer|autumn|winter)\b"
)
_OFTEN = re.compile(r"\b(?:(?:[a-z]+|[A-Z][a-z]+)days|every|each|daily|always|usually|is open|are open)\b")
"""What is so again and again: "open from 10 am, on Thursdays until 9 pm"."""
_I = re.compile(r"\b(?:I|I['’]\w+|me|my|mine|we|us|our|ours)\b")
_ASKS_WHAT_MAY_BE = re.compile(
    r"\b(?:may(?! (?:I|we|you|one)\b)|might|could|will|likely|expected|next|(?<!was )(?<!were )going to)\b"
)
"""Not what is allowed: "How many guests may I bring?", nor what was planned: "Who was going to speak?"."""
_SUBJECT = re.compile(r"(?:Subject|Re|RE|AW|Fwd?|FW): ")
_LABEL = re.compile(r"\d{1,3}[.)]\s+(?P<name>[^\W\d_][^\s.,:;!?]*(?:\s+[^\s.,:;!?]+){0,2})\.")
_TELLS = re.compile(r"\b(?:the|an?|no|not|is|are|in|on|at|with|for|from|to|up|off|out|down|only|all)\b", re.IGNORECASE)
"""What a line of few words has that says something: "2. Lights off.", "3. No dogs."."""
_ASKS_TITLE = re.compile(r"\b(?:subject|titled?|headed|heading|headline|called)\b", re.IGNORECASE)
_HEADER = re.compile(r"(?:From|To|Cc|Bcc|Reply-To|Sent|Date): ")
_ASKS_WHO_WROTE = re.compile(
    r"\b(?:who|whom|whose|wrote|writ\w+|sen[dt]\w*|receiv\w*|e?-?mail\w*|address\w*|contact|recipients?|copied|when"
    r"|dates?)\b",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"\b(?:than|unlike|compared (?:with|to)|instead of|in place of|replaces|succeeds|follows)\s+"
    r"(?:the |its |his |her )?(?:\w+ )?$",
    re.IGNORECASE,
)
"""What stands before the name of another one than the sentence tells of."""
RELEVANCE = (
    "cosine",
    "centred",
    "passage_centred",
    "before_centred",
    "after_centred",
    "covered",
    "covered_near",
    "named",
    "kind",
    "persons",
    "may",
    "first_passages",
    "passage",
    "length",
    "whole",
)
OUTLOOK = ("best", "covered", "covered_near", "cosine", "missing", "missing_names", "kind")


Situation = Literal["pool", "whole"]
"""Whether candidates are the best passages of a large collection, or all that there is on one thing: in the second,
what is common to all says nothing, so each has weights and thresholds of its own."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart: its content words with their rarity among the candidates, and what it asks for."""

    text: str
    weights: dict[str, float]
    names: frozenset[str]
    kind: str
    """See rag.understand.kind."""
    may: bool
    """It asks what may be, not what is."""

    @classmethod
    def of(cls, text: str, candidates: Sequence[str]) -> Question:
        """Take a question apart; a word is worth the more, the fewer candidates have it."""
        rarity = weigh(candidates)
        unseen = math.log((len(candidates) + 1) / 0.5)
        asked = (content(text) - VAGUE - UNASKED) - (aside := said_otherwise(text, rarity.keys(), candidates)).keys()
        asked |= frozenset[str]().union(*aside.values())
        weights = {key: rarity.get(key, unseen) / unseen for key in asked}
        kind = kind_of(text)
        # "How much may the lift carry?" asks for what is allowed.
        may = kind != "number" and _asks_what_may_be(text)
        return cls(text, weights, names(text) & weights.keys(), kind, may)

    def covered(self, words: frozenset[str]) -> float:
        """Return the mean rarity (0 to 1) of the question's words, with those that are not in `words` as 0.

        Words that every candidate has add next to nothing: on a folder about one thing its name tells nothing apart.
        """
        return sum(weight for key, weight in self.weights.items() if key in words) / max(1, len(self.weights))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence with what surrounds it and its cosines to the question."""

    evidence: Evidence
    rank: int
    """Rank of its passage, from 0."""
    place: int
    """Its place in the passage, from 0."""
    passage: tuple[str, ...]
    """All sentences of the passage."""
    cosine: float = 0.0
    centred: float = 0.0
    """Cosine once what all candidates have in common is taken off: on a folder about one thing, the difference counts
    (Mu, Viswanath, "All-but-the-Top", ICLR 2018, of which this takes off the mean alone)."""
    passage_centred: float = 0.0
    before_centred: float = 0.0
    after_centred: float = 0.0
    chance: float = 0.0
    """The probability of its passage to hold evidence, from 0 to 1."""
    entry: bool = False
    """It is an item, a row or a "Key: value" line among others, which say something without a full stop."""
    section: bool = False
    """It only names what follows: "3. Reading garden."."""
    author: str = ""
    """Who wrote the document: whom "I" is, in a mail."""

    @property
    def text(self) -> str:
        """The sentence."""
        return self.evidence.text

    @property
    def since(self) -> str:
        """The sentence and the one before it, which it may lean on ("The list includes …")."""
        return " ".join(self.passage[max(0, self.place - 1) : self.place + 1])

    @property
    def near(self) -> str:
        """The document's title, the heading, who says "I", the sentence, one on either side, the heads of columns."""
        around = self.passage[max(0, self.place - 1) : self.place + 2]
        speaker = (self.author + ".",) if self.author and _I.search(self.text) else ()
        return " ".join(
            (self.evidence.title + ".", self.evidence.heading + ".", *speaker, *around, self.evidence.in_full)
        )

    @property
    def whole(self) -> bool:
        """It says something by itself: it ends like a sentence, or is an entry among others."""
        return self.entry or (not self.section and is_whole(self.text))


def _asks_what_may_be(question: str) -> bool:
    return bool(_ASKS_WHAT_MAY_BE.search(question)) and not is_yes_or_no(question)


def features(asked: Question, candidate: Candidate) -> tuple[float, ...]:
    """Return the numbers that say whether a sentence answers, in the order of RELEVANCE."""
    words = content(candidate.text)
    return (
        candidate.cosine,
        candidate.centred,
        candidate.passage_centred,
        candidate.before_centred,
        candidate.after_centred,
        asked.covered(words),
        asked.covered(content(candidate.near)),
        len(asked.names & words) / max(1, len(asked.names)),
        holds(asked.kind, asked.weights.keys(), candidate.text),
        min(2, persons(asked, candidate.text)) / 2 if asked.kind == "person" else 0.0,
        float(asked.may and bool(_MAY.search(candidate.near))),
        1 / (1 + candidate.rank),
        candidate.chance,
        math.log1p(len(tokens(candidate.text))) / 4,
        float(candidate.whole),
    )


def persons(asked: Question, sentence: str) -> int:
    """Return how many people (two capitalised words that are no known kind of thing) it names beyond the question."""
    found = {match.group() for match in PERSON.finditer(sentence)}
    return sum(not content(name) & asked.weights.keys() for name in found)


def _others(asked: Question, sentence: str, known: Mapping[str, frozenset[str]]) -> int:
    """Return how many people a sentence names whom the question doesn't."""
    own = asked.weights.keys()
    # Where a sentence begins, a capital tells no name, but a name that is known is one.
    capitals = {token.key for token in tokens(sentence) if token.text[:1].isupper()}
    named = [known[key] for key in capitals if key in known and not known[key] & own]
    return len({min(parts) for parts in named})


def fits(asked: Question, candidate: Candidate, known: Mapping[str, frozenset[str]]) -> bool:
    """Say whether a sentence can answer by itself: no headline, scrap or question can; of what may be if that is asked.

    `known` are the names of people, from `people`. Where the kind of answer can't be told for sure from the words
    (a person by one name, "when" answered by "after the war"), it counts in the features, not here: as a condition it
    kept a tenth of the right sentences of squad2 from being quoted.
    """
    if not candidate.whole or is_question(candidate.text) or (asked.may and not _tells_what_may_be(asked, candidate)):
        return False
    if _only_names(candidate):
        return False
    if _is_subject(candidate) and not _ASKS_TITLE.search(asked.text):
        return False
    if _HEADER.match(candidate.text) and not _ASKS_WHO_WROTE.search(asked.text):
        return False
    if asked.kind in MEASURES and _is_of_another(asked, candidate.text):
        return False
    if asked.may and asked.kind == "person":
        # A sentence that itself says what may be needs one name; a list takes that from the sentence before.
        return _others(asked, candidate.text, known) >= (1 if _MAY.search(candidate.text) else 2)
    return asked.kind != "date" or holds(asked.kind, asked.weights.keys(), candidate.text) > 0


def _tells_what_may_be(asked: Question, candidate: Candidate) -> bool:
    """Say whether a sentence tells of what may be: in a word for that, by a change of plan, or a day without a past.

    "When will it open?" is answered by "has been postponed to 27 March", and by "It opens on 27 March."; not by the
    hours at which it is open.
    """
    if _MAY.search(candidate.since):
        return True
    if asked.kind not in {"time", "date"} or not holds(asked.kind, asked.weights.keys(), candidate.text):
        return False
    if _CHANGED.search(candidate.text):
        return True
    if _PAST.search(candidate.text) or any(map(is_past, tokens(candidate.text))):
        return False
    is_once = bool(_ONCE.search(candidate.text)) and not _OFTEN.search(candidate.text)
    return is_once or holds("date", asked.weights.keys(), candidate.text) > 0


def _is_of_another(asked: Question, sentence: str) -> bool:
    """Say whether a sentence only compares something else with what was asked about: "300 g less than the HD-3"."""
    named = [token.start for token in tokens(sentence) if token.key in asked.names]
    compares = any(_COMPARED.search(asked.text[: token.start]) for token in tokens(asked.text) if token.name)
    return bool(named) and not compares and bool(_COMPARED.search(sentence[: min(named)]))


def _only_names(candidate: Candidate) -> bool:
    """Say whether a sentence is the title or what an item of minutes is headed, "1. Fee.", and says nothing itself."""
    text, title = candidate.text.strip(), candidate.evidence.title.strip()
    if text == title and not is_whole(text):
        return True
    label = _LABEL.fullmatch(text)
    said = tokens(label["name"]) if label and candidate.place + 1 < len(candidate.passage) else ()
    return bool(said) and not any(is_verb(token) or is_past(token) for token in said) and not _TELLS.search(text)


def _is_subject(candidate: Candidate) -> bool:
    """Say whether a line is a mail's subject: "Subject: Re: Boiler - again!" ends like a sentence, and says nothing."""
    text, title = candidate.text, candidate.evidence.title
    return bool(title) and bool(_SUBJECT.match(text)) and text.removeprefix("Subject:").strip() == title.strip()


def outlook(asked: Question, ranked: Sequence[Candidate], situation: Situation) -> tuple[float, tuple[str, ...]]:
    """Return how likely the ranked sentences hold an answer, and the question's words that none of them has."""
    shown = {token.key: token.text for token in tokens(asked.text)}
    if not ranked:
        return 0.0, tuple(text for key, text in shown.items() if key in asked.weights)
    values, missing = outlook_features(asked, ranked, situation)
    return fitted(f"answerable_{situation}")(values), tuple(shown[key] for key in shown if key in missing)


def outlook_features(
    asked: Question, ranked: Sequence[Candidate], situation: Situation
) -> tuple[tuple[float, ...], frozenset[str]]:
    """Return the numbers of OUTLOOK and the keys of the question's words that stand nowhere in the candidates."""
    relevance = fitted(f"relevance_{situation}")
    top = ranked[:3]
    there = frozenset[str]().union(*(content(candidate.near) for candidate in ranked))
    missing = frozenset(asked.weights) - there
    values = (
        max(relevance(features(asked, candidate)) for candidate in top),
        max(asked.covered(content(candidate.text)) for candidate in top),
        max(asked.covered(content(candidate.near)) for candidate in top),
        max(candidate.cosine for candidate in top),
        asked.covered(missing),
        float(bool(asked.names & missing)),
        max(holds(asked.kind, asked.weights.keys(), candidate.text) for candidate in top),
    )
    return values, missing

"""What a conversation is about at this moment, and a question with its pronouns put in words.

The one that "he", "she", "it" or "they" stands for is whoever was spoken of last and agrees: who answered a "who",
unless they are many, else whom the last question was about, else whom its answer speaks of, else the one before. A
pronoun that has its name in the question itself is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from rag.understand.mentions import Kind, Mention, bare_nouns, is_plural, is_time, mentions
from rag.words import content

_LIST = 3
"""People in an answer that make it a list."""
REMEMBERED = 4
"""People, groups, things and places of each kind that are kept in mind."""
_PRONOUNS: dict[str, tuple[Kind, ...]] = (
    dict.fromkeys(("he", "she", "him", "her", "his", "hers"), ("person", "name"))
    | dict.fromkeys(("they", "them", "their", "theirs"), ("group", "thing", "person", "name"))
    | dict.fromkeys(("it", "its"), ("thing", "name", "place"))
    | {"there": ("place",)}
)
_GENDER = {"he": "he", "him": "he", "his": "he", "she": "she", "her": "she", "hers": "she"}
_POSSESSIVE = frozenset("his hers its their theirs".split())
_PRONOUN = re.compile(rf"\b(?:{'|'.join(_PRONOUNS)})\b(?!['’-])", re.IGNORECASE)
_PAIR = re.compile(
    r"\b(?P<who>they|he|she)\b(?P<between>[^.?!]{0,80}?)\b(?P<whom>them|him|her(?!\s+\w))\b",
    re.IGNORECASE,
)
_OWN = re.compile(r"(?:his|her|its|their|my|our|your) ", re.IGNORECASE)
_EVENT = re.compile(
    r"^the (?:\w+ ){0,2}(?:fair|festival|party|meeting|concert|wedding|conference|exhibition|match|funeral|ceremony"
    r"|workshop|dinner|reception|hearing|trial|summit|rally|parade|auction|gala|picnic|bazaar|talks)$",
    re.IGNORECASE,
)
"""What happens and where one may be."""
_ACTS = r"(?:do|does|did|will|would|can|could|should|must|may|might)"
_COLLECTIVE = re.compile(
    r"(?:agency|army|association|authority|band|bank|board|body|bureau|charity|choir|church|clinic|club|college"
    r"|commission|committee|community|company|congress|contractor|corporation|council|court|crew|department|family|firm"
    r"|foundation|government|group|hospital|hotel|institution|insurer|jury|landlord|league|library|management"
    r"|ministry|museum|network|office|organi[sz]ation|panel|parliament|party|police|practice|provider|public|school|senate"
    r"|shop|society|staff|state|store|supplier|surgery|team|tribe|trust|union|university|venue)",
    re.IGNORECASE,
)
"""What is one and yet "they": whoever is behind it."""
_FAR = 600
"""Characters of a question behind which a pronoun stands for what these say."""
_SENTENCE = re.compile(r"(?<=[.?!])\s+")
_SAYS_LITTLE = content("yes no ok okay thanks thank fine sure sorry hello hi great good nice right see know heard")
_DETERMINED = re.compile(
    r"^(?:(?P<that>this|that|these|those|any|some|another)|the|an?|his|her|its|their) ", re.IGNORECASE
)
_SAYS_NOTHING = re.compile(
    r"\bwho(?:['’]s| is| was) it\b"
    r"|\bit(?:['’]s)?(?= (?:is |was |be |to )?(?:true|false|possible|impossible|necessary|legal|illegal|safe"
    r"|okay|ok|worth"
    r"|important|likely|better|best|hard|easy|difficult|normal|common|convenient|clear|allowed|too)\b)"
    r"|\b(?:is|was|isn['’]t|if|that|does|will|would|did|has) it(?= (?:true|false|possible|impossible"
    r"|necessary|legal|illegal"
    r"|safe|okay|ok|worth|important|likely|better|best|hard|easy|difficult|normal|common|convenient|clear|allowed|take"
    r"|mean|matter|cost to|the case|been)\b(?: \w+){0,4} (?:to|that|if|when|for|since)\b)"
    r"|\b(?:long|many|much) (?:\w+ )?(?:does|did|do|will|would) it (?:take|cost)\b(?= (?:\w+ ){0,3}to\b)"
    r"|\b(?:is|are|was|were|be|been|isn['’]t|aren['’]t|wasn['’]t|will|would|can|could|may|might|have|has) there\b"
    r"|^\W*(?:did|do|does) there\b"
    r"|\bthere(?:['’]s| (?:is|are|was|were|will|would|can|could|may|might|has|have|be|seems?|exists?))\b",
    re.IGNORECASE,
)
"""An "it" or a "there" that stands for nothing: "Is it true that …?", "Are there …?"."""
_SIDE_OF = re.compile(r"(?:the |an? )?(?:[a-z]\w* ){1,3}of ")
_LEADS_THERE = re.compile(
    r"\b(?:(?P<from>from|near|around|through|towards?|beyond|between)"
    r"|(?:go|goes|going|gone|went|come|comes|coming|came|travel\w*|fl(?:y|ies|ying|ew|own)|mov(?:e|es|ing|ed)"
    r"|sen[dt]|return\w*))\s+$",
    re.IGNORECASE,
)
_ASKS_WHO = re.compile(
    r"^\W*(?:(?:and|so|but)\b,? )?(?:who|whose|which (?:man|woman|person|\w*(?:secretary|minister|president"
    r"|official|actor"
    r"|author|player)))\b(?! (?:did|does|do|has|have|had|is|was|will|would|can|could|may|might|should) (?:he"
    r"|she|it|they|the"
    r"|you|(?-i:[A-Z])))",
    re.IGNORECASE,
)
"""It asks who did something; after "Whom did he meet?" it is still he that is spoken of."""
_WHO_IS = re.compile(r"^\W*(?:(?:and|so|but)\b,? )?who(?: is| was| are| were|['’]s)\b", re.IGNORECASE)
_CLAUSE = re.compile(
    r"[,.;?!]|\b(?:when|that|if|because|while|after|before|since|and|but|or|who|which|where|why|how|what|than"
    r"|as|so|though"
    r"|although|until|once|say|says|said|think|thinks|thought|claim|claims|claimed)\b",
    re.IGNORECASE,
)
"""What a pronoun and the name that it stands for have between them in one sentence, unless it is "his" or "its"."""
_BEFORE_HIM = re.compile(
    r"^\W*(?:(?:and|so|but)\b,? )?(?:who|which|what)\b.* "
    r"(?:before|after|besides|than|like|except|instead of|apart from) (?P<it>him|her|them|it)\W*$",
    re.IGNORECASE | re.DOTALL,
)
"""Who is asked for comes before or after somebody else: "Who was the last minister to go there before him?"."""
_ASKS_WHICH = re.compile(
    r"^\W*(?:(?:and|so|but)\b,? )?(?:which|what) (?!(?:is|are|was|were|does|do|did|if|has|can|about)\b)(?P<noun>\w+)",
    re.IGNORECASE,
)
_NOT_HERS = re.compile(
    r"\s+(?:in|on|at|to|by|for|and|or|with|from|after|before|when|while|during|as|about|so|again|now|then|too|here)\b"
)
"""What follows a "her" that owns nothing: "Did he see her again?"."""
_HOW_MANY = re.compile(r"\bhow many (?P<what>(?:[\w’'-]+ ){0,3}?[\w’'-]+(?<!s)s)\b(?! of\b)", re.IGNORECASE)
_ASKS_WHERE = re.compile(r"^\W*(?:(?:and|so|but)\b,? )?where\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Topic:
    """Who and what may be meant by a pronoun, the likeliest first."""

    question: str = ""
    """The last question, as it was understood; a mere "anyone hurt?" behind the `subject`."""
    spoken: tuple[tuple[Kind, str], ...] = ()
    together: tuple[str, ...] = ()
    """People whom the last question and one sentence of its answer name: they may be "they"."""
    subject: str = ""
    """The last question that said by itself what it is about."""
    called: tuple[tuple[str, str], ...] = ()
    """Whom "he" and "she" stood for: (text, "he" or "she"); one that was "he" is no "her" and no "it" from then on."""

    @classmethod
    def of(
        cls,
        question: str,
        answer: str = "",
        before: Topic | None = None,
        centre: Sequence[str] = (),
        called: Sequence[tuple[str, str]] = (),
    ) -> Topic:
        """Return the topic after a question and its answer; what was spoken of before comes last.

        `centre` is what pronouns of the question stood for: who is "he" once is "he" until another is asked about.
        `called` are those of them that are "he" or "she".
        """
        asked, said = _asked_about(question), _named_in(answer, question)
        first = _first(question, asked, said)
        kinds: dict[str, Kind] = {text: kind for kind, text in (before.spoken if before else ())}
        spoken = [
            *first,
            *((kinds.get(text, "group" if " and " in text else "name"), text) for text in centre),
            *((mention.kind, mention.text) for mention in _by_weight(question, asked)),
            *(("thing" if mention.kind == "name" else mention.kind, mention.text) for mention in said[:8]),
            *(before.spoken if before else ()),
        ]
        known = [(kind, _DETERMINED.sub(_in_small, text)) for kind, text in dict.fromkeys(spoken) if kind != "time"]
        spoken_of = tuple(_kept(_named_as_before(list(dict.fromkeys(known)))))
        known_as = dict((*(before.called if before else ()), *called))
        return cls(question, spoken_of, _together(asked, said, answer), called=tuple(known_as.items()))

    def standing_for(self, kinds: Sequence[Kind], not_in: str = "", pronoun: str = "") -> str:
        """Return whom or what a pronoun stands for that agrees with these kinds; "" where nothing does."""
        words, many = content(not_in), kinds[0] == "group"
        other = {text for text, called in self.called if not many and called != _GENDER.get(pronoun, "")}
        if many and "group" not in {kind for kind, _ in self.spoken}:
            people = [text for text in self.together if not content(text) <= words]
            if len(people) > 1:
                return f"{people[0]} and {people[1]}"
        fitting = [
            (kind, text)
            for kind, text in self.spoken
            if (kind in kinds or ("&" in text and "thing" in kinds))
            and not content(text) <= words
            and text not in other
        ]
        if many:
            they = [pair for pair in fitting if self._may_be_they(*pair)]
            fitting = sorted(they, key=lambda pair: pair[0] != "group")
        return next((text for _, text in fitting), "")

    def event(self) -> str:
        """Return the event that was spoken of last: where "there" is, if no place was named."""
        return next((text for _, text in self.spoken if _EVENT.search(text)), "")

    def _may_be_they(self, kind: Kind, text: str) -> bool:
        """Say whether "they" may stand for this: several, a company or the like, some name; no "roof", no one person.

        One person may be "they", too, but so may be many things that nobody named: the question before tells better.
        Of words that are all capitals only what the question says does something is a body; VAT is nobody.
        """
        if kind in {"person", "group"}:
            return kind == "group"
        head = re.split(r" (?:of|for|in|at|on|from|to) ", text)[0].split()
        if head[-1].isupper():
            return len(head) > 1 or bool(re.search(rf"\b{_ACTS} (?:the )?{re.escape(text)}\b", self.subject, re.I))
        named = len(head) > 1 and all(word[:1].isupper() for word in head)
        return named or is_plural(head[-1]) or bool(_COLLECTIVE.fullmatch(head[-1]))

    def words(self, most: int = 3) -> list[str]:
        """Return what the conversation is about in a few words, for a question that only leans on it."""
        return [text for _, text in self.spoken[:most]]


def _together(asked: Sequence[Mention], said: Sequence[Mention], answer: str) -> tuple[str, ...]:
    """Return the people of a question and of the first sentence of its answer that names any, but for "his sister"."""
    people = [mention for mention in said if mention.kind == "person" and not _OWN.match(mention.text)]
    ends = next((end.start() for end in _SENTENCE.finditer(answer) if any(m.end <= end.start() for m in people)), None)
    first = [mention.text for mention in people if ends is None or mention.end <= ends]
    called = [mention.text for mention in asked if mention.kind in {"person", "name"} and not is_time(mention.text)]
    # Those whom the answer names are "they", unless it names one, whom the question asked for beside another.
    them = dict.fromkeys(first if len(first) > 1 else [*called, *first])
    return tuple(one for one in them if not any(content(one) < content(other) for other in them))


def refer(question: str, topic: Topic) -> str:
    """Return a question with its pronouns put in words; what the topic has nothing for is left as it is."""
    return resolved(question, topic).text


@dataclass(frozen=True, slots=True)
class Resolved:
    """A question with its pronouns put in words."""

    text: str
    centre: tuple[str, ...]
    """What the pronouns stand for."""
    called: tuple[tuple[str, str], ...]
    """Of these, who is "he" and who "she"."""


def resolved(question: str, topic: Topic) -> Resolved:
    """Return what `refer` does, and what its pronouns stand for."""
    nothing = [match.span() for match in _SAYS_NOTHING.finditer(question)]
    own = mentions(question)
    before_him = _BEFORE_HIM.match(question)
    another = before_him.start("it") if before_him else -1
    of_two = _of_two(question)
    replaced: dict[str, str] = {}
    called: dict[str, str] = {}

    def put(match: re.Match[str]) -> str:
        low = match.group().lower()
        kinds = _PRONOUNS[low]
        if any(start <= match.start() < end for start, end in nothing):
            return match.group()
        happened = topic.event() if low == "there" and not any(mention.kind == "place" for mention in own) else ""
        if not happened and match.start() != another and has_own(question, match.start(), kinds, own):
            return match.group()
        family = _GENDER.get(low, ",".join(kinds))
        if family in replaced and low in _POSSESSIVE:
            return match.group()
        stands = replaced.get(family) or topic.standing_for(kinds, not_in=question, pronoun=low)
        stands = stands or happened
        if not stands or (low == "there" and not _is_where(question, match)):
            return match.group()
        if family not in replaced and stands in replaced.values():
            return match.group()  # "Did they refund him?" is of two
        if low in of_two:
            return match.group()
        if low in {"its", "their"} and _SIDE_OF.match(stands):
            return match.group()  # of the boiling point of water, or of water?
        replaced[family] = stands
        if low in _GENDER:
            called[stands] = _GENDER[low]
        return _set(stands, low, question, match)

    text = _PRONOUN.sub(put, question)
    return Resolved(text, tuple(replaced.values()), tuple(called.items()))


def _of_two(question: str) -> frozenset[str]:
    """Return the pronouns of which one can't be told from the other: "Can they carry them over?" is of two."""
    pairs = (match for match in _PAIR.finditer(question) if not _CLAUSE.search(match["between"]))
    both = ((match["who"].lower(), match["whom"].lower()) for match in pairs)
    return frozenset(
        word for pair in both if pair in {("they", "them"), ("he", "him"), ("she", "her")} for word in pair
    )


def has_own(question: str, at: int, kinds: Sequence[Kind], own: Sequence[Mention]) -> bool:
    """Say whether the question itself names, before a pronoun, what the pronoun may stand for."""
    if at > _FAR:
        return True
    if any(len(content(sentence) - _SAYS_LITTLE) > 1 for sentence in _SENTENCE.split(question[:at])[:-1]):
        return True
    wanted = {*kinds, "name"}
    owned = bool(re.match(r"(?:his|its|their|there)\b", question[at:], re.IGNORECASE))
    if any(
        mention.end <= at and mention.kind in wanted and (owned or _is_apart(question[mention.end : at]))
        for mention in own
    ):
        return True
    plurals = re.finditer(r"\b[a-z]{4,}\b", question[:at]) if "group" in kinds else ()
    return any(is_plural(word.group()) and (owned or _is_apart(question[word.end() : at])) for word in plurals)


def _is_apart(between: str) -> bool:
    """Say whether a name and a pronoun with this between them may be one: not in "Yellen, who met her"."""
    relative = re.match(r",? (?:who|that|which)\b", between)
    return bool(_CLAUSE.search(between, relative.end() if relative else 0))


def _is_where(question: str, match: re.Match[str]) -> bool:
    if question[: match.start()].rstrip().lower().endswith(("out", "over", "up", "who")):
        return False
    return bool(
        re.match(r"\s*(?:$|[?.!,;]|(?:in|on|at|by|for|and|again|now|before|after|with)\b)", question[match.end() :])
    )


def _set(stands: str, pronoun: str, question: str, match: re.Match[str]) -> str:
    """Return the words for a pronoun as they fit into the sentence."""
    after = question[match.end() :]
    of = pronoun in _POSSESSIVE or (
        pronoun == "her" and bool(re.match(r"\s+[a-z]", after)) and not _NOT_HERS.match(after)
    )
    begins = not re.search(r"\w", question[: match.start()])
    stands = stands[0].upper() + stands[1:] if begins else stands
    if pronoun == "there":
        led = _LEADS_THERE.search(question[: match.start()])
        within = "at" if _EVENT.search(stands) else "in"
        return stands if led and led["from"] else f"to {stands}" if led else f"{within} {stands}"
    if not of:
        return stands
    return f"{stands}’" if stands.endswith("s") and is_plural(stands.split()[-1]) else f"{stands}’s"


def _in_small(determiner: re.Match[str]) -> str:
    return "the " if determiner["that"] else determiner.group().lower()


def _named_in(answer: str, question: str) -> list[Mention]:
    """Return whom and what an answer speaks of; what opens a sentence is no name if the question has it small."""
    asked = {word for word in re.findall(r"\w+", question) if word.islower()}
    return [mention for mention in mentions(answer) if mention.text.lower() not in asked]


def _asked_about(question: str) -> tuple[Mention, ...]:
    """Return what a question speaks of; where no name and no "the …" says so, its nouns as they stand."""
    asked = mentions(question)
    if many := _HOW_MANY.search(question):
        counted = Mention(many["what"], many.start("what"), many.end("what"), "group")
        return (counted, *(mention for mention in asked if not counted.start <= mention.start < counted.end))
    if any(mention.kind != "time" for mention in asked):
        return asked
    return (*asked, *bare_nouns(question))


def _first(question: str, asked: Sequence[Mention], said: Sequence[Mention]) -> list[tuple[Kind, str]]:
    """Return what the answer names in reply to "who", "which" or "where": from then on it is what is spoken of."""
    new = [mention for mention in said if not _is_same(mention, asked)]
    found: list[tuple[Kind, str]] = []
    if _ASKS_WHO.search(question):
        named = [mention for mention in asked if mention.kind in {"person", "name"}]
        answered = [mention for mention in new if mention.kind in {"person", "name", "group"}]
        # Of the many that a list names none is "he"; the one that the question named is.
        is_list = len({min(content(mention.text), default="") for mention in answered}) >= _LIST
        chosen = named if named and (_WHO_IS.match(question) or (is_list and len(named) == 1)) else answered
        found = [("group" if mention.kind == "group" else "person", mention.text) for mention in chosen]
    elif _ASKS_WHERE.search(question):
        found = [("place", mention.text) for mention in new if mention.kind == "place"]
    elif asks := _ASKS_WHICH.search(question):
        kinds = {"group", "thing", "name"} if is_plural(asks["noun"]) else {"thing", "name", "place"}
        found = [(m.kind, m.text) for m in new if m.kind in kinds and not is_time(m.text)]
    return found[:1]


def _by_weight(question: str, asked: Sequence[Mention]) -> list[Mention]:
    """Return what a question speaks of, what is behind "in", "at" or "of" after the rest."""
    behind = partial(
        re.compile(r"\b(?:in|at|on|of|from|to|for|by|with|during|after|before) (?:the )?$", re.IGNORECASE).search
    )
    return sorted(asked, key=lambda mention: bool(behind(question[: mention.start])) or mention.kind == "place")


def _is_same(mention: Mention, others: Sequence[Mention]) -> bool:
    words = content(mention.text)
    return any(words & content(other.text) for other in others)


def _named_as_before(spoken: Sequence[tuple[Kind, str]]) -> list[tuple[Kind, str]]:
    """Return "Blinken" as a person once "Antony Blinken" was one, by the longer name."""
    named: list[tuple[Kind, str]] = []
    for kind, text in spoken:
        if kind == "name" and " " not in text:
            full = next((pair for pair in spoken if pair[0] == "person" and pair[1].split()[-1] == text), None)
            named.append(full or (kind, text))
        else:
            named.append((kind, text))
    return list(dict.fromkeys(named))


def _kept(spoken: Sequence[tuple[Kind, str]]) -> list[tuple[Kind, str]]:
    """Return the first few of each kind."""
    counts: dict[Kind, int] = {}
    kept = []
    for kind, text in spoken:
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] <= REMEMBERED:
            kept.append((kind, text))
    return kept

"""Questions made of one English sentence by rule: only where its grammar is plain, and not at all elsewhere.

A sentence that a rule misreads gives a question that nobody would ask, so each rule wants more than it needs: one
subject at the beginning, one verb of a table, no clause in between. Most sentences give none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.evaluate.metrics import texts
from rag.evaluate.verbs import AUXILIARIES, helped, is_past, taken_apart

_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
TIME = (
    rf"(?:\d{{1,2}} {_MONTH}(?: \d{{4}})?|{_MONTH}(?: \d{{1,2}}(?:[-–]\d{{1,2}}| to \d{{1,2}})?\b)?(?:,? \d{{4}})?"
    rf"|{_DAY}|(?:1[5-9]|20)\d\d\b(?![-–,.]?\d))"
)
NAME = r"[A-Z][\w'’-]*(?:\.(?=\w|\s[A-Z]))?(?: (?:(?:of|de|von|van|al|for) )?(?:the )?[A-Z][\w'’-]*\.?(?=\W|$))*"
_ROLES = (
    "secretary minister president chancellor ambassador governor senator mayor director chairman chairwoman chair "
    "chief head founder co-founder author editor professor spokesman spokeswoman spokesperson leader envoy diplomat "
    "coordinator king queen emperor prince princess general admiral captain coach manager engineer analyst expert "
    "economist scientist physicist chemist architect composer singer actor actress painter poet writer novelist "
    "journalist lawyer judge doctor winner champion owner wife husband son daughter brother sister mother father"
).split()
_ROLE = re.compile(rf"(?:\b(?:{'|'.join(_ROLES)})|[a-z](?:ist|ician))$", re.IGNORECASE)
_TITLED = re.compile(
    r"\b(?P<role>(?:[A-Z][a-z]+ ){1,2}(?:Secretary|Minister|President|Chancellor|Ambassador|Governor|Director)) "
    r"(?P<name>[A-Z][a-z'’-]+(?: [A-Z]\.)?(?: [A-Z][a-z'’-]+){1,2})\b"
)
_COURTESY = re.compile(
    r"^(?:Mr|Mrs|Ms|Dr|Sir|Lord|Lady|Secretary|President|Minister|Senator|Professor|King|Queen)\b\.? "
)
_WHO = re.compile(rf"(?P<name>{NAME}), who (?P<does>[a-z]+ [^,;:()]{{8,120}}?)(?:,|$)")
_APPOSED = re.compile(rf"(?P<name>{NAME}), (?P<what>(?:the|{NAME}['’]s) [^,;:()]{{6,90}}?)(?:,|$)")
_LEADING = re.compile(rf"^(?:(?:Early|Late) )?(?:[Ii]n|[Oo]n|[Ss]ince) (?P<time>{TIME}),? (?=[A-Z]|the |a |an )")
_DATELINE = re.compile(r"^[A-Z][A-Z .,/]+ ?[–—-] (?=[A-Z])")
_BREAK = re.compile(
    r"[;:()–—]|,(?! \d{4}\b)| (?:because|although|while|whereas|when|after|before|as|if|unless|which|who) "
)
_ENDS_CLAUSE = frozenset("that which who and but or to because when while after before as if so than whether".split())
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_ABOUT = r"(?:(?:about|some|around|nearly|almost|over|more than|at least|up to|only) )?"
_PREPOSITION = "by|for|at|after|with|within|from|to|in|into|over"
_NOT_COUNTED = "is|was|has|does|this|its|his|as|us|less|times"
_COUNTED = re.compile(
    rf"(?:\b(?P<before>{_PREPOSITION}) )?{_ABOUT}(?<![\d$€£.,–-])\b(?P<number>{_NUMBER}) "
    rf"(?P<what>(?:(?!(?:of|in|on|at|to|and|or|for|by)\b)[a-z-]+ ){{0,2}}?(?:people|men|women|children|degrees"
    rf"|(?!(?:{_NOT_COUNTED})\b)[a-z-]+[^\Ws]s)\b)"
)
_MONEY = re.compile(
    r"(?:\b(?P<before>for|to|by|at|of) )?(?P<number>[$€£]\d[\d,.]*\d?(?: (?:million|billion|trillion))?)\b"
)
_SHARE = re.compile(r"\b(?P<before>by|to|at|for) (?P<number>\d[\d.]*)(?: ?%| per ?cent\b)")
_TIMED = re.compile(rf" (?:(?P<before>in|on|since|until|by|early in|late in) )(?P<time>{TIME})(?!['’])(?= |$)")
_PLACED = re.compile(rf" (?:in|at|near) (?P<place>(?:the )?{NAME})$")
_BY = re.compile(rf"^(?P<done>[a-z]+(?:ed|en|t|wn|ng|de)) by (?P<name>(?:the )?{NAME})$")
_DONE = re.compile(r"(?:ed|en|rn|ld|lt|id|nt|ft|de|ut)$")
_OF = re.compile(r" (?:of|for|in|at|to|from|with) ")
_BEING = re.compile(r"^(?P<what>(?:an?|the) [^,;:()]{6,100})$")
_LANGUAGE = re.compile(r"(?:ish|ese|man|ench|Latin|Greek|Russian|Italian)$")


@dataclass(frozen=True, slots=True)
class Drafted:
    """A question, and its answer as it stands in the sentence."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class _Clause:
    """A main clause in its parts; `base` is empty where the verb is an auxiliary and the rest begins with its verb."""

    subject: str
    verb: str
    auxiliary: str
    base: str
    rest: str
    time: str = ""
    """When, where the sentence begins with it."""
    is_cut: bool = False
    """Whether a second verb stood behind."""

    @property
    def main(self) -> str:
        """The rest as far as it is of this verb."""
        return self.rest.split(" that ", 1)[0]

    def asked(self, opening: str, rest: str) -> str:
        return f"{' '.join(f'{opening} {self.auxiliary} {_low(self.subject)} {self.base} {rest}'.split())}?"


def drafts(sentence: str) -> list[Drafted]:
    """Return the questions that the rules make of a sentence, those that are most worth asking first."""
    text = " ".join(_DATELINE.sub("", sentence.strip()).split()).rstrip(".!")
    found = [*_of_people(text)]
    clause = _clause(text)
    if clause is not None:
        found += [*_when(clause), *_how_many(clause), *_who(clause), *_where(clause), *_what(clause)]
    made = dict.fromkeys(Drafted(_tidy(one.question), one.answer) for one in found)
    said = " ".join(sentence.split())
    good = [one for one in made if one.answer in said and stands_alone(one.question, one.answer)]
    # "When was the fort destroyed?" says less than a question with a name in it.
    return sorted(good, key=lambda one: not re.search(r" [A-Z]", one.question))


def _of_people(text: str) -> Iterator[Drafted]:
    """Who does what, and who is what: where a sentence says it beside a name, whatever else it says."""
    for found in _WHO.finditer(text):
        verb = found["does"].split(" ", 1)[0]
        if (
            taken_apart(verb)
            and verb not in {"are", "were", "have"}
            and _is_meant(found["name"], text[: found.start()])
        ):
            yield Drafted(f"Who {found['does']}?", found["name"])
    for found in _APPOSED.finditer(text):
        if _is_role(found["what"]) and _is_meant(found["name"], text[: found.start()]):
            yield Drafted(f"Who is {found['what']}?", found["name"])
    for found in _TITLED.finditer(text):
        yield Drafted(f"Who is the {found['role']}?", found["name"])


def _is_role(what: str) -> bool:
    """Say whether a phrase is about what people are: "the head of the bank", not "the bank's head office"."""
    head, *behind = _OF.split(what, maxsplit=1)
    return bool(_ROLE.search(head)) and not any(map(taken_apart, " ".join(behind).split()))


def _is_meant(name: str, before: str) -> bool:
    # "Henry, a Huguenot before his turn to Catholicism, who …": behind another comma a single word may be anything.
    return name.lower() not in OPEN and (" " in name or "," not in before)


def _clause(text: str) -> _Clause | None:
    """Return the main clause that a sentence begins with, or None where it isn't plain."""
    leading = _LEADING.match(text)
    body = text[leading.end() :] if leading else text
    body = _BREAK.split(body, maxsplit=1)[0].strip()
    words = body.split()
    named = re.match(NAME, body) is not None and words[0] not in {"The", "A", "An"}
    place = next((i for i, word in enumerate(words) if i and taken_apart(word) and (named or _tells(word))), 0)
    if not 1 <= place <= 8 or not _is_subject(words[:place]):
        return None
    rest = _without_second(words[place + 1 :])
    if not rest or _verb_in(rest, strict=not _tells(words[place])) or {"not", "n't", "never", "no"} & set(rest):
        return None
    auxiliary, base = taken_apart(words[place]) or ("", "")
    if not base:
        auxiliary, base = helped(auxiliary, " ".join(rest))
    time = leading["time"] if leading else ""
    return _Clause(
        " ".join(words[:place]), words[place], auxiliary, base, " ".join(rest), time, len(rest) < len(words) - place - 1
    )


def _without_second(words: list[str]) -> list[str]:
    """Return what stands before an "and" or "but" that a second verb follows."""
    for place, word in enumerate(words):
        if word in {"and", "but"} and any(_is_finite(other) for other in words[place + 1 :]):
            return words[:place]
    return words


def _is_finite(word: str) -> bool:
    return word in AUXILIARIES or is_past(word) or (word.islower() and word.endswith("ed"))


def _tells(word: str) -> bool:
    # "The visits ended": a plural looks like a verb; with a name in front it is one.
    return word in AUXILIARIES or is_past(word)


def _is_subject(words: list[str]) -> bool:
    opens = words[0] in {"The", "A", "An", "the", "a", "an"} or words[0][0].isupper()
    if any(word.islower() and word.endswith("ed") for word in words) or (len(words) == 1 and words[0].endswith("s")):
        return False  # a verb that isn't in the table; or "Protesters", which is no name
    is_whole = not _NEVER & {word.lower() for word in words} and words[0].lower() not in OPEN - {"the", "a", "an"}
    return opens and is_whole and (len(words) > 1 or words[0] not in {"The", "A", "An"})


_NEVER = frozenset(
    """
    he she it they we i you this that these those there here who which what when where why how or but if as then so such
    not no never nobody nothing everyone his her its their our my your while although because since after before also
    """.split()
)
OPEN = _NEVER | frozenset(
    """
    and all some many most both each one others people another later meanwhile however in on at by to for with from
    under between during about according despite instead unlike besides yet still even only just perhaps now today
    often usually sometimes generally typically over more less nearly almost around
    """.split()
)


def _verb_in(words: list[str], *, strict: bool = False) -> bool:
    """Say whether another finite verb follows before a clause ends: then the first may have been a participle."""
    for place, word in enumerate(words):
        if word.lower() in _ENDS_CLAUSE:
            return False
        if word in {"is", "are", "was", "were", "has", "had"} or (place > (-1 if strict else 1) and is_past(word)):
            return True
    return False


def _when(clause: _Clause) -> Iterator[Drafted]:
    if clause.base == "have":  # "has a constitution enacted in 1975": it is not when it has it
        return
    if clause.time:
        yield Drafted(clause.asked("When", clause.rest), clause.time)
    found = _TIMED.search(f" {clause.main}")
    if found is None:
        return
    rest = f" {clause.rest}"[: found.start()].strip(), f" {clause.rest}"[found.end() :].strip()
    if not rest[0] and clause.auxiliary in AUXILIARIES:  # "It was in July": nothing is left to ask about
        return
    before = found["before"]
    opening = f"{before.capitalize()} when" if before in {"since", "until", "by"} else "When"
    yield Drafted(clause.asked(opening, " ".join(rest)), found["time"])


def _how_many(clause: _Clause) -> Iterator[Drafted]:
    counted = re.match(rf"{_ABOUT}(?P<number>{_NUMBER}) (?P<what>[a-z][a-z -]+)$", clause.subject, re.IGNORECASE)
    if counted and counted["what"].endswith(("s", "people", "men", "women", "children")):
        yield Drafted(f"How many {counted['what']} {clause.verb} {clause.rest}?", counted["number"])
    for pattern, asks in ((_COUNTED, "how many {what}"), (_MONEY, "how much"), (_SHARE, "what percentage")):
        found = pattern.search(clause.main)
        if found is None or re.match(rf" ?{_MONTH}", clause.rest[found.end("number") :]):
            continue
        rest = f"{clause.rest[: found.start()].strip()} {clause.rest[found.end() :].strip()}"
        before, number = found["before"], found["number"]
        is_copula = clause.auxiliary in {"is", "are", "was", "were"} and not clause.base
        if not before and (found.start() or is_copula):
            continue  # what the number belongs to isn't plain
        opening = asks.format(**found.groupdict())
        opening = f"{before} {opening}" if before else opening
        yield Drafted(clause.asked(opening[0].upper() + opening[1:], rest), number)


def _who(clause: _Clause) -> Iterator[Drafted]:
    by = _BY.match(clause.rest)
    if by and clause.auxiliary in {"is", "was", "were", "are"}:
        yield Drafted(clause.asked("By whom", by["done"]), by["name"])
    said = clause.rest.split()
    if (
        _is_person(clause.subject, clause.base)
        and clause.auxiliary not in {"are", "were", "have"}
        and "that" not in said
    ):
        yield Drafted(f"Who {clause.verb} {clause.rest}?", clause.subject)


_HUMAN = frozenset("say tell think write sing marry speak telephone resign retire argue believe teach know".split())
_THING = re.compile(
    r"(?:Department|Ministry|Universit|Cent(?:er|re)|House|Company|Corporation|Inc|Bank|Institute|Court|Council|Union"
    r"|Committee|Agency|School|College|States|Kingdom|Republic|City|County|River|Lake|Mount|Street|Act|War|Party"
    r"|Times|Post|News|League|Club|Team|Group|Association|Foundation|Museum|Church|Army|Navy|Force)"
)


def _is_person(subject: str, base: str) -> bool:
    words = subject.split()
    if not re.fullmatch(NAME, subject) or words[0] == "The" or _THING.search(subject):
        return False
    return bool(_COURTESY.match(subject) or _TITLED.search(subject) or (base in _HUMAN and len(words) < 4))


def _where(clause: _Clause) -> Iterator[Drafted]:
    found = _PLACED.search(f" {clause.rest}")
    if found is None or re.fullmatch(TIME, found["place"]) or _LANGUAGE.search(found["place"]):
        return
    rest = f" {clause.rest}"[: found.start()].strip()
    first = rest.split(" ", 1)[0]
    plain = bool(rest) and (bool(clause.base) or (first.islower() and bool(_DONE.search(first))))
    if (plain or (clause.base and not rest)) and " to " not in f" {rest} " and len(rest.split()) < 9:
        yield Drafted(clause.asked("Where", rest), found["place"])


def _what(clause: _Clause) -> Iterator[Drafted]:
    found = _BEING.match(clause.rest)
    if not found or clause.verb not in {"is", "was"} or clause.is_cut or not re.fullmatch(NAME, clause.subject):
        return
    is_person = _is_role(found["what"]) or _is_person(clause.subject, "") or _ROLE.search(clause.subject.split()[0])
    yield Drafted(f"{'Who' if is_person else 'What'} {clause.verb} {_low(clause.subject)}?", found["what"])


_NEEDS_NAME = frozenset(
    "he she it they him her them his its their theirs hers himself herself itself themselves".split()
)
_NOWHERE = frozenset(
    """
    this these those such here there today yesterday tomorrow now we us our ours i me my you your both former latter
    above below following same ago aforementioned sentence passage text document documents article excerpt author
    """.split()
)
_OPENS = re.compile(
    r"^(?:(?:By|For|At|After|With|Within|From|To|In|Into|Over|On|Of|Since|Until|During|Under) )?"
    r"(?:who|whom|whose|what|which|when|where|why|how)\b"
    r"|^(?:Is|Are|Was|Were|Do|Does|Did|Can|Could|Will|Would|Has|Have|Had|May|Might|Should|Must)\b",
    re.IGNORECASE,
)
_FEWEST, _MOST = 4, 24
_PAIRS = (("“", "”"), ("(", ")"), ("[", "]"))
_DOUBLED = re.compile(r"\b(\w+) \1\b")


def stands_alone(question: str, answer: str) -> bool:
    """Say whether somebody who has not read the sentence could ask this, and is not told the answer by it."""
    words = re.findall(r"[\w'’-]+", question)
    if not question.endswith("?") or question.count("?") > 1 or not _FEWEST <= len(words) <= _MOST:
        return False
    if not _OPENS.match(question) or texts.contains(question, [answer]) or _DOUBLED.search(question):
        return False
    if any(question.count(opens) != question.count(ends) for opens, ends in _PAIRS) or question.count('"') % 2:
        return False
    named = False
    for place, word in enumerate(words):
        low = word.lower()
        if low in _NOWHERE or (low in _NEEDS_NAME and not named):
            return False
        named = named or (place > 0 and word[0].isupper())
    return named or any(word[0].isdigit() for word in words) or len(content(question)) > 3


_PLAIN = frozenset(
    """
    the a an of in on at by for to with from and or is are was were do does did has have had be been
    who whom what which when where why how many much
    """.split()
)


def content(text: str) -> frozenset[str]:
    """Return the words of an English text that say what it is about."""
    return frozenset(texts.words(text).split()) - _PLAIN


def _low(subject: str) -> str:
    first, _, rest = subject.partition(" ")
    return f"{first.lower()} {rest}" if first in {"The", "A", "An"} else subject


def _tidy(question: str) -> str:
    return re.sub(r"\s+([?,])", r"\1", " ".join(question.split()))

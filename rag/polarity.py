"""What turns a sentence into its opposite, or a guess into a fact: "not", opposites, "may", another unit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from rag.bindings import OPPOSED, UNITS
from rag.reading import Reading, Word
from rag.words import content

_OPPOSITES = """
    increase|decrease reduce decline drop fall lower  rise|fall drop decline decrease sink
    grow|shrink decline decrease  raise|lower cut reduce  gain|lose loss  win|lose loss  victory|defeat loss
    higher|lower  high|low  highest|lowest  more|less fewer  most|least fewest  majority|minority  maximum|minimum
    large larger big bigger|small smaller tiny  largest biggest|smallest  long longer|short shorter
    longest|shortest  first|last second third  early earlier|late later  old older|young younger new newer
    oldest|youngest newest  north northern|south southern east eastern west western
    south southern|east eastern west western  east eastern|west western  left|right  upper|lower  top|bottom
    best|worst  better|worse  good|bad  strong stronger|weak weaker  fast faster quick|slow slower
    hot hotter|cold colder  warm|cool  wide|narrow  deep|shallow  heavy heavier|light lighter  rich|poor
    cheap|expensive  hard|soft  easy|difficult  begin start open commence|end finish close conclude
    arrive|leave depart left  enter|exit leave  join|leave quit  buy|sell  import|export  accept|reject refuse decline
    approve|reject veto  allow permit|forbid forbade ban prohibit prevent
    support back favor|oppose reject  agree|disagree
    pass|fail  succeed|fail  success|failure  attack|defend  hold|postpone cancel delay
    held|postponed cancelled canceled delayed  confirm|deny  praise|criticize condemn  love like|hate dislike
    include|exclude  add|remove  build|destroy demolish  create|destroy  hire|fire dismiss
    promote|inhibit demote prevent impair  activate|inhibit suppress deactivate  enhance|impair inhibit reduce
    cause|prevent  induce|inhibit prevent  improve|worsen impair  legal|illegal  guilty|innocent acquitted
    convict|acquit  alive|dead  male|female  man|woman  boy|girl  son|daughter  brother|sister  father|mother
    husband|wife  king|queen  positive|negative  true|false  public|private  permanent|temporary  same|different
    always|never rarely  often|rarely never seldom  everyone all|nobody none  major|minor  internal|external
    inside|outside  inner|outer  domestic|foreign  ancient|modern  rural|urban  active|inactive
    voluntary|compulsory mandatory  direct|indirect  formal|informal  simple|complex  common|rare uncommon
    safe|dangerous unsafe  visible|invisible  war|peace  day|night  summer|winter  morning|evening
    day|week month year  week|month year  month|year  winner|loser  friend|enemy  above|below  before|after
    teacher|student  employer|employee  buyer|seller  parent|child
    landlord|tenant  lender|borrower  lessor|lessee  licensor|licensee  plaintiff|defendant
""".replace("\n", "  ")  # fmt: skip
DEGREES = {
    word: frozenset(group.split()) - {word}
    for group in ("more less fewer", "most least fewest", "above below", "before after", "with without", "up down",
                  "all none", "over under")
    for word in group.split()
}  # fmt: skip
"""Word of degree -> those that say otherwise."""
_ONLY = frozenset("only just merely simply".split())
_PARTICLES = {"on": "off", "off": "on", "for": "against", "against": "for", "up": "down", "down": "up"}
_PREFIXES = ("un", "in", "im", "dis", "non", "ir", "il", "de")
_BESIDE = 3
"""Tokens from a number within which its unit stands."""


@cache
def _opposites() -> dict[str, frozenset[str]]:
    """Return stem -> stems that say the opposite or exclude it."""
    found: dict[str, set[str]] = {}
    for entry in _OPPOSITES.split("  "):
        if "|" in entry:
            left, right = (_stems(side) for side in entry.split("|"))
            for one, others in ((left, right), (right, left)):
                for word in one:
                    found.setdefault(word, set()).update(others - one)
    return {word: frozenset(others) for word, others in found.items()}


def _stems(words: str) -> frozenset[str]:
    return frozenset(key for word in words.split() for key in content(f"x {word}") or {word})


def contradictions(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """Yield what in the quotes contradicts a claim, as clauses for people."""
    if any(word.denied for word in claim.words) and not any(w.denied for quote in quotes for w in quote.words):
        yield "no quote denies it"
    for word in claim.words:
        yield from _turned(claim, word, [quote.words[i] for quote in quotes for i in quote.places.get(word.key, ())])
        for other, place in _opposite(claim, word, quotes):
            beside = f", beside “{place}”" if place else ""
            yield f"the quote has “{other}”, not “{word.token.text}”{beside}"
    yield from _not_only(claim, quotes)
    yield from _other_particle(claim, quotes)
    yield from _other_units(claim, quotes)
    yield from _other_degree(claim, quotes)


def _not_only(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """ "Just 15" is not what "not just 15" says, nor the other way round."""
    for only, following in _only(claim):
        there = [found for quote in quotes for found, key in _only(quote) if key == following]
        if there and all(found != only for found in there):
            yield f"the quote has {'“not just”' if there[0] else '“just”, not “not just”,'} there"


def _other_particle(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """ "Turn on" is not "turn off", "voted for" not "voted against"; the two words of a verb say it together."""
    for word in claim.words:
        mine = _particles(claim, word, 1)
        against = frozenset(_PARTICLES[low] for low in mine)
        theirs = [_particles(quote, quote.words[at], 3) for quote in quotes for at in quote.places.get(word.key, ())]
        if (
            against
            and not word.token.name
            and any(found & against for found in theirs)
            and not any(f & mine for f in theirs)
        ):
            yield f"the quote has “{word.token.text} {min(against)}”"


def _particles(reading: Reading, word: Word, within: int) -> frozenset[str]:
    behind = reading.tokens[word.at + 1 : word.at + 1 + within]
    return frozenset(token.text.lower() for token in behind) & _PARTICLES.keys()


def _only(reading: Reading) -> Iterator[tuple[bool, str]]:
    """Yield for each "only" and "just" whether "not" stands before it, and the word behind it."""
    for at, token in enumerate(reading.tokens[:-1]):
        if token.text.lower() in _ONLY:
            yield at > 0 and reading.tokens[at - 1].text.lower() == "not", reading.tokens[at + 1].key


def _denies_object(word: Word, claim: Reading) -> bool:
    """Say whether a verb is denied by the "no" behind it: "earns no interest"."""
    behind = claim.tokens[word.at + 1 : word.at + 2]
    return bool(behind) and behind[0].text.lower() in {"no", "nothing", "nobody", "none"}


def _turned(claim: Reading, word: Word, there: Sequence[Word]) -> Iterator[str]:
    if not there:
        return
    shown = word.token.text
    if word.denied and not any(other.denied for other in there):
        yield f"no quote denies “{shown}”"
    if not word.denied and all(other.denied for other in there) and not _denies_object(word, claim):
        yield f"the quote denies “{shown}”"
    if word.preposition and all((word.preposition, other.preposition) in OPPOSED for other in there):
        yield f"the quote has “{there[0].preposition} {shown}”, not “{word.preposition} {shown}”"


def opposed(claim: Reading, quotes: Sequence[Reading]) -> Iterator[tuple[str, str, bool]]:
    """Yield words of a claim, the opposite or the other degree that quotes have, and whether right in its place.

    None for what the claim denies: "not allowed" is what "forbids" says.
    """
    for word in (word for word in claim.words if not word.denied):
        for other, beside in _opposite(claim, word, quotes):
            yield word.token.text, other, bool(beside)
        for mine, other in _degree(word, claim, quotes):
            yield f"{mine} {word.token.text}", f"{other} {word.token.text}", True


def _opposite(claim: Reading, word: Word, quotes: Sequence[Reading]) -> Iterator[tuple[str, str]]:
    """Yield the opposites that quotes have of a word, each with the word beside it if that tells which is meant."""
    yield from _nearer_opposite(claim, word, quotes)
    said = frozenset().union(*(quote.places.keys() for quote in quotes))
    if word.key not in said:
        for other in sorted(_against(word.key) & said - frozenset(claim.places))[:1]:
            yield shown(quotes, other), ""


def _nearer_opposite(claim: Reading, word: Word, quotes: Sequence[Reading]) -> Iterator[tuple[str, str]]:
    """Where a quote has a word and its opposite: which of them stands beside what the claim puts it beside?"""
    at = claim.words.index(word)
    if at + 1 == len(claim.words) or claim.words[at + 1].clause != word.clause:
        return
    beside = claim.words[at + 1].key
    for other in sorted(_opposites().get(word.key, frozenset())):
        steps = [step(quote, other, beside) for quote in quotes if other in quote.places]
        if any(step == 1 for step in steps) and not any(step(quote, word.key, beside) == 1 for quote in quotes):
            yield shown(quotes, other), claim.words[at + 1].token.text


def step(quote: Reading, one: str, next_: str) -> int:
    """Return how many content words after the one the other follows; 0 where it does not."""
    return min((j - i for i in quote.places.get(one, ()) for j in quote.places.get(next_, ()) if j > i), default=0)


def _against(key: str) -> frozenset[str]:
    """Return the words that exclude this one: its opposites, and "un…" of it."""
    stripped = {key[len(prefix) :] for prefix in _PREFIXES if key.startswith(prefix) and len(key) > len(prefix) + 3}
    made = {prefix + key for prefix in _PREFIXES} if len(key) > 3 else set()
    return _opposites().get(key, frozenset()) | stripped | made


def excludes(one: str, other: str) -> bool:
    """Say whether two words are opposites, or degrees of which only one can be."""
    return other in _against(one) or one in _against(other) or other in DEGREES.get(one, ())


def shown(quotes: Iterable[Reading], key: str) -> str:
    """Return a word as the first quote that has it writes it."""
    for quote in quotes:
        if key in quote.places:
            return quote.words[quote.places[key][0]].token.text
    return key


def _other_units(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """A number and its unit have to stand together in a quote as they do in the claim."""
    for number in claim.words:
        if not number.token.number or number.kind == "year":
            continue
        kinds = {quote.words[i].kind for quote in quotes for i in quote.places.get(number.key, ())}
        if kinds == {"percent"} and number.kind != "percent":
            yield f"the quote has “{number.token.text}” percent"
        for unit in claim.words:
            beside = unit.key in UNITS and abs(unit.at - number.at) == 1
            there = any(number.key in quote.places for quote in quotes)
            if beside and there and not _unit_there(number.key, unit.key, quotes):
                yield f"no quote has “{number.token.text}” with “{unit.token.text}”"


def _unit_there(number: str, unit: str, quotes: Sequence[Reading]) -> bool:
    return any(
        abs(quote.words[i].at - quote.words[j].at) <= _BESIDE
        for quote in quotes
        for i in quote.places.get(number, ())
        for j in quote.places.get(unit, ())
    )


def _other_degree(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """ "more than 5" and "less than 5", "most" and "least": words that are too common to be content."""
    for word in claim.words:
        for degree, other in _degree(word, claim, quotes):
            yield f"the quote has “{other}”, not “{degree}”, before “{word.token.text}”"


def _degree(word: Word, claim: Reading, quotes: Sequence[Reading]) -> Iterator[tuple[str, str]]:
    """Yield the degrees that a claim has right before a word, each with one that excludes it and quotes have there."""
    theirs = [_degrees(quote, quote.words[i]) for quote in quotes for i in quote.places.get(word.key, ())]
    for degree in sorted(_degrees(claim, word)):
        against = DEGREES[degree]
        if theirs and not any(degree in found for found in theirs) and any(found & against for found in theirs):
            yield degree, next(iter(sorted(frozenset().union(*theirs) & against)))


def _degrees(reading: Reading, word: Word) -> frozenset[str]:
    """Return the words of degree right before a word."""
    lows = {token.text.lower() for token in reading.tokens[max(0, word.at - 2) : word.at]}
    return frozenset(lows & DEGREES.keys())


def _is_supposed(word: Word, claim: Reading) -> bool:
    """Say whether a claim, too, says something only of when it is so: "When the light flashes"."""
    before = [token.text.lower() for token in claim.tokens[max(0, word.at - 2) : word.at]]
    return "when" in before and all(low in {"when", "the", "a", "an"} for low in before)


def _is_due(word: Word, claim: Reading) -> bool:
    """Say whether a claim says that something must be, which "shall" says, too, and not that it is."""
    before = {token.text.lower() for token in claim.tokens[max(0, word.at - 3) : word.at]}
    return bool(before & {"must", "required", "obliged"}) or {"has", "to"} <= before or {"have", "to"} <= before


def hardened(claim: Reading, quotes: Sequence[Reading]) -> str:
    """Return the word that the claim states as a fact and the quotes only as likely or to come; "" where none is."""
    lowest = min((word.certainty for word in claim.words), default=2)
    for word in claim.words:
        if _is_supposed(word, claim):
            continue
        there = [quote.words[i] for quote in quotes for i in quote.places.get(word.key, ())]
        least = min(lowest, 1) if _is_due(word, claim) else lowest
        if there and max(other.certainty for other in there) < least and not word.kind:
            return word.token.text
    return ""

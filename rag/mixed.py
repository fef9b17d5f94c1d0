"""What belongs to one part of a quote put to another: who acted in a clause beside, where that was, what came first.

"Ben joined the firm after studying in Oslo" doesn't say that he joined it in Oslo, nor "the roof of the school fell"
that the school did. Names and numbers are tied by rag.bindings; here it is clauses, and words that are no names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from rag.added import MOST
from rag.alike import synonyms
from rag.exchanged import BOTH_WAYS
from rag.polarity import excludes
from rag.reading import Reading, Word
from rag.words import content, is_past

_TURNS = re.compile(
    r"\b(?:(?P<than>than|compared (?:with|to)|relative to|versus|vs\.?|in contrast (?:to|with)|rather than|instead of"
    r"|unlike|ahead of)|(?P<behind>behind)|(?P<before>before|prior to)|(?P<after>after|following))\b",
    re.IGNORECASE,
)
"""What stands between two that are told apart by which of them stands first."""
_OTHER_WAY = {"before": "after", "after": "before"}
_ENDS = re.compile(r"[,;:.()]\s|[.)]$|\b(?:while|but|although|whereas)\b")
_WHILE = re.compile(
    r"\b(?:after|before|while|when|since|without|by|despite|upon|on) (?:having |being )?(?P<verb>[a-z]{3,}ing)\b"
    r"(?P<rest>[^,;:()]*)",
)
_WHO = re.compile(
    r",? (?:who|(?:which|that)(?= (?:(?:had|has|have|was|were|is|are|did)\b|\w+ed\b))) (?P<rest>[^,;:()]*)"
)
_STOPS = frozenset("to with by from and against".split())
_BESIDES = re.compile(r"\W*(?:(?:including|such|among|like|and|with|together|along|notably|especially)\b"
                      r"|(?-i:(?:the )?(?:[A-Z][\w'’-]+ ?){1,4},))", re.IGNORECASE)  # fmt: skip
_HELPS = frozenset(
    "is are was were be been being has have had do does did will would can could may might must should shall to not "
    "also now then still later first".split()
)
_ARTICLES = frozenset("a an the its their his her".split())
_BE = frozenset("was were is are been be being".split())
_LEAST, _LONG = 4, 60
"""Content words that a claim may have for two of them to be looked for in each other's place."""
_OWN = frozenset("a an the its their his her another two three several some new".split())
_ERGATIVE = content(
    "x open close start begin move sink break burn change end increase double grow stop expand improve fail"
)
_COUNTS = frozenset(
    "number majority all most some many rest group pair couple set series kind type sort city town state kingdom "
    "republic province team variety range dozens hundreds thousands millions members university bank one each both "
    "residents people citizens lot plenty".split()
)
"""Heads of a phrase with "of" behind which the other noun is what is spoken of: "a number of shops"."""


def mixed(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """Yield what a claim puts together of two parts of a quote, as clauses for people."""
    yield from _compared(claim, quotes)
    yield from _exchanged_words(claim, quotes)
    for quote in quotes:
        others = [other for other in quotes if other is not quote]
        yield from _of_a_part(claim, quote, others)
        yield from _of_who(claim, quote, others)
    yield from _of_the_whole(claim, quotes)
    yield from _behind_who(claim, quotes)
    yield from _beside_another(claim, quotes)
    yield from _of_another_name(claim, quotes)
    yield from _object_dropped(claim, quotes)
    yield from _joined_otherwise(claim, quotes)
    yield from _slots(claim, quotes)


def _sides(reading: Reading) -> list[tuple[str, frozenset[str], frozenset[str]]]:
    """Return what tells two apart in a text, with the words on either side of it."""
    found: list[tuple[str, frozenset[str], frozenset[str]]] = []
    for match in islice(_TURNS.finditer(reading.text), MOST):
        kind = match.lastgroup or ""
        before, behind = reading.text[: match.start()], reading.text[match.end() :]
        left = _ENDS.split(before)[-1]
        right, *rest = re.split(r",\s", behind, maxsplit=1)
        if not content(left):
            if not rest:
                continue
            left = rest[0]
        right = _ENDS.split(right)[0]
        found.append((kind, _said(left), _said(right)))
    return found


def _said(text: str) -> frozenset[str]:
    """Return the words of a text, and the letters that tell things apart ("engine A")."""
    return content(f"x {text}") | frozenset(re.findall(r"(?<=[a-z] )[A-Z]\b", text))


def _compared(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """ "A is longer than B" is not "B is longer than A", nor "wash before cutting" "cut before washing"."""
    theirs = [side for quote in quotes for side in _sides(quote)]
    for kind, left, right in _sides(claim):
        turned = [_is_turned(kind, left, right, other) for other in theirs]
        told = [one for one in turned if one is not None]
        if told and all(told):
            yield "the quote has the two the other way round"
            return


def _is_turned(
    kind: str, left: frozenset[str], right: frozenset[str], other: tuple[str, frozenset[str], frozenset[str]]
) -> bool | None:
    """Say whether two are told apart the other way round; None where they are others, or told apart by other words."""
    its, first, second = other
    if its != kind and its != _OTHER_WAY.get(kind):
        return None
    left, right, first, second = left - right, right - left, first - second, second - first
    same, cross = len(left & first), len(left & second)
    same, cross = min(same, len(right & second)), min(cross, len(right & first))
    if same == cross:
        return None
    mine, theirs = left | right, first | second
    opposite = its != kind or any(excludes(one, two) for one in mine - theirs for two in theirs - mine)
    return (cross > same) != opposite


def _exchanged_words(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """A claim that is a piece of a quote with two words in each other's place says something else."""
    mine = claim.words
    if not _LEAST <= len(mine) <= _LONG:
        return
    for quote in quotes:
        for start in range(len(quote.words) - len(mine) + 1):
            there = quote.words[start : start + len(mine)]
            apart = [at for at, word in enumerate(mine) if word.key != there[at].key]
            if len(apart) == 2 and _is_exchange(claim, quote, [mine[at] for at in apart], [there[at] for at in apart]):
                one, two = (mine[at].token.text for at in apart)
                yield f"the quote has “{one}” where the sentence has “{two}”"
                return


def _is_exchange(claim: Reading, quote: Reading, mine: Sequence[Word], there: Sequence[Word]) -> bool:
    if mine[0].key != there[1].key or mine[1].key != there[0].key:
        return False
    if any(mine[at].preposition and mine[at].preposition == there[1 - at].preposition for at in (0, 1)):
        return False  # "from A to B", "to B from A"
    between = claim.tokens[mine[0].at + 1 : mine[1].at]
    lows = {token.text.lower() for token in between}
    theirs = [token.text.lower() for token in quote.tokens[there[0].at + 1 : there[1].at]]
    if not any(token.content for token in between):
        listed = lows <= {"and", "or", "the", "a", "an"} or lows & _HELPS  # or "the capital is Oslo"
        if listed or [token.text.lower() for token in between] != theirs:  # "the port of Holm", "the Holm port"
            return False
    passive = [sum(token.text.lower() == "by" for token in reading.tokens) for reading in (claim, quote)]
    return passive[0] == passive[1] and not any(token.key in BOTH_WAYS for token in between)


def _of_a_part(claim: Reading, quote: Reading, others: Sequence[Reading]) -> Iterator[str]:
    """What is told of "after studying in Oslo" is told of the studies."""
    for match in islice(_WHILE.finditer(quote.text), MOST):
        inside = [word for word in quote.words if match.start() < word.token.start < match.end()]
        verbs = {word.key for word in inside if word.token.start == match.start("verb")}
        within = {word.key for word in inside} - verbs
        outside = {word.key for word in quote.words if word not in inside}
        if any(key in claim.places for verb in verbs for key in synonyms(verb)) or not verbs:
            continue
        for word in claim.words:
            alone = word.key in within and word.key not in outside and not any(word.key in o.places for o in others)
            placed = word.preposition and word.kind and word.preposition not in {"of", "by"}
            ruled = [w for w in inside if w.key == word.key and w.preposition == word.preposition]
            if alone and placed and ruled and any(key in claim.places for key in outside):
                yield f"the quote has “{word.preposition} {word.token.text}” with “{match['verb']}”"


def _of_who(claim: Reading, quote: Reading, others: Sequence[Reading]) -> Iterator[str]:
    """What is told of "the Harpers, who had rented it" is told of the Harpers, not of who sold it to them."""
    for match in islice(_WHO.finditer(quote.text), MOST):
        host = _host(quote, match.start())
        if match.group().startswith(",") and "," in quote.text[: match.start()]:  # behind what is said beside it
            host |= _host(quote, quote.text.rindex(",", 0, match.start()))
        inside = [word for word in quote.words if match.start() < word.token.start < match.end()]
        verb = next((word for word in inside if not word.kind), None)
        mine = next((word for word in claim.words if verb and word.key == verb.key), None)
        if not host or verb is None or mine is None or sum(word.key == verb.key for word in quote.words) > 1:
            continue
        subject = [word for word in claim.words if word.at < mine.at and not word.preposition]
        if any(verb.key in other.places for other in others) or not subject:
            continue
        stranger = [word for word in subject if word.key in quote.places and word.key not in host]
        by = any(word.key in host and word.preposition == "by" for word in claim.words)
        if by or not stranger or host & {word.key for word in claim.words if word.at < mine.at}:
            continue
        if not any(word in inside and word.at < verb.at for word in quote.words if word.key == stranger[0].key):
            yield f"the quote says that of another: “{quote.text[match.start() : match.end()].strip(' ,')}”"


def _behind_who(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """In "the nurse who treated the driver was praised" it is not the driver who was."""
    pair = _subject(claim)
    if pair is None:
        return
    subject, verb = pair
    there = [(quote, quote.words[at]) for quote in quotes for at in quote.places.get(subject.key, ())]
    if there and all(_is_object_of_who(quote, word, verb.key) for quote, word in there):
        yield f"the quote has “{subject.token.text}” only beside what it says that of"


def _is_object_of_who(quote: Reading, word: Word, verb: str) -> bool:
    before = list(reversed(quote.tokens[: word.at]))
    who = next((at for at, token in enumerate(before) if token.text.lower() in {"who", "which"}), len(before))
    if who == len(before) or re.search(r"[,;:.]", quote.text[before[who].start : word.token.start]):
        return False
    following = next((other for other in quote.words if other.at > word.at and other.run < 0), None)
    acts = any(is_past(token) for token in before[:who])
    return (
        acts
        and following is not None
        and following.key == verb
        and all(token.text.lower() in _HELPS for token in quote.tokens[word.at + 1 : following.at])
    )


def _host(quote: Reading, end: int) -> frozenset[str]:
    """Return the words that "who" may stand for: those before it, back to a verb or a word that leads elsewhere."""
    host: list[str] = []
    for token in reversed([token for token in quote.tokens if token.start < end]):
        low = token.text.lower()
        if low in _STOPS or low in _HELPS or (is_past(token) and not token.name):
            break
        if token.content:
            host.append(token.key)
    return frozenset(host)


def _of_the_whole(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """ "The roof of the school collapsed" doesn't say that the school did."""
    pair = _subject(claim)
    if pair is None:
        return
    subject, verb = pair
    there = [(quote, quote.words[at]) for quote in quotes for at in quote.places.get(subject.key, ())]
    heads = [_head(quote, word, verb.key) for quote, word in there]
    if heads and all(heads) and not any(head in {t.text.lower() for t in claim.tokens} for head in heads):
        yield f"the quote says that of the {heads[0]} of “{subject.token.text}”"


def _subject(claim: Reading) -> tuple[Word, Word] | None:
    """Return the noun that a claim opens with and the verb right behind it; None where it opens otherwise."""
    words = [word for word in claim.words if word.at <= 4]
    for one, two in zip(words, claim.words[1:], strict=False):
        between = claim.tokens[one.at + 1 : two.at]
        plain = all(token.text.lower() in _HELPS for token in between)
        if one.run != two.run or one.run < 0:
            opens = all(word.run == one.run >= 0 for word in claim.words if word.at < one.at)
            acts = is_past(two.token) or (plain and two.at > one.at + 1)
            return (one, two) if plain and acts and opens and not one.preposition and not two.kind else None
    return None


def _head(quote: Reading, word: Word, verb: str) -> str:
    """Return the noun that "of" hangs a word on, where the verb follows right behind; "" where it does not."""
    following = next(
        (other for other in quote.words if other.at > word.at and (other.run != word.run or word.run < 0)), None
    )
    if (
        following is None
        or following.key != verb
        or any(token.text.lower() not in _HELPS for token in quote.tokens[word.at + 1 : following.at])
    ):
        return ""
    at = word.at - 1
    while at >= 0 and (quote.tokens[at].text.lower() in {"the", "a", "an", "its", "their", "his", "her", "all"}):
        at -= 1
    if at < 1 or quote.tokens[at].text.lower() != "of":
        return ""
    head = quote.tokens[at - 1]
    low = head.text.lower()
    if at < 2 or quote.tokens[at - 2].text.lower() not in _ARTICLES | {"this", "that", "each", "every", "no", "only"}:
        return ""
    return low if not head.name and low.isalpha() and low not in _COUNTS else ""


def _beside_another(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """In "John, a son of the painter Mary Hill, taught" it was not Mary who taught."""
    pair = _subject(claim)
    if pair is None:
        return
    subject, verb = pair
    own = [word for word in claim.words if word.run == subject.run >= 0] or [subject]
    there = [(quote, quote.words[at]) for quote in quotes for at in quote.places.get(verb.key, ())]
    for word in own:
        places = [(quote, quote.words[at]) for quote in quotes for at in quote.places.get(word.key, ())]
        aside = [(quote, other) for quote, other in places if other.aside >= 0 and not _is_besides(quote, other)]
        within = any(v.aside == other.aside for q, other in aside for quote, v in there if quote is q)
        if places and there and len(aside) == len(places) and not within and len(word.token.text) > 1:
            yield f"the quote has “{word.token.text}” only beside what it says that of"
            return


def _is_besides(quote: Reading, word: Word) -> bool:
    first = next(other for other in quote.words if other.aside == word.aside)
    start = max(quote.text.rfind(",", 0, first.token.start), quote.text.rfind("(", 0, first.token.start))
    bracket = quote.text[start : start + 1] == "("
    return bracket or bool(_BESIDES.match(quote.text, start + 1))


def _of_another_name(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """In "the painter Mary Hill" the painter is Mary Hill, whoever is named beside."""
    lows = [token.text.lower() for token in claim.tokens]
    for word in claim.words:
        subject = [other for other in claim.words if other.at < word.at and other.kind == "name"]
        is_ = any(low in {"is", "was"} for low in lows[max(0, word.at - 2) : word.at])
        goes_on = any(other.at == word.at + 1 for other in claim.words)
        if word.kind or not subject or not is_ or word.preposition or goes_on:
            continue
        there = [(quote, quote.words[at]) for quote in quotes for at in quote.places.get(word.key, ())]
        names = [_named(quote, other) for quote, other in there]
        own = {other.key for other in claim.words if other.run == subject[0].run}
        if names and all(names) and not any(own <= name for name in names) and not any(name <= own for name in names):
            yield f"the quote says “{word.token.text}” of another"


def _named(quote: Reading, word: Word) -> frozenset[str]:
    """Return the words of the name that stands right behind a word."""
    following = next((other for other in quote.words if other.at == word.at + 1 and other.kind == "name"), None)
    end = word.token.start + len(word.token.text)
    glued = following is not None and quote.text[end : following.token.start].isspace()
    titled = word.token.text[:1].islower() and word.at > 0 and quote.tokens[word.at - 1].text.lower() in _ARTICLES
    return following.others if following and glued and titled else frozenset()


def _object_dropped(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """ "The bank opened a branch" doesn't say that the bank opened."""
    for word in claim.words:
        if word.key not in _ERGATIVE or not is_past(word.token) or _behind(claim, word) or _is_done(claim, word):
            continue
        there = [(quote, quote.words[at]) for quote in quotes for at in quote.places.get(word.key, ())]
        objects = [_behind(quote, other) for quote, other in there if not _is_done(quote, other)]
        if objects and len(objects) == len(there) and all(one and one not in claim.places for one in objects):
            yield f"the quote has “{word.token.text}” with “{objects[0]}”"


def _behind(reading: Reading, verb: Word) -> str:
    """Return the noun that is the object of a verb: the next one, if nothing but an article or a number is between."""
    following = next((word for word in reading.words if word.at > verb.at and not word.token.number), None)
    if following is None or following.kind or following.preposition:
        return ""
    lows = [token.text.lower() for token in reading.tokens[verb.at + 1 : following.at]]
    return following.key if lows and all(low in _OWN or reading.tokens[verb.at + 1].number for low in lows) else ""


def _is_done(reading: Reading, verb: Word) -> bool:
    return verb.at > 0 and reading.tokens[verb.at - 1].text.lower() in _BE


def _joined_otherwise(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """ "She studied at Ash College and works for Storm" doesn't say that she works at Ash College."""
    for verb, name in _led(claim):
        if not any(name.key in quote.places for quote in quotes):
            continue
        there = [(quote, other) for quote in quotes for other in quote.words if other.key == verb.key]
        own = [next((n for v, n in _led(quote) if v is other), None) for quote, other in there]
        elsewhere = own and all(n is not None and n.key != name.key and n.key not in name.others for n in own)
        if elsewhere and all(_is_acted_before(quote, other, name.key) for quote, other in there):
            yield f"the quote has “{verb.token.text}” with “{own[0].token.text if own[0] else ''}”"


def _led(reading: Reading) -> Iterator[tuple[Word, Word]]:
    """Yield words that a preposition leads from straight to a name, with the name's first word."""
    for one, two in zip(reading.words, reading.words[1:], strict=False):
        if not one.kind and two.kind == "name" and two.preposition and two.at - one.at <= 3:
            yield one, two


def _is_acted_before(quote: Reading, verb: Word, name: str) -> bool:
    """Say whether a name stands only before a verb, behind another one."""
    places = [quote.words[at] for at in quote.places.get(name, ())]
    if not places or any(place.at > verb.at for place in places):
        return False
    return any(other is not verb and place.key == name for other, place in _led(quote)) or any(
        is_past(word.token) and not word.kind for word in quote.words if word.at < places[-1].at
    )


def _slots(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """Of "before 1994 it was run by A; since then by B" a claim may not put 1994 to B."""
    for quote in quotes:
        for one, two in zip(claim.words, claim.words[1:], strict=False):
            if two.kind or not two.preposition or one.kind:
                continue
            there = [quote.words[at] for at in quote.places.get(two.key, ())]
            acts = [quote.words[at] for at in quote.places.get(one.key, ())]
            if len({act.clause for act in acts}) < 2 or len(there) != 1 or there[0].preposition != two.preposition:
                continue
            rivals = [w for w in quote.words if w.preposition == two.preposition and w.clause != there[0].clause]
            rivals = [w for w in rivals if any(a.clause == w.clause and 0 < w.at - a.at <= 3 for a in acts)]
            for rival in rivals:
                mine = [w for w in quote.words if w.clause == rival.clause and w.kind and w.key in claim.places]
                alone = [w for w in mine if all(quote.words[at].clause == rival.clause for at in quote.places[w.key])]
                if alone and rival.key not in claim.places:
                    yield f"the quote has “{rival.preposition} {rival.token.text}” with “{alone[0].token.text}”"
                    return

"""Does a quote tie two words together as a claim does? What a bag of words can't tell: who did what to whom, whose
role it is, which number belongs to which year."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from rag.reading import Reading, Word
from rag.words import is_past

APART = 12
"""Content words between two words from which a quote is no longer taken to tie them."""
TURNED = -2.0
"""What a tie is where the quote has it the other way round."""
_BE = frozenset("is was are were be been being as the a an".split())
_APPOSES = frozenset("the a an who whose which".split())
_AUXILIARIES = frozenset("is was are were be been being has had have gets got".split())
_NEW_CLAUSE = frozenset(
    "and but or then that which who whom whose when where because while if although though whether".split()
)
OPPOSED = frozenset(
    (one, other)
    for group in (
        "from|to into toward towards onto until", "before|after since", "above over|below under beneath",
        "for|against",
        "with|without", "inside within|outside", "up|down", "more|less", "by|to", "since|until",
    )
    for left, right in [group.split("|")]
    for a in left.split()
    for b in right.split()
    for one, other in ((a, b), (b, a))
)  # fmt: skip
_PASSIVE = 3
"""Tokens after a verb within which "by" makes it passive."""
UNITS = frozenset(
    (
        "percent dollar euro pound yen km mile meter metr foot inch kg gram ton tonn liter hour minut second day week "
        "month year decad centuri degre acr hectar person vote seat point goal time game celsius fahrenheit"
    ).split()
)
"""What numbers count; a number and its unit are one, so a unit is no neighbour."""
_ROLES = frozenset(
    (
        "mr mrs ms dr prof sir lord ladi king queen princ princess duke earl presid vice prime minist secretari "
        "chairman chair senat governor gov mayor general colonel captain judg justic pope saint chancellor us uk eu "
        "former new first the jr sr state depart chief offic director professor doctor senior deputi foreign treasuri"
    ).split()
)
"""Words of a name that say what somebody is, so that they come and go: "Secretary Silva", "Ana Silva"."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two words next to each other in a claim, in its order."""

    first: Word
    second: Word
    same: bool
    """The claim says that they are one: one name, or "Ana is the Chair"."""
    one_name: bool
    passive: bool

    @property
    def anchored(self) -> bool:
        """One of them is a name or a number."""
        return bool(self.first.kind or self.second.kind)


def pairs(claim: Reading, light: frozenset[str] = frozenset()) -> tuple[Pair, ...]:
    """Return the neighbours in a claim, and each number with the next name or number; lists are no ties.

    Words in `light` tie nothing: their neighbours are neighbours.
    """
    words = [word for word in claim.words if word.kind or word.key not in light | UNITS]
    found = [_pair(claim, a, b) for a, b in pairwise(words) if _belong(claim, a, b)]
    anchors = [word for word in words if word.kind]
    for a, b in pairwise(anchors):
        numeric = a.token.number or b.token.number
        if numeric and b.at - a.at <= APART and _belong(claim, a, b):
            found.append(_pair(claim, a, b))
    return tuple(dict.fromkeys(found))


def _pair(claim: Reading, a: Word, b: Word) -> Pair:
    between = [token.text.lower() for token in claim.tokens[a.at + 1 : b.at]]
    one_name = a.run >= 0 and a.run == b.run
    both_names = a.kind == b.kind == "name"
    same = one_name or (both_names and all(low in _BE for low in between))
    return Pair(a, b, same, one_name, _is_passive(claim, a, b))


def _belong(claim: Reading, a: Word, b: Word) -> bool:
    """Say whether a claim ties two words: it does not only name them side by side or in different clauses."""
    if a.run >= 0 and a.run == b.run:
        return True
    lows = {token.text.lower() for token in claim.tokens[a.at + 1 : b.at]}
    return not b.coordinated and a.clause == b.clause and not lows & _NEW_CLAUSE


def _is_passive(reading: Reading, a: Word, b: Word) -> bool:
    """Say whether "by" stands right after the one of two words that is no name."""
    verb = b if a.kind else a
    return any(token.text.lower() == "by" for token in reading.tokens[verb.at + 1 : verb.at + 1 + _PASSIVE])


def tie(pair: Pair, quote: Reading) -> float:
    """Return how closely a quote ties a pair: 1 side by side, towards 0 far apart, -1 where it ties them otherwise.

    It is -2 where the quote has it the other way round, and 0 for a quote that lacks one of the two.
    """
    firsts, seconds = quote.places.get(pair.first.key, ()), quote.places.get(pair.second.key, ())
    found = [_tied(pair, quote, i, j) for i in firsts for j in seconds if i != j]
    if not found and _is_taken(pair, quote, firsts, seconds):
        return -1.0
    return max(found, default=0.0)


def _is_taken(pair: Pair, quote: Reading, firsts: tuple[int, ...], seconds: tuple[int, ...]) -> bool:
    """Say whether in a quote that lacks one of two words another name or number stands in its place."""
    if firsts and not seconds and pair.second.kind:
        return all(_is_filled(quote, i, i + 1, pair.second) for i in firsts)
    if seconds and not firsts and pair.first.kind:
        return all(_is_filled(quote, j, j - 1, pair.first) for j in seconds)
    return False


def _is_filled(quote: Reading, at: int, beside: int, lacking: Word) -> bool:
    if not 0 <= beside < len(quote.words):
        return False
    word, other = quote.words[at], quote.words[beside]
    apart = max(word, other, key=lambda w: w.at).coordinated or word.clause != other.clause or word.aside != other.aside
    return other.kind == lacking.kind and other.preposition == lacking.preposition and not apart


def _tied(pair: Pair, quote: Reading, i: int, j: int) -> float:
    low, high = min(i, j), max(i, j)
    pair = replace(pair, first=_as_in(pair.first, quote.words[i]), second=_as_in(pair.second, quote.words[j]))
    if pair.anchored:
        if not pair.one_name and any(
            _is_another(word.others, quote.words[k]) for word, k in ((pair.first, i), (pair.second, j))
        ):
            return 0.0
        names = quote.words[i].kind == quote.words[j].kind == "name"
        if pair.same and names and not _is_one(pair, quote, i, j):
            return -1.0
        if not (pair.same and names) and _is_contested(pair, quote, i, j):
            return TURNED if _is_reversed(pair, quote, i, j) else -1.0
    between = _between(quote, low, high)
    distance = len(between) + (1 if i > j else 0) + 2 * abs(quote.words[i].clause - quote.words[j].clause)
    return max(0.05, 1.0 - distance / APART)


def _as_in(word: Word, there: Word) -> Word:
    """Take a claim's opening word for a common one where the quote has it in lower case."""
    return word if there.kind or word.token.name or word.token.number else replace(word, kind="")


def _is_another(others: frozenset[str], there: Word) -> bool:
    """Say whether a name of the quote shares a word with the claim's and yet is another ("Ana Silva", "Ana Costa")."""
    return bool(others - there.others - _ROLES) and bool(there.others - others - _ROLES)


def _between(quote: Reading, low: int, high: int) -> list[Word]:
    """Return the words between two others, without parentheses that neither stands in."""
    inside = {quote.words[low].aside, quote.words[high].aside, -1}
    return [word for word in quote.words[low + 1 : high] if word.aside in inside]


def _is_one(pair: Pair, quote: Reading, i: int, j: int) -> bool:
    """Say whether two words of a quote are of one name, or of two with no other between them and no "and"."""
    low, high = min(i, j), max(i, j)
    a, b = quote.words[low], quote.words[high]
    if a.run >= 0 and a.run == b.run:
        return (
            i < j or not pair.one_name or any(token.text.lower() in {"of", "de"} for token in quote.tokens[a.at : b.at])
        )
    between = _between(quote, low, high)
    if a.clause != b.clause or any(
        (word.kind == "name" and word.run not in {a.run, b.run}) or (pair.one_name and not word.kind)
        for word in between
    ):
        return False
    lows = [t.text.lower() for t in quote.tokens[a.at + 1 : b.at] if not t.content]
    return not {"and", "or", "but", "with", "to"} & set(lows)


def _is_contested(pair: Pair, quote: Reading, i: int, j: int) -> bool:
    """Say whether another name or number of the kind stands closer to a word than the claim's does."""
    a, b = quote.words[i], quote.words[j]
    if a.run >= 0 and a.run == b.run:
        return False
    if _is_said_of_another(quote, i, j):
        return True
    if i > j:
        return _is_turned_round(pair, quote, i, j)
    if _leads_elsewhere(pair, quote, b) or (is_past(a.token) and _is_voice_changed(pair, a, b)):
        return True
    same_way = pair.second.preposition == b.preposition != "" and not any(
        c.preposition == b.preposition
        and (_rivals(c, b, pair.second) or (pair.first.token.number and not (b.kind or c.kind)))
        for c in _between(quote, i, j)
    )
    if pair.first.kind and not same_way and _has_rival_before(pair, quote, i, j):
        return True
    if (
        pair.second.kind
        and not same_way
        and not b.coordinated
        and any(_rivals(c, b, pair.second) for c in _between(quote, i, j))
    ):
        return not (pair.second.kind == "name" and pair.first.kind and _is_governed_otherwise(pair, quote, i, j))
    return a.clause != b.clause and _has_own(quote, pair, a, b)


def _is_reversed(pair: Pair, quote: Reading, i: int, j: int) -> bool:
    """Say whether the claim has who did what to whom, or from where to where, the other way round."""
    a, b = quote.words[i], quote.words[j]
    if i > j:
        return _changes_sides(quote, pair, a, b)
    opposed = bool(pair.second.kind) and (pair.second.preposition, b.preposition) in OPPOSED
    return opposed or (is_past(a.token) and _is_voice_changed(pair, a, b))


def _is_said_of_another(quote: Reading, i: int, j: int) -> bool:
    """Say whether one of two words is in a parenthesis on another name: "the chair" in "Silva and Ruiz, the chair,"."""
    inside, outside = (i, j) if quote.words[i].aside >= 0 else (j, i)
    word, other = quote.words[inside], quote.words[outside]
    if word.aside < 0 or other.aside == word.aside or other.kind != "name":
        return False
    first = next(k for k, w in enumerate(quote.words) if w.aside == word.aside)
    opens = quote.tokens[quote.words[first].at - 1].text.lower() if quote.words[first].at else ""
    host = quote.words[first - 1] if first else None
    return host is not None and opens in _APPOSES and host.kind == "name" and host.run != other.run


def _is_voice_changed(pair: Pair, verb: Word, name: Word) -> bool:
    """Say whether only one of claim and quote has "designed by Berg", and the other "designed Berg"."""
    by = {pair.second.preposition, name.preposition}
    return name.kind == "name" and by == {"by", ""} and name.at - verb.at <= _PASSIVE


def _changes_sides(quote: Reading, pair: Pair, a: Word, b: Word) -> bool:
    """Say whether the claim has "Lund thanked" and the quote "thanked Lund", or the other way round."""
    verb = b if pair.first.kind else a
    between = [token.text.lower() for token in quote.tokens[b.at + 1 : a.at]]
    if not is_past(verb.token) or "name" not in {pair.first.kind, pair.second.kind} or a.coordinated:
        return False
    beside = len(between) <= 1 and not _AUXILIARIES & set(between) and not a.preposition and not pair.second.preposition
    return beside and not (pair.first.kind and pair.second.kind)


def _leads_elsewhere(pair: Pair, quote: Reading, b: Word) -> bool:
    """Say whether the claim has "to Oslo" where the quote has "from Oslo", or has it of another ("to Bergen")."""
    claimed = pair.second.preposition
    if not (pair.second.kind and claimed and b.preposition) or claimed == b.preposition:
        return False
    if (claimed, b.preposition) in OPPOSED:
        return True
    return any(
        c.preposition == claimed and c.clause == b.clause and _rivals(c, b, pair.second, True) for c in quote.words
    )


def _is_governed_otherwise(pair: Pair, quote: Reading, i: int, j: int) -> bool:
    rivals = [c for c in _between(quote, i, j) if _rivals(c, quote.words[j], pair.second)]
    return all(c.preposition and c.preposition != quote.words[j].preposition for c in rivals)


def _rivals(candidate: Word, word: Word, of: Word, close: bool = False) -> bool:
    """Say whether a word of the quote could stand in the place of `word`: of its kind, no part of it or of its list.

    Right beside the other word (`close`) a year, a share and a count are of one kind.
    """
    if not of.kind or not candidate.kind or (candidate.kind != of.kind and "name" in {candidate.kind, of.kind}):
        return False
    if candidate.kind != of.kind and not close:
        return False
    own = candidate.run >= 0 and candidate.run == word.run
    return not own and (candidate.member != word.member or candidate.member < 0)


def _has_rival_before(pair: Pair, quote: Reading, i: int, j: int) -> bool:
    """In a quote with both in the claim's order: does another one come between?

    Or is the first in no place to be the subject (behind a preposition, in a parenthesis, object of what comes before
    "and") and another one is?
    """
    a, b = quote.words[i], quote.words[j]
    between = _between(quote, i, j)
    for place, c in enumerate(between):
        if not _rivals(c, a, pair.first):
            continue
        closed = c.hanging and not a.hanging
        closed = closed or any(w.joint == "and" for w in [*between[place + 1 :], b] if w.run < 0 or w.run != c.run)
        if not closed:
            return True
    common = pair.first.kind == "name" and not b.kind
    lower = a.hanging and not pair.first.hanging
    lower = lower or (a.aside >= 0 and b.aside != a.aside)
    object_ = b.joint == "and"
    return common and any(
        _rivals(c, a, pair.first) and not c.hanging and c.clause == b.clause and c.aside in {b.aside, -1}
        for k, c in enumerate(quote.words[:i])
        if lower or (object_ and any(not w.kind for w in _between(quote, k, i)))
    )


def _has_own(quote: Reading, pair: Pair, a: Word, b: Word) -> bool:
    """Say whether, of two words in different clauses, one has another partner in its own clause."""
    return any(
        (c.clause == a.clause and _rivals(c, b, pair.second)) or (c.clause == b.clause and _rivals(c, a, pair.first))
        for c in quote.words
    )


def _is_turned_round(pair: Pair, quote: Reading, i: int, j: int) -> bool:
    """In a quote with both in the other order: does another one stand where the claim's would?"""
    a, b = quote.words[i], quote.words[j]
    named = pair.first.kind == "name" or pair.second.kind == "name"
    if named and not (pair.first.kind and pair.second.kind) and pair.passive != _is_passive(quote, a, b):
        return False
    if _changes_sides(quote, pair, a, b):
        return True
    same_way = pair.second.preposition == b.preposition != "" or pair.first.preposition == a.preposition != ""
    if same_way and not (a.token.number or b.token.number):
        return False
    own = _cost(quote, j, i)
    if pair.first.kind == "name" and a.hanging and not pair.first.hanging:
        own = APART
    before = (
        k for k in range(j) if _rivals(quote.words[k], a, pair.first, k == j - 1) and quote.words[k].clause == b.clause
    )
    if pair.first.kind and any(_cost(quote, k, j) <= own and not _hangs(quote.words[k], pair.first) for k in before):
        return True
    after = (k for k in range(i + 1, len(quote.words)) if _rivals(quote.words[k], b, pair.second, k == i + 1))
    return bool(pair.second.kind) and any(
        _cost(quote, i, k) <= own and quote.words[k].clause == a.clause and not _hangs(quote.words[k], pair.second)
        for k in after
    )


def _hangs(rival: Word, claimed: Word) -> bool:
    """Say whether a rival hangs on a preposition and the claim's word does not ("Lisbon" in "the mayor of Lisbon")."""
    return rival.hanging and rival.kind == "name" and not claimed.hanging


def _cost(quote: Reading, low: int, high: int) -> float:
    """Return the distance of two words: what is between them, more where it is "and" or a new clause."""
    a, b = quote.words[low], quote.words[high]
    own = {run for run in (a.run, b.run) if run >= 0}
    between = [word for word in _between(quote, low, high) if word.run not in own]
    joints = sum(word.coordinated and word.run != a.run for word in [*between, b])
    return len(between) + 2.0 * joints + 4.0 * (b.clause - a.clause)

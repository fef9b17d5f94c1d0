"""Claim <-> evidence: which quotes support a sentence of an answer, or none do.

The model's own markers are not trusted. Conditions come first, each with a reason that people can read: every name and
number of the sentence is in the quotes (at most three, as few as cover it) and tied there to the same words; every
other word but those that a paraphrase needs is there, or one that says the same, or is added from their title, heading
or the sentence beside, which a second opinion may overrule; nothing is denied, turned into its opposite, made certain
that is only likely, or put together from quotes that don't belong together. What passes is scored; what is enough is
fitted on labelled claims (fitted.json, "support").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

from rag.added import added
from rag.apart import apart
from rag.asked import Asked, asked, contexts, misplaced, reversed_or_torn
from rag.asked import features as answered
from rag.bindings import Pair
from rag.dropped import dropped
from rag.duties import otherwise_bound
from rag.exchanged import exchanged
from rag.figures import altered
from rag.fitted import fitted
from rag.hold import (
    MOST_QUOTES,
    Claim,
    Quote,
    are_neighbours,
    claim_of,
    covered,
    foreign,
    groups,
    hold,
    is_thing,
    union,
)
from rag.letters import mistaken
from rag.limited import limited
from rag.located import located
from rag.markers import without_markers
from rag.mixed import mixed
from rag.polarity import contradictions, hardened
from rag.sentences import is_question
from rag.spelt import as_spelt
from rag.types import Evidence, Support
from rag.words import tokens

FEATURES = ("covered", "covered_common", "weakest", "apart", "loose", "order", "merged")
REPEATED = 0.6
"""Share of the question's words from which a sentence without a new one repeats it; fewer may choose ("Ana or Ben?")
and so answer."""

ENTAILED = 0.5
"""The probability from which a checker is taken to say yes: what such models are trained for, so nothing to fit."""

_SIGNS = re.compile(r"[<>≤≥±\u20a0-\u20c0]|(?<!\S)[-−–](?=[$€£]?\d)|(?<=\b[A-Za-z])(?:\+\+|[+#]|-(?!\w))")
"""What makes two sentences of the same words say different things."""
_ASKS = re.compile(r"\b(?:who|whom|whose|what|which|when|where|why|how)\b", re.IGNORECASE)
_IS = re.compile(r"\b(?:is|are|was|were)\s", re.IGNORECASE)
_DONE = re.compile(r"(?:ed|en|ing|wn)$", re.IGNORECASE)
"""What was done may be told by another verb; what something is may not."""
_MOST_SAID = 3
_RANK: dict[Support, int] = {"unsupported": 0, "partly": 1, "supported": 2}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check found for one sentence: `quotes` are indices into the evidence that was given."""

    status: Support
    quotes: tuple[int, ...]
    score: float
    why: str = ""
    barred: bool = False
    """A condition is broken, a name or a number missing: no score and no other judge makes up for that."""


class Checker(Protocol):
    """What says whether a text entails a sentence."""

    def entails(self, premise: str, sentence: str) -> float:
        """Return the probability, 0 to 1, that the sentence follows from the premise."""
        ...


def check(
    sentence: str, evidence: Sequence[Evidence], *, question: str = "", around: Sequence[Evidence] = (), spare: int = 0
) -> Verdict:
    """Return which quotes support a sentence, and whether they do; the same for any order of the evidence.

    With `question`, a sentence that only repeats its words does not count as an answer. More evidence never makes
    a verdict worse: each small set of quotes is judged by itself, and the best verdict counts. `around` has the
    sentences beside the quotes, by default the evidence itself. `spare` is how many common words a sentence may have
    that neither the quotes nor the sentences beside them have, if they are no things and not of the question.
    """
    text = _plain(sentence, evidence)
    claim = claim_of(text, question)
    empty = _says_nothing(text, claim, question)
    if empty:
        return Verdict("unsupported", (), 0.0, empty, barred=True)
    same = _verbatim(text, evidence)
    if same:
        return Verdict("supported", same, 1.0)
    around = around or evidence
    quotes = [quote for index, item in enumerate(evidence) if (quote := hold(claim, index, item, around))]
    parts = asked(claim)
    answering = list(contexts(claim, parts, quotes)) if parts else []
    best: Verdict | None = None
    for size in range(1, MOST_QUOTES + 1):
        # As few quotes as will do: the larger sets are looked at only where no smaller one supports the claim.
        if best is None or best.status != "supported":
            sets = {tuple(sorted(quote.index for quote in group)): group for group in groups(claim, quotes, size)}
            sets |= {tuple(sorted(q.index for q in group)): group for group in answering if len(group) == size}
            best = _best([best, *(_judge(claim, group, parts, spare) for group in sets.values())])
    if best is None:
        near = max(quotes, key=lambda quote: (covered(claim, quote.held), -quote.index), default=None)
        return _hopeless(claim, quotes, near)
    return best if best.status != "supported" else _corroborated(claim, best, quotes, parts, spare)


def _plain(sentence: str, evidence: Sequence[Evidence]) -> str:
    sources = [item.text for item in evidence]
    return as_spelt(without_markers(sentence, sources), sources)


def second_opinion(verdict: Verdict, sentence: str, evidence: Sequence[Evidence], checker: Checker | None) -> Verdict:
    """Let a checker decide what the conditions of the check leave open: whether the quotes bear the whole sentence.

    What breaks a condition (a name that no quote has, another number, a denial) stays refused, and a quote that is
    the sentence stays shown.
    """
    if checker is None or verdict.barred or not verdict.quotes or verdict.score == 1.0:
        return verdict
    premise = " ".join(_premise(evidence[index]) for index in verdict.quotes)
    chance = checker.entails(premise, sentence)
    if chance >= ENTAILED:
        return replace(verdict, status="supported", score=chance, why="")
    if verdict.status == "supported":
        return replace(verdict, status="partly", score=chance, why="the checking model does not find it in the quotes")
    return verdict


def _premise(item: Evidence) -> str:
    return f"{item.title}: {item.text}" if item.title else item.text


def closest(sentence: str, evidence: Sequence[Evidence], question: str = "") -> tuple[int, float] | None:
    """Return the index of the quote that a sentence most likely came from, whether or not it supports it.

    The score is the share, 0 to 1, of the sentence's and the question's words (names and numbers count double) that the
    quote and its title have. Where the sentence adds words to the question, which are what answers, it is the mean with
    the share of these: a quote that only says the question again is no source of them. None where no quote has any of
    the sentence's own words.
    """
    text = _plain(sentence, evidence)
    claim, both = claim_of(text, question), claim_of(f"{text} {question}", "")
    adds = claim_of(" ".join(word.token.text for word in claim.words if word.key not in claim.asked), "")
    best: tuple[float, int] | None = None
    for index, item in enumerate(evidence):
        quote = hold(both, index, item)
        if quote and hold(claim, index, item):
            score = covered(both, quote.held)
            if adds.words:
                added = hold(adds, index, item)
                score = (score + (covered(adds, added.held) if added else 0.0)) / 2
            best = max(best or (0.0, 0), (score, -index))
    return (-best[1], best[0]) if best else None


def _says_nothing(text: str, claim: Claim, question: str) -> str:
    if not claim.words or re.fullmatch(r"\W*not found\W*", text, re.IGNORECASE):
        return "it states nothing that could be checked"
    if is_question(text):
        return "it is a question"
    own = {word.key for word in claim.words}
    if _ASKS.search(question) and own <= claim.asked and len(own) >= REPEATED * len(claim.asked):
        return "it only repeats the question"
    return ""


def _verbatim(text: str, evidence: Sequence[Evidence]) -> tuple[int, ...]:
    spelt, sources = _spelt(text), [item.text for item in evidence]
    same = (at for at, source in enumerate(sources) if _spelt(without_markers(source, sources)) == spelt)
    return tuple(at for at in same if not any(_otherwise_signed(text, sources[at])))[:MOST_QUOTES]


def _otherwise_signed(text: str, quote: str) -> Iterator[bool]:
    """Yield whether sentences of the same words say different things by what is no word."""
    yield _SIGNS.findall(text) != _SIGNS.findall(without_markers(quote))
    yield any(_otherwise_marked(text, [quote]))


def _otherwise_marked(text: str, quotes: Sequence[str], around: Sequence[str] = ()) -> Iterator[str]:
    """Yield what is no word and yet differs: what hangs on numbers, letters that stand alone."""
    yield from altered(text, quotes, around)
    yield from mistaken(text, quotes, around)


def _spelt(text: str) -> tuple[str, ...]:
    return tuple(token.key for token in tokens(text))


def measure(sentence: str, evidence: Sequence[Evidence], *, question: str = "") -> list[tuple[float, ...]]:
    """Return the features of each set of quotes that meets the conditions, best covered first: what a fit works on."""
    claim = claim_of(_plain(sentence, evidence), question)
    if _says_nothing(claim.reading.text, claim, question):
        return []
    quotes = [quote for index, item in enumerate(evidence) if (quote := hold(claim, index, item))]
    rows: list[tuple[float, ...]] = []
    for group in (group for size in range(1, MOST_QUOTES + 1) for group in groups(claim, quotes, size)):
        held, ties = union(group), _ties(claim, group)
        if not any(_contradicted(claim, group, ties)) and not hardened(claim.reading, [q.reading for q in group]):
            rows.append(features(claim, group, held, ties))
    return sorted(rows, reverse=True)


def measure_answered(sentence: str, evidence: Sequence[Evidence], *, question: str) -> list[tuple[float, ...]] | None:
    """Return the features of each set of quotes that answers, for a sentence that restates its question; None else."""
    claim = claim_of(_plain(sentence, evidence), question)
    parts = asked(claim)
    if parts is None:
        return None
    if _says_nothing(claim.reading.text, claim, question):
        return []
    quotes = [quote for index, item in enumerate(evidence) if (quote := hold(claim, index, item))]
    rows: list[tuple[float, ...]] = []
    for group in contexts(claim, parts, quotes):
        ties = _ties(claim, group)
        values = answered(claim, parts, group, [closest for _, closest in ties])
        wrong = any(_contradicted(claim, group, ties, parts)) or hardened(claim.reading, [q.reading for q in group])
        if values and not wrong:
            rows.append(values)
    return rows


def _judge(claim: Claim, group: tuple[Quote, ...], parts: Asked | None = None, spare: int = 0) -> Verdict:
    """Judge a claim by these quotes, and by what stands beside them where a word is in none."""
    indices = tuple(sorted(quote.index for quote in group))
    held = union(group)
    ties = _ties(claim, group)
    values = answered(claim, parts, group, [closest for _, closest in ties]) if parts else None
    answers = parts if values else None
    wrong = next(_contradicted(claim, group, ties, answers), "")
    wrong = wrong or _unstated(claim, held)
    if wrong:
        return Verdict("unsupported", indices, 0.0, wrong, barred=True)
    support = fitted("answered" if values else "support")
    score = support(values or features(claim, group, held, ties))
    missing = [word.token.text for word, worth in zip(claim.words, held, strict=True) if not worth]
    guess = hardened(claim.reading, [quote.reading for quote in group])
    if score >= support.thresholds["supported"]:
        if guess:
            why = f"the quote has “{guess}” only as likely or to come"
            return Verdict("partly", indices, score, why, barred=True)
        own = foreign(claim, group)
        if len(own) > spare or any(word.key in claim.asked or is_thing(claim, word) for word in own):
            return Verdict("partly", indices, score, f"no quote has {_listed([word.token.text for word in own])}")
        return Verdict("supported", indices, score)
    why = f"no quote has {_listed(missing)}" if missing else "the quotes have its words, but not in this connection"
    return Verdict("partly" if score >= support.thresholds["partly"] else "unsupported", indices, score, why)


def _unstated(claim: Claim, held: Sequence[float]) -> str:
    """Say what a claim says that something is ("the password is swordfish") where the quotes have nothing of that."""
    is_at = next((match.end() for match in reversed([*_IS.finditer(claim.reading.text)])), None)
    said = [at for at, word in enumerate(claim.words) if is_at is not None and word.token.start >= is_at]
    words = [claim.words[at].token.text for at in said]
    if not 0 < len(said) <= _MOST_SAID or any(held[at] for at in said) or _DONE.search(words[0]):
        return ""
    return f"no quote has {_listed(words)}"


def _contradicted(
    claim: Claim, group: Sequence[Quote], ties: Sequence[tuple[Pair, float]], parts: Asked | None = None
) -> Iterator[str]:
    readings = [quote.reading for quote in group]
    yield from contradictions(claim.reading, readings)
    yield from added(claim.reading, claim.question, readings)
    yield from dropped(claim.reading, readings)
    yield from otherwise_bound(claim.reading, readings)
    yield from exchanged(claim.reading, readings)
    yield from limited(claim.reading, readings)
    yield from mixed(claim.reading, readings)
    yield from apart(claim.reading, readings)
    texts, around = [quote.item.text for quote in group], [text for quote in group for text in quote.headed]
    yield from located(claim.reading, readings, around)
    yield from _otherwise_marked(claim.reading.text, texts, around)
    for quote in group:
        yield from quote.changes(claim)
    if parts:
        yield from misplaced(claim, parts, group)
        for pair in reversed_or_torn(claim, parts, ties):
            yield f"the quote does not tie “{pair.first.token.text}” to “{pair.second.token.text}”"
        return
    for pair, closest in ties:
        if closest < 0:
            yield f"the quote does not tie “{pair.first.token.text}” to “{pair.second.token.text}”"
        elif closest == 0 and pair.anchored and _is_split(pair, group):
            yield f"“{pair.first.token.text}” and “{pair.second.token.text}” are of different quotes"


def _is_split(pair: Pair, group: Sequence[Quote]) -> bool:
    """Say whether quotes that are no neighbours have one word each of a pair."""
    first = [quote for quote in group if pair.first.key in quote.reading.places]
    second = [quote for quote in group if pair.second.key in quote.reading.places]
    return bool(first and second) and not any(are_neighbours(one, other) for one in first for other in second)


def features(
    claim: Claim, group: Sequence[Quote], held: Sequence[float], ties: Sequence[tuple[Pair, float]]
) -> tuple[float, ...]:
    """Return the numbers that say how well quotes bear a claim, in the order of FEATURES."""
    titled = {claim.words[at].key for quote in group for at in quote.titled}
    ties = [(pair, closest) for pair, closest in ties if closest or not titled & {pair.first.key, pair.second.key}]
    common = [(w, h) for w, h, must in zip(claim.weights, held, claim.hard, strict=True) if not must]
    weight = sum(w for w, _ in common)
    anchored = [closest for pair, closest in ties if pair.anchored]
    return (
        covered(claim, held),
        sum(w * h for w, h in common) / weight if weight else 1.0,
        min((closest for closest in anchored if closest > 0), default=1.0),
        sum(closest == 0 for _, closest in ties) / len(ties) if ties else 0.0,
        sum(closest == 0 for closest in anchored) / len(anchored) if anchored else 0.0,
        max(_order(claim, quote) for quote in group),
        float(len(group) - 1),
    )


def _order(claim: Claim, quote: Quote) -> float:
    """Return the share of neighbours in a claim that a quote has in the same order."""
    found = [quote.reading.places[word.key] for word in claim.words if word.key in quote.reading.places]
    steps = list(pairwise(found))
    return sum(any(i < j for i in a for j in b) for a, b in steps) / len(steps) if steps else 1.0


def _best(judged: Sequence[Verdict | None]) -> Verdict | None:
    return max(
        (verdict for verdict in judged if verdict is not None),
        key=lambda v: (_RANK[v.status], -len(v.quotes), v.score, tuple(-i for i in v.quotes)),
        default=None,
    )


def _ties(claim: Claim, group: Sequence[Quote]) -> list[tuple[Pair, float]]:
    """Return each pair of the claim with its closest tie in any quote; below 0 where none ties it as the claim does."""
    found: list[tuple[Pair, float]] = []
    for pair, *ties in zip(claim.pairs, *(quote.ties(claim) for quote in group), strict=True):
        closest = max(ties)
        found.append((pair, closest if closest > 0 else min(ties)))
    return found


def _hopeless(claim: Claim, quotes: Sequence[Quote], near: Quote | None) -> Verdict:
    """Say which names or numbers no quote has; or, where all are somewhere, that no quotes that belong together do."""
    held = union(quotes) if quotes else (0.0,) * len(claim.words)
    lost = [
        word.token.text for word, worth, must in zip(claim.words, held, claim.hard, strict=True) if must and not worth
    ]
    lost = lost or [word.token.text for word, worth in zip(claim.words, held, strict=True) if not worth]
    why = f"no quote has {_listed(lost)}" if lost else "no quotes that belong together have all of it"
    return Verdict("unsupported", (near.index,) if near else (), 0.0, why, barred=True)


def _corroborated(claim: Claim, best: Verdict, quotes: Sequence[Quote], parts: Asked | None, spare: int = 0) -> Verdict:
    """Cite the quotes of other documents, too, that alone support a claim."""
    chosen = list(best.quotes)
    seen = {quote.item.document_id for quote in quotes if quote.index in chosen}
    for quote in sorted(quotes, key=lambda q: (-covered(claim, q.held), q.index)):
        room = len(chosen) < MOST_QUOTES and quote.item.document_id not in seen
        if room and any(groups(claim, [quote], 1)) and _judge(claim, (quote,), parts, spare).status == "supported":
            chosen.append(quote.index)
            seen.add(quote.item.document_id)
    return replace(best, quotes=tuple(sorted(chosen)))


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"“{word}”" for word in dict.fromkeys(words[:5]))

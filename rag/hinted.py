"""The check for a model that cites: the quotes it names are looked at first, and they decide between equals.

What it names is a hint, no more: a wrong number is put right from the rest of the evidence, and what no quote bears is
not supported, whatever was named. But where small models put halves of two sentences together to something that neither
says, one that names the very quotes it merged may do so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from rag.cite import Verdict, check
from rag.hold import MOST_QUOTES, NEIGHBOURS
from rag.types import Evidence
from rag.words import content, tokens

_JOINT = re.compile(r";\s+(?:and |but |while |whereas )?|,\s+(?:and|but|while|whereas)\s+")
"""Where a sentence says one thing and then another, neither depending on the other."""
_LINK = re.compile(r"(?:[;,]\s*)?(?:[;,]|\b(?:and|but|while|whereas))?\s*$")
"""What is left of a joint at the end of a part."""
_ELIDED = re.compile(
    r"\b(?:and|but|while)\s+(?:(?:is|was|are|were|has|have|had|will|would|might|may|could|can|[a-z]+ed|[a-z]+s)\b|\()"
)
"""A second thing said of a subject that is not named again."""
_DEPENDS = re.compile(
    r"\b(?:he|she|it|its|they|them|their|his|him|her|hers|theirs|this|that|these|those|there|then|both|neither|nor|either"
    r"|each|such|so|one|ones|other|others|another|same|the former|the latter|respectively|do|does|did|if|unless"
    r"|whether|who|whom|whose|which|according|because|although|though|since|instead|despite|within|amid|throughout|last|next)\b",
    re.IGNORECASE,
)
"""Words by which a part of a sentence may lean on another part of it."""
_ASTRAY = "its quotes may not speak of the same"
SPARE = 2
"""Common words of its own that a sentence of such a model may have, but no things: it puts things otherwise, where a
small one makes them up."""
_LEAST_WORDS = 3
"""Content words of a part that can stand by itself: "Yellen did" can't."""
_ARTICLE = re.compile(r"(?:the|a|an)\s", re.IGNORECASE)


def check_with_hints(sentence: str, hints: Sequence[int], evidence: Sequence[Evidence], question: str = "") -> Verdict:
    """Return what rag.cite.check finds for a sentence; hinted quotes are preferred to others that support it as well.

    Several quotes that only together support it count if the model named them, or their neighbours, which tell who
    "he" is. Hints never make a verdict worse than that without them.
    """
    named = [index for index in dict.fromkeys(hints) if 0 <= index < len(evidence)]
    hinted = _among(sentence, named, evidence, question)
    if not _is_of_its_subject(sentence, hinted.quotes, evidence):
        hinted = replace(hinted, status="partly", why=_ASTRAY)
    if hinted.status == "supported":
        single = _alone(sentence, hinted.quotes, evidence, question)
        if single:
            return _corroborated(sentence, replace(hinted, quotes=single), evidence, question)
    merged = hinted if hinted.status == "supported" else _part_by_part(sentence, named, evidence, question)
    # The named ones go first: between equals, the check takes the first.
    whole = _among(sentence, [*named, *(i for i in range(len(evidence)) if i not in set(named))], evidence, question)
    if whole.status != "supported":
        return merged or whole
    if _alone(sentence, whole.quotes, evidence, question):
        return whole
    if merged:
        return merged
    if not _is_of_its_subject(sentence, whole.quotes, evidence):
        return replace(whole, status="partly", why=_ASTRAY)
    near = all(any(_is_near(evidence[quote], evidence[hint]) for hint in named) for quote in whole.quotes)
    return whole if near else replace(whole, status="partly", why="no quote says it by itself")


def _among(sentence: str, indices: Sequence[int], evidence: Sequence[Evidence], question: str) -> Verdict:
    """Check a sentence against some of the evidence; the verdict's quotes are indices into all of it."""
    chosen = [evidence[index] for index in indices]
    verdict = check(sentence, chosen, question=question, around=evidence, spare=SPARE)
    return replace(verdict, quotes=tuple(sorted(indices[at] for at in verdict.quotes)))


def _alone(sentence: str, quotes: Sequence[int], evidence: Sequence[Evidence], question: str) -> tuple[int, ...]:
    """Return those quotes that support a sentence each by itself."""
    if len(quotes) == 1:
        return tuple(quotes)
    return tuple(i for i in quotes if _among(sentence, [i], evidence, question).status == "supported")


def _corroborated(sentence: str, verdict: Verdict, evidence: Sequence[Evidence], question: str) -> Verdict:
    """Cite the quotes of other documents, too, that say the same."""
    cited = {evidence[index].document_id for index in verdict.quotes}
    others = [index for index, item in enumerate(evidence) if item.document_id not in cited]
    room = MOST_QUOTES - len(verdict.quotes)
    if not others or room <= 0:
        return verdict
    more = _among(sentence, others, evidence, question)
    if more.status != "supported":
        return verdict
    found = _alone(sentence, more.quotes, evidence, question)[:room]
    return replace(verdict, quotes=tuple(sorted((*verdict.quotes, *found))))


def _part_by_part(sentence: str, named: Sequence[int], evidence: Sequence[Evidence], question: str) -> Verdict | None:
    """Return a verdict for a sentence that joins several, each supported by a quote that was named; else None."""
    parts = _parts(sentence)
    if len(parts) < 2 or len(named) < 2:
        return None
    quotes: list[int] = []
    score = 1.0
    for part, is_named in parts:
        verdict = _among(part, named, evidence, question)
        single = _alone(part, verdict.quotes, evidence, question) if verdict.status == "supported" else ()
        if not single:
            return None
        # "The company" is the one that was spoken of: of the same document, or it may be another.
        same = [i for i in single if not quotes or evidence[i].document_id == evidence[quotes[-1]].document_id]
        if not is_named and not same:
            return None
        quotes.append(single[0] if is_named else same[0])
        score = min(score, verdict.score)
    return Verdict("supported", tuple(sorted(set(quotes))), score)


def _parts(sentence: str) -> list[tuple[str, bool]]:
    """Return the statements that a sentence joins, and of each whether it opens with a name; nothing if one leans on
    another. What has no subject of its own (", and starring …") belongs to the statement before it."""
    starts = [0]
    for joint in _JOINT.finditer(sentence):
        if _is_named(sentence, joint.end()) or _ARTICLE.match(sentence, joint.end()):
            starts.append(joint.end())
    ends = [*starts[1:], len(sentence)]
    parts = [_LINK.sub("", sentence[start:end]).rstrip(". ") for start, end in zip(starts, ends, strict=True)]
    if any(_DEPENDS.search(part) or len(content(part)) < _LEAST_WORDS for part in parts):
        return []
    named = [_is_named(sentence, start) for start in starts]
    if not named[0] and not _ARTICLE.match(sentence):
        return []
    return [(f"{part[:1].upper()}{part[1:]}.", is_named) for part, is_named in zip(parts, named, strict=True)]


def _is_named(sentence: str, at: int) -> bool:
    """Say whether a part opens with a name. Of the first it is enough that it opens with no word like "in": what such
    words begin ("In 2022, …") may be said of the second part, too."""
    first = next((token for token in tokens(sentence) if token.start >= at), None)
    if first is None or first.start != at:
        return False
    return first.content if at == 0 else first.text[:1].isupper() and first.text != "I"


def _is_of_its_subject(sentence: str, quotes: Sequence[int], evidence: Sequence[Evidence]) -> bool:
    """Say whether what is told of a subject once more ("Ana is a Roman director, and was born in May") is of documents
    that speak of it; for a check of words, another Roman would do as well."""
    if not _ELIDED.search(sentence) or len({evidence[index].document_id for index in quotes}) < 2:
        return True
    subject = frozenset(
        token.key for token in takewhile(lambda t: t.text[:1].isupper() or t.number, tokens(sentence)) if token.content
    )
    return all(subject & (content(evidence[i].text) | content(evidence[i].title)) for i in quotes)


def _is_near(one: Evidence, other: Evidence) -> bool:
    gap = max(one.start, other.start) - min(one.end, other.end)
    return one.document_id == other.document_id and gap <= NEIGHBOURS

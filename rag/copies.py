"""Sentences that several documents have: shown once, with all of them.

Only what says the same is one sentence: the same words, numbers and signs in the same order. A "not", another unit, a
"before" for an "after" or two names that changed places make another one of it, however much else is the same: of two
versions of a rule neither may vanish behind the other. Case, quotes, punctuation, white space and how a line was
broken may differ.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from types import MappingProxyType

from rag.mend import mend
from rag.relevance import Candidate
from rag.sentences import split
from rag.types import Evidence
from rag.words import UNSPACED
from vectorstore.store import PassageRecord

Copy = tuple[str, frozenset[str]]
"""A document that has a near-duplicate of a passage, and what the sentences of that say."""

# What is left counts: "5.2" is not "52", "-5" not "5", "can't" not "cant", and a question states nothing.
_APOSTROPHE = re.compile(r"(?<=\w)[’‘ʼ´`'](?=\w)")
_MINUS = re.compile(r"(?:^|(?<=[\s(]))[-–−](?=[\d.])|\((?=[\d.,]+%?\))")
"""A sign before a number, or the bracket that stands for it in accounts."""
_STOP = re.compile(r"(?<!\d)\.|\.(?!\d)")
_PUNCTUATION = re.compile(
    r"(?<!\d)[,:]|[,:](?!\d)|(?<!\w)'|'(?!\w)"
    r"|[;!¡¿…·•‣▪●◦\"“”„‟«»‹›‘’‚‛`´*_(){}\[\]|–—‒―‐、。，；：！「」『』（）〔〕【】《》〈〉।॥،؛-]"
)
_ASKS = re.compile("[?？؟]")
_BEFORE_SIGN = re.compile(r"(?<=\d)\s+(?=[%‰°])")
_UNSPACED_GAP = re.compile(rf"(?<={UNSPACED.pattern}) (?={UNSPACED.pattern})")
_MINUS_SIGN = "\u2212"


@lru_cache(maxsize=8192)
def said(text: str) -> str:
    """Return one form for all the ways to write down the same sentence: what is left of two copies is equal."""
    text = _APOSTROPHE.sub("'", mend(text).casefold())
    text = _STOP.sub("", _MINUS.sub(_MINUS_SIGN, text))
    text = _BEFORE_SIGN.sub("", _ASKS.sub(" ? ", _PUNCTUATION.sub(" ", text)))
    return _UNSPACED_GAP.sub("", " ".join(text.split()))


def copies(
    passages: Sequence[PassageRecord],
    near: Mapping[str, Sequence[PassageRecord]],
    document_ids: Sequence[str] | None = None,
) -> dict[str, tuple[Copy, ...]]:
    """Return for each passage the documents that may have sentences of it, with what they say; `near` may hold them.

    With `document_ids` only these: who asks a few documents is told of no other.
    """
    allowed = None if document_ids is None else frozenset(document_ids)
    others = {other.id: other for passage in passages for other in near.get(passage.id, ())}
    say = {other.id: frozenset(said(sentence) for sentence in _sentences(other)) for other in others.values()}
    return {
        passage.id: tuple(
            (other.document_id, say[other.id])
            for other in near.get(passage.id, ())
            if other.document_id != passage.document_id and (allowed is None or other.document_id in allowed)
        )
        for passage in passages
    }


def _sentences(passage: PassageRecord) -> list[str]:
    """Return the sentences of a passage without reading its document, which may be one of a thousand.

    Where mending changed no length they are told by their lengths, lines without a full stop, too; else by their ends.
    """
    lengths = [end - start for start, end in passage.sentences]
    if sum(lengths) + len(lengths) - 1 != len(passage.text):
        return [span.of(passage.text) for span in split(passage.text)]
    ends = accumulate(length + 1 for length in lengths)
    return [passage.text[end - length - 1 : end - 1] for length, end in zip(lengths, ends, strict=True)]


@dataclass(slots=True)
class _Kept:
    """A sentence with the documents that have it."""

    evidence: Evidence
    also_in: list[str]


def collapse(
    scored: Sequence[tuple[Candidate, float]],
    copied: Mapping[str, Sequence[Copy]],
    originals: Mapping[str, str] = MappingProxyType({}),
) -> list[Evidence]:
    """Merge sentences that say the same in the same words: the best stands, `also_in` names the other documents.

    A sentence of a copy makes way for the same one in the document that it is a copy of, by `originals`.
    """
    kept: dict[str, _Kept] = {}
    for candidate, score in scored:
        found, form = candidate.evidence, said(candidate.text)
        twin = kept.get(form)
        if twin and originals.get(twin.evidence.document_id) == found.document_id:
            twin.also_in.append(twin.evidence.document_id)
            twin.evidence = replace(found, score=twin.evidence.score)
        elif twin:
            twin.also_in.append(found.document_id)
        else:
            also = [document for document, forms in copied.get(found.passage_id, ()) if form in forms]
            kept[form] = _Kept(replace(found, score=score), also)
    return [replace(one.evidence, also_in=_others(one)) for one in kept.values()]


def _others(kept: _Kept) -> tuple[str, ...]:
    return tuple(dict.fromkeys(document for document in kept.also_in if document != kept.evidence.document_id))

"""Sentences to passages: whole sentences, up to what the embedder reads, never across a heading or a page."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from rag.layout import Block
from rag.mend import mend
from rag.types import Document, Passage, Span

SENTENCE_TOKENS = 120
"""No sentence is longer; what has no full stop (a minified line, a long table row) is cut at white space."""
PIECE_CHARACTERS = 1200
"""A run without a full stop is cut to this before its tokens are counted: counting 10 MB at once costs seconds."""
REST_TOKENS = 24
"""A rest shorter than this joins the passage before it, even if that goes a little over `max_tokens`."""

_GAP = re.compile(r"\s+")
_SOFT = re.compile(r"[;:,)\]]\s+|\s[–—-]\s+")

Count = Callable[[str], int]


@dataclass(slots=True)
class _Draft:
    """A passage in the making."""

    heading: str
    page: int | None
    spans: list[Span] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    tokens: int = 0
    only_headings: bool = True


@dataclass(frozen=True, slots=True)
class _Sentence:
    span: Span
    text: str
    tokens: int
    heading: bool


def chunk(document: Document, blocks: Sequence[Block], count: Count, *, max_tokens: int = 200) -> list[Passage]:
    """Return the passages of a document; `count` gives the embedder's tokens of a text.

    A passage has at most `max_tokens` (plus a short rest) unless a single sentence has more. Neighbours don't overlap.
    """
    drafts: list[_Draft] = []
    starts = [page.start for page in document.pages]
    heading = ""
    for sentence in _sentences(document.text, blocks, count, min(max_tokens, SENTENCE_TOKENS)):
        page = max(1, bisect_right(starts, sentence.span.start)) if starts else None
        if sentence.heading:
            heading = sentence.text
        _place(drafts, sentence, heading, page, max_tokens)
    return [_passage(ordinal, draft) for ordinal, draft in enumerate(_joined_rests(drafts))]


def _place(drafts: list[_Draft], sentence: _Sentence, heading: str, page: int | None, max_tokens: int) -> None:
    """Add a sentence to the last passage, or open a new one: at a heading with text before it, a page, or when full."""
    last = drafts[-1] if drafts else None
    if last is not None and last.page == page and last.tokens + sentence.tokens <= max_tokens:
        fits = last.only_headings if sentence.heading else True
    else:
        fits = False
    if not fits or last is None:
        last = _Draft(heading, page)
        drafts.append(last)
    last.heading = heading
    last.spans.append(sentence.span)
    last.texts.append(sentence.text)
    last.tokens += sentence.tokens
    last.only_headings = last.only_headings and sentence.heading


def _joined_rests(drafts: list[_Draft]) -> list[_Draft]:
    """Join a tiny rest to the passage before it where both stand under the same heading and on the same page."""
    result: list[_Draft] = []
    for draft in drafts:
        before = result[-1] if result else None
        same = before is not None and before.page == draft.page and before.heading == draft.heading
        if before is not None and same and draft.tokens < REST_TOKENS and not draft.only_headings:
            before.spans += draft.spans
            before.texts += draft.texts
            before.tokens += draft.tokens
        else:
            result.append(draft)
    return result


def _passage(ordinal: int, draft: _Draft) -> Passage:
    return Passage(
        ordinal=ordinal,
        start=draft.spans[0].start,
        end=draft.spans[-1].end,
        text=" ".join(draft.texts),
        sentences=tuple(draft.spans),
        page=draft.page,
        heading=draft.heading,
    )


def _sentences(text: str, blocks: Sequence[Block], count: Count, limit: int) -> Iterator[_Sentence]:
    for block in blocks:
        for whole in block.sentences:
            for span in _pieces(text, whole, count, limit):
                body = mend(span.of(text))
                if body:
                    yield _Sentence(span, body, count(body), block.kind == "heading")


def _pieces(text: str, span: Span, count: Count, limit: int) -> Iterator[Span]:
    """Yield a sentence, or where it has more than `limit` tokens the parts that it is cut into."""
    start = span.start
    while span.end - start > PIECE_CHARACTERS:
        cut = _cut(text, start, start + PIECE_CHARACTERS)
        yield from _halves(text, start, cut, count, limit)
        start = cut
    yield from _halves(text, start, span.end, count, limit)


def _halves(text: str, start: int, end: int, count: Count, limit: int) -> Iterator[Span]:
    stack = [(start, end)]
    while stack:
        first, last = stack.pop()
        body = text[first:last]
        first += len(body) - len(body.lstrip())
        last = first + len(body.strip())
        if first >= last:
            continue
        if last - first <= limit // 4 or last - first < 8 or count(text[first:last]) <= limit:
            yield Span(first, last)
            continue
        middle = _cut(text, first + (last - first) // 4, first + (last - first) * 3 // 4)
        stack += [(middle, last), (first, middle)]


def _cut(text: str, start: int, end: int) -> int:
    """Return where to cut between `start` and `end`: behind the last clause, else the last word, else at `end`."""
    for rule in (_SOFT, _GAP):
        ends = [match.end() for match in rule.finditer(text, start + (end - start) // 2, end)]
        if ends:
            return ends[-1]
    return end

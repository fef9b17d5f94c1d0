"""Sentences to passages: whole sentences, up to what the embedder reads, never across a heading or a page."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from rag.layout import Block
from rag.mend import mend
from rag.types import Document, Passage, Span

SENTENCE_TOKENS = 120
"""No sentence is longer; what has no full stop (a minified line, a long table row) is cut at white space."""
PIECE_CHARACTERS = 1200
"""A run without a full stop is cut to this before its tokens are counted: counting 10 MB at once costs seconds."""
PASSAGE_SENTENCES = 64
"""No passage has more: it bounds the work on a file of a million one-word lines."""
MID_PARAGRAPH = 0.15
"""What it costs to part two sentences of a paragraph, where a passage that is left empty costs 1."""

_GAP = re.compile(r"\s+")
_SOFT = re.compile(r"[;:,)\]]\s+|\s[–—-]\s+")

Count = Callable[[str], int]


class _Sentence(NamedTuple):
    span: Span
    text: str
    tokens: int
    opens: bool
    """It is the first of its paragraph."""
    heading: bool


def chunk(document: Document, blocks: Sequence[Block], count: Count, *, max_tokens: int = 200) -> list[Passage]:
    """Return the passages of a document; `count` gives the embedder's tokens of a text.

    A passage has at most `max_tokens` unless a single sentence has more. Neighbours don't overlap.
    """
    starts = [page.start for page in document.pages]
    passages: list[Passage] = []
    heading = ""
    limit = min(max_tokens, SENTENCE_TOKENS)
    for page, section in _sections(_sentences(document.text, blocks, count, limit), starts):
        heading = " – ".join(s.text for s in takewhile(lambda s: s.heading, section)) or heading
        for first, last in _packed(section, max_tokens):
            passages.append(_passage(len(passages), section[first:last], page, heading))
    return passages


def _sections(sentences: Iterable[_Sentence], starts: Sequence[int]) -> Iterator[tuple[int | None, list[_Sentence]]]:
    """Group sentences: a new group at a heading that has text before it, and at a new page."""
    group: list[_Sentence] = []
    current: int | None = None
    for sentence in sentences:
        page = max(1, bisect_right(starts, sentence.span.start)) if starts else None
        if group and (page != current or (sentence.heading and not group[-1].heading)):
            yield current, group
            group = []
        current = page
        group.append(sentence)
    if group:
        yield current, group


def _packed(section: Sequence[_Sentence], max_tokens: int) -> list[tuple[int, int]]:
    """Return the ranges that cut a section into passages as few, as even and as much between paragraphs as can be.

    Filling one after the other would leave rests of one sentence, and part a list from the line that announces it.
    """
    best = [0.0] + [float("inf")] * len(section)
    origin = [0] * (len(section) + 1)
    for first in range(len(section)):
        tokens = 0
        for last in range(first + 1, min(len(section), first + PASSAGE_SENTENCES) + 1):
            tokens += section[last - 1].tokens
            if tokens > max_tokens and last > first + 1:
                break
            cost = best[first] + (1 - min(tokens, max_tokens) / max_tokens) ** 2
            if last < len(section):
                cost += 0.01 if section[last].opens else MID_PARAGRAPH
            if cost < best[last]:
                best[last], origin[last] = cost, first
    ranges = []
    end = len(section)
    while end:
        ranges.append((origin[end], end))
        end = origin[end]
    return ranges[::-1]


def _passage(ordinal: int, sentences: Sequence[_Sentence], page: int | None, heading: str) -> Passage:
    return Passage(
        ordinal=ordinal,
        start=sentences[0].span.start,
        end=sentences[-1].span.end,
        text=" ".join(sentence.text for sentence in sentences),
        sentences=tuple(sentence.span for sentence in sentences),
        page=page,
        heading=heading,
    )


def _sentences(text: str, blocks: Sequence[Block], count: Count, limit: int) -> Iterator[_Sentence]:
    for block in blocks:
        opens = True
        for whole in block.sentences:
            for span in _pieces(text, whole, count, limit):
                body = mend(span.of(text))
                if body:
                    yield _Sentence(span, body, count(body), opens, block.kind == "heading")
                    opens = False


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

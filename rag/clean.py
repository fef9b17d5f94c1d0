"""Which characters of an extracted text are content: no page furniture, and what a document repeats only once.

The text itself is never edited: what is kept is spans of it, so a quote can be found in the source. `mend` is for the
copy that is indexed and read by a model.

On a page of links the furniture goes ("Read more »") but the teasers stay, headline and summary: they are
sentences that state facts, and the only place in the collection where some of them stand.
"""

from __future__ import annotations

import re
from dataclasses import replace

from rag.furniture import is_furniture, is_link, is_tag_label, is_tag_list
from rag.layout import Block, Paragraph, paragraphs
from rag.mend import mend
from rag.sentences import split
from rag.types import Span

__all__ = ["LONG", "kept", "mend"]

LONG = 5
"""Words: a sentence this long doesn't occur twice by chance, so its second occurrence is a repetition."""
LINK_RUN = 3
"""Lines: this many links on end are a list of links; fewer may be a source that is named."""

_WORD = re.compile(r"\w+")


def kept(text: str) -> list[Block]:
    """Return the content of a text in reading order; what is said twice is there once, where it comes first."""
    blocks = []
    for paragraph in _without_furniture(text, paragraphs(text)):
        spans = _sentences(text, paragraph)
        if spans:
            blocks.append(Block(paragraph.kind, spans))
    return _once(text, blocks)


def _sentences(text: str, paragraph: Paragraph) -> tuple[Span, ...]:
    whole = Span(paragraph.start, paragraph.end)
    spans = [whole] if paragraph.kind in {"heading", "row", "code"} else split(text, whole.start, whole.end)
    if not _may_be_furniture(text, paragraph):
        return tuple(span for span in spans if paragraph.kind == "code" or _has_words(text, span))
    return tuple(span for span in spans if _has_words(text, span) and not is_furniture(span.of(text)))


def _has_words(text: str, span: Span) -> bool:
    return any(character.isalnum() for character in span.of(text))


def _without_furniture(text: str, found: list[Paragraph]) -> list[Paragraph]:
    bodies = [text[p.start : min(p.end, p.start + 2000)] for p in found]
    linked = [is_link(body) for body in bodies]
    result = []
    for index, paragraph in enumerate(found):
        tags = index > 0 and is_tag_label(bodies[index - 1]) and is_tag_list(bodies[index])
        if tags or (linked[index] and _run(linked, index) >= LINK_RUN):
            continue
        if _may_be_furniture(text, paragraph) and is_furniture(bodies[index]):
            continue
        result.append(paragraph)
    return result


def _may_be_furniture(text: str, paragraph: Paragraph) -> bool:
    """Say no for code and for what Markdown marks as heading: "## Search" is a chapter, not a button."""
    return paragraph.kind != "code" and not text[max(0, paragraph.start - 3) : paragraph.start].rstrip().endswith("#")


def _run(flags: list[bool], index: int) -> int:
    """Return how many flags in a row are set around one; counting stops where a run is certain."""
    first = last = index
    while first > 0 and flags[first - 1] and last - first < LINK_RUN:
        first -= 1
    while last + 1 < len(flags) and flags[last + 1] and last - first < LINK_RUN:
        last += 1
    return last - first + 1


def _once(text: str, blocks: list[Block]) -> list[Block]:
    """Drop what was there before: long sentences alone, short ones and rows only next to the same neighbour."""
    units = [(i, span, _key(text, span)) for i, block in enumerate(blocks) for span in block.sentences]
    seen: set[str] = set()
    pairs: set[tuple[str, str]] = set()
    left: list[list[Span]] = [[] for _ in blocks]
    for position, (index, span, key) in enumerate(units):
        before = units[position - 1][2] if position else ""
        after = units[position + 1][2] if position + 1 < len(units) else ""
        alone = blocks[index].kind in {"text", "item", "heading"} and key.count(" ") + 1 >= LONG
        repeated = bool(key) and key in seen and (alone or (before, key) in pairs or (key, after) in pairs)
        if not repeated:
            left[index].append(span)
        seen.add(key)
        pairs.add((before, key))
    result = [replace(block, sentences=tuple(spans)) for block, spans in zip(blocks, left, strict=True) if spans]
    return _without_hollow_headings(text, result)


def _key(text: str, span: Span) -> str:
    return " ".join(_WORD.findall(span.of(text).casefold()))


def _without_hollow_headings(text: str, blocks: list[Block]) -> list[Block]:
    """Drop a heading that was there before and has lost its section to the earlier copy."""
    result: list[Block] = []
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        if block.kind == "heading":
            key = _key(text, block.sentences[0])
            hollow = index + 1 == len(blocks) or blocks[index + 1].kind == "heading"
            if key in seen and hollow:
                continue
            seen.add(key)
        result.append(block)
    return result

"""Which characters of an extracted text are content: no page furniture, and what a document repeats only once.

The text itself is never edited: what is kept is spans of it, so a quote can be found in the source. `mend` is for the
copy that is indexed and read by a model.

On a page of links the furniture goes ("Read more »") but the teasers stay, headline and summary: they are
sentences that state facts, and the only place in the collection where some of them stand.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING

from rag.furniture import is_furniture, is_link, is_tag_label, is_tag_list
from rag.layout import Block, Paragraph, paragraphs
from rag.mend import mend
from rag.sentences import split
from rag.types import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["LONG", "NEAR_DUPLICATE", "kept", "mend", "resemblance", "signature"]

LONG = 8
"""Words: a sentence this long doesn't occur twice by chance, so its second occurrence is a repetition."""
RUN = 3
"""Units (sentences, headings, rows): so many that repeat in a row, a long one among them, are a copy."""
SHORT_RUN = 8
"""Without a long one it takes more: the nominees of two prizes may be the same, and both lists say something."""
LINK_RUN = 3
"""Lines: this many links on end are a list of links; fewer may be a source that is named."""

NEAR_DUPLICATE = 0.7
"""Estimated share of common word triples from which two passages count as one told twice. A changed name or number in
a 200-token passage leaves about 0.95, a rewritten sentence in five 0.7; two reports of one event are below 0.2."""
SHINGLE = 3
"""Words."""
PERMUTATIONS = 64
"""The estimate is off by 0.06 (one standard deviation) at `NEAR_DUPLICATE`; a signature takes 256 bytes."""
ROWS = 4
"""Permutations in a band: of pairs at `NEAR_DUPLICATE` 99 in 100 share one of the 16 bands, at 0.2 one in 40."""

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
    if spans == [whole] or not _may_be_furniture(text, paragraph):
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
    """Drop what was there before: a long statement wherever it stands, anything else only as part of a repeated run.

    A heading, a question of an interview, a row or a line of code may stand twice with something else behind it.
    """
    units = [(index, span, _key(text, span)) for index, block in enumerate(blocks) for span in block.sentences]
    in_run = _repeated_runs([key for _, _, key in units])
    seen: set[str] = set()
    left: list[list[Span]] = [[] for _ in blocks]
    for (index, span, key), again in zip(units, in_run, strict=True):
        statement = blocks[index].kind in {"text", "item"} and not text.endswith("?", span.start, span.end)
        alone = statement and _words(key) >= LONG and key in seen
        if not again and not alone:
            left[index].append(span)
        seen.add(key)
    result = [replace(block, sentences=tuple(spans)) for block, spans in zip(blocks, left, strict=True) if spans]
    return _without_hollow_headings(text, result)


def _repeated_runs(keys: list[str]) -> list[bool]:
    """Say for each unit whether it is part of a run that stood there before."""
    repeated = [False] * len(keys)
    long = [_words(key) >= LONG for key in keys]
    for length in (RUN, SHORT_RUN):
        seen: set[tuple[str, ...]] = set()
        for first in range(len(keys) - length + 1):
            run = tuple(keys[first : first + length])
            if run in seen and (length == SHORT_RUN or any(long[first : first + length])):
                repeated[first : first + length] = [True] * length
            seen.add(run)
    return repeated


def _words(key: str) -> int:
    return key.count(" ") + 1 if key else 0


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


def signature(text: str) -> tuple[bytes, tuple[bytes, ...]]:
    """Return the MinHash signature of a passage and its bands; both are empty for a text of fewer than eight words.

    Passages that share a band are candidates; `resemblance` of their signatures decides.
    """
    words = _WORD.findall(text.casefold())
    if len(words) < LONG:
        return b"", ()
    shingles = {" ".join(words[i : i + SHINGLE]).encode() for i in range(len(words) - SHINGLE + 1)}
    from datasketch import MinHash

    minhash = MinHash(num_perm=PERMUTATIONS, scheme="affine32", permutations=_permutations())
    # Sorted, so that nothing depends on the order of a set.
    minhash.update_batch(sorted(shingles))
    packed = minhash.hashvalues.astype("<u4").tobytes()
    width = 4 * ROWS
    bands = (packed[first : first + width] for first in range(0, len(packed), width))
    return packed, tuple(bytes([n]) + blake2b(band, digest_size=8).digest() for n, band in enumerate(bands))


def resemblance(a: bytes, b: bytes) -> float:
    """Return the estimated share of word triples that two signatures have in common; 0 where one of them is empty."""
    import numpy as np

    if not a or not b:
        return 0.0
    return float((np.frombuffer(a, "<u4") == np.frombuffer(b, "<u4")).mean())


@cache
def _permutations() -> NDArray[np.uint32]:
    """Return the fixed permutations: drawing them anew for each passage takes longer than hashing it."""
    from datasketch import MinHash

    drawn: NDArray[np.uint32] = MinHash(num_perm=PERMUTATIONS, seed=1, scheme="affine32").permutations
    return drawn

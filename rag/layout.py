"""The lines and paragraphs of plain text, and the headings, list items and table rows among them.

Below the stages: loading reads titles off it, cleaning decides on its paragraphs. All in spans of the same text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rag.types import Span

Kind = Literal["text", "heading", "item", "row", "code"]

_LINE = re.compile(r"[^\n\r\f\v\x1c-\x1e\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\n\r\f\v\x1c-\x1e\x85\u2028\u2029]")
_MARK = re.compile(r"(?:>\s*)*(?:(?:[-*+•‣▪●◦·–—]|\[[ xX]\])\s+)*")
_NUMBER = re.compile(r"\(?(?:\d{1,3}|[A-Za-z]|[ivxlc]{1,6})[.)]\s+\S")
_HASHES = re.compile(r"#{1,6}\s+")
_RULE = re.compile(r"(?:[-*_=~+#.·•—–]\s?){3,}")
_UNDERLINE = re.compile(r"=+|-{2,}")
_FENCE = re.compile(r"(?:`{3,}|~{3,})[^`]*")
_ROW_RULE = re.compile(r"\|?[\s:|+-]*-[\s:|+-]*\|[\s:|+-]*")
_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*\r?\n(?:[^\n]*\n){0,100}?(?:---|\.\.\.)[ \t]*(?:\r?\n|$)")
_KEY = re.compile(r"[A-Za-z_][\w -]*:(?:\s|$)", re.MULTILINE)
_TERMINAL = re.compile(r"[.!?…。！？؟।॥۔:;]['\"”’)\]»]*$")

WRAP = 140
"""Characters: a longer line was not broken to fit a column."""
_UNLIKE = 0.93
"""Of the widest line nearby: one of so many characters may be as wide on paper."""
_WITHIN = re.compile(r"[^\W\d_]{2}[.!?][\"'”’)]?\s+[A-ZÀ-Þ]")
HEADING = 100
"""Characters: a longer line is no heading."""


class Line(NamedTuple):
    """A line without its outer white space; `gap` says that an empty line (or the start) stands before it."""

    start: int
    end: int
    gap: bool


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A run of lines that belong together; `start` is behind bullets, hashes and the like, which mark, not say."""

    start: int
    end: int
    kind: Kind
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item or table row with the sentences that are kept of it, in order."""

    kind: Kind
    sentences: tuple[Span, ...]

    @property
    def start(self) -> int:
        """Offset of the first kept character."""
        return self.sentences[0].start

    @property
    def end(self) -> int:
        """Offset behind the last kept character."""
        return self.sentences[-1].end


def front_matter(text: str) -> Span | None:
    """Return the block of `key: value` lines between `---` at the very start of Markdown, or None."""
    match = _FRONT_MATTER.match(text)
    if match is None or not _KEY.search(match.group()):
        return None
    return Span(match.start(), match.end())


def lines(text: str, start: int = 0) -> Iterator[Line]:
    """Yield the lines that are not blank."""
    seen = start
    first = True
    for match in _LINE.finditer(text, start):
        raw = match.group()
        body = raw.strip()
        if not body:
            continue
        begin = match.start() + len(raw) - len(raw.lstrip())
        gap = first or len(_BREAK.findall(text, seen, match.start())) > 1
        yield Line(begin, begin + len(body), gap)
        seen, first = match.end(), False


def paragraphs(text: str) -> list[Paragraph]:
    """Return the paragraphs in order, lines that were only wrapped joined; rules and fences are left out."""
    head = front_matter(text)
    found = list(lines(text, head.end if head else 0))
    result: list[Paragraph] = []
    index = 0
    while index < len(found):
        line = found[index]
        if _FENCE.fullmatch(text, line.start, line.end):
            index = _code(text, found, index, result)
        elif is_rule(text[line.start : line.end]):
            index += 1
        else:
            index = _paragraph(text, found, index, result)
    return result


def is_rule(line: str) -> bool:
    """Say whether a line only draws: `---`, `* * *`, `=====`, the line under a table's head."""
    return bool(_RULE.fullmatch(line) or (("|" in line or "+" in line) and _ROW_RULE.fullmatch(line)))


def is_title(line: str) -> bool:
    """Say whether a line reads like a title: short, not a sentence, starting like one."""
    first = next((character for character in line if character.isalnum()), "")
    return (
        2 < len(line) <= HEADING
        and not _TERMINAL.search(line)
        and not line.endswith(",")
        and bool(first)
        and not first.islower()
        and 1 <= len(line.split()) <= 16
        and any(character.isalpha() for character in line)
    )


def _code(text: str, found: list[Line], index: int, result: list[Paragraph]) -> int:
    """Add the lines of a fenced block one by one, none joined; return the index behind the closing fence."""
    fence = text[found[index].start : found[index].start + 3]
    index += 1
    while index < len(found):
        line = found[index]
        index += 1
        if text.startswith(fence, line.start):
            break
        result.append(Paragraph(line.start, line.end, "code", line.gap))
    return index


def _paragraph(text: str, found: list[Line], index: int, result: list[Paragraph]) -> int:
    line = found[index]
    kind = _kind(text, found, index)
    start = _content(text, line, kind)
    last = index
    if kind in {"text", "item"}:
        while _continues(text, found, last):
            last += 1
    if start < found[last].end:
        result.append(Paragraph(start, found[last].end, kind, line.gap))
    underlined = kind == "heading" and last + 1 < len(found) and _is_underline(text, found, last + 1)
    return last + 2 if underlined else last + 1


def _content(text: str, line: Line, kind: Kind) -> int:
    """Return where the words of a line start, behind hashes, quote marks and bullets."""
    if match := _HASHES.match(text, line.start, line.end):
        return match.end()
    match = _MARK.match(text, line.start, line.end) if kind != "row" else None
    return match.end() if match else line.start


def _kind(text: str, found: list[Line], index: int) -> Kind:
    line = found[index]
    body = text[line.start : line.end]
    if _HASHES.match(body):
        return "heading"
    if body.startswith("|") or body.count("\t") >= 2 or body.count(" | ") >= 2:
        return "row"
    if (match := _MARK.match(body)) and match.end():
        return "item" if not body.startswith(">") else "text"
    if index + 1 < len(found) and _is_underline(text, found, index + 1) and is_title(body):
        return "heading"
    if line.gap and _closes(found, index) and is_title(body) and not _continues(text, found, index):
        return "heading"
    return "item" if _NUMBER.match(body) else "text"


def _closes(found: list[Line], index: int) -> bool:
    """Say whether an empty line follows, or, for the first line of all, any line: the title of a plain text."""
    if index + 1 >= len(found):
        return False
    return index == 0 or found[index + 1].gap


def _is_underline(text: str, found: list[Line], index: int) -> bool:
    line = found[index]
    return not line.gap and bool(_UNDERLINE.fullmatch(text, line.start, line.end))


def _continues(text: str, found: list[Line], index: int) -> bool:
    """Say whether the break after a line only wraps it: the sentence is open and the next line goes on with it."""
    if index + 1 == len(found):
        return False
    line, following = found[index], found[index + 1]
    body = text[line.start : line.end]
    if following.gap or _starts_anew(text, found, index + 1):
        return False
    if body.endswith(("-", "\u00ad", "‐")):
        return text[following.start].islower()
    if len(body) < 40 or len(body) > WRAP:
        return False
    if _TERMINAL.search(body) and not body.endswith((":", ";")):
        return _fits(text, found, index)
    return text[following.start].islower() or _fits(text, found, index) or _fits_open(text, found, index)


def _starts_anew(text: str, found: list[Line], index: int) -> bool:
    line = found[index]
    body = text[line.start : min(line.end, line.start + 80)]
    return bool(
        _HASHES.match(body)
        or _NUMBER.match(body)
        or body.startswith(("|", "```", "~~~"))
        or ((match := _MARK.match(body)) and match.end() and not body.startswith(">"))
        or is_rule(text[line.start : line.end])
        or _kind_of_row(body)
    )


def _kind_of_row(body: str) -> bool:
    return body.count("\t") >= 2 or body.count(" | ") >= 2


def _fits(text: str, found: list[Line], index: int) -> bool:
    """Say whether text is set to a column here: the next word had no room, as with most breaks nearby, and one of the
    lines nearby goes on in lower case, or in letters that have none. Headlines one below the other do neither.
    """
    near = range(max(0, index - 3), min(len(found) - 1, index + 4))
    width = max(found[i].end - found[i].start for i in (*near, near[-1] + 1))
    if width > WRAP or not _is_full(text, found, index, width):
        return False
    breaks = [i for i in near if not found[i + 1].gap]
    full = sum(_is_full(text, found, i, width) for i in breaks)
    return full * 4 >= len(breaks) * 3 and any(_may_go_on(text[found[i + 1].start]) for i in breaks)


def _fits_open(text: str, found: list[Line], index: int) -> bool:
    """Say the same of a line that ends in the middle of a sentence, where letters are of unlike widths as in a PDF.

    Lines that end with a sentence may be short: they end paragraphs that no empty line parts. That this is a running
    text shows in a line that goes on in lower case, or in a sentence that begins within this line.
    """
    near = range(max(0, index - 3), min(len(found) - 1, index + 4))
    width = max(found[i].end - found[i].start for i in (*near, near[-1] + 1))
    following = text[found[index + 1].start : found[index + 1].end]
    if width > WRAP or _kind_of_row(following) or not _TERMINAL.search(_up_to_gap(text, found, index + 1)):
        return False
    breaks = [i for i in near if not found[i + 1].gap and _is_open(text, found[i])]
    goes_on = any(text[found[i + 1].start].islower() for i in breaks)
    runs = goes_on or _WITHIN.search(text, found[index].start, found[index].end)
    return bool(runs) and all(_is_full(text, found, i, round(_UNLIKE * width)) for i in breaks)


def _is_open(text: str, line: Line) -> bool:
    body = text[line.start : line.end]
    return not _TERMINAL.search(body) and not _kind_of_row(body)


def _up_to_gap(text: str, found: list[Line], index: int) -> str:
    """Return the text from a line to the next empty one, of four lines at most."""
    last = index
    while last + 1 < len(found) and not found[last + 1].gap and last < index + 3:
        last += 1
    return text[found[index].start : found[last].end]


def _may_go_on(first: str) -> bool:
    """Say whether a line that begins so can go on a sentence: in lower case, or where there is no other."""
    return first.islower() or "\u0590" <= first <= "\u0fff"


def _is_full(text: str, found: list[Line], index: int, width: int) -> bool:
    line, following = found[index], found[index + 1]
    word = len(text[following.start : min(following.end, following.start + WRAP)].split(maxsplit=1)[0])
    return line.end - line.start + 1 + word > width

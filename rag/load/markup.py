"""reStructuredText and Org: the text as it is, with headings marked as the stages behind know them."""

from __future__ import annotations

import re

from rag.errors import DocumentError
from rag.load.dates import stated_date
from rag.load.encoding import decode
from rag.load.parsed import Parsed, Source

RST = (".rst", ".rest")
ORG = (".org",)
_UNDERLINE = re.compile(r"([=\-`:'\"~^_*+#<>.])\1{2,}")
_DIRECTIVE = re.compile(r"\.\. (?:image|figure|contents|toctree|raw|include|highlight|index|_|\|)", re.IGNORECASE)
_ROLE = re.compile(r":[A-Za-z][\w:.-]*:`([^`<]+?)(?:\s*<[^`>]*>)?`|`([^`<]+?)\s*<[^`>]*>`__?|``([^`]+)``")
_STARS = re.compile(r"(\*{1,6})\s+(?:(?:TODO|DONE)\s+)?(.+?)(?:\s+:[\w@:]+:)?$")
_KEYWORD = re.compile(r"#\+(\w+):\s*(.*)$", re.IGNORECASE)
_BLOCK = re.compile(r"#\+(begin|end)_(\w+)\s*(\S*)", re.IGNORECASE)
_LINK = re.compile(r"\[\[[^\]]*\]\[([^\]]*)\]\]")


def read_rst(source: Source) -> Parsed:
    """Read reStructuredText; what only steers its making ("toctree") is left out.

    Raises:
        DocumentError: the bytes are no text, or there is none.
    """
    lines = decode(source.data, source.name).splitlines()
    levels: list[str] = []
    result: list[str] = []
    title = ""
    at = 0
    while at < len(lines):
        line = lines[at]
        below = lines[at + 1] if at + 1 < len(lines) else ""
        if _DIRECTIVE.match(line.strip()):
            at = _behind(lines, at)
            continue
        over = _UNDERLINE.fullmatch(line.rstrip()) and at + 2 < len(lines) and lines[at + 2].rstrip() == line.rstrip()
        if over:
            at, line, below = at + 1, lines[at + 1], lines[at + 2]
        if line.strip() and _is_under(line, below):
            mark = ("^" if over else "") + below[0]
            if mark not in levels:
                levels.append(mark)
            heading = _inline(line.strip())
            title = title or heading
            result += ["", f"{'#' * min(levels.index(mark) + 1, 6)} {heading}", ""]
            at += 2
        else:
            result.append(_inline(line.rstrip()).removesuffix("::"))
            at += 1
    return _parsed(result, source, "text/x-rst", title)


def _is_under(line: str, below: str) -> bool:
    return bool(_UNDERLINE.fullmatch(below.rstrip())) and len(below.rstrip()) >= min(len(line.rstrip()), 4)


def _behind(lines: list[str], at: int) -> int:
    """Return the index behind a directive and what is indented under it."""
    at += 1
    while at < len(lines) and (lines[at].startswith((" ", "\t")) or not lines[at].strip()):
        at += 1
    return at


def _inline(line: str) -> str:
    return _ROLE.sub(lambda match: next(filter(None, match.groups()), ""), line)


def read_org(source: Source) -> Parsed:
    """Read an Org file; properties and settings are left out.

    Raises:
        DocumentError: the bytes are no text, or there is none.
    """
    result: list[str] = []
    title = author = ""
    drawer = False
    for line in decode(source.data, source.name).splitlines():
        bare = line.strip()
        if drawer or re.fullmatch(r":[A-Z_]+:", bare):
            drawer = bare.upper() != ":END:"
        elif match := _STARS.match(line):
            result += ["", f"{'#' * len(match.group(1))} {match.group(2)}", ""]
        elif match := _BLOCK.match(bare):
            result.append(f"```{match.group(3)}" if match.group(1).lower() == "begin" else "```")
        elif match := _KEYWORD.match(bare):
            title = match.group(2) if match.group(1).lower() == "title" else title
            author = match.group(2) if match.group(1).lower() == "author" else author
        else:
            result.append(_LINK.sub(r"\1", line.rstrip()))
    return _parsed(result, source, "text/x-org", title, author)


def _parsed(lines: list[str], source: Source, media_type: str, title: str, author: str = "") -> Parsed:
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    if not text:
        raise DocumentError(f"{source.name}: has no text.")
    first = re.match(r"# (.+)", text)
    return Parsed(text, title or (first.group(1) if first else ""), media_type, stated_date(text), author or None)

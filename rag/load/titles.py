"""What a document is called that has no title: by its file's name, or by how it begins where that says nothing."""

from __future__ import annotations

import re
from pathlib import Path

from rag.layout import paragraphs
from rag.mend import normalized
from rag.words import UNSPACED

OPENING = 60
"""Characters of a text's beginning that are its title."""
NAMELESS = frozenset(
    "untitled unnamed noname unbenannt безымянный 未命名 sans titre document dokument documento doc file fichier text "
    "txt index page download output export tmp temp copy kopie new scan scanned img dsc dscn image photo pic "
    "screenshot attachment".split()
)
"""Words that programs call files by."""
_TOP = 20_000
"""Characters in which the first words stand."""
_HASH = re.compile(r"(?=.*\d)(?![a-f]{3,}(?:19|20)\d\d$)[0-9a-f]{6,}", re.IGNORECASE)
"""Not "deed2019"."""
_UUID = re.compile(r"[0-9a-f]{8}(?: [0-9a-f]{4}){3} [0-9a-f]{12}", re.IGNORECASE)
_DAY = re.compile(r"\b(?:19|20)\d\d [01]?\d [0-3]?\d\b")
_LETTERS = re.compile(r"[^\W\d_a-z]+|[a-z]{3,}|[^\W\d_]{3,}", re.IGNORECASE)
_SHORT = re.compile(r"\b[A-Z]{2}\b")
"""A word of two letters, such as "CV"."""
_MARKUP = re.compile(r"(?<!\w)[*_`]+|[*_`]+(?!\w)")


def title_of(path: Path, text: str) -> str:
    """Return a file's name as a title, or how its text begins if the name says nothing."""
    name = readable_name(path)
    return name if says_something(name) else opening(text) or name


def readable_name(path: Path) -> str:
    """Return a file's name as a title: no suffix, no underscores, accents on their letters (Macs write them apart)."""
    words = normalized(path.stem).replace("_", " ").replace("-", " ").split()
    return " ".join(words) or path.name


def says_something(name: str) -> bool:
    """Say no for a readable name without a word or a date: "untitled", "IMG 0012", "000 d8ea8e826b47bdfd"."""
    words = (run for word in name.split() if not _HASH.fullmatch(word) for run in _LETTERS.findall(word))
    named = any(word.casefold() not in NAMELESS for word in words)
    return not _UUID.fullmatch(name) and (named or bool(_DAY.fullmatch(name) or _SHORT.search(name)))


def opening(text: str) -> str:
    """Return how a text begins, at most OPENING characters with "…" where it goes on; "" if it has no words."""
    head = text[:_TOP]
    said = (head[one.start : one.end] for one in paragraphs(head) if one.kind in {"heading", "text"})
    first = next((" ".join(_MARKUP.sub("", line).split()) for line in said if any(map(str.isalpha, line))), "")
    first = first.lstrip("\ufeff").rstrip(".")
    if len(first) <= OPENING:
        return first
    begun = first[: OPENING + 1].rpartition(" ")[0]
    if UNSPACED.match(first) and len(begun) < OPENING / 2:
        begun = first[:OPENING]
    return begun and begun + "…"

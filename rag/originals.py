"""Of documents that are copies of one another, the original: by name, then by which was there first."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Protocol, TypeVar

_COPY = r"(?:copy|kopie|copie|copia|cópia)"
_BEFORE = re.compile(rf"^{_COPY}\s+(?:of|von|de|di)\s+", re.IGNORECASE)
_BEHIND = re.compile(rf"[\s_-]*(?:\((?:{_COPY})?\s*\d{{0,2}}\)|[\s_-]{_COPY}(?:\s*\d{{1,2}})?)$", re.IGNORECASE)
"""What file managers put behind a name: "(copy)", "(1)", "- Copy (2)", " Kopie 2"."""


class Listed(Protocol):
    """What has to be known of a document."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def uri(self) -> str:
        """Where it is."""
        ...

    @property
    def content_hash(self) -> str:
        """The hash of its bytes."""
        ...

    @property
    def added_at(self) -> str:
        """When it was added, in a form that sorts."""
        ...

    @property
    def characters(self) -> int:
        """How long its text is."""
        ...


D = TypeVar("D", bound=Listed)


def name_of(uri: str) -> str:
    """Return a file's name without its folders, also that of a file within another."""
    return PurePath(uri.replace("\\", "/")).name or uri


def plain_name(uri: str) -> str:
    """Return a file's name without what says that it is a copy."""
    name = PurePath(name_of(uri))
    stem, before = name.stem, ""
    while stem != before:
        before = stem
        stem = _BEHIND.sub("", _BEFORE.sub("", stem)) or before
    return f"{stem}{name.suffix}"


def first(documents: Iterable[D]) -> D:
    """Return the original of copies: the one whose name is no copy's, of several the one that was there first."""
    return min(
        documents, key=lambda one: (plain_name(one.uri) != name_of(one.uri), one.added_at, len(one.uri), one.uri)
    )


def same(documents: Iterable[D]) -> dict[str, list[D]]:
    """Return the documents of each content that several have, by its hash."""
    by_content: dict[str, list[D]] = defaultdict(list)
    for document in documents:
        by_content[document.content_hash].append(document)
    return {content: several for content, several in by_content.items() if len(several) > 1}


def originals(documents: Sequence[D]) -> dict[str, str]:
    """Return by the id of each copy that of its original.

    Copies are of the same bytes; or of as many characters, and of one name but for what says that it is a copy: a
    file that was copied and saved again has other bytes. What in them is the same is for who compares their sentences.
    """
    named: dict[tuple[str, int], list[D]] = defaultdict(list)
    for document in documents:
        named[plain_name(document.uri), document.characters].append(document)
    found: dict[str, str] = {}
    for several in (*named.values(), *same(documents).values()):
        names = {name_of(one.uri) for one in several}
        if len(several) < 2 or (len(names) == 1 and len({one.content_hash for one in several}) > 1):
            continue  # of one name in two folders: another document, whatever its length
        original = first(several)
        found |= {one.id: original.id for one in several if one.id != original.id}
    return found

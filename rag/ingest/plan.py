"""What there is to do: the files that the paths mean beside the documents that the collection has."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.errors import PathError
from rag.load import WITHIN, file_of
from rag.walk import absolute, find, is_gone, is_under, left_out, refuse_nothing
from vectorstore.store import DocumentSummary

GONE = "the file is gone"
LEFT_OUT = "it is left out now (.ragignore)"


@dataclass(frozen=True, slots=True)
class Plan:
    """The files to look at, in their order, and the documents to remove with the reason."""

    files: Sequence[Path]
    closed: Mapping[Path, str]
    """Folders that could not be listed, with the reason."""
    known: Mapping[str, DocumentSummary]
    """The documents of the collection by uri."""
    by_file: Mapping[str, Mapping[str, DocumentSummary]]
    """The same by the file on disk that they come from, and the uri."""
    removals: Sequence[tuple[DocumentSummary, str]]


def plan(
    paths: Sequence[Path], pages: Sequence[Path], documents: Sequence[DocumentSummary], *, leave_out: Path, prune: bool
) -> Plan:
    """Return what is to be done for these paths, and the files of web pages.

    Raises:
        PathError: a path is missing, a folder is empty, or nothing there is of a kind that can be read.
    """
    roots = [*(absolute(path) for path in paths), *pages]
    known = {summary.uri: summary for summary in documents}
    gone = [uri for uri in known if prune and any(is_under(uri, root) for root in roots) and is_gone(uri)]
    for root in roots:
        if not os.path.lexists(root) and not any(is_under(uri, root) for uri in gone):
            raise PathError(f"There is no file or folder {root}; check the path.")
    found = find(roots, leave_out=leave_out)
    unmeant = left_out(known, roots, found) if prune else []
    if not gone and not unmeant:
        refuse_nothing(roots, found)
    removals = [(known[uri], GONE) for uri in gone] + [(known[uri], LEFT_OUT) for uri in unmeant]
    return Plan(found.files, found.closed, known, _by_file(known), removals)


def _by_file(known: Mapping[str, DocumentSummary]) -> dict[str, dict[str, DocumentSummary]]:
    found: dict[str, dict[str, DocumentSummary]] = {}
    for uri, summary in known.items():
        found.setdefault(str(file_of(uri)) if WITHIN in uri else uri, {})[uri] = summary
    return found

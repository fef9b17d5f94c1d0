"""Which files a person means by the paths given. A part of `rag.ingest`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rag.errors import PathError
from rag.ignore import Rule, is_ignored, rules_of
from rag.load import file_of, is_readable, readable_suffixes

_KINDS_SHOWN = 6


@dataclass(slots=True)
class Found:
    """The files under some paths, each once, in the order of their paths."""

    files: list[Path] = field(default_factory=list)
    closed: dict[Path, str] = field(default_factory=dict)
    """Folders that could not be listed, with the reason."""


def absolute(path: Path) -> Path:
    """Return the path from the root without `..`; links stay, so a document has the name its owner uses."""
    return Path(os.path.abspath(path.expanduser()))


def find(paths: Sequence[Path], *, leave_out: Path) -> Found:
    """Return the files that the paths name or hold, but nothing hidden, nothing that a `.ragignore` names and
    nothing in the folder `leave_out`.

    A folder that several links lead to is entered once, so a loop of links ends.
    """
    found = Found()
    files: set[Path] = set()
    entered: set[tuple[int, int]] = set()
    for path in paths:
        if path.is_dir():
            files.update(_under(path, leave_out.resolve(), entered, found))
        elif os.path.lexists(path):
            files.add(path)
    found.files = sorted(files)
    return found


def refuse_nothing(paths: Sequence[Path], found: Found) -> None:
    """Raise PathError when no file was found, or none of a kind that can be read; it says what there is."""
    if found.closed and not found.files:
        folder, reason = next(iter(found.closed.items()))
        raise PathError(f"The folder {folder} can't be listed ({reason}); change its permissions.")
    names = ", ".join(str(path) for path in paths)
    if not found.files:
        raise PathError(f"{names}: the folder is empty (hidden files don't count); put documents there.")
    if not any(is_readable(path) for path in found.files):
        raise PathError(
            f"{names} has no file that can be read yet (found: {kinds(found.files)}; "
            f"readable: {' '.join(readable_suffixes())})."
        )


def kinds(files: Iterable[Path]) -> str:
    """Return how many files of which kind there are: "3 .pdf, 1 .docx"."""
    counted = Counter(path.suffix.lower() or "without suffix" for path in files).most_common()
    shown = [f"{number} {kind}" for kind, number in counted[:_KINDS_SHOWN]]
    return ", ".join(shown + (["and more"] if len(counted) > _KINDS_SHOWN else []))


def is_gone(uri: str) -> bool:
    """Say whether a file is certainly no longer there; where that can't be told (no permission, no disk), it is not.

    Of a document within a file ("mail.eml!/report.pdf") the file counts.
    """
    try:
        os.stat(file_of(uri))
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


def left_out(known: Iterable[str], roots: Sequence[Path], found: Found) -> list[str]:
    """Return the documents whose files are under the paths and are there, but are no longer among those to be read."""
    files = set(found.files)
    return [
        uri
        for uri in known
        if any(is_under(uri, root) for root in roots)
        and not any(is_under(uri, folder) for folder in found.closed)
        and file_of(uri) not in files
        and os.path.exists(file_of(uri))
    ]


def is_under(uri: str, path: Path) -> bool:
    """Say whether a document's path is this path or lies in it."""
    return uri == str(path) or uri.startswith(str(path).rstrip(os.sep) + os.sep)


def _under(folder: Path, leave_out: Path, entered: set[tuple[int, int]], found: Found) -> Iterator[Path]:
    stack: list[tuple[Path, tuple[Rule, ...]]] = [(folder, ())]
    while stack:
        current, rules = stack.pop()
        try:
            status = current.stat()
            if (status.st_dev, status.st_ino) in entered or current.resolve() == leave_out:
                continue
            entered.add((status.st_dev, status.st_ino))
            entries = sorted(os.scandir(current), key=lambda entry: entry.name)
            rules += rules_of(current)
        except OSError as error:
            found.closed[current] = error.strerror or str(error)
            continue
        for entry in entries:
            is_folder = _is_folder(entry)
            if entry.name.startswith(".") or is_ignored(rules, entry.path, is_folder):
                continue
            if is_folder:
                stack.append((Path(entry.path), rules))
            else:
                yield Path(entry.path)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        # A link that leads to itself: no folder; reading it as a file will say so.
        return False

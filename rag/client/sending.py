"""Files on their way to a server: found, opened, sent in groups, with their progress told."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from rag.errors import PathError, UsageError
from rag.types import Progress, Step


@dataclass
class Sending:
    """How much of an upload is sent."""

    total: int
    tell: Progress | None
    parts: dict[int, int] = field(default_factory=dict)
    """Bytes sent of each file, by its number; a file that is sent again begins anew."""

    def sent(self, number: int, place: int) -> None:
        """Note how far a file is."""
        self.parts[number] = place
        if self.tell:
            self.tell(Step("Sending files", sum(self.parts.values()), self.total, "bytes"))


class Part:
    """A file that is read while it is sent."""

    def __init__(self, file: BinaryIO, number: int, sending: Sending) -> None:
        self._file = file
        self._number = number
        self._sending = sending

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, and tell of them."""
        data = self._file.read(size)
        self._sending.sent(self._number, self._file.tell())
        return data

    def seek(self, place: int, whence: int = 0) -> int:
        """Go to a place."""
        return self._file.seek(place, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._file.tell()

    def fileno(self) -> int:
        """Return the file's descriptor, by which its length is found."""
        return self._file.fileno()


def rewind(request: dict[str, Any]) -> None:
    """Let the files of a request be sent from their beginning, also at the second try."""
    for _, (_, file) in request.get("files", ()):
        file.seek(0)


@contextmanager
def opened(files: Sequence[tuple[str, Path]], progress: Progress | None) -> Iterator[list[tuple[str, Any]]]:
    """Open files for an upload, each under the name that it is to have there.

    Raises:
        UsageError: one can't be read.
    """
    with ExitStack() as stack:
        try:
            sending = Sending(sum(path.stat().st_size for _, path in files), progress)
            there = [(name, stack.enter_context(path.open("rb"))) for name, path in files]
            parts = [("files", (name, Part(file, number, sending))) for number, (name, file) in enumerate(there)]
        except OSError as fault:
            raise UsageError(f"{fault.filename} can't be read ({fault.strerror}); check its permissions.") from fault
        yield parts


def split(paths: Sequence[Path | str] | Path | str) -> tuple[list[str], list[Path]]:
    """Return the web pages and the files and folders among what is to be read, which may be one alone."""
    paths = [paths] if isinstance(paths, str | Path) else paths
    urls = [str(path) for path in paths if str(path).startswith(("http://", "https://"))]
    return urls, [Path(path).expanduser() for path in paths if str(path) not in urls]


def to_send(paths: Sequence[Path]) -> list[tuple[str, Path]]:
    """Return the files that these paths mean, as `Engine.ingest` takes them, each with its name from the path on.

    Raises:
        PathError: there is nothing at a path, or a folder can't be listed.
    """
    from rag.walk import find

    found: list[tuple[str, Path]] = []
    for path in paths:
        if path.is_dir():
            there = find([path], leave_out=Path(os.devnull))
            for folder, reason in there.closed.items():
                raise PathError(f"The folder {folder} can't be listed ({reason}); change its permissions.")
            files = [file for file in there.files if file.is_file()]
            found += [(f"{path.absolute().name}/{file.relative_to(path).as_posix()}", file) for file in files]
        elif path.exists():
            found.append((path.name, path))
        else:
            raise PathError(f"There is no file or folder {path}; check the path.")
    if not found:
        raise PathError(
            "Nothing to send: the folder is empty (hidden files and those that a .ragignore names don't count); "
            "put documents there."
        )
    return found


def batches(
    files: Sequence[tuple[str, Path]], most: int = 50, size: int = 50_000_000
) -> Iterator[list[tuple[str, Path]]]:
    """Yield files in groups that are sent in one request each."""
    group: list[tuple[str, Path]] = []
    weight = 0
    for name, path in files:
        weight += path.stat().st_size
        if group and (len(group) >= most or weight > size):
            yield group
            group, weight = [], path.stat().st_size
        group.append((name, path))
    if group:
        yield group

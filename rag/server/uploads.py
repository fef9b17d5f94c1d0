"""Files that came by HTTP: taken to a folder of the home under names that can do no harm."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol

from rag.errors import UsageError

MOST_FILES = 1000
_LONGEST = 120
_DEEPEST = 8
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]')
# Names that Windows takes for devices, with any suffix.
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


class Sent(Protocol):
    """A file as it was sent."""

    file: BinaryIO

    @property
    def filename(self) -> str | None:
        """The name that the sender gave it."""
        ...


@dataclass
class Upload:
    """Files that have arrived and wait to be read into a collection."""

    staging: Path
    folder: Path
    names: Sequence[PurePosixPath]

    def settle(self) -> list[Path]:
        """Move the files to where they stay, over those of the same name, and return where that is."""
        settled = []
        for name in self.names:
            path = self.folder / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if path.is_dir():
                raise UsageError(f"{name} is a folder here, so that no file can have this name; rename the file.")
            (self.staging / name).replace(path)
            settled.append(path)
        return settled

    def keep(self, report: dict[str, Any]) -> None:
        """Remove the files that are no documents now."""
        for file in report["files"]:
            if not file["document_id"] and (path := Path(file["uri"])).is_relative_to(self.folder):
                path.unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove what is left of the arrival."""
        shutil.rmtree(self.staging, ignore_errors=True)


def arrived(uploads: Path, collection: str, files: Sequence[Sent], most_bytes: int) -> Upload:
    """Write files that were sent into a staging folder.

    Raises:
        UsageError: a file has no usable name, or two have the same, or one is too large.
    """
    staging = uploads / ".arriving" / secrets.token_hex(16)
    names = [harmless(file.filename or "") for file in files]
    if len({str(name).casefold() for name in names}) < len(names):
        raise UsageError("Two of the files have the same name; rename one, or send them one after the other.")
    try:
        for name, file in zip(names, files, strict=True):
            path = staging / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if path.exists():
                raise UsageError(f"{name} is a file and a folder at once; rename one of the two.")
            with path.open("wb") as target:
                shutil.copyfileobj(file.file, target, 1 << 20)
                if target.tell() > most_bytes:
                    raise UsageError(f"{name} has more than {most_bytes:,} bytes (RAG_FILE_BYTES); it was not added.")
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    return Upload(staging, uploads / collection, names)


def harmless(name: str) -> PurePosixPath:
    """Return a relative path made of a name as it was sent: no `..`, nothing hidden, nothing absolute, no device.

    Raises:
        UsageError: nothing is left of it.
    """
    parts = [_UNSAFE.sub("_", part).strip(" .") for part in re.split(r"[/\\]", name)]
    kept = [_short(f"_{part}" if _DEVICES.fullmatch(part) else part) for part in parts if part]
    if not kept or not _UNSAFE.sub("", kept[-1].strip("_")):
        raise UsageError(f"A file was sent under the name {name[:80]!r}, which is none; give it one.")
    return PurePosixPath(*kept[-_DEEPEST:])


def _short(part: str) -> str:
    """Return a name of at most _LONGEST characters (and 240 bytes) with its suffix."""
    stem, dot, suffix = part.rpartition(".")
    if not dot or len(suffix) > 12:
        stem, suffix = part, ""
    ending = f".{suffix}" if suffix else ""
    stem = stem[: _LONGEST - len(ending)]
    while len((stem + ending).encode()) > 240:
        stem = stem[:-1]
    return stem.rstrip(" .") + ending

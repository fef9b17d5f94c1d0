"""Hashes of files, and remembering them: a model of a gigabyte is hashed once, not at every start."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path

log = logging.getLogger(__name__)


def sha256_of(path: Path) -> str:
    """Return the file's sha256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Verified:
    """Which files were hashed with which result, as long as their size and time stay what they were."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def knows(self, path: Path, sha256: str) -> bool:
        """Tell whether this file, as it is now, was hashed before with this result."""
        return self._read().get(str(path.resolve())) == [*_stamp(path), sha256]

    def remember(self, path: Path, sha256: str) -> None:
        """Keep the result for the file as it is now; where that can't be written, it is hashed again next time."""
        self._write({**self._read(), str(path.resolve()): [*_stamp(path), sha256]})

    def forget(self, paths: Iterable[Path]) -> None:
        """Have these files hashed again."""
        gone = {str(path.resolve()) for path in paths}
        self._write({path: mark for path, mark in self._read().items() if path not in gone})

    def _read(self) -> dict[str, object]:
        try:
            marks = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return marks if isinstance(marks, dict) else {}

    def _write(self, marks: dict[str, object]) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._path.with_suffix(f".{os.getpid()}")
            fresh.write_text(json.dumps(marks, indent=1), encoding="utf-8")
            os.replace(fresh, self._path)
        except OSError as error:
            log.info("Models will be hashed again next time: %s", error)


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns

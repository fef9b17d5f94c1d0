"""Files to documents. One module a family of formats; `FORMATS` is the registry: suffix to reader.

A reader gets the bytes of one file and gives its text, title and what it says of date and author. To add a format,
write a module with such a function and name its suffixes here.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

from rag.errors import DocumentError
from rag.load import html, text
from rag.load.parsed import Parsed
from rag.types import Document

Reader = Callable[[bytes, str], Parsed]

FORMATS: dict[str, Reader] = {
    **dict.fromkeys(text.SUFFIXES, text.read),
    **dict.fromkeys(html.SUFFIXES, html.read),
}


def readable_suffixes() -> tuple[str, ...]:
    """Return the suffixes that can be read, in lower case, with their dot."""
    return tuple(FORMATS)


def is_readable(path: Path) -> bool:
    """Say by its suffix whether a file is of a kind that can be read."""
    return path.suffix.lower() in FORMATS


def load(path: Path, *, uri: str | None = None, max_bytes: int) -> Document:
    """Read one file; `uri` (by default the absolute path) becomes the document's.

    Raises:
        DocumentError: the file is of another kind, too big, gone, not allowed, no regular file, or not what its
            suffix says; the message names the file.
    """
    return parse(path, read_bytes(path, max_bytes), uri=uri)


def parse(path: Path, data: bytes, *, uri: str | None = None) -> Document:
    """Turn the bytes of a file into a document; `path` only says what kind of file it is and what it is called.

    Raises:
        DocumentError: the bytes can't be read as what the suffix says.
    """
    reader = FORMATS.get(path.suffix.lower())
    if reader is None:
        raise DocumentError(f"{path.name}: not yet readable ({path.suffix or 'no suffix'}).")
    try:
        parsed = reader(data, path.name)
    except RecursionError as error:
        raise DocumentError(f"{path.name}: nested too deeply to be read; it may be damaged.") from error
    return Document(
        uri=uri or str(path.absolute()),
        title=parsed.title or readable_name(path),
        text=parsed.text,
        content_hash=hashlib.sha256(data).hexdigest(),
        media_type=parsed.media_type,
        published_at=parsed.published_at,
        author=parsed.author,
        pages=parsed.pages,
    )


def read_bytes(path: Path, max_bytes: int) -> bytes:
    """Return the bytes of a regular file that is not larger than `max_bytes`; a larger one is never read.

    Raises:
        DocumentError: the file can't be had; the message says why.
    """
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise DocumentError(f"{path.name}: not a regular file.")
        _check_size(path, status.st_size, max_bytes)
        with open(path, "rb") as file:
            data = file.read(max_bytes + 1)
    except FileNotFoundError as error:
        raise DocumentError(f"{path.name}: is gone; it was removed or its link leads nowhere.") from error
    except PermissionError as error:
        raise DocumentError(
            f"{path.name}: no permission to read it; change its permissions or leave it out."
        ) from error
    except OSError as error:
        raise DocumentError(f"{path.name}: could not be read ({error.strerror or error}).") from error
    # It may have grown since it was measured.
    _check_size(path, len(data), max_bytes)
    return data


def readable_name(path: Path) -> str:
    """Return a file's name as a title: no suffix, no underscores."""
    words = path.stem.replace("_", " ").replace("-", " ").split()
    return " ".join(words) or path.name


def _check_size(path: Path, size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise DocumentError(
            f"{path.name}: {size:,} bytes, more than the {max_bytes:,} that are allowed; "
            "raise RAG_FILE_BYTES or split the file."
        )

"""Files to documents. One module a family of formats; `FORMATS` is the registry: suffix to reader.

A reader gets the bytes of one file and gives its text, title and what it says of date and author, and the files within
it, which become documents of their own. To add a format, write a module with such a function and name its suffixes
here; docs/formats.md says the same for people.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rag.errors import DocumentError
from rag.language import detect
from rag.load import (
    archive,
    data,
    docx,
    epub,
    html,
    image,
    mail,
    markup,
    odf,
    outlook,
    pdf,
    pptx,
    rtf,
    sheets,
    text,
    word,
)
from rag.load.parsed import Member, Parsed, Source, composed
from rag.load.sections import sections
from rag.load.titles import title_of
from rag.types import Document

Reader = Callable[[Source], Parsed]

FORMATS: dict[str, Reader] = {
    **dict.fromkeys(text.SUFFIXES, text.read),
    **dict.fromkeys(html.SUFFIXES, html.read),
    **dict.fromkeys(pdf.SUFFIXES, pdf.read),
    **dict.fromkeys(docx.SUFFIXES, docx.read),
    **dict.fromkeys(word.SUFFIXES, word.read),
    **dict.fromkeys(odf.SUFFIXES, odf.read),
    **dict.fromkeys(rtf.SUFFIXES, rtf.read),
    **dict.fromkeys(pptx.SUFFIXES, pptx.read),
    **dict.fromkeys(sheets.EXCEL, sheets.read_excel),
    **dict.fromkeys(sheets.OLD_EXCEL, sheets.read_old_excel),
    **dict.fromkeys(sheets.SEPARATED, sheets.read_separated),
    **dict.fromkeys(mail.SUFFIXES, mail.read),
    **dict.fromkeys(mail.BOXES, mail.read_box),
    **dict.fromkeys(outlook.SUFFIXES, outlook.read),
    **dict.fromkeys(epub.SUFFIXES, epub.read),
    **dict.fromkeys(markup.RST, markup.read_rst),
    **dict.fromkeys(markup.ORG, markup.read_org),
    **dict.fromkeys(data.JSON, data.read_json),
    **dict.fromkeys(data.LINES, data.read_lines),
    **dict.fromkeys(data.NOTEBOOKS, data.read_notebook),
    **dict.fromkeys(data.XML, data.read_xml),
    **dict.fromkeys(archive.ZIP, archive.read_zip),
    **dict.fromkeys(archive.TAR, archive.read_tar),
    **dict.fromkeys(archive.PACKED, archive.read_packed),
    **dict.fromkeys(image.SUFFIXES, image.read),
}

SECTIONED = {"application/epub+zip": True, "message/rfc822": False, "text/plain": False}
"""Which kinds have sections; others do where their parts have no other names. In plain text "#" is no mark."""
WITHIN = "!/"
"""Between a file and a file in it, in a document's uri: "mail.eml!/report.pdf"."""
DEPTH = 5
"""Files within files within files: deeper ones are named, not read."""
_BROKEN = re.compile("[\ud800-\udfff\x00]")


@dataclass(frozen=True, slots=True)
class Unread:
    """A file within a file, or a file itself, that gave no document, and why."""

    uri: str
    reason: str
    foreign: bool = False
    """It is of a kind that isn't read, like a program, or may have no text to read, like a photograph."""


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


def parse(path: Path, data: bytes, *, uri: str | None = None, passwords: tuple[str, ...] = ()) -> Document:
    """Turn the bytes of a file into a document; `path` only says what kind of file it is and what it is called.

    What is in the file as a file of its own is left out (see `unfold`).

    Raises:
        DocumentError: the bytes can't be read as what the suffix says, or only hold other files.
    """
    parsed = read_one(Source(data, path.name, passwords))
    if not parsed.text and parsed.members:
        raise DocumentError(f"{path.name}: has no text of its own, only other files.")
    return _document(path, data, uri or str(path.absolute()), parsed)


def unfold(
    path: Path, data: bytes, *, uri: str, passwords: tuple[str, ...] = (), read: Reader | None = None
) -> Iterator[Document | Unread]:
    """Yield the document of a file, and those of the files within it; each can fail alone.

    Args:
        path: says what kind of file it is and what it is called.
        data: the file's bytes.
        uri: the document's; those within get it with their name behind ("mail.eml!/report.pdf").
        passwords: are tried on what is encrypted.
        read: what to read one file with, in place of `read_one`: a worker process, for one.
    """
    yield from _unfold(path, data, uri, passwords, read or read_one, 0)


def _unfold(
    path: Path, data: bytes, uri: str, passwords: tuple[str, ...], read: Reader, depth: int
) -> Iterator[Document | Unread]:
    try:
        parsed = read(Source(data, path.name, passwords))
    except DocumentError as error:
        yield Unread(uri, str(error), foreign=path.suffix.lower() in image.SUFFIXES)
        return
    if parsed.text or not (parsed.members or parsed.note):
        yield _document(path, data, uri, parsed)
    elif parsed.note:
        yield Unread(uri, f"{path.name}: {parsed.note}.")
    taken: set[str] = set()
    for member in parsed.members:
        name = _own_name(member.name, taken)
        within = f"{uri}{WITHIN}{name}"
        inner = Path(name)
        if member.problem:
            yield Unread(within, f"{name}: {member.problem}.")
        elif not is_readable(inner):
            yield Unread(within, f"not yet readable ({inner.suffix.lower() or 'no suffix'})", foreign=True)
        elif depth >= DEPTH:
            yield Unread(within, f"{name}: is more than {DEPTH} files deep within others; unpack them.")
        else:
            yield from _unfold(inner, member.data, within, passwords, read, depth + 1)


def _own_name(name: str, taken: set[str]) -> str:
    """Return a name that no other file of the same one has; it is shown and searched for, never opened."""
    sound = "".join(c if c.isprintable() else "\ufffd" for c in _BROKEN.sub("\ufffd", name)).strip("/") or "attachment"
    path, number = Path(sound), 1
    while sound in taken:
        number += 1
        sound = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
    taken.add(sound)
    return sound


def read_one(source: Source) -> Parsed:
    """Read one file in this process.

    Raises:
        DocumentError: it is of no known kind, or can't be read as what its suffix says.
    """
    suffix = Path(source.name).suffix.lower()
    reader = FORMATS.get(suffix)
    if reader is None:
        raise DocumentError(f"{source.name}: not yet readable ({suffix or 'no suffix'}).")
    try:
        return reader(source)
    except RecursionError as error:
        raise DocumentError(f"{source.name}: nested too deeply to be read; it may be damaged.") from error
    except MemoryError as error:
        raise DocumentError(f"{source.name}: takes more memory than there is; split it.") from error


def original(uri: str, *, max_bytes: int, passwords: tuple[str, ...] = (), read: Reader | None = None) -> bytes:
    """Return the bytes of the file that a document was read from, also where that is within another file.

    `read` unpacks the files around it, in place of `read_one`.

    Raises:
        DocumentError: it is gone, or can't be had.
    """
    path = file_of(uri)
    data = read_bytes(path, max_bytes)
    name = path.name
    for part in filter(None, uri[len(str(path)) :].split(WITHIN)):
        parsed = (read or read_one)(Source(data, name, passwords))
        taken: set[str] = set()
        inner = next((m for m in parsed.members if _own_name(m.name, taken) == part), Member(part, problem="is gone"))
        if inner.problem:
            raise DocumentError(f"{part}: {inner.problem} (within {name}).")
        data, name = inner.data, Path(part).name
    return data


def file_of(uri: str) -> Path:
    """Return the file on disk that a document comes from; for one within another, the outermost."""
    position = uri.find(WITHIN)
    while position >= 0:
        if os.path.isfile(uri[:position]):
            return Path(uri[:position])
        position = uri.find(WITHIN, position + 1)
    return Path(uri)


def _document(path: Path, data: bytes, uri: str, parsed: Parsed) -> Document:
    parsed = composed(parsed)
    text = _BROKEN.sub("\ufffd", parsed.text)  # one character for one, so that offsets stay
    named = SECTIONED.get(parsed.media_type, not (parsed.places or parsed.pages))
    return Document(
        uri=uri,
        title=_BROKEN.sub("\ufffd", parsed.title) or title_of(path, text),
        text=text,
        content_hash=hashlib.sha256(data).hexdigest(),
        media_type=parsed.media_type,
        published_at=parsed.published_at,
        author=_BROKEN.sub("\ufffd", parsed.author) if parsed.author else None,
        pages=parsed.pages,
        places=sections(text, parsed.media_type, parsed.places, parsed.title) if named else parsed.places,
        note=parsed.note,
        language=detect(parsed.text),
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


def _check_size(path: Path, size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise DocumentError(
            f"{path.name}: {size:,} bytes, more than the {max_bytes:,} that are allowed; "
            "raise RAG_FILE_BYTES or split the file."
        )

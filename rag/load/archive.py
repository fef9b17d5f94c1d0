"""ZIP and TAR: the members are documents of their own; nothing is ever written to disk under their names."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import posixpath
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any

from rag.errors import DocumentError
from rag.load.parsed import Member, Parsed, Source

ZIP = (".zip",)
TAR = (".tar", ".tgz", ".tbz2", ".txz")
PACKED = (".gz", ".bz2", ".xz")
MEMBERS = 10_000
TOTAL = 500_000_000
"""Bytes that an archive may unpack to."""
RATIO = 200
"""Times its size that a member may unpack to, beyond `FREE`: text packs to a tenth, a bomb to a thousandth."""
FREE = 5_000_000
"""Bytes up to which the ratio doesn't count."""
_BOMB = "unpacks to far more than it should (an archive bomb?); it was not read"
_OPENERS: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
_BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError, OverflowError, struct.error, tarfile.TarError)


def read_zip(source: Source) -> Parsed:
    """Return the members of a ZIP archive.

    Raises:
        DocumentError: it is no ZIP archive, damaged, empty or too large.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(source.data))
    except (zipfile.BadZipFile, NotImplementedError, *_BROKEN) as error:
        raise DocumentError(f"{source.name}: is no ZIP archive or is damaged; get it again.") from error
    wanted = [info for info in archive.infolist() if not info.is_dir() and not _is_hidden(info.filename)]
    members: list[Member] = []
    left = TOTAL
    for info in wanted[:MEMBERS]:
        member = _zipped(archive, info, source.passwords, left)
        left -= len(member.data)
        members.append(member)
    return _parsed(source, members, len(wanted))


def _zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo, passwords: tuple[str, ...], left: int) -> Member:
    name = info.filename
    problem = _unsafe(name)
    if not problem and info.file_size > max(FREE, RATIO * info.compress_size):
        problem = _BOMB
    if problem:
        return Member(_harmless(name), problem=problem)
    locked = bool(info.flag_bits & 1)
    for password in passwords if locked else ("",):
        try:
            with archive.open(info, pwd=password.encode() or None) as file:
                return _taken(name, file, info.compress_size, left)
        except RuntimeError:  # a wrong password
            continue
        except NotImplementedError:
            return Member(
                name, problem="is packed or encrypted in a way that can't be read; pack it anew as a plain ZIP"
            )
        except (zipfile.BadZipFile, *_BROKEN):
            if not locked:  # a wrong password may pass its check and give rubbish
                return Member(name, problem="is damaged and can't be unpacked")
    tried = "; none of the passwords given fits" if passwords else ""
    return Member(name, problem=f"is encrypted with a password{tried}. Give it with --password or in RAG_PASSWORDS")


def read_tar(source: Source) -> Parsed:
    """Return the members of a TAR archive, packed or not.

    Raises:
        DocumentError: it is no TAR archive, damaged, empty or too large.
    """
    members: list[Member] = []
    try:
        with tarfile.open(fileobj=io.BytesIO(source.data), mode="r:*") as archive:
            for info in _files(archive, source):
                problem = _unsafe(info.name)
                file = archive.extractfile(info) if not problem and info.isreg() else None
                if file is None:
                    members.append(Member(_harmless(info.name), problem=problem or "is a link or device, not a file"))
                else:
                    members.append(_taken(info.name, file, len(source.data), TOTAL))
    except _BROKEN as error:
        if not members:
            raise DocumentError(f"{source.name}: is no TAR archive or is damaged; get it again.") from error
        members.append(Member("(rest)", problem="is damaged: the archive ends in the midst"))
    return _parsed(source, members, len(members))


def _files(archive: tarfile.TarFile, source: Source) -> Iterator[tarfile.TarInfo]:
    size = 0
    count = 0
    for info in archive:
        size += info.size
        if size > TOTAL or size > max(FREE, RATIO * len(source.data)):
            raise DocumentError(f"{source.name}: {_BOMB}.")
        if info.isdir() or _is_hidden(info.name):
            continue
        count += 1
        if count > MEMBERS:
            raise DocumentError(f"{source.name}: has more than {MEMBERS:,} members; unpack it and read the folder.")
        yield info


def read_packed(source: Source) -> Parsed:
    """Return the one file in a .gz, .bz2 or .xz; a packed TAR is one, too.

    Raises:
        DocumentError: it is damaged or too large.
    """
    stem, suffix = posixpath.splitext(source.name)
    if stem.lower().endswith(".tar"):
        return read_tar(source)
    opener = _OPENERS[suffix.lower()]
    try:
        with opener(io.BytesIO(source.data), "rb") as file:
            member = _taken(posixpath.basename(stem), file, len(source.data), TOTAL)
    except _BROKEN as error:
        raise DocumentError(f"{source.name}: is damaged and can't be unpacked; get it again.") from error
    return _parsed(source, [member], 1)


def _taken(name: str, file: IO[bytes], packed: int, left: int) -> Member:
    """Unpack one member; it is broken off as soon as it is more than it may be, whatever its header promised."""
    most = min(left, max(FREE, RATIO * packed))
    data = file.read(most + 1)
    return Member(name, problem=_BOMB) if len(data) > most else Member(name, data)


def _unsafe(name: str) -> str:
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or (len(name) > 1 and name[1] == ":") or "\x00" in name:
        return "has a name that leads out of the archive; it was not read"
    return ""


def _harmless(name: str) -> str:
    return name.replace("\x00", "").replace("\\", "/").replace("../", "").lstrip("/") or "(no name)"


def _is_hidden(name: str) -> bool:
    """Say whether a member is what systems leave behind: ".DS_Store", "__MACOSX/"."""
    parts = name.replace("\\", "/").split("/")
    return any((part.startswith(".") and part not in {".", ".."}) or part == "__MACOSX" for part in parts)


def _parsed(source: Source, members: list[Member], found: int) -> Parsed:
    if not members:
        raise DocumentError(f"{source.name}: has no files in it.")
    more = f"it has {found:,} members, only the first {MEMBERS:,} were read" if found > MEMBERS else ""
    return Parsed(text="", members=tuple(members), note=more)

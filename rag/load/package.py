"""Files that are ZIP archives of XML: opened within limits, their XML read without entities and network."""

from __future__ import annotations

import io
import lzma
import posixpath
import struct
import zipfile
import zlib
from typing import Any
from urllib.parse import unquote

from rag.errors import DocumentError
from rag.load.encrypted import OLE, decrypted
from rag.load.parsed import Source

PART_BYTES = 200_000_000
"""Uncompressed, for one part: no text comes near it, and a bomb has far more."""
_BROKEN = (OSError, EOFError, ValueError, OverflowError, struct.error, zlib.error, lzma.LZMAError)


class Package:
    """The parts of an Office file, an OpenDocument or an e-book, by name.

    Raises:
        DocumentError: the file is no such package, is damaged or is encrypted.
    """

    def __init__(self, source: Source, kind: str) -> None:
        self._name = source.name
        if not source.data.strip():
            raise DocumentError(f"{source.name}: is empty (no bytes); get it again from where it came from.")
        self.data = decrypted(source) if source.data.startswith(OLE) else source.data
        """The package's bytes, without the encryption that may be around them."""
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(self.data))
        except (zipfile.BadZipFile, NotImplementedError, *_BROKEN) as error:
            raise DocumentError(f"{source.name}: is no {kind} file or is damaged; open it and save it anew.") from error
        self.names = self._zip.namelist()
        self._known = set(self.names)

    def __contains__(self, part: str) -> bool:
        return part in self._known

    def read(self, part: str) -> bytes:
        """Return a part's bytes, or nothing where there is no such part."""
        if part not in self._known:
            return b""
        try:
            if self._zip.getinfo(part).file_size > PART_BYTES:
                raise DocumentError(f"{self._name}: a part of it ({part}) unpacks to more than is reasonable.")
            with self._zip.open(part) as file:
                return file.read(PART_BYTES)
        except (RuntimeError, NotImplementedError) as error:
            raise DocumentError(f"{self._name}: is encrypted with a password; save a copy without one.") from error
        except (zipfile.BadZipFile, *_BROKEN) as error:
            raise DocumentError(f"{self._name}: is damaged ({part} can't be unpacked); get it again.") from error

    def xml(self, part: str) -> Any:
        """Return the root element of a part, or None where there is none or nothing can be made of it."""
        return xml(self.read(part))

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return what a part of an Office file refers to: id → (kind, name of the part)."""
        folder, file = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{file}.rels"))
        if root is None:
            return {}
        return {
            relation.get("Id", ""): (
                relation.get("Type", "").rpartition("/")[2],
                resolved(folder, relation.get("Target", "")),
            )
            for relation in root
            if isinstance(relation.tag, str) and relation.get("TargetMode") != "External"
        }

    def main(self, kind: str) -> str:
        """Return the name of the main part of an Office file, or `kind`, which it usually is."""
        found = [name for relation, name in self.relations("").values() if relation == "officeDocument"]
        return next((name for name in found if name in self._known), kind)

    def properties(self) -> dict[str, str]:
        """Return what an Office file says of itself: "title", "creator"."""
        root = self.xml("docProps/core.xml")
        if root is None:
            return {}
        return {local(child): " ".join((child.text or "").split()) for child in root if isinstance(child.tag, str)}


def resolved(folder: str, target: str) -> str:
    """Return the name of the part that a reference from a folder means."""
    path = unquote(target.partition("#")[0])
    if path.startswith("/"):
        return posixpath.normpath(path).lstrip("/")
    return posixpath.normpath(posixpath.join(folder, path)).lstrip("/")


def xml(data: bytes) -> Any:
    """Parse XML, mended where it is broken; None where nothing can be made of it. No entity and no address is read."""
    from lxml import etree

    if not data.strip():
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, remove_comments=True
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def local(element: Any) -> str:
    """Return an element's name without its namespace; "" for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Any, name: str) -> str:
    """Return an attribute by its name without namespace, or ""."""
    if element is None:
        return ""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return ""

"""Files of Office before 2007: an OLE container (MS-CFB) with streams, and a Word document in one."""

from __future__ import annotations

import struct
from collections.abc import Mapping

SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SMALL = 4096
"""Shorter streams would stand in a container within the container; so they are padded."""


def ole(streams: Mapping[str, bytes]) -> bytes:
    """Return a container: FAT in sector 0, the directory in those behind it, then the streams."""
    entries = [_entry("Root Entry", 5, child=1 if streams else _FREE, start=_END)]
    directory = -(-(1 + len(streams)) * 128 // SECTOR)
    table = [_FAT, *_chain(1, directory)]
    body = b""
    for number, (name, data) in enumerate(streams.items(), start=1):
        data = data.ljust(max(_SMALL, -(-len(data) // SECTOR) * SECTOR), b"\0")
        start = len(table)
        table += _chain(start, len(data) // SECTOR)
        following = number + 1 if number < len(streams) else _FREE
        entries.append(_entry(name, 2, right=following, start=start, size=len(data)))
        body += data
    assert len(table) <= SECTOR // 4, "more than one sector of FAT"
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 62, 3, 0xFFFE, 9, 6),
        *(0, 1, 1, 0, _SMALL, _END, 0, _END, 0),
    )
    fat = struct.pack(f"<{len(table)}I", *table)
    places = struct.pack("<I", 0).ljust(SECTOR - len(header), b"\xff")
    listed = b"".join(entries).ljust(directory * SECTOR, b"\0")
    return header + places + fat.ljust(SECTOR, b"\xff") + listed + body


def word(text: str, summary: bytes = b"") -> bytes:
    """Return a Word document of one piece of text, in cp1252."""
    start = 0x400
    head = bytearray(start)
    table = struct.pack("<III2xI2x", 0, len(text), 0, 0)[:8] + struct.pack("<HIH", 0, 0x40000000 | start * 2, 0)
    clx = b"\x02" + struct.pack("<I", len(table)) + table
    head[0x1A2:0x1AA] = struct.pack("<II", 0, len(clx))
    streams = {"WordDocument": bytes(head) + text.encode("cp1252"), "0Table": clx}
    return ole(streams | ({"\x05SummaryInformation": summary} if summary else {}))


def properties(values: Mapping[int, bytes]) -> bytes:
    """Return a stream of properties (MS-OLEPS): number → kind and value as bytes."""
    at, places, body = 8 + 8 * len(values), b"", b""
    for number, value in values.items():
        places += struct.pack("<II", number, at + len(body))
        body += value.ljust(-(-len(value) // 4) * 4, b"\0")
    section = struct.pack("<II", at + len(body), len(values)) + places + body
    return struct.pack("<HHI16xI16xI", 0xFFFE, 0, 0, 1, 48) + section


def _entry(name: str, kind: int, *, right: int = _FREE, child: int = _FREE, start: int = 0, size: int = 0) -> bytes:
    raw = name.encode("utf-16-le") + b"\0\0"
    return struct.pack("<64sHBBIII36xIQ", raw, len(raw), kind, 1, _FREE, right, child, start, size)


def _chain(start: int, count: int) -> list[int]:
    return [*range(start + 1, start + count), _END]

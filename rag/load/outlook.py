"""Outlook's .msg: an OLE file of MAPI properties (MS-OXMSG), read with olefile."""

from __future__ import annotations

import io
import re
from typing import Any

from rag.errors import DocumentError
from rag.load.draft import Draft, flat
from rag.load.mail import iso_date, parted
from rag.load.parsed import Member, Parsed, Source
from rag.load.rtf import plain_text
from rag.load.visible import visible_text

SUFFIXES = (".msg",)
# MAPI property ids (MS-OXPROPS)
_SUBJECT, _FROM_NAME, _FROM_ADDRESS, _TO, _CC, _HEADERS = "0037", "0C1A", "0C1F", "0E04", "0E03", "007D"
_BODY, _BODY_HTML, _BODY_RTF, _SMTP = "1000", "1013", "1009", "5D01"
_LONG_NAME, _SHORT_NAME, _DATA = "3707", "3704", "3701"
_DATE = re.compile(r"^Date:[ \t]*(.+)$", re.MULTILINE | re.IGNORECASE)
_FILETIMES = (0x00390040, 0x0E060040)
"""Sent, then delivered; 100 ns since 1601."""


def read(source: Source) -> Parsed:
    """Read an Outlook message; its attachments are members.

    Raises:
        DocumentError: it is no Outlook message, or is damaged.
    """
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(source.data)) as ole:
            if not any(entry[0].startswith("__properties_version1") for entry in ole.listdir()):
                raise DocumentError(f"{source.name}: is no Outlook message.")
            return _message(ole, source.name)
    except (OSError, ValueError, IndexError, TypeError, AttributeError, KeyError) as error:
        raise DocumentError(f"{source.name}: is no Outlook message or is damaged; export it again.") from error


def _message(ole: Any, name: str) -> Parsed:
    subject = flat(_text(ole, "", _SUBJECT))
    address = _text(ole, "", _SMTP) or _text(ole, "", _FROM_ADDRESS)
    sender = flat(f"{_text(ole, '', _FROM_NAME)} <{address}>" if "@" in address else _text(ole, "", _FROM_NAME))
    stated = _DATE.search(_text(ole, "", _HEADERS))
    date = flat(stated.group(1)) if stated else _sent(ole)
    draft = Draft()
    draft.heading(subject, 1)
    facts = {"From": sender, "To": flat(_text(ole, "", _TO)), "Cc": flat(_text(ole, "", _CC)), "Date": date}
    draft.paragraph("\n".join(f"{key}: {value}" for key, value in {**facts, "Subject": subject}.items() if value))
    for paragraph in parted(_body(ole)):
        draft.paragraph(paragraph)
    members = tuple(_attachments(ole))
    if not draft.length and not members:
        raise DocumentError(f"{name}: has neither headers nor text.")
    day = iso_date(date) if stated else date[:10] or None
    return Parsed(draft.text(), subject, "application/vnd.ms-outlook", day, sender or None, members=members)


def _body(ole: Any) -> str:
    plain = _text(ole, "", _BODY).replace("\r\n", "\n").replace("\r", "\n")
    if plain.strip():
        return plain
    html = _bytes(ole, f"__substg1.0_{_BODY_HTML}0102") or _text(ole, "", _BODY_HTML).encode()
    if html.strip():
        return visible_text(html.decode("utf-8", "replace"))
    packed = _bytes(ole, f"__substg1.0_{_BODY_RTF}0102")
    return plain_text(unpacked(packed)) if packed else ""


def _text(ole: Any, folder: str, property_id: str) -> str:
    """Return a text property, as Unicode (001F) or in the old code page (001E)."""
    wide = _bytes(ole, f"{folder}__substg1.0_{property_id}001F")
    if wide:
        return wide.decode("utf-16-le", "replace").replace("\x00", "")
    return _bytes(ole, f"{folder}__substg1.0_{property_id}001E").decode("cp1252", "replace").replace("\x00", "")


def _bytes(ole: Any, stream: str) -> bytes:
    return bytes(ole.openstream(stream).read()) if ole.exists(stream) else b""


def _sent(ole: Any) -> str:
    """Return when the message was sent, from its properties of fixed length: 16 bytes each, behind 32."""
    from datetime import UTC, datetime, timedelta

    data = _bytes(ole, "__properties_version1.0")
    found = {
        int.from_bytes(data[at : at + 4], "little"): int.from_bytes(data[at + 8 : at + 16], "little")
        for at in range(32, len(data) - 15, 16)
    }
    for tag in _FILETIMES:
        if found.get(tag):
            try:
                sent = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=found[tag] // 10)
            except OverflowError:
                continue
            return sent.isoformat(" ", timespec="minutes")
    return ""


def _attachments(ole: Any) -> list[Member]:
    folders = sorted({entry[0] for entry in ole.listdir() if entry[0].startswith("__attach")})
    members = []
    for number, folder in enumerate(folders, start=1):
        name = flat(_text(ole, f"{folder}/", _LONG_NAME) or _text(ole, f"{folder}/", _SHORT_NAME))
        data = _bytes(ole, f"{folder}/__substg1.0_{_DATA}0102")
        if data:
            members.append(Member(name or f"attachment {number}", data))
        elif name:
            members.append(Member(name, problem="is a message or object within the message; save it by itself"))
    return members


_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    b"\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n"
    b"\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)


def unpacked(packed: bytes) -> bytes:
    """Return RTF as Outlook keeps it, decompressed (MS-OXRTFCP); damaged data ends where the damage begins."""
    if packed[8:12] == b"MELA":
        return packed[16:]
    window = bytearray(_DICTIONARY + bytes(4096 - len(_DICTIONARY)))
    at, result, position = len(_DICTIONARY), bytearray(), 16
    while position < len(packed):
        flags = packed[position]
        position += 1
        for bit in range(8):
            if flags >> bit & 1:
                reference = int.from_bytes(packed[position : position + 2], "big")
                position += 2
                offset, length = reference >> 4, (reference & 15) + 2
                if offset == at or position > len(packed):
                    return bytes(result)
                run = range(offset, offset + length)
            else:
                if position >= len(packed):
                    return bytes(result)
                window[at] = packed[position]
                position += 1
                run = range(at, at + 1)
            for index in run:
                byte = window[index % 4096]
                window[at] = byte
                result.append(byte)
                at = (at + 1) % 4096
    return bytes(result)

"""Bytes to text: byte order marks, UTF-8 even where a few bytes of it are broken, else what the bytes look like."""

from __future__ import annotations

import codecs
import re

from rag.errors import DocumentError
from rag.load.codepage import guessed

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC = {
    b"%PDF-": "PDF",
    b"PK\x03\x04": "ZIP or Office",
    b"\x89PNG": "PNG",
    b"GIF8": "GIF",
    b"\xff\xd8\xff": "JPEG",
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "RAR",
    b"\x7fELF": "program",
    b"\xd0\xcf\x11\xe0": "old Office",
    b"{\\rtf": "RTF",
    b"SQLite format 3": "SQLite",
}
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_ESCAPES = re.compile(rb"\x1b\$[@B]")
"""What Japanese begins with in the mails of old."""
_SAMPLE = 1 << 16


def decode(data: bytes, name: str, declared: str | None = None) -> str:
    """Return the text of a file, without its byte order mark; bytes that fit no encoding become U+FFFD.

    `declared` is the encoding that the file itself names, if it does.

    Raises:
        DocumentError: these are not the bytes of a text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    wide = _wide(data)
    if wide:
        return data.decode(wide, errors="replace")
    _refuse_binary(data, name)
    if _ESCAPES.search(data, 0, _SAMPLE):
        return data.decode("iso2022_jp", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        return data.decode(_other_encoding(data, error.start, declared), errors="replace")


def _wide(data: bytes) -> str | None:
    """Return the UTF-16 that text without a mark is in: every other byte of Western text is zero."""
    sample = data[:_SAMPLE]
    if len(sample) < 4 or len(data) % 2 or b"\x00" not in sample:
        return None
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > 0.6 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.6 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _refuse_binary(data: bytes, name: str) -> None:
    kind = next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), "")
    sample = data[:_SAMPLE]
    if kind or b"\x00" in sample or len(_CONTROL.findall(sample)) > 0.04 * len(sample):
        raise DocumentError(f"{name}: looks like a binary file{f' ({kind})' if kind else ''}, not text.")


def _other_encoding(data: bytes, first_bad: int, declared: str | None) -> str:
    """Return the encoding of bytes that are not quite UTF-8: UTF-8 with a few broken bytes, or another one."""
    sample = data[max(0, first_bad - _SAMPLE) : first_bad + _SAMPLE]
    broken = sample.decode("utf-8", errors="replace").count("\ufffd")
    if len(_MULTIBYTE.findall(sample)) > 2 * broken:
        return "utf-8"
    if declared and _is_known(declared):
        return declared
    return guessed(sample)


def _is_known(encoding: str) -> bool:
    try:
        "".encode(encoding)
    except (LookupError, UnicodeError):
        return False
    return True

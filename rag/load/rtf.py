"""Rich Text Format, by striprtf; tables become rows."""

from __future__ import annotations

import re

from rag.errors import DocumentError
from rag.load.dates import stated_date
from rag.load.draft import Draft, flat
from rag.load.parsed import Parsed, Source

SUFFIXES = (".rtf",)
_TITLE = re.compile(rb"\{\\title\s+([^{}]{1,300})\}")
_AUTHOR = re.compile(rb"\{\\author\s+([^{}]{1,300})\}")
_PICTURE = re.compile(rb"\\(?:pict|objdata)\b[^{}]*")


def read(source: Source) -> Parsed:
    """Extract the text of an RTF file.

    Raises:
        DocumentError: it is no RTF file or has no text.
    """
    if not source.data.lstrip().startswith(b"{\\rtf"):
        raise DocumentError(f"{source.name}: is no RTF file.")
    draft = Draft()
    for block in plain_text(source.data).split("\n"):
        cells = block.split("|")
        # striprtf ends every cell with a bar.
        if len(cells) > 2 and not cells[-1].strip():
            draft.row(cells[:-1])
        else:
            draft.paragraph(block)
    text = draft.text()
    if not text:
        raise DocumentError(f"{source.name}: has no text.")
    title, author = (_fact(pattern, source.data) for pattern in (_TITLE, _AUTHOR))
    return Parsed(text, title, "application/rtf", stated_date(text), author or None)


def plain_text(data: bytes) -> str:
    """Return what an RTF says; "" where nothing can be made of it."""
    from striprtf.striprtf import rtf_to_text

    # Pictures are digits without end, which would only cost time.
    source = _PICTURE.sub(b"", data).decode("latin-1")
    try:
        text = str(rtf_to_text(source, errors="replace"))
    except (ValueError, LookupError, OverflowError, IndexError, TypeError):
        return ""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _fact(pattern: re.Pattern[bytes], data: bytes) -> str:
    match = pattern.search(data[:100_000])
    return flat(plain_text(b"{\\rtf1 " + match.group(1) + b"}")) if match else ""

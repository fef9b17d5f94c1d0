"""PDF by PDFium: columns in reading order, tables as rows, running heads off, a place for every page.

A text layer is used where it is one: a scan without one, and a layer whose letters stand for nothing, go to text
recognition where that is installed, and are named where it is not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rag.errors import DocumentError
from rag.load.dates import stated_date
from rag.load.draft import flat
from rag.load.ocr import recognised
from rag.load.parsed import Member, Parsed, Source
from rag.load.pdf_chars import Page, read_page
from rag.load.pdf_text import laid_out
from rag.types import Span

SUFFIXES = (".pdf",)
DPI = 300
"""What Tesseract reads best (its documentation: at least 300)."""
_NO_TITLE = re.compile(
    r"microsoft (?:word|powerpoint|excel).*|.*\.(?:docx?|pdf|tex|indd|dvi|pptx?|xlsx?|rtf|odt|exe|txt)|[\W\d_]*"
    r"|(?:slide|page|seite)\W*\d+|(?:powerpoint|word)\b.*",
    re.IGNORECASE,
)
_NO_NAME = re.compile(r"\(?(?:untitled|anonymous|unknown|unspecified|user|admin)\b.*", re.IGNORECASE)
_FEW = 40
"""Letters: fewer on a page with a picture over most of it are a stamp on a scan."""

_SET = 100
"""Pieces of text that are set on a page: where so many give hardly a character, letters are lost."""


def read(source: Source) -> Parsed:
    """Extract the text of a PDF with title and author; its attachments are members.

    Raises:
        DocumentError: it is damaged, needs a password, or has no text that could be read.
    """
    if not source.data.strip():
        raise DocumentError(f"{source.name}: is empty (no bytes); get it again from where it came from.")
    document = opened(source)
    try:
        facts = _facts(document)
        pages = _pages(document, source.name)
        readable, note = _readable(document, pages, source.name)
        text, spans, title = laid_out(readable)
        members = _attachments(document)
    finally:
        document.close()
    if not text.strip():
        if not members:
            raise DocumentError(f"{source.name}: has no text{f'; {note}' if note else ''}.")
        text, spans = "", ()
    stated, author = (
        "" if _NO_NAME.fullmatch(fact) else fact for fact in (facts.get("Title", ""), facts.get("Author", ""))
    )
    return Parsed(
        text=text,
        title=title if _NO_TITLE.fullmatch(stated) else stated,
        media_type="application/pdf",
        published_at=stated_date(text[spans[0].start : spans[0].end] if spans else ""),
        author=author or None,
        pages=spans if spans else (Span(0, len(text)),),
        members=members,
        note=note,
    )


def opened(source: Source) -> Any:
    """Open a PDF with the first password that fits; many are encrypted with an empty one."""
    from pypdfium2 import PdfDocument, PdfiumError

    for password in (None, "", *source.passwords):
        try:
            document = PdfDocument(source.data, password=password)
            document.init_forms()
            return document
        except PdfiumError as error:
            if "password" in str(error).lower():
                continue
            reason = "uses a kind of encryption that can't be opened" if "security" in str(error).lower() else ""
            raise DocumentError(
                f"{source.name}: {reason or 'is no PDF or too damaged to be opened'}; "
                "open it in a PDF viewer and save it anew, or get it again."
            ) from error
    tried = "; none of the passwords given fits" if source.passwords else ""
    raise DocumentError(
        f"{source.name}: is encrypted with a password{tried}. Give it with --password or in RAG_PASSWORDS."
    )


def _pages(document: Any, name: str) -> list[Page]:
    from pypdfium2 import PdfiumError

    pages = []
    for number in range(len(document)):
        try:
            page = document[number]
        except PdfiumError:
            pages.append(Page([], "", 0.0, 0.0, damaged=True))
            continue
        try:
            pages.append(read_page(page))
        finally:
            page.close()
    if not pages:
        raise DocumentError(f"{name}: has no pages.")
    return pages


def _readable(document: Any, pages: list[Page], name: str) -> tuple[list[Page], str]:
    """Return the pages, those without a text layer as they were recognised, and what is to be said of the rest."""
    wanting = {number: why for number, page in enumerate(pages) if (why := _fault(document, number, page))}
    if not wanting:
        return pages, ""
    result, reason = list(pages), ""
    for number in list(wanting):
        if pages[number].damaged or reason:
            continue
        text, reason = recognised(_picture(document, number))
        # Where the font is missing, a picture of the page may show no more than its text layer says.
        if text and (wanting[number] != "lost" or len(text) > 2 * len(pages[number].plain)):
            result[number] = Page([], text, 0.0, 0.0)
            del wanting[number]
    for number, why in wanting.items():
        if why == "garbage":
            result[number] = Page([], "", 0.0, 0.0)
    return result, _note(wanting, len(pages), reason)


def _fault(document: Any, number: int, page: Page) -> str:
    """Return what is wrong with the text of a page: "damaged", "scanned", "lost", "garbage", or nothing."""
    import pypdfium2.raw as raw

    if page.damaged:
        return "damaged"
    letters = sum(character.isalnum() for character in page.plain)
    if letters < _FEW:
        kinds = _kinds(document, number)
        pieces = kinds.count(raw.FPDF_PAGEOBJ_TEXT)
        if pieces >= _SET and pieces > 2 * len("".join(page.plain.split())):
            return "lost"
        # Pictures, or drawn shapes, are what the page shows.
        if raw.FPDF_PAGEOBJ_IMAGE in kinds or kinds.count(raw.FPDF_PAGEOBJ_PATH) > 200:
            return "scanned"
    return "garbage" if is_garbage(page.plain) else ""


def is_garbage(text: str) -> bool:
    """Say whether letters of a text layer stand for nothing: signs without a meaning, or no vowels among Latin letters.

    English text has 0.38 vowels a letter, German 0.39, Polish 0.36; a layer whose codes are shifted has below 0.2.
    """
    said = [character for character in text if not character.isspace()]
    if not said:
        return False
    unknown = sum(c == "\ufffd" or "\ue000" <= c <= "\uf8ff" or ord(c) < 32 or "\x7f" <= c <= "\x9f" for c in said)
    if unknown > 0.25 * len(said):
        return True
    latin = [c for c in text.lower() if "a" <= c <= "z"]
    vowels = sum(c in "aeiouy" for c in latin)
    return len(latin) > 200 and len(latin) > 0.5 * len(said) and vowels < 0.2 * len(latin)


def _kinds(document: Any, number: int) -> list[int]:
    """Return what a page is made of, the kind of each object."""
    opened = document[number]
    try:
        return [found.type for found in opened.get_objects(max_depth=3)]
    finally:
        opened.close()


def _picture(document: Any, number: int) -> bytes:
    """Return a page as a grey picture in PGM, which Tesseract reads."""
    page = document[number]
    try:
        bitmap = page.render(scale=DPI / 72, grayscale=True)
        pixels = bitmap.to_numpy()
        height, width = pixels.shape[:2]
        return bytes(b"P5 %d %d 255\n" % (width, height) + pixels.tobytes())
    finally:
        page.close()


def _note(wanting: dict[int, str], total: int, reason: str) -> str:
    if not wanting:
        return ""
    words = {
        "scanned": ("is", "are", "scanned, without a text layer"),
        "garbage": ("has", "have", "text whose letters stand for nothing"),
        "lost": ("has", "have", "letters that can't be told, because their font is not in the file"),
        "damaged": ("is", "are", "damaged"),
    }
    parts = []
    for why, (one, several, said) in words.items():
        numbers = [number + 1 for number, found in wanting.items() if found == why]
        if numbers:
            which = "all pages" if len(numbers) == total > 1 else _listed(numbers)
            parts.append(f"{which} {one if len(numbers) == 1 else several} {said}")
    return "; ".join([*parts, reason] if reason else parts)


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:8])
    more = f" and {len(numbers) - 8} more" if len(numbers) > 8 else ""
    return f"{'page' if len(numbers) == 1 else 'pages'} {shown}{more}"


def _facts(document: Any) -> dict[str, str]:
    facts = {}
    for key in ("Title", "Author"):
        try:
            facts[key] = flat(_sound(document.get_metadata_value(key)))
        except UnicodeDecodeError:  # damaged; the text says what it is
            facts[key] = ""
    return facts


def _attachments(document: Any) -> tuple[Member, ...]:
    from pypdfium2 import PdfiumError

    members = []
    for index in range(document.count_attachments()):
        try:
            attached = document.get_attachment(index)
            members.append(Member(attached.get_name() or f"attachment {index + 1}", bytes(attached.get_data())))
        except (PdfiumError, UnicodeDecodeError):
            members.append(Member(f"attachment {index + 1}", problem="is damaged"))
    return tuple(members)


def _sound(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "")

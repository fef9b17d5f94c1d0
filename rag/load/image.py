"""Pictures with text on them, by Tesseract where it is installed."""

from __future__ import annotations

from rag.errors import DocumentError
from rag.load.ocr import recognised
from rag.load.parsed import Parsed, Source

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif")


def read(source: Source) -> Parsed:
    """Recognise the text on a picture.

    Raises:
        DocumentError: there is none, or no program to read it.
    """
    text, why = recognised(source.data)
    if not text:
        raise DocumentError(f"{source.name}: is a picture; {why}.")
    kind = source.name.lower().rpartition(".")[2].replace("jpg", "jpeg").replace("tif", "tiff").replace("tifff", "tiff")
    return Parsed(text, media_type=f"image/{kind}")

"""Pictures and scans: read by the real Tesseract, or named with what to install."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path

import pytest
from pypdfium2 import PdfBitmap, PdfDocument, PdfImage, PdfMatrix

from rag.errors import DocumentError
from rag.load import parse
from rag.load.parsed import Source
from rag.load.pdf_picture import picture
from tests.fakes.files import pdf

LINES = ("The harbour master counted forty vessels", "before the storm reached the lighthouse.")
PAGE = pdf([(60, 700 - 30 * number, 20, line) for number, line in enumerate(LINES)])
# Where everything is checked, a missing program is no reason to leave a test out.
real = pytest.mark.skipif(not (shutil.which("tesseract") or os.environ.get("CI")), reason="Tesseract is not installed")


def photograph() -> bytes:
    """A page of text as a picture."""
    return picture(Source(PAGE, "a.pdf"), 1, 1200)[2]


def scanned(*, with_text: bool = False) -> bytes:
    """A PDF of one page that is a picture, behind one with a text layer where that is wanted."""
    document, out = PdfDocument(PAGE if with_text else pdf([])), io.BytesIO()
    bitmap: PdfBitmap = PdfDocument(PAGE)[0].render(scale=2)
    image = PdfImage.new(document)
    image.set_bitmap(bitmap)
    image.set_matrix(PdfMatrix().scale(600, 800))
    page = document.new_page(600, 800)
    page.insert_obj(image)
    page.gen_content()
    document.save(out)
    return out.getvalue()


@real
@pytest.mark.ocr
def test_the_text_on_a_picture_is_read() -> None:
    assert LINES[0] in parse(Path("a.png"), photograph()).text


@real
@pytest.mark.ocr
def test_a_scanned_page_is_read_among_others_and_keeps_its_number() -> None:
    document = parse(Path("a.pdf"), scanned())
    assert " ".join(document.pages[1].of(document.text).split()) == " ".join(LINES)


@real
@pytest.mark.ocr
def test_a_picture_that_is_damaged_says_so() -> None:
    with pytest.raises(DocumentError, match=r"^a\.png: is a picture; Tesseract could not read it .*may be damaged\."):
        parse(Path("a.png"), photograph()[:200])


def test_without_tesseract_a_picture_is_named_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DocumentError, match=r"^a\.png: is a picture; install Tesseract to read it \(.*apt install"):
        parse(Path("a.png"), photograph())


def test_without_tesseract_the_other_pages_of_a_pdf_go_in_and_the_scanned_ones_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    document = parse(Path("a.pdf"), scanned(with_text=True))
    assert LINES[0] in document.text
    assert "page 2 is scanned" in document.note and "install Tesseract" in document.note

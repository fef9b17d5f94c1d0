"""Pages of documents as pictures: of what was read and of nothing else, by the document's id."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.config import Settings
from rag.engine import Engine
from rag.errors import DocumentError, PathError
from tests.fakes.embedder import WordEmbedder
from tests.fakes.files import column, pdf, zipped

YELLEN = "Treasury Secretary Janet Yellen might visit Beijing in July."
KERRY = "Climate envoy John Kerry might visit Beijing, too."
VISITS = pdf(column(40, 700, YELLEN), column(40, 700, KERRY))


@pytest.fixture
def engine() -> Iterator[Engine]:
    with over() as engine:
        yield engine


def over(**settings: Any) -> Engine:
    return Engine(Settings.load(llm="none", **settings), embedder=WordEmbedder())


def added(engine: Engine, path: Path, data: bytes) -> str:
    path.write_bytes(data)
    engine.ingest([path])
    return engine.documents.list()[0].id


def test_a_page_and_the_boxes_of_a_quote_on_it(engine: Engine, tmp_path: Path) -> None:
    document = added(engine, tmp_path / "visits.pdf", VISITS)
    page = engine.documents.page(document, 2, width=300)
    assert (page.number, page.pages, page.width, page.height) == (2, 2, 300, 400)
    assert page.png.startswith(b"\x89PNG")
    text = engine.documents.get(document).text
    start = text.index(KERRY)
    (found,) = engine.documents.boxes(document, start, start + len(KERRY))
    assert found.page == 2 and len(found.boxes) == 1
    assert found.boxes[0].left == pytest.approx(40 / 600, abs=0.01)
    both = engine.documents.boxes(document, 0, len(text))
    assert [one.page for one in both] == [1, 2], "a quote that goes over to the next page has boxes on both"


def test_a_page_that_is_not_there_is_named(engine: Engine, tmp_path: Path) -> None:
    document = added(engine, tmp_path / "visits.pdf", VISITS)
    for number in (0, 3, -1):
        with pytest.raises(PathError, match=rf"^visits\.pdf has 2 pages, but no page {number}\.$"):
            engine.documents.page(document, number)
    with pytest.raises(PathError, match="There is no document"):
        engine.documents.page("nothing", 1)


def test_a_file_that_has_changed_is_not_shown_as_what_was_read(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "visits.pdf"
    document = added(engine, path, VISITS)
    path.write_bytes(pdf(column(40, 700, "Something else."), column(40, 700, KERRY)))
    with pytest.raises(DocumentError, match=r"^visits\.pdf: has changed since it was read"):
        engine.documents.page(document, 1)
    with pytest.raises(DocumentError, match="has changed"):
        engine.documents.boxes(document, 0, 10)
    path.unlink()
    with pytest.raises(DocumentError, match=r"^visits\.pdf: is gone"):
        engine.documents.page(document, 1)


def test_what_is_no_pdf_has_no_pages_to_show(engine: Engine, tmp_path: Path) -> None:
    document = added(engine, tmp_path / "visits.txt", YELLEN.encode())
    with pytest.raises(DocumentError, match=r"^visits\.txt: is text/plain; only pages of PDFs"):
        engine.documents.page(document, 1)
    assert engine.documents.original(document) == YELLEN.encode()


def test_a_pdf_within_an_archive_is_shown_and_taken_out(engine: Engine, tmp_path: Path) -> None:
    document = added(engine, tmp_path / "all.zip", zipped({"reports/visits.pdf": VISITS}))
    assert engine.documents.get(document).uri.endswith("all.zip!/reports/visits.pdf")
    assert engine.documents.page(document, 1).pages == 2
    assert engine.documents.original(document) == VISITS


def test_an_encrypted_pdf_is_shown_with_the_passwords_of_the_settings(tmp_path: Path) -> None:
    data = pdf(column(40, 700, YELLEN), password="letmein")
    with over(passwords=("wrong", "letmein")) as engine:
        document = added(engine, tmp_path / "secret.pdf", data)
        assert engine.documents.page(document, 1, width=200).width == 200
    with over() as engine, pytest.raises(DocumentError, match=r"^secret\.pdf: is encrypted with a password"):
        engine.documents.page(document, 1)


def test_the_process_that_draws_is_ended_with_the_engine(tmp_path: Path) -> None:
    with over() as engine:
        engine.documents.page(added(engine, tmp_path / "visits.pdf", VISITS), 1)
        process = engine.documents._pages._worker._process
        assert process is not None
    assert process.poll() is not None

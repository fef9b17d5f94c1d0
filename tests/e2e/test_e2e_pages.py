"""PDFs beside the chat: the page as it is printed with the quote boxed, and the text where that can't be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rag.engine import Engine
from tests.e2e.conftest import ask
from tests.e2e.test_e2e_views import serious
from tests.fakes.files import column, pdf, zipped

pytestmark = pytest.mark.browser

OTHER = "The harbour is dredged every second winter by the town of Bergen."
QUOTE = "The harbour light was lit by Ada Brenner in 1897."
ASKED = "Who lit the harbour light?"
PAGES = pdf(column(40, 740, OTHER), column(40, 300, "It stands on the pier.", QUOTE), column(40, 740, "The end."))


@pytest.fixture
def paper(engine: Engine, tmp_path: Path) -> Path:
    """A PDF of three pages in a collection of its own."""
    path = tmp_path / "paper.pdf"
    path.write_bytes(PAGES)
    engine.ingest([path], collection=tmp_path.name)
    return path


def quoted(visit: Any, collection: str, **options: Any) -> Page:
    """Ask for the quote and click its chip."""
    page = visit(**options)
    page.select_option("#fn-collection", collection)
    page.click("#fn-settings-open")
    page.get_by_label("Quotes only").check()
    page.keyboard.press("Escape")
    ask(page, ASKED)
    page.locator(".fn-chip").first.click()
    return page


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_quote_is_boxed_on_the_page_as_it_is_printed(look: str, visit: Any, paper: Path) -> None:
    page = quoted(visit, paper.parent.name, color_scheme=look)
    box = page.locator(".fn-box")
    expect(box).to_have_count(1)
    expect(box).to_be_in_viewport()
    expect(page.get_by_text("Page 2 of 3")).to_be_visible()
    image = page.get_by_role("img", name="Page 2 of paper")
    sheet, around = image.bounding_box(), box.bounding_box()
    assert sheet and around
    assert abs((around["x"] - sheet["x"]) / sheet["width"] - 40 / 600) < 0.02
    assert abs((around["y"] - sheet["y"]) / sheet["height"] - (800 - 288 - 10) / 800) < 0.02
    expect(page.locator("#fn-panel figcaption")).to_have_text(f"Boxed on this page: “{QUOTE}”")
    assert serious(page) == []


def test_pages_are_turned_enlarged_and_changed_for_the_text(visit: Any, paper: Path) -> None:
    page = quoted(visit, paper.parent.name)
    page.get_by_role("button", name="Previous page").click()
    expect(page.get_by_role("img", name="Page 1 of paper")).to_be_visible()
    expect(page.locator(".fn-box")).to_have_count(0)
    expect(page.get_by_role("button", name="Previous page")).to_be_disabled()
    page.get_by_role("button", name="Next page").click()
    expect(page.locator(".fn-box")).to_have_count(1)
    before = page.locator(".fn-page").bounding_box()
    page.get_by_role("button", name="Larger").click()
    expect(page.locator(".fn-box")).to_be_in_viewport()
    after = page.locator(".fn-page").bounding_box()
    assert before and after and after["width"] > 1.5 * before["width"]
    page.get_by_role("button", name="Text", exact=True).click()
    expect(page.locator("#fn-panel mark.fn-active")).to_have_text(QUOTE)
    expect(page.get_by_role("button", name="Text", exact=True)).to_be_focused()
    page.get_by_role("button", name="Page", exact=True).click()
    expect(page.locator(".fn-box")).to_have_count(1)
    link = page.get_by_role("link", name="Original file")
    assert str(link.get_attribute("href")).endswith("/original#page=2")


def test_a_pdf_within_an_archive_is_boxed_too_and_its_file_can_be_had(
    visit: Any, engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "all.zip").write_bytes(zipped({"papers/light.pdf": PAGES}))
    engine.ingest([tmp_path / "all.zip"], collection=tmp_path.name)
    page = quoted(visit, tmp_path.name)
    expect(page.locator(".fn-box")).to_have_count(1)
    link = page.get_by_role("link", name="Original file").get_attribute("href")
    answer = page.request.get(str(link))
    assert answer.body() == PAGES and answer.headers["content-type"] == "application/pdf"


def test_a_file_that_changed_is_shown_as_text_with_a_word_of_why(visit: Any, paper: Path, tolerated: list[str]) -> None:
    tolerated.append("status of 404")
    paper.write_bytes(pdf(column(40, 740, "Another paper.")))
    page = quoted(visit, paper.parent.name)
    expect(page.locator("#fn-panel .fn-warned")).to_contain_text("has changed since it was read")
    expect(page.locator("#fn-panel mark.fn-active")).to_have_text(QUOTE)
    expect(page.locator(".fn-page")).to_have_count(0)


def test_a_file_that_is_gone_is_shown_as_text(visit: Any, paper: Path) -> None:
    paper.unlink()
    page = quoted(visit, paper.parent.name)
    expect(page.locator("#fn-panel mark.fn-active")).to_have_text(QUOTE)
    expect(page.locator("#fn-panel")).to_contain_text("no longer where it was")
    expect(page.get_by_role("button", name="Page", exact=True)).to_have_count(0)


def test_words_that_are_not_on_the_page_are_shown_as_text(visit: Any, paper: Path) -> None:
    page = visit()
    page.route("**/boxes", lambda route: route.fulfill(json={"pages": []}))  # what a scan's recognised words have
    page = quoted(lambda: page, paper.parent.name)
    expect(page.locator("#fn-panel .fn-warned")).to_contain_text("could not be found on the page")
    expect(page.locator("#fn-panel mark.fn-active")).to_have_text(QUOTE)


def test_a_document_of_the_list_opens_at_its_first_page_and_a_phone_shows_it(visit: Any, paper: Path) -> None:
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True)
    page.select_option("#fn-collection", paper.parent.name)
    page.click("#fn-documents-open")
    page.locator(".fn-title").first.click()
    expect(page.get_by_role("img", name="Page 1 of paper")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious(page) == []

"""Where the focus is after what was pressed is gone, and that what is asked or shown beside something can be read."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import answered, ask
from tests.e2e.test_e2e_ask import held
from tests.e2e.test_e2e_library import pick, upload
from tests.fakes.library import QUESTION

pytestmark = pytest.mark.browser

CUT_OFF = "node => node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1"
OVER = """() => {
  const box = (node) => node.getBoundingClientRect();
  const tip = box(document.getElementById("fn-tip"));
  const answer = box(document.querySelector(".fn-answer"));
  const covered = [".fn-question", ".fn-bar", ".fn-side"].filter((name) => {
    const other = box(document.querySelector(name));
    return tip.left < other.right && other.left < tip.right && tip.top < other.bottom && other.top < tip.bottom;
  });
  return { covered, inside: tip.left >= answer.left - 1 && tip.right <= answer.right + 1 };
}"""


def test_after_stop_the_question_has_the_focus(visit: Any, go_on: Event) -> None:
    page = visit()
    for press in (lambda: page.keyboard.press("Enter"), lambda: page.click("#fn-stop")):
        page.click("#fn-new")
        held(page)
        page.locator("#fn-stop").focus()
        press()
        expect(page.locator("#fn-ask")).to_be_visible()
        expect(page.locator("#fn-question")).to_be_focused()


def test_after_the_button_ask_the_question_has_the_focus(visit: Any) -> None:
    page = visit()
    page.fill("#fn-question", QUESTION)
    page.click("#fn-ask")
    page.wait_for_selector(".fn-chip")
    answered(page)
    expect(page.locator("#fn-question")).to_be_focused()
    page.get_by_label("Ask again").click()
    expect(page.locator("#fn-question")).to_be_focused()
    answered(page)


def test_a_thumb_keeps_the_focus_when_its_reason_is_closed(visit: Any) -> None:
    page = visit()
    ask(page, QUESTION)
    page.get_by_label("Good answer").click()
    expect(page.get_by_label("What was good? (optional)")).to_be_focused()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_label("Good answer")).to_be_focused()


@pytest.mark.parametrize("key", ["Escape", "Enter"])
def test_after_renaming_a_chat_its_button_has_the_focus(key: str, visit: Any) -> None:
    page = visit()
    ask(page, QUESTION)
    page.locator("#fn-chats li").first.hover()
    page.locator("#fn-chats li").first.get_by_label("Rename").click()
    page.keyboard.press(key)
    expect(page.locator("#fn-chats li").first.get_by_label("Rename")).to_be_focused()


def test_whether_to_delete_a_chat_is_asked_in_full_and_escape_keeps_it(visit: Any) -> None:
    page = visit()
    ask(page, QUESTION)
    page.locator("#fn-chats li").first.hover()
    page.locator("#fn-chats li").first.get_by_label("Delete").click()
    question = page.get_by_text("Delete this chat?")
    expect(question).to_be_visible()
    assert question.evaluate(CUT_OFF) is False
    expect(page.get_by_role("button", name="Delete", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(page.locator("#fn-chats li").first.get_by_label("Delete")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator(".fn-turn")).to_have_count(0)
    expect(page.locator("#fn-question")).to_be_focused()


def listed(page: Page, folder: Path) -> None:
    for name in ("owl", "tit", "wren"):
        (folder / f"{name}.txt").write_text(f"The {name}\n\nThe {name} nests in the old tower of {name}s.\n")
    pick(page, f"birds-{folder.name}")
    upload(page, *(folder / f"{name}.txt" for name in ("owl", "tit", "wren")))
    expect(page.locator(".fn-listed li")).to_have_count(3)


def test_whether_to_remove_a_document_is_asked_in_its_row(visit: Any, tmp_path: Path) -> None:
    page = visit()
    listed(page, tmp_path)
    page.get_by_label("Remove “").first.click()
    question = page.locator(".fn-asked-what")
    expect(question).to_contain_text("from the collection? The original files stay")
    assert question.evaluate(CUT_OFF) is False
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(page.locator("#fn-documents")).to_be_visible()
    expect(page.get_by_label("Remove “").first).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator(".fn-listed li")).to_have_count(2)
    expect(page.locator(".fn-listed li .fn-title").first).to_be_focused()


def test_whether_to_remove_the_ticked_ones_is_asked_where_it_was_pressed(visit: Any, tmp_path: Path) -> None:
    page = visit()
    listed(page, tmp_path)
    page.locator(".fn-listed input").first.uncheck()
    page.get_by_text("Remove the ticked ones").click()
    expect(page.locator(".fn-asked-what")).to_contain_text("Remove 2 documents from the collection?")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("Remove the ticked ones")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator(".fn-listed li")).to_have_count(1)


@pytest.mark.parametrize("width", [1360, 390])
def test_what_a_chip_quotes_covers_neither_the_question_nor_the_bar(width: int, visit: Any) -> None:
    page = visit(viewport={"width": width, "height": 860})
    ask(page, QUESTION)
    for chip in page.locator(".fn-chip").all():
        # At the right edge of the first line: the worst place.
        chip.evaluate("node => Object.assign(node.style, { position: 'absolute', right: '0' })")
        page.evaluate("document.querySelector('.fn-text').style.position = 'relative'")
        chip.hover()
        expect(page.locator("#fn-tip")).to_be_visible()
        assert page.evaluate(OVER) == {"covered": [], "inside": True}
        page.mouse.move(5, 5)
        expect(page.locator("#fn-tip")).to_be_hidden()

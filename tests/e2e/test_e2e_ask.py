"""Ask, read, click the quote, see it in the document; refusal; stop; follow-up; copy; thumbs; settings."""

from __future__ import annotations

import json
import re
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rag.engine import Engine
from tests.e2e.conftest import answered, ask
from tests.fakes.library import QUESTION, RAIMONDO, YELLEN
from tests.fakes.page import UNDERSTOOD, UNSAID

pytestmark = pytest.mark.browser


def test_each_sentence_has_its_chip_and_the_chip_leads_to_the_exact_words(visit: Any) -> None:
    page = visit()
    ask(page, QUESTION)
    assert page.locator(".fn-said").all_inner_texts() == [YELLEN, RAIMONDO]
    expect(page.locator(".fn-summary")).to_have_text("Every sentence checked · 2 quotes from 1 document")
    chips = page.locator(".fn-chip")
    expect(chips).to_have_count(2)
    assert chips.first.get_attribute("aria-label") == "Quote 1, from Who is next, line 3"
    chips.nth(1).hover()
    expect(page.locator("#fn-tip")).to_contain_text(RAIMONDO)
    chips.nth(1).click()
    active = page.locator("#fn-panel mark.fn-active")
    expect(active).to_have_text(RAIMONDO)
    expect(active).to_be_in_viewport()
    expect(page.locator("#fn-panel mark")).to_have_count(2)
    expect(page.get_by_text("Quote 2 of 2")).to_be_visible()


def test_brackets_go_from_quote_to_quote_and_escape_gives_the_focus_back(visit: Any) -> None:
    page = visit()
    ask(page, QUESTION)
    page.locator(".fn-chip").first.focus()
    page.keyboard.press("Enter")
    active = page.locator("#fn-panel mark.fn-active")
    expect(active).to_have_text(YELLEN)
    page.keyboard.press("]")
    expect(active).to_have_text(RAIMONDO)
    page.keyboard.press("]")
    page.keyboard.press("[")
    expect(active).to_have_text(YELLEN)
    page.keyboard.press("Escape")
    expect(page.locator("#fn-panel")).to_be_hidden()
    expect(page.locator(".fn-chip").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(active).to_have_text(YELLEN)
    page.locator(".fn-chip").first.click()
    expect(page.locator("#fn-panel")).to_be_hidden()


def test_the_keyboard_alone_is_enough(visit: Any) -> None:
    page = visit()
    page.locator("#fn-new").focus()
    page.keyboard.press("/")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector(".fn-chip")
    answered(page)
    for _ in range(60):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.className").startswith("fn-chip"):
            break
    expect(page.locator("#fn-tip")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#fn-panel mark.fn-active")).to_be_visible()


def test_what_the_documents_do_not_say_is_refused_with_the_nearest_passages(visit: Any) -> None:
    page = visit()
    ask(page, "Which Mongolian astronomer founded the violin academy?")
    expect(page.locator(".fn-text")).to_contain_text("Your documents don't say")
    expect(page.locator(".fn-chip")).to_have_count(0)
    nearest = page.locator(".fn-passage")
    expect(nearest).to_have_count(3)
    quote = page.locator(".fn-passage-quote").first.inner_text().strip("“”")
    nearest.first.click()
    expect(page.locator("#fn-panel mark.fn-active")).to_have_text(quote)


def test_lenient_shows_what_no_quote_supports_and_says_so(visit: Any) -> None:
    page = visit()
    page.click("#fn-settings-open")
    page.get_by_label("Lenient").check()
    page.keyboard.press("Escape")
    ask(page, "What is unsaid: who might visit Beijing after Blinken?")
    unsupported = page.locator(".fn-unsupported")
    expect(unsupported.locator(".fn-said")).to_have_text(UNSAID)
    expect(unsupported).to_contain_text("not in your documents")
    expect(page.locator(".fn-summary")).to_contain_text("2 of 3 sentences supported")


def test_strict_withholds_it_and_the_details_say_what(visit: Any) -> None:
    page = visit()
    ask(page, "What is unsaid: who might visit Beijing after Blinken?")
    assert UNSAID not in page.locator(".fn-text").inner_text()
    page.get_by_text("How this was found").click()
    expect(page.locator(".fn-details-body")).to_contain_text("Mars")
    expect(page.locator(".fn-details-body")).to_contain_text("scripted")


def held(page: Page) -> None:
    """Ask, and wait until the first sentence is there; the second comes when `go_on` is set."""
    page.fill("#fn-question", "held: who might visit Beijing after Blinken?")
    page.keyboard.press("Enter")
    expect(page.locator(".fn-said")).to_have_text([YELLEN])


def test_stop_ends_it_and_keeps_what_was_shown_also_after_a_reload(visit: Any, go_on: Event) -> None:
    page = visit()
    held(page)
    page.click("#fn-stop")
    expect(page.get_by_text("Stopped here.")).to_be_visible()
    expect(page.locator("#fn-ask")).to_be_visible()
    expect(page.locator(".fn-said")).to_have_text([YELLEN])
    page.reload()
    expect(page.get_by_text("Stopped here.")).to_be_visible()
    expect(page.locator(".fn-chip")).to_have_count(1)


def test_a_reload_in_the_middle_of_an_answer_goes_on_with_it(visit: Any, go_on: Event) -> None:
    page = visit()
    held(page)
    page.reload()
    expect(page.locator(".fn-said")).to_have_text([YELLEN])
    expect(page.locator(".fn-working")).to_contain_text("writing and checking")
    expect(page.locator("#fn-stop")).to_be_visible()
    go_on.set()
    answered(page)
    expect(page.locator(".fn-said")).to_have_text([YELLEN, RAIMONDO])
    expect(page.locator("#fn-ask")).to_be_visible()


def test_a_quote_can_be_looked_at_while_the_answer_is_still_written(visit: Any, go_on: Event) -> None:
    page = visit()
    held(page)
    page.locator(".fn-chip").click()
    expect(page.locator("#fn-panel mark.fn-active")).to_have_text(YELLEN)
    go_on.set()
    answered(page)
    expect(page.get_by_text("Quote 1 of 2")).to_be_visible()
    page.keyboard.press("]")
    expect(page.locator("#fn-panel mark.fn-active")).to_have_text(RAIMONDO)
    page.keyboard.press("Escape")
    expect(page.locator(".fn-chip").nth(1)).to_be_focused()


def test_an_answer_goes_on_while_its_reader_is_elsewhere_on_the_page(visit: Any, go_on: Event) -> None:
    page = visit()
    held(page)
    page.click("#fn-new")
    ask(page, "How many rooms has the hotel in Beijing?")
    page.click("#fn-documents-open")
    expect(page.locator(".fn-listed li")).to_have_count(3)
    page.keyboard.press("Escape")
    go_on.set()
    page.locator("#fn-chats a", has_text="held: who might").first.click()
    answered(page)
    expect(page.locator(".fn-said")).to_have_text([YELLEN, RAIMONDO])


def test_an_answer_can_be_stopped_after_a_reload_too(visit: Any, go_on: Event) -> None:
    page = visit()
    held(page)
    page.reload()
    expect(page.locator(".fn-said")).to_have_text([YELLEN])
    page.click("#fn-stop")
    expect(page.get_by_text("Stopped here.")).to_be_visible()
    expect(page.locator(".fn-said")).to_have_text([YELLEN])


def test_a_question_can_be_edited_and_asked_again(visit: Any) -> None:
    page = visit()
    ask(page, "Which Mongolian astronomer founded the violin academy?")
    page.get_by_label("Edit the question").click()
    page.get_by_label("The question", exact=True).fill(QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector(".fn-chip")
    answered(page)
    assert page.locator(".fn-question").all_inner_texts() == [QUESTION]
    page.get_by_label("Ask again").click()
    page.wait_for_selector(".fn-chip")
    answered(page)
    expect(page.locator(".fn-turn")).to_have_count(1)


def test_a_follow_up_shows_what_was_understood(visit: Any) -> None:
    page = visit()
    ask(page, QUESTION)
    ask(page, "and in July?")
    expect(page.locator(".fn-understood").last).to_contain_text(UNDERSTOOD)
    page.get_by_role("button", name="Change").click()
    assert UNDERSTOOD in page.get_by_label("The question", exact=True).input_value()


def test_copy_brings_the_quotes_along(visit: Any) -> None:
    page = visit()
    ask(page, QUESTION)
    page.locator(".fn-actions .fn-menu summary").click()
    page.get_by_role("button", name="With quotes, as Markdown").click()
    expect(page.locator("#fn-toast")).to_contain_text("Copied")
    text = page.evaluate("navigator.clipboard.readText()")
    assert "[^1]" in text and re.search(r"^\[\^2\]: “Commerce Secretary Gina Raimondo", text, re.MULTILINE)
    page.locator(".fn-actions .fn-menu summary").click()
    page.get_by_role("button", name="With quotes, as text").click()
    for _ in range(100):  # the toast still tells of the first copy, so only the clipboard says that this one is there
        plain = page.evaluate("navigator.clipboard.readText()")
        if plain != text:
            break
        page.wait_for_timeout(50)
    assert plain.startswith(f"{YELLEN} [1]") and f"“{RAIMONDO}”" in plain and "[^" not in plain


def test_on_paper_the_quotes_stand_under_the_answer(visit: Any) -> None:
    page = visit()
    ask(page, QUESTION)
    notes = page.locator(".fn-footnotes li")
    expect(notes.first).to_be_hidden()
    page.emulate_media(media="print")
    expect(notes).to_have_count(2)
    expect(notes.nth(1)).to_be_visible()
    expect(notes.nth(1)).to_contain_text(RAIMONDO)
    expect(page.locator("#fn-form")).to_be_hidden()


@pytest.mark.parametrize("form", ["Markdown", "Web page", "JSON"])
def test_a_chat_is_exported_with_its_citations(form: str, visit: Any, tmp_path: Path) -> None:
    page = visit()
    ask(page, QUESTION)
    page.locator("#fn-export summary").click()
    with page.expect_download() as download:
        page.locator("#fn-export").get_by_text(form, exact=True).click()
    download.value.save_as(tmp_path / "chat")
    text = (tmp_path / "chat").read_text(encoding="utf-8")
    assert text.count(YELLEN) >= 2 and text.count(RAIMONDO) >= 2, "each sentence, and its quote"
    if form == "JSON":
        assert json.loads(text)["turns"][0]["answer"]["citations"][1]["quote"] == RAIMONDO


def test_a_thumb_and_its_reason_are_kept(visit: Any, engine: Engine) -> None:
    page = visit()
    ask(page, QUESTION)
    page.get_by_label("Bad answer").click()
    page.get_by_label("What was wrong? (optional)").fill("Kerry is missing")
    page.keyboard.press("Enter")
    page.wait_for_function("() => !document.querySelector('.fn-reason')")
    page.reload()
    expect(page.get_by_label("Bad answer")).to_have_attribute("aria-pressed", "true")
    judged = engine.chats.judged()[-1]
    assert (judged.verdict, judged.reason, judged.question) == ("down", "Kerry is missing", QUESTION)


def test_quotes_only_asks_no_model(visit: Any) -> None:
    page = visit()
    page.click("#fn-settings-open")
    page.get_by_label("Quotes only").check()
    page.keyboard.press("Escape")
    ask(page, QUESTION)
    page.get_by_text("How this was found").click()
    expect(page.locator(".fn-details-body dd").first).to_have_text("none")


def test_chats_are_listed_searched_renamed_and_deleted(visit: Any) -> None:
    page = visit()
    ask(page, "Who bakes the bread at 220 degrees?")
    page.click("#fn-new")
    expect(page.get_by_role("heading", name="Ask your documents")).to_be_visible()
    page.fill("#fn-chat-search", "220 degrees")
    page.wait_for_function("() => document.querySelectorAll('#fn-chats li').length === 1")
    page.locator("#fn-chats li").hover()
    page.get_by_label("Rename “Who bakes").click()
    page.get_by_label("Title of the chat").fill("Baking")
    page.keyboard.press("Enter")
    expect(page.locator("#fn-chats li a")).to_have_text("Baking")
    page.locator("#fn-chats li a").click()
    expect(page.locator(".fn-question")).to_have_text("Who bakes the bread at 220 degrees?")
    page.locator("#fn-chats li").hover()
    page.get_by_label("Delete “Baking”").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("#fn-chats")).to_contain_text("No chat has these words")
    expect(page.locator(".fn-turn")).to_have_count(0)


def test_another_model_and_more_passages_are_chosen_and_kept_in_the_browser(visit: Any) -> None:
    page = visit()
    asked: list[dict[str, Any]] = []
    page.on(
        "request",
        lambda request: "call/ask" in request.url and request.post_data and asked.append(request.post_data_json),
    )
    page.click("#fn-settings-open")
    expect(page.get_by_role("radio", name="scripted")).to_be_checked()
    expect(page.get_by_role("radio", name="8", exact=True)).to_be_checked()
    assert page.locator("#fn-settings .fn-dialog-body").evaluate("node => node.scrollWidth <= node.clientWidth")
    page.get_by_role("radio", name="second").check()
    page.get_by_role("radio", name="16").check()
    page.keyboard.press("Escape")
    page.reload()
    page.click("#fn-settings-open")
    expect(page.get_by_role("radio", name="second")).to_be_checked()
    page.keyboard.press("Escape")
    ask(page, QUESTION)
    (wish,) = asked[-1]["data"]
    assert (wish["model"], wish["passages"]) == ("second", 16)
    expect(page.locator(".fn-problem")).to_contain_text("http://127.0.0.1:9")
    page.click("#fn-settings-open")
    page.get_by_role("radio", name="scripted").check()
    page.keyboard.press("Escape")
    page.get_by_label("Ask again").click()
    page.wait_for_selector(".fn-chip")

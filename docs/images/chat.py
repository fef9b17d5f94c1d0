"""Make the pictures of docs/chat.md: a walk through the real page over the sample folder, in a headless Chromium.

    python docs/images/chat.py

Needs Debian's `chromium` and the test extra. The answers are made of quotes, so no model that writes is needed. The PDF
is one of the sample's texts, printed by Chromium; the broken files and the two notices that disagree are made here.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from rag.config import Settings
from rag.engine import Engine
from tests.fakes.page import serving

HERE = Path(__file__).parent
SAMPLE = HERE.parents[1] / "rag" / "ui" / "sample"
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
PRINTED = "weekend-visit.txt"
NOTICES = {
    "harbour-office.md": ("2024-04-30", "The inner harbour is closed for dredging from June 16 to 21."),
    "ferry-company.md": ("2024-05-14", "The inner harbour is closed on June 18–19, while it is dredged."),
}


@contextmanager
def opened(browser: Browser, address: str, look: str = "light", phone: bool = False) -> Iterator[Page]:
    """Open the page as somebody new."""
    context = browser.new_context(viewport=PHONE if phone else WIDE, color_scheme=look, has_touch=phone)
    context.set_default_timeout(120_000)
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector('#fn[data-state="ready"]')
    page.wait_for_function("() => document.querySelector('#fn-models').hidden")
    yield page
    context.close()


def ask(page: Page, question: str, collection: str = "sample") -> None:
    """Ask and wait for the answer."""
    page.select_option("#fn-collection", collection)
    page.fill("#fn-question", question)
    page.keyboard.press("Enter")
    page.wait_for_selector('.fn-answer[data-state="done"] .fn-actions')


def saved(page: Page, name: str) -> None:
    """Save what is to be seen."""
    page.wait_for_timeout(500)
    page.screenshot(path=HERE / f"chat-{name}.png")


def begin(browser: Browser, address: str) -> None:
    """The first start, and the sample folder by one click."""
    with opened(browser, address) as page:
        saved(page, "start")
        page.locator(".fn-example").first.click()
        page.wait_for_selector('.fn-answer[data-state="done"] .fn-actions')


def light(browser: Browser, address: str) -> None:
    """An answer with its quote in the document."""
    with opened(browser, address) as page:
        ask(page, "Who might visit after Blinken?")
        page.locator(".fn-chip").nth(1).click()
        page.wait_for_selector("#fn-panel mark.fn-active")
        saved(page, "light")


def dark(browser: Browser, address: str) -> None:
    """A refusal."""
    with opened(browser, address, look="dark") as page:
        ask(page, "Which Mongolian astronomer founded the violin academy?")
        saved(page, "dark")


def phone(browser: Browser, address: str) -> None:
    """The document as a sheet."""
    with opened(browser, address, phone=True) as page:
        ask(page, "What happened to the balloon?")
        page.locator(".fn-chip").first.click()
        page.wait_for_selector("#fn-panel mark.fn-active")
        saved(page, "phone")


def printed(browser: Browser, folder: Path) -> Path:
    """Print a text of the sample as a PDF."""
    path = folder / f"{Path(PRINTED).stem}.pdf"
    # The text repeats itself, as web pages do.
    lines = dict.fromkeys((SAMPLE / PRINTED).read_text(encoding="utf-8").splitlines())
    page = browser.new_page()
    style = "white-space: pre-line; font: 12pt/1.5 serif"
    page.set_content(f"<title>A weekend in Beijing</title><h1></h1><main style='{style}'></main>")
    page.locator("h1").evaluate("(node, text) => { node.textContent = text }", "A weekend in Beijing")
    page.locator("main").evaluate("(node, text) => { node.textContent = text }", "\n\n".join(lines))
    page.pdf(path=path, format="A4", margin=dict.fromkeys(("top", "right", "bottom", "left"), "2.5cm"))
    page.close()
    return path


def bring(browser: Browser, address: str, folder: Path) -> None:
    """Files that are brought, two of them broken; then a quote on the page of a PDF."""
    paper = printed(browser, folder)
    (folder / "broken.pdf").write_bytes(paper.read_bytes()[:200])
    (folder / "empty.txt").touch()
    with opened(browser, address) as page:
        page.click("#fn-documents-open")
        page.fill("#fn-into", "mine")
        files = [paper, folder / "broken.pdf", folder / "empty.txt", SAMPLE / "expectations.txt"]
        page.locator("#fn-documents input[type=file]").first.set_input_files(files)
        page.get_by_text("Done: ").wait_for()
        saved(page, "documents")
        page.keyboard.press("Escape")
        ask(page, "When are the meetings in Beijing set for?", "mine")
        chips = page.locator(".fn-chip")
        for number in range(chips.count()):
            chips.nth(number).click()
            page.wait_for_timeout(1500)
            if page.locator(".fn-box").count():
                break
        page.wait_for_selector(".fn-box")
        saved(page, "pdf")


def disagree(browser: Browser, address: str, folder: Path) -> None:
    """Two notices that give different days, in a table."""
    for name, (date, text) in NOTICES.items():
        title = Path(name).stem.replace("-", " ").capitalize()
        (folder / name).write_text(f"---\ntitle: {title}\ndate: {date}\n---\n\n{text}\n", encoding="utf-8")
    with opened(browser, address) as page:
        page.click("#fn-documents-open")
        page.fill("#fn-into", "notices")
        page.locator("#fn-documents input[type=file]").first.set_input_files([folder / name for name in NOTICES])
        page.get_by_text("Done: ").wait_for()
        page.get_by_role("button", name="Ask about them").click()
        ask(page, "On which dates is the inner harbour closed?", "notices")
        page.wait_for_selector(".fn-conflict")
        page.locator("#fn-question").blur()
        saved(page, "conflict")


def main() -> None:
    """Make all of them, with the models of the settings but a store of their own."""
    home = Settings.load().home
    steps: list[Callable[[Browser, str], None]] = [begin, light, dark, phone]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        (Path(folder) / "models").symlink_to(home / "models", target_is_directory=True)
        (files := Path(folder) / "files").mkdir()
        args = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=args)
        with Engine(Settings.load(home=folder, llm="none")) as engine, serving(engine) as address:
            for step in steps:
                step(browser, address)
            bring(browser, address, files)
            disagree(browser, address, files)
        browser.close()


if __name__ == "__main__":
    main()

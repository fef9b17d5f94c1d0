"""Make the pictures of docs/chat.md: the real page over the sample folder, in a headless Chromium.

    python docs/images/chat.py

Needs Debian's `chromium` and the test extra. The answers are made of quotes, so no model that writes is needed.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from rag.config import Settings
from rag.engine import Engine
from tests.fakes.page import serving

HERE = Path(__file__).parent
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


def picture(browser: Any, address: str, name: str, look: str, phone: bool) -> None:
    """Ask about the sample folder and save what is to be seen."""
    context = browser.new_context(viewport=PHONE if phone else WIDE, color_scheme=look, has_touch=phone)
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector('#fn[data-state="ready"]')
    page.select_option("#fn-collection", "sample")
    ask(page, "What happened to the balloon?" if phone else "Where might Xi travel in November?")
    if look == "dark":
        page.click("#fn-new")
        ask(page, "Which Mongolian astronomer founded the violin academy?")
    else:
        page.locator(".fn-chip").first.click()
        page.wait_for_selector("#fn-panel mark.fn-active")
    page.wait_for_timeout(400)
    page.screenshot(path=HERE / f"chat-{name}.png")
    context.close()


def ask(page: Page, question: str) -> None:
    """Ask and wait for the answer."""
    page.fill("#fn-question", question)
    page.keyboard.press("Enter")
    page.wait_for_selector('.fn-answer[data-state="done"] .fn-actions', timeout=120_000)


def main() -> None:
    """Make all of them, with the models of the settings but a store of their own."""
    home = Settings.load().home
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        (Path(folder) / "models").symlink_to(home / "models", target_is_directory=True)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with Engine(Settings.load(home=folder, llm="none")) as engine:
            engine.ingest([HERE.parents[1] / "rag" / "ui" / "sample"], collection="sample")
            with serving(engine) as address:
                for name, look, phone in (("light", "light", False), ("dark", "dark", False), ("phone", "light", True)):
                    picture(browser, address, name, look, phone)
        browser.close()


if __name__ == "__main__":
    main()

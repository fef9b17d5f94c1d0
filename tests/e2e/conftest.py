"""A real Chromium before the real page; documents and model are made up, so that it is quick."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from rag.engine import Engine
from tests.fakes.page import engine_over, serving
from tests.fakes.speaker import GO_ON

PATIENCE = 45_000
"""Milliseconds: how long a busy machine may take says nothing about the page."""
expect.set_options(timeout=PATIENCE)


def chromium() -> str:
    """Return Debian's Chromium: Playwright's own download is out of reach in many networks."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert found, "These tests need Chromium: `apt-get install -y chromium`, or set CHROMIUM to one."
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("RAG_")]:
            patch.delenv(name)
        (empty := tmp_path_factory.mktemp("config") / "rag.toml").touch()
        patch.setenv("RAG_CONFIG", str(empty))
        folder = tmp_path_factory.mktemp("page")
        with engine_over(folder / "documents", folder / "home") as engine:
            yield engine


@pytest.fixture(scope="session")
def address(engine: Engine) -> Iterator[str]:
    with serving(engine) as address:
        yield address


@pytest.fixture(scope="session")
def context_of(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Return the browser's context with these options. One lasts through all tests, because what a new one costs is
    reading and compiling Gradio's scripts anew; whatever a page keeps, `visit` clears."""
    made: dict[str, BrowserContext] = {}

    def context(**options: Any) -> BrowserContext:
        key = json.dumps(options, sort_keys=True)
        if key not in made:
            made[key] = browser.new_context(**options)
            made[key].set_default_timeout(PATIENCE)
        return made[key]

    yield context
    for one in made.values():
        one.close()


@pytest.fixture
def go_on() -> Iterator[threading.Event]:
    """Keep the scripted model in the middle of every answer to something "held", until this is set."""
    GO_ON.clear()
    yield GO_ON
    GO_ON.set()


@pytest.fixture
def tolerated() -> list[str]:
    """What the browser may complain of in this test."""
    return []


@pytest.fixture
def visit(
    context_of: Callable[..., BrowserContext], address: str, tolerated: list[str]
) -> Iterator[Callable[..., Page]]:
    """Open the page as somebody new; whatever else the browser complains of fails the test."""
    complaints: list[str] = []
    opened: list[Page] = []

    def complain(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(part in message.text for part in tolerated):
            complaints.append(message.text)

    def open_page(where: str = "", at: str = address, **options: Any) -> Page:
        size = {"width": 1360, "height": 860}
        permissions = ["clipboard-read", "clipboard-write"]
        page = context_of(**{"viewport": size, "permissions": permissions} | options).new_page()
        opened.append(page)
        page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: check_local(request.url, complaints))
        page.goto(at + where)
        ready(page)
        return page

    yield open_page
    for page in opened:
        page.evaluate("localStorage.clear()")
        page.context.clear_cookies()
        page.close()
    assert complaints == []


def ready(page: Page) -> None:
    """Wait until the page can be used and the model writes: before, answers are made of quotes."""
    page.wait_for_selector('#fn[data-state="ready"]')
    page.wait_for_selector("#fn-models", state="hidden")


def check_local(url: str, complaints: list[str]) -> None:
    if not url.startswith(("http://127.0.0.1:", "data:", "blob:")):
        complaints.append(f"asked another machine: {url}")


def ask(page: Page, question: str) -> None:
    """Type a question, send it, wait until it is answered."""
    before = page.locator(".fn-turn").count()
    page.fill("#fn-question", question)
    page.keyboard.press("Enter")
    page.wait_for_function("n => document.querySelectorAll('.fn-turn').length > n", arg=before)
    answered(page)


def answered(page: Page) -> None:
    page.wait_for_function(
        "() => /done|stopped|failed/.test([...document.querySelectorAll('.fn-answer')].at(-1)?.dataset.state)"
    )

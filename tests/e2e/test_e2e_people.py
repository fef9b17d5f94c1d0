"""More than one person, and the first start: logins, the line, models on their way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import expect

from rag.users import Users
from tests.e2e.conftest import PATIENCE, answered, ask, ready
from tests.e2e.test_e2e_views import serious
from tests.fakes.library import QUESTION, RAIMONDO, YELLEN
from tests.fakes.page import engine_over, serving

pytestmark = pytest.mark.browser

HELD = "held: Who might visit Beijing after Blinken?"
TEN = [f"reader-{number}" for number in range(10)]
FETCHING = {
    "state": "opening",
    "finder": True,
    "step": {
        "stage": "Fetching qwen2.5-coder-1.5b",
        "done": 250_000_000,
        "total": 1_000_000_000,
        "unit": "bytes",
        "speed": 5_000_000,
        "left": 150,
    },
}


@pytest.fixture(scope="module")
def among_users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page that wants a login; the password of everybody is "the password of NAME"."""
    folder = tmp_path_factory.mktemp("users")
    users = Users(folder / "users")
    for name in ("ada", "bob", *TEN):
        users.add(name, f"the password of {name}", cost=2)
    with engine_over(folder / "docs", folder / "home", auth=folder / "users") as engine, serving(engine) as address:
        yield address


def test_each_user_logs_in_and_has_chats_of_their_own(browser: Any, among_users: str) -> None:
    at = among_users
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(at)
    expect(page).to_have_url(f"{at}ui/login")
    assert serious(page) == []
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Name and password don't fit")
    for name, chats in (("ada", 0), ("bob", 0), ("ada", 1)):
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(f"the password of {name}")
        page.keyboard.press("Enter")
        ready(page)
        expect(page.locator("#fn-user")).to_contain_text(name)
        expect(page.locator("#fn-chats li")).to_have_count(chats)
        if not chats:
            ask(page, QUESTION)
            expect(page.locator("#fn-chats li")).to_have_count(1)
        page.get_by_role("button", name="Log out").click()
        expect(page).to_have_url(f"{at}ui/login")
    context.close()


def test_ten_people_chat_at_once_without_seeing_each_others_chats(browser: Any, among_users: str, go_on: Event) -> None:
    contexts = [browser.new_context(base_url=among_users) for _ in TEN]
    pages = []
    for name, context in zip(TEN, contexts, strict=True):
        context.set_default_timeout(PATIENCE)
        context.request.post("ui/login", form={"name": name, "password": f"the password of {name}"})
        pages.append(context.new_page())
        pages[-1].goto("./", wait_until="commit")
    for name, page in zip(TEN, pages, strict=True):
        ready(page)
        page.fill("#fn-question", f"held for {name}: Who might visit Beijing after Blinken?")
        page.keyboard.press("Enter")
        page.wait_for_selector(".fn-turn")
    go_on.set()
    for name, page in zip(TEN, pages, strict=True):
        answered(page)
        expect(page.locator(".fn-question")).to_have_text([f"held for {name}: Who might visit Beijing after Blinken?"])
        expect(page.locator(".fn-said")).to_have_text([YELLEN, RAIMONDO])
        expect(page.locator("#fn-chats li")).to_have_count(1)
        expect(page.locator("#fn-chats li")).to_contain_text(f"held for {name}")
    for context in contexts:
        context.close()


def test_who_has_to_wait_is_told_the_place_in_line(visit: Any, go_on: Event, tmp_path: Path) -> None:
    # A model in this process answers one question at a time.
    with engine_over(tmp_path / "docs", tmp_path / "home", llm="gguf:own.gguf") as engine, serving(engine) as address:
        first, second, third = (visit(at=address) for _ in range(3))
        for page in (first, second, third):
            page.fill("#fn-question", HELD)
        first.keyboard.press("Enter")
        first.wait_for_selector(".fn-said")
        second.keyboard.press("Enter")
        expect(second.locator(".fn-working")).to_contain_text("Next in line")
        third.keyboard.press("Enter")
        expect(third.locator(".fn-working")).to_contain_text("Waiting in line: place 2")
        second.click("#fn-stop")
        expect(third.locator(".fn-working")).to_contain_text("Next in line")
        go_on.set()
        for page in (first, third):
            answered(page)
            expect(page.locator(".fn-chip")).to_have_count(2)


@pytest.mark.parametrize("width", [1360, 390])
def test_a_model_on_its_way_is_shown_and_questions_are_answered_by_quotes(width: int, visit: Any) -> None:
    page = visit(viewport={"width": width, "height": 844})
    page.route("**/gradio_api/run/models", lambda route: route.fulfill(json={"data": [FETCHING]}))

    def begun(route: Any) -> None:
        given = route.fetch().json()
        given["data"][0]["models"] = FETCHING
        route.fulfill(json=given)

    page.route("**/gradio_api/run/start", begun)
    page.reload()
    banner = page.locator("#fn-models")
    expect(banner).to_contain_text("Fetching qwen2.5-coder-1.5b · 250 MB of 1.0 GB · 5 MB a second · 3 minutes left")
    expect(banner).to_contain_text("You can ask already: answers are made of quotes until then.")
    expect(banner.get_by_role("progressbar")).to_have_attribute("value", "250000000")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ask(page, QUESTION)
    page.get_by_text("How this was found").click()
    expect(page.locator(".fn-details-body dd").first).to_have_text("none")

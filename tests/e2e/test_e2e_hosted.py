"""A hosted model that is asked for JSON, and answers in it: the page shows sentences, never what they came in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from rag.config import Settings
from rag.engine import Engine
from tests.e2e.conftest import ask
from tests.fakes.embedder import WordEmbedder
from tests.fakes.library import QUESTION, RAIMONDO, YELLEN, write
from tests.fakes.openai_server import Act, Reply, Request, ScriptedServer, Stall, Status, cited
from tests.fakes.page import serving

pytestmark = pytest.mark.browser

SAID = ("Janet Yellen might visit Beijing in July.", "Gina Raimondo might visit Beijing, too.")
INVENTED = "Elon Musk flew to Mars in 1999."


def reply(request: Request) -> Act:
    """Answer in JSON with the right numbers, and with one sentence that no document has."""
    numbers = [request.numbered.get(text, 0) for text in (YELLEN, RAIMONDO)]
    whole = cited((SAID[0], numbers[:1]), (SAID[1], numbers[1:]), (INVENTED, [1]))
    if not request.schema:
        return Status(400, "The test wants to be asked for JSON.")
    if "refused" in request.prompt:
        return Status(401, "bad key")
    if "stalls" in request.prompt:
        return Stall(whole[: whole.index(SAID[1]) + 10])
    return Reply(whole)


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("hosted")
    with ScriptedServer(reply) as server:
        settings = Settings.load(home=folder / "home", llm=server.llm, retries=0)
        with Engine(settings, embedder=WordEmbedder()) as engine:
            engine.ingest([write(folder / "documents")])
            with serving(engine) as address:
                yield address


def test_sentences_that_came_as_json_are_shown_checked_and_cited(visit: Any, hosted: str) -> None:
    page = visit(at=hosted)
    ask(page, QUESTION)
    expect(page.locator(".fn-said")).to_have_text(SAID)
    expect(page.locator(".fn-text")).not_to_contain_text("evidence")
    for number, quote in enumerate((YELLEN, RAIMONDO)):
        page.locator(".fn-chip").nth(number).click()
        expect(page.locator("#fn-panel mark.fn-active")).to_have_text(quote)
    page.keyboard.press("Escape")
    page.get_by_text("How this was found").click()
    details = page.locator(".fn-details-body")
    expect(details).to_contain_text("1 sentence of the model withheld")
    expect(details).to_contain_text("Mars")
    expect(details.locator("dd").first).to_have_text("scripted")
    expect(details).to_contain_text("Tokens read")


def test_each_sentence_is_shown_before_the_json_is_at_its_end(visit: Any, hosted: str) -> None:
    page = visit(at=hosted)
    page.fill("#fn-question", f"stalls: {QUESTION}")
    page.keyboard.press("Enter")
    expect(page.locator(".fn-said")).to_have_text(SAID[:1])
    page.locator(".fn-chip").click()
    expect(page.locator("#fn-panel mark.fn-active")).to_have_text(YELLEN)
    page.click("#fn-stop")
    expect(page.get_by_text("Stopped here.")).to_be_visible()
    expect(page.locator(".fn-said")).to_have_text(SAID[:1])


def test_a_model_that_turns_the_key_away_is_one_sentence(visit: Any, hosted: str) -> None:
    page = visit(at=hosted)
    ask(page, f"refused: {QUESTION}")
    expect(page.locator(".fn-problem")).to_contain_text("key")

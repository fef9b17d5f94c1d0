"""The whole way once with the real models: a click on the sample folder, an answer, its quote in the document."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from rag.config import Settings
from rag.engine import Engine
from tests.e2e.conftest import answered
from tests.fakes.page import serving

pytestmark = [pytest.mark.browser, pytest.mark.model]


@pytest.fixture
def real(home: Path) -> Iterator[str]:
    with Engine(Settings.load(home=home)) as engine, serving(engine) as address:
        yield address


@pytest.mark.timeout(600)
def test_the_first_minutes_of_somebody_new(visit: Any, real: str) -> None:
    page = visit(at=real)
    page.set_default_timeout(240_000)
    page.wait_for_function("() => document.querySelector('#fn-models').hidden")
    page.get_by_role("button", name="What happened to the balloon?").click()
    page.wait_for_selector(".fn-turn")
    answered(page)
    expect(page.locator(".fn-text")).to_contain_text("shot down")
    page.locator(".fn-chip").first.click()
    expect(page.locator("#fn-panel mark.fn-active")).to_contain_text("balloon")
    page.get_by_text("How this was found").click()
    expect(page.locator(".fn-details-body dd").first).to_contain_text("qwen")

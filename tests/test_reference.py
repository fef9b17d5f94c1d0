"""The question that the product is for, with the real models, over the sample folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import Engine

BRIEFINGS = Path(__file__).parents[1] / "examples" / "briefings"

pytestmark = pytest.mark.model


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine() as opened:
        yield opened


def test_who_might_visit_is_named_and_quoted_to_the_letter(engine: Engine) -> None:
    name, _ = engine.attach(BRIEFINGS)
    answer = engine.ask("Who might visit after Blinken?", collection=name)
    assert answer.status in {"answered", "partly"}
    assert [name for name in ("Yellen", "Raimondo", "Kerry") if name not in answer.text] == []
    files = {Path(quote.uri).name for quote in answer.citations}
    assert {"talks-in-beijing.html"} <= files
    for quote in answer.citations:
        assert engine.documents.get(quote.document_id).text[quote.start : quote.end] == quote.quote
        if quote.uri.endswith((".txt", ".md")):
            assert quote.quote.encode() in Path(quote.uri).read_bytes()


def test_what_the_folder_does_not_say_is_refused(engine: Engine) -> None:
    name, _ = engine.attach(BRIEFINGS)
    answer = engine.ask("Who is the prime minister of Canada?", collection=name)
    assert (answer.status, answer.claims, answer.citations) == ("not_found", (), ())
    assert "Trudeau" not in answer.text and answer.evidence

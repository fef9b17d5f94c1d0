"""Requests made from the OpenAPI document find no failure of ours and no answer that it doesn't tell of."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from rag.errors import DocumentError
from rag.server import create_app
from rag.server.keys import Keys
from tests.fakes.library import library
from tests.fakes.serving import served

EXAMPLES = 4
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def no_page(_: object, page: str) -> None:
    raise DocumentError(f"{page}: no test goes there.")


@pytest.fixture(scope="module")
def key_and_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A server that takes as many requests as come, and a key that can't make it read this machine's disk."""
    folder = tmp_path_factory.mktemp("api")
    with (
        pytest.MonkeyPatch.context() as patch,
        library(folder / "docs", home=folder / "home", rate_limit=1_000_000) as engine,
    ):
        patch.setattr("rag.web.Web.fetch", no_page)
        key = Keys(engine.settings.home).add("tester", "write")
        with served(create_app(engine)) as url:
            yield key, url


def test_no_request_breaks_the_server(key_and_url: tuple[str, str]) -> None:
    key, url = key_and_url
    api = schemathesis.openapi.from_url(f"{url}/v1/openapi.json")
    operations = [found.ok() for found in api.get_all_operations()]
    assert len(operations) >= 40
    for operation in operations:

        @hypothesis.given(case=operation.as_strategy())
        @hypothesis.settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            suppress_health_check=list(hypothesis.HealthCheck),
            phases=[hypothesis.Phase.generate],
        )
        def holds(case: schemathesis.Case) -> None:
            case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, checks=CHECKS)

        holds()

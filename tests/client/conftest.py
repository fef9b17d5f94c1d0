"""A server on a loopback port over three documents."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.engine import Engine
from rag.server import create_app
from tests.fakes.library import library
from tests.fakes.serving import served


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("served")
    with library(folder / "docs", home=folder / "home") as engine:
        yield engine


@pytest.fixture(scope="module")
def url(engine: Engine) -> Iterator[str]:
    with served(create_app(engine, secret="own")) as url:
        yield url

"""A store in a fresh home, and a real Chroma server for the tests marked `server`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_fixtures import Opens, Server

from vectorstore.local import LocalStore, open_store


@pytest.fixture
def opened(home: Path) -> Iterator[Opens]:
    """Opens stores on the home; each is closed at the end."""
    stores: list[LocalStore] = []

    def another(*, chroma_url: str | None = None, lock_seconds: float = 0.2, scan: int = 5000) -> LocalStore:
        stores.append(open_store(home, chroma_url=chroma_url, lock_seconds=lock_seconds, scan_passages=scan))
        return stores[-1]

    yield another
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Opens) -> LocalStore:
    return opened()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path / "server")
    yield running
    running.stop()

"""A store in a fresh home, and documents whose vectors are made from the words of their passages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vectorstore.local import LocalStore, open_store


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def opened(home: Path) -> Iterator[Callable[[], LocalStore]]:
    """Opens stores on the home; each is closed at the end."""
    stores: list[LocalStore] = []

    def another(**options: object) -> LocalStore:
        store = open_store(home, lock_seconds=0.2, **options)  # type: ignore[arg-type]
        stores.append(store)
        return store

    yield another
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Callable[[], LocalStore]) -> LocalStore:
    return opened()

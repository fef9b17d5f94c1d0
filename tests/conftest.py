"""What holds for every test: no network but loopback, no settings from outside, a home that is thrown away."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import platformdirs
import pytest

if TYPE_CHECKING:
    from rag import Engine

# How fast examples are drawn and run says something about a busy machine, nothing about the code.
hypothesis.settings.register_profile(
    "footnote", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], max_examples=60
)
hypothesis.settings.load_profile("footnote")

_FROM_OUTSIDE = ("RAG_", "HF_", "OPENAI_", "ANTHROPIC_", "OLLAMA_")
_OUTER_HOME = Path(os.environ.get("RAG_HOME") or platformdirs.user_data_dir("footnote-rag", appauthor=False))


class NetworkUsedError(RuntimeError):
    """A test tried to reach another machine. Not an OSError: code that handles those must not hide it."""


def _is_local(host: object) -> bool:
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let nothing but loopback be reached, unless the test is marked `model`; a swallowed attempt fails it too."""
    if request.node.get_closest_marker("model"):
        yield
        return
    attempts: list[str] = []

    def refuse(host: object) -> None:
        attempts.append(str(host))
        raise NetworkUsedError(f"{request.node.name} tried to reach {host}")

    def guarded(name: str) -> Any:
        real = getattr(socket.socket, name)

        def connect(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):
                refuse(address[0])
            return real(self, address)

        return connect

    look_up = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not _is_local(host):
            refuse(host)
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded("connect"))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded("connect_ex"))
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield
    assert not attempts, f"tried to reach {', '.join(attempts)}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the browser last: from its first test on, playwright keeps an event loop running in this thread."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(autouse=True)
def home(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return an empty RAG_HOME for this test; one marked `model` finds the models already fetched by the user."""
    wants_models = request.node.get_closest_marker("model") is not None
    for name in list(os.environ):
        if name.startswith(_FROM_OUTSIDE) and not (wants_models and name.startswith("HF_")):
            monkeypatch.delenv(name)
    folder = tmp_path_factory.mktemp("home")
    if wants_models:
        (_OUTER_HOME / "models").mkdir(parents=True, exist_ok=True)
        (folder / "models").symlink_to(_OUTER_HOME / "models", target_is_directory=True)
    (empty := tmp_path_factory.mktemp("config") / "rag.toml").touch()
    monkeypatch.setenv("RAG_CONFIG", str(empty))
    monkeypatch.setenv("RAG_HOME", str(folder))
    return folder


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Engine]]:
    """Opens engines over the three documents; each is closed at the end."""
    from tests.fakes.library import library  # here, because most tests need no engine

    engines: list[Engine] = []

    def another(*args: Any, **options: Any) -> Engine:
        engines.append(library(tmp_path / "docs", *args, **options))
        return engines[-1]

    yield another
    for engine in engines:
        engine.close()


@pytest.fixture
def engine(opened: Callable[..., Engine]) -> Engine:
    return opened()

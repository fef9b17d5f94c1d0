"""The guard that keeps the tests off the network works."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]


def test_another_machine_cannot_be_reached_and_a_swallowed_attempt_fails(pytester: pytest.Pytester) -> None:
    pytester.makeconftest((Path(__file__).parent / "conftest.py").read_text(encoding="utf-8"))
    pytester.makepyfile(
        """
        import contextlib, socket, urllib.request

        def test_by_address():
            socket.create_connection(("192.0.2.1", 80), timeout=1)

        def test_by_name():
            urllib.request.urlopen("http://example.invalid/", timeout=1)

        def test_swallowed():
            with contextlib.suppress(Exception):
                socket.socket().connect(("192.0.2.1", 80))
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(failed=2, passed=1, errors=3)


def test_loopback_is_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()


def test_the_home_is_thrown_away_and_no_key_comes_from_outside(home: Path) -> None:
    assert os.environ["RAG_HOME"] == str(home) and not list(home.iterdir())
    assert not {"OPENAI_API_KEY", "RAG_API_KEY", "HF_TOKEN", "HF_HOME"} & set(os.environ)

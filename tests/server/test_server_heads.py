"""The head of a request: no larger than it may be, and not waited for without end."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from rag.engine import Engine
from rag.server import create_app
from rag.server.heads import HEAD_BYTES, Heads
from tests.fakes.serving import served

GET = b"GET /v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n"
POST = b"POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
MOST = 2_000_000
"""More than stands in the buffers of both sides, less than the parser would take."""


@pytest.fixture
def port(engine: Engine) -> Iterator[int]:
    with served(create_app(engine), http=Heads) as url:
        yield int(url.rpartition(":")[2])


@contextmanager
def line_to(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        yield line


def sent_until_cut(line: socket.socket, piece: bytes) -> int:
    """Send the same again and again, and return how much went before the other side would have no more."""
    sent = 0
    with suppress(OSError):
        while sent < 50 * MOST:
            line.sendall(piece)
            sent += len(piece)
    return sent


@pytest.mark.parametrize("piece", [b"x" * 65_536, b"X: y\r\n" * 10_000], ids=["one header", "many headers"])
def test_a_head_without_an_end_is_cut_off(port: int, piece: bytes) -> None:
    with line_to(port) as line:
        line.sendall(GET + (b"X: " if piece[:1] == b"x" else b""))
        assert sent_until_cut(line, piece) < 10 * MOST


def test_a_head_that_is_a_little_too_large_is_told_so(port: int) -> None:
    with line_to(port) as line:
        line.sendall(GET + b"X: " + b"x" * HEAD_BYTES)
        assert line.recv(1000).startswith(b"HTTP/1.1 400") and line.recv(1000) == b""
    with line_to(port) as line:
        line.sendall(GET + b"X: " + b"x" * (HEAD_BYTES - 200) + b"\r\n\r\n")
        assert line.recv(1000).startswith(b"HTTP/1.1 200")


def test_the_end_of_a_body_in_pieces_counts_too_and_its_pieces_do_not(port: int) -> None:
    body = b'{"question": "' + b"x" * 30_000 + b'"}'
    pieces = b"".join(b"1\r\n%c\r\n" % byte for byte in body)
    with line_to(port) as line:
        line.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\n\r\n")
        assert line.recv(1000).startswith(b"HTTP/1.1 400"), "the question is too long, nothing else"
    with line_to(port) as line:
        line.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: ")
        assert sent_until_cut(line, b"x" * 65_536) < 10 * MOST


def test_a_head_that_does_not_come_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Heads, "seconds", 0.2)
    for begun in (b"", b"GET /v1/hea"):
        with line_to(port) as line:
            line.sendall(begun)
            assert line.recv(100) == b""
    with line_to(port) as line:
        line.sendall(GET + b"\r\n")
        assert line.recv(1000).startswith(b"HTTP/1.1 200")
        time.sleep(0.4)
        line.sendall(GET + b"\r\n")
        assert line.recv(1000).startswith(b"HTTP/1.1 200"), "between two requests it may take its time"

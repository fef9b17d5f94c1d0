"""Lines planted in headers, in both directions, and requests that say two things."""

from __future__ import annotations

import socket
from contextlib import suppress

from attack.server import Table, memory


def raw(port: int, request: bytes) -> bytes:
    """Send bytes as they are and return what comes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        with suppress(OSError):
            line.sendall(request)
        line.settimeout(5)
        reply = b""
        with suppress(OSError):
            while piece := line.recv(65_536):
                reply += piece
                if b"\r\n\r\n" in reply:
                    break
        return reply


def headers(table: Table, port: int, keys: dict[str, str]) -> None:
    """Plant lines in headers, in both directions."""
    root = f"Authorization: Bearer {keys['root']}".encode()
    for name, sent in (*_planted(root), *_torn(root), *_large(root)):
        before = memory(table.pid, "VmHWM:")
        reply = raw(port, sent)
        grown = memory(table.pid, "VmHWM:") - before
        status, _, rest = reply.partition(b"\r\n")
        code = status.partition(b" ")[2][:3].decode() or "closed"
        held = (
            b"\r\nset-cookie:" not in rest.lower()
            and not code.startswith("5")
            and b"evil.example" not in rest.partition(b"\r\n\r\n")[0]
        )
        sentence = rest.partition(b'"detail":"')[2].partition(b'"')[0].decode(errors="replace")
        table.add(name, f"{code}{': ' if sentence else ''}{sentence} (peak +{grown:.0f} MB)", held and grown < 30)


BODY = b'{"question": "x"}'
EVIL = b"x\r\nSet-Cookie: evil=1"
Tries = list[tuple[str, bytes]]


def request(line: str, *heads: bytes, body: bytes = b"", host: str = "127.0.0.1") -> bytes:
    """Return a request as it goes over the line; each head stands there as it is."""
    first = f"{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n".encode()
    return first + b"".join(head + b"\r\n" for head in heads) + b"\r\n" + body


def asking(*heads: bytes, body: bytes = BODY, length: bytes = b"Content-Length: 17") -> bytes:
    """Return a request to /v1/ask."""
    return request("POST /v1/ask", b"Content-Type: application/json", length, *heads, body=body)


def _planted(root: bytes) -> Tries:
    """What would become a line of its own, in an answer or in a log."""
    listing, key = "GET /v1/collections", b"Authorization: Bearer "
    return [
        ("X-Request-ID with CR LF", request(listing, root, b"X-Request-ID: " + EVIL)),
        ("X-Request-ID with a bare LF", request(listing, root, b"X-Request-ID: x\nSet-Cookie: evil=1")),
        ("X-Request-ID with a folded line", request(listing, root, b"X-Request-ID: x\r\n Set-Cookie: evil=1")),
        ("Idempotency-Key with %0d%0a and NUL", asking(root, b"Idempotency-Key: x%0d%0aSet-Cookie: evil=1\x00")),
        ("Idempotency-Key of bytes that are no text", asking(root, b"Idempotency-Key: \xff\xfe")),
        ("key with CR LF", request(listing, key + EVIL)),
        ("key of bytes that are no text", request(listing, key + b"\xff\xfe\x80")),
        ("id with %0d%0a", request("GET /v1/documents/x%0d%0aSet-Cookie:%20evil=1", root)),
        (
            "slash behind a path with %0d%0a (redirect)",
            request("GET /v1/documents/x%0d%0aSet-Cookie:evil=1/text/", root),
        ),
        ("Host with a path", request("GET /v1/documents/", root, host="127.0.0.1/evil.example")),
        ("Host of another site", request("GET /v1/documents/", root, host="evil.example")),
        ("Origin that is no address", asking(root, b"Origin: http://[::1")),
    ]


def _torn(root: bytes) -> Tries:
    """What says two things about where it ends."""
    hidden = b"0\r\n\r\nGET /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    form = (b"Content-Type: multipart/form-data", b"Content-Length: 17")
    return [
        ("two lengths", asking(root, b"Content-Length: 5")),
        ("a length and chunks", asking(root, b"Transfer-Encoding: chunked", body=hidden)),
        ("a length that is none", request("POST /v1/ask", b"Content-Length: -1", root)),
        ("a boundary of a form that is none", request("POST /v1/documents", *form, root, body=BODY)),
    ]


def _large(root: bytes) -> Tries:
    """Heads and trailers without end."""
    listing, chunked = "GET /v1/collections", b"Transfer-Encoding: chunked"
    trailers = b"11\r\n" + BODY + b"\r\n0\r\nX: " + b"x" * 100_000_000 + b"\r\n\r\n"
    return [
        ("a header of 1 MB", request(listing, root, b"X: " + b"x" * 1_000_000)),
        ("a header of 300 MB", request(listing, root, b"X: " + b"x" * 300_000_000)),
        ("100,000 headers", request(listing, root, *[b"X: y"] * 100_000)),
        ("trailers of 100 MB", asking(root, body=trailers, length=chunked)),
    ]

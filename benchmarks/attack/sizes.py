"""What is small and unpacks to much, what has no end, and what is made to take long."""

from __future__ import annotations

import io
import socket
import time
import zipfile
from contextlib import suppress

import httpx

from attack.server import Table, bearer, finished, memory, told

SLOW = (
    "A " * 4000,
    "a" * 8000,
    "(" * 8000,
    "U.S. " * 1600,
    "1,000 " * 1300,
    "’" * 8000,
    "Who and " * 1000,
    "Who is Ab and who is Bc and " * 280,
    "1" * 8000,
    "\n" * 7999 + "x",
    "-" * 8000,
)
"""Questions of some 8,000 characters."""
HEAD = "POST /v1/documents HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=b\r\n"
FILE = b'--b\r\nContent-Disposition: form-data; name="files"; filename="big.txt"\r\n\r\n'


def bombs(table: Table, http: httpx.Client, keys: dict[str, str]) -> None:
    """Send what is small and unpacks to much."""
    carl = keys["carl"]

    _archives(table, http, carl)
    _documents(table, http, carl)
    _questions(table, http, carl)


def _archives(table: Table, http: httpx.Client, carl: str) -> None:
    flat = packed("zeros.txt", 400)
    nested = packed("bomb.zip", 1, packed("inner.zip", 1, flat))
    document = packed("word/document.xml", 400)
    files = [
        ("bomb.zip", flat),
        ("nested.zip", nested),
        ("bomb.docx", document),
        ("bomb.xlsx", packed("xl/workbook.xml", 400)),
        ("bomb.epub", packed("mimetype", 400)),
    ]
    for name, data in files:
        before = memory(table.pid, "VmHWM:")
        job = finished(http, http.post("/v1/documents", files={"files": (name, data)}, headers=bearer(carl)), carl)
        lines = [f"{file['outcome']}, {file['reason']}" for file in (job["result"] or {"files": []})["files"]] or [
            job["error"]["detail"]
        ]
        grown = memory(table.pid, "VmHWM:") - before
        shown = f"{lines[0]} (peak +{grown:.0f} MB)"
        table.add(
            f"{name}: {len(data) / 1e6:.1f} MB, 0.4 GB unpacked",
            shown,
            grown < 100 and not any(line.startswith("added") for line in lines),
        )


def packed(name: str, megabytes: int, inside: bytes | None = None) -> bytes:
    data = io.BytesIO()
    with (
        zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w", force_zip64=True) as member,
    ):
        for _ in range(megabytes):
            member.write(b"\0" * 1_000_000 if inside is None else inside)
    return data.getvalue()


def _documents(table: Table, http: httpx.Client, carl: str) -> None:
    began = time.perf_counter()
    pi = finished(
        http,
        http.post("/v1/documents", files={"files": ("digits.txt", b"31415926" * 125_000)}, headers=bearer(carl)),
        carl,
    )
    seconds = time.perf_counter() - began
    table.add(
        "a text of one number of a million digits",
        f"{pi['result']['files'][0]['outcome']} in {seconds:.1f} s",
        seconds < 60,
    )
    deep = b'{"question": ' + b"[" * 1_500_000 + b"]" * 1_500_000 + b"}"
    for name, path, body in (
        ("3 MB of [[[…", "/v1/ask", deep),
        ("a number of 1 MB", "/v1/search", b'{"question": "x", "k": ' + b"9" * 1_000_000 + b"}"),
        ("JSON that is none", "/v1/ask", b"\xff\xfe{"),
    ):
        began = time.perf_counter()
        reply = http.post(path, content=body, headers={**bearer(carl), "Content-Type": "application/json"})
        table.add(name, f"{told(reply)} ({time.perf_counter() - began:.1f} s)", 400 <= reply.status_code < 500)


def _questions(table: Table, http: httpx.Client, carl: str) -> None:
    for text in SLOW:
        began = time.perf_counter()
        reply = http.post("/v1/ask", json={"question": text, "quotes_only": True}, headers=bearer(carl))
        seconds = time.perf_counter() - began
        table.add(
            f"a question of 8,000 characters: {text[:8]!r}…",
            f"{reply.status_code} in {seconds:.1f} s",
            reply.status_code < 500 and seconds < 10,
        )


def endless(table: Table, port: int, keys: dict[str, str]) -> None:
    """Send five gigabytes from /dev/zero, announced and not, with and without a key."""
    for name, key, announced in (
        ("announced, write key", keys["carl"], True),
        ("in pieces, write key", keys["carl"], False),
        ("in pieces, read key", keys["anna"], False),
        ("in pieces, no key", "none", False),
    ):
        before, sent, reply = memory(table.pid, "VmHWM:"), 0, b""
        with socket.create_connection(("127.0.0.1", port), timeout=20) as line, open("/dev/zero", "rb") as zeros:
            length = f"Content-Length: {5 * 10**9}" if announced else "Transfer-Encoding: chunked"
            line.sendall(f"{HEAD}Authorization: Bearer {key}\r\n{length}\r\n\r\n".encode())
            with suppress(OSError):
                if not announced:
                    line.sendall(b"%x\r\n%s\r\n" % (len(FILE), FILE))
                while sent < 5 * 10**9:
                    piece = zeros.read(1 << 20)
                    line.sendall(piece if announced else b"%x\r\n%s\r\n" % (len(piece), piece))
                    sent += len(piece)
            with suppress(OSError):
                reply = line.recv(65_536)
        grown, status = memory(table.pid, "VmHWM:") - before, reply.partition(b" ")[2][:3].decode() or "closed"
        allowed = 600e6 if key == keys["carl"] and not announced else 20e6
        table.add(
            f"5 GB of /dev/zero, {name}",
            f"{status} after {sent / 1e6:.0f} MB sent (peak +{grown:.0f} MB)",
            sent < allowed and grown < 50,
        )

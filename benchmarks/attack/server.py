"""The server that is attacked, the internet as it sees it, and the table of what it answered."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from rag.client.found import Note, find
from rag.config import Settings

ROOT = Path(__file__).parents[2]
NETWORK = """
import socket
look_up, connect, asked = socket.getaddrinfo, socket.socket.connect, []
NAMES = {"public.example": ["8.8.4.4"], "inside.example": ["127.0.0.1"], "both.example": ["8.8.4.4", "10.0.0.1"],
         "cloud.example": ["169.254.169.254"], "six.example": ["::ffff:127.0.0.1"]}

def getaddrinfo(host, port, *args, **kwargs):
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name.endswith(".example"):
        asked.append(name)
        found = NAMES.get(name) or ["8.8.4.4" if asked.count(name) < 3 else "127.0.0.1"]
        return [(socket.AF_INET6 if ":" in one else socket.AF_INET, 1, 6, "", (one, port)) for one in found]
    return look_up(host, port, *args, **kwargs)

class Socket(socket.socket):
    def connect(self, address):
        if address[0] == "8.8.4.4":
            address = ("127.0.0.1", address[1])
        return connect(self, address)

socket.getaddrinfo, socket.socket = getaddrinfo, Socket
"""
"""The internet as the server's process sees it: `rebind.example` leads inside from its third look-up on."""


@dataclass
class Table:
    """What was answered."""

    pid: int
    rows: list[tuple[str, str, str]] = field(default_factory=list)
    holes: int = 0

    def add(self, attack: str, answered: str, held: bool) -> None:
        self.holes += not held
        row = (attack, f"{answered[:150]}{'' if held else ' !'}", f"{memory(self.pid):.0f}")
        self.rows.append(row)
        print(f"| {row[0]} | {row[1]} | {row[2]} |", flush=True)


def memory(pid: int, what: str = "VmRSS:") -> float:
    """Return the memory of a process in MB."""
    return int(Path(f"/proc/{pid}/status").read_text().partition(what)[2].split()[0]) / 1000


def told(reply: httpx.Response) -> str:
    """Return the status of an answer and its sentence."""
    with suppress(ValueError, KeyError, TypeError):
        return f"{reply.status_code}: {reply.json()['detail']}"
    return f"{reply.status_code}: {reply.text[:60]!r}"


@contextmanager
def served(home: Path, model: str) -> Iterator[tuple[Note, dict[str, str]]]:
    """Run the command, with keys; give its note and the keys."""
    (home / "models").symlink_to(Settings.load().home / "models", target_is_directory=True)
    (home / "network").mkdir()
    (home / "rag.toml").touch()
    (home / "network" / "sitecustomize.py").write_text(NETWORK)
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{home / 'network'}", "RAG_HOME": str(home), "RAG_LLM": model}
    environment |= {"RAG_RATE_LIMIT": "1000000", "RAG_CONFIG": str(home / "rag.toml")}
    rag = [sys.executable, "-m", "rag"]

    def run(*arguments: str) -> str:
        return subprocess.run([*rag, *arguments], env=environment, check=True, capture_output=True, text=True).stdout

    names = (("anna", "read"), ("bob", "read"), ("carl", "write"), ("dora", "write"), ("root", "admin"))
    keys = {name: run("keys", "add", name, "--scope", scope).strip() for name, scope in names}
    with (home / "log").open("w") as log:
        server = subprocess.Popen([*rag, "serve", "--port", "0"], env=environment, stderr=log)
        try:
            while (note := find(home)) is None:
                assert server.poll() is None, (home / "log").read_text()
                time.sleep(0.1)
            yield note, keys
        finally:
            server.terminate()
            try:
                server.wait(30)
            finally:
                server.kill()


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def finished(http: httpx.Client, reply: httpx.Response, key: str) -> dict[str, Any]:
    """Wait for a job."""
    assert reply.status_code == 202, reply.text
    while True:
        job: dict[str, Any] = http.get(f"/v1/jobs/{reply.json()['id']}", headers=bearer(key)).json()
        if job["finished_at"]:
            return job
        time.sleep(0.05)

"""What the store's tests are given."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Protocol

import httpx

from vectorstore.local import LocalStore


class Opens(Protocol):
    def __call__(self, *, chroma_url: str | None = None, lock_seconds: float = 0.2, scan: int = 5000) -> LocalStore: ...


class Server:
    """A `chroma run` that can be stopped and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.start()

    def start(self) -> None:
        command = [str(Path(sys.executable).parent / "chroma"), "run", "--path", str(self.folder)]
        self.process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(200):
            try:
                httpx.get(f"{self.url}/api/v2/heartbeat", timeout=1).raise_for_status()
                return
            except httpx.HTTPError:
                time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"no Chroma server at {self.url} after 20 s")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

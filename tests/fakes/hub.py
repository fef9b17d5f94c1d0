"""Hugging Face as far as its client needs it to fetch files: /REPO/resolve/main/FILE and the list, on loopback."""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class FakeHub:
    """Serves `files`, keyed "OWNER/REPO/FILE"; `asked` has the method and path of every request."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.asked: list[str] = []
        self._http = _Http(self)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        """The address to set HF_ENDPOINT to."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


class _Http(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, hub: FakeHub) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hub = hub


class _Handler(BaseHTTPRequestHandler):
    server: _Http

    def do_HEAD(self) -> None:
        self._send(with_body=False)

    def do_GET(self) -> None:
        self._send(with_body=True)

    def _send(self, *, with_body: bool) -> None:
        self.server.hub.asked.append(f"{self.command} {self.path}")
        data = self._tree() or self.server.hub.files.get(self.path.strip("/").replace("/resolve/main/", "/"))
        self.send_response(404 if data is None else 200)
        body = data or b""
        if data is None:
            self.send_header("X-Error-Code", "EntryNotFound")
        self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
        self.send_header("X-Repo-Commit", "0" * 40)
        self.send_header("Content-Type", "application/json" if "/api/" in self.path else "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def _tree(self) -> bytes | None:
        """Return the list of a repository's files, if that is what is asked for."""
        if not self.path.startswith("/api/models/"):
            return None
        repo = "/".join(self.path.split("/")[3:5]) + "/"
        files = {name.removeprefix(repo): data for name, data in self.server.hub.files.items() if name.startswith(repo)}
        listed = [{"type": "file", "path": path, "size": len(data), "oid": "0" * 40} for path, data in files.items()]
        return json.dumps(listed).encode()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test's output clean."""

"""The note that a running server leaves in its home, so that commands of the same user find it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

NOTE = "server.json"
SECONDS = 2.0
"""How long a server may take to say that it is there."""


@dataclass(frozen=True, slots=True)
class Note:
    """Where the server of a home is, and a key for it that only the home's owner can read."""

    url: str
    key: str
    server: str
    """Name of the process (`server` of /v1/health): another program may have the port by now."""
    pid: int

    def leave(self, home: Path) -> None:
        """Write the note; nobody else may read it."""
        home.mkdir(parents=True, exist_ok=True)
        new = home / f"{NOTE}.new"
        new.unlink(missing_ok=True)
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
        new.replace(home / NOTE)

    def take_away(self, home: Path) -> None:
        """Remove the note, if it is still this one."""
        if _written(home) == self:
            (home / NOTE).unlink(missing_ok=True)


def find(home: Path) -> Note | None:
    """Return the note of the server that runs for this home; one that a killed server left behind doesn't count."""
    note = _written(home)
    return note if note is not None and _answers(note) else None


def _written(home: Path) -> Note | None:
    try:
        row = json.loads((home / NOTE).read_text(encoding="utf-8"))
        return Note(str(row["url"]), str(row["key"]), str(row["server"]), int(row["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _answers(note: Note) -> bool:
    import httpx

    try:
        # Not by a proxy: it is this machine.
        reply = httpx.get(f"{note.url}/v1/health", timeout=SECONDS, trust_env=False)
        return bool(reply.json().get("server") == note.server)
    except (httpx.HTTPError, ValueError, AttributeError):
        return False

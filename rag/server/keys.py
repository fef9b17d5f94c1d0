"""API keys: a name and a scope each, kept as a hash in `home/keys.json`. A key itself is shown once, when it is made.

A key has 256 random bits, so that a plain SHA-256 of it can't be turned back, with or without salt.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

from filelock import FileLock

from rag.errors import SettingsError, UsageError

Scope = Literal["read", "write", "admin"]
"""Each may do what the one before it may: ask and look; add and remove documents; name files of the server's disk."""
SCOPES: tuple[Scope, ...] = get_args(Scope)
PREFIX = "fn_"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret."""

    name: str
    scope: Scope
    made_at: str
    digest: str
    """sha256 (hex) of the key."""

    def may(self, scope: Scope) -> bool:
        """Say whether the key may do what needs this scope."""
        return SCOPES.index(self.scope) >= SCOPES.index(scope)


class Keys:
    """The keys of a home; what another process adds or revokes holds at once."""

    def __init__(self, home: Path) -> None:
        self._path = home / "keys.json"
        self._lock = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._known: tuple[Key, ...] = ()

    def all(self) -> tuple[Key, ...]:
        """Return the keys by name.

        Raises:
            SettingsError: the file of keys is damaged.
        """
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return ()
        stamp = (status.st_mtime_ns, status.st_ino, status.st_size)
        with self._lock:
            if stamp != self._stamp:
                self._known, self._stamp = self._read(), stamp
            return self._known

    def add(self, name: str, scope: Scope) -> str:
        """Make a key and return it; it can't be had again.

        Raises:
            UsageError: the name is taken, or none.
        """
        if not _NAME.fullmatch(name):
            raise UsageError(f"{name!r} can't name a key; use 1 to 64 of A-Z a-z 0-9 . _ -, a letter or digit first.")
        token = PREFIX + secrets.token_urlsafe(32)
        with self._changing():
            known = self.all()
            if any(key.name == name for key in known):
                raise UsageError(f"There is a key {name!r} already; revoke it first, or take another name.")
            made = datetime.now(UTC).isoformat(timespec="seconds")
            self._write([*known, Key(name, scope, made, digest_of(token))])
        return token

    def revoke(self, name: str) -> None:
        """Make a key worthless.

        Raises:
            UsageError: there is no such key.
        """
        with self._changing():
            known = self.all()
            left = [key for key in known if key.name != name]
            if len(left) == len(known):
                raise UsageError(f"There is no key {name!r}; `rag keys list` shows the ones there are.")
            self._write(left)

    def find(self, token: str) -> Key | None:
        """Return the key of a token; it takes as long whether there is one or not."""
        digest = digest_of(token)
        found = None
        for key in self.all():
            if hmac.compare_digest(key.digest, digest):
                found = key
        return found

    def _changing(self) -> FileLock:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(self._path.with_suffix(".lock"), mode=0o600, timeout=10)

    def _read(self) -> tuple[Key, ...]:
        try:
            rows = json.loads(self._path.read_text(encoding="utf-8"))
            return tuple(Key(row["name"], row["scope"], row["made_at"], row["digest"]) for row in rows)
        except (ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"{self._path} is no file of keys ({error}); remove it and make keys anew.") from error

    def _write(self, keys: list[Key]) -> None:
        new = self._path.with_suffix(".new")
        new.unlink(missing_ok=True)
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump([asdict(key) for key in sorted(keys, key=lambda key: key.name)], file, indent=1)
        new.replace(self._path)


def digest_of(token: str) -> str:
    """Return what is kept of a key."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()

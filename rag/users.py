"""Who may log in to the chat page: a file of names and hashed passwords, one user a line.

`NAME:scrypt$N$R$P$SALT$HASH`, salt and hash in base64. scrypt is RFC 7914; its costs are what OWASP's password storage
cheat sheet names (N = 2^17, r = 8, p = 1), which takes a quarter of a second and 128 MB for each try.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from rag.errors import SettingsError, UsageError

COST = 2**17
_BLOCK = 8
_PARALLEL = 1
_LENGTH = 32
SHORTEST = 8
"""Characters a password must have."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_NOBODY = f"scrypt${COST}${_BLOCK}${_PARALLEL}${'A' * 22}==${'A' * 43}="
# One at a time: each try takes 128 MB, and whoever guesses should wait.
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True, slots=True)
class Users:
    """The users of a file; it is read anew at each use, so that a change counts at once."""

    path: Path

    def names(self) -> list[str]:
        """Return the users' names.

        Raises:
            SettingsError: the file can't be read, or a line of it is not one of ours.
        """
        return sorted(self._read())

    def add(self, name: str, password: str, cost: int = COST) -> None:
        """Add a user, or give one another password.

        Raises:
            UsageError: the name or the password is not allowed.
            SettingsError: the file can't be read or written.
        """
        if not _NAME.fullmatch(name):
            raise UsageError(f"The name {name!r} is not allowed; use 1 to 64 of A-Z a-z 0-9 . _ @ -.")
        if len(password) < SHORTEST:
            raise UsageError(f"The password is too short; it needs {SHORTEST} characters or more.")
        users = self._read() if self.path.exists() else {}
        self._write(users | {name: hashed(password, cost)})

    def remove(self, name: str) -> None:
        """Remove a user; their chats stay.

        Raises:
            UsageError: there is no such user.
            SettingsError: the file can't be read or written.
        """
        users = self._read()
        if name not in users:
            raise UsageError(f"There is no user {name!r} in {self.path}; `rag users list` shows the ones there are.")
        del users[name]
        self._write(users)

    def admits(self, name: str, password: str) -> bool:
        """Say whether this is the password of this user; takes as long for a name that is not there."""
        known = self._read().get(name)
        with _ONE_AT_A_TIME:
            right = _matches(known or _NOBODY, password)
        return right and known is not None

    def _read(self) -> dict[str, str]:
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"The file of users {self.path} (RAG_AUTH) cannot be read ({error}); `rag users add NAME` makes one."
            ) from error
        users = {}
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            name, _, mark = line.partition(":")
            if not _NAME.fullmatch(name) or _parts(mark) is None:
                raise SettingsError(f"Line {number} of {self.path} is not a user; make it anew with `rag users add`.")
            users[name] = mark
        return users

    def _write(self, users: dict[str, str]) -> None:
        text = "".join(f"{name}:{mark}\n" for name, mark in sorted(users.items()))
        beside = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
            beside.replace(self.path)
        except OSError as error:
            raise SettingsError(f"The file of users {self.path} cannot be written ({error}).") from error


def hashed(password: str, cost: int = COST) -> str:
    """Return what is kept of a password."""
    salt = secrets.token_bytes(16)
    parts = ("scrypt", str(cost), str(_BLOCK), str(_PARALLEL), _base64(salt), _base64(_scrypt(password, salt, cost)))
    return "$".join(parts)


def _matches(mark: str, password: str) -> bool:
    parts = _parts(mark)
    return parts is not None and hmac.compare_digest(_scrypt(password, parts[1], parts[0]), parts[2])


def _parts(mark: str) -> tuple[int, bytes, bytes] | None:
    """Return cost, salt and hash, or None where it is not one of ours."""
    found = re.fullmatch(rf"scrypt\$(\d+)\${_BLOCK}\${_PARALLEL}\$([\w+/=]+)\$([\w+/=]+)", mark.strip(), re.ASCII)
    if found is None:
        return None
    try:
        return int(found[1]), base64.b64decode(found[2], validate=True), base64.b64decode(found[3], validate=True)
    except ValueError:
        return None


def _scrypt(password: str, salt: bytes, cost: int) -> bytes:
    memory = 128 * _BLOCK * (cost + _PARALLEL) * 2 + 1_000_000
    return hashlib.scrypt(
        password.encode("utf-8", "replace"), salt=salt, n=cost, r=_BLOCK, p=_PARALLEL, maxmem=memory, dklen=_LENGTH
    )


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")

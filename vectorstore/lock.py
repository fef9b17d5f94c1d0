"""One writer of a store's folder at a time; who it is stands beside the lock, for the others' error message."""

from __future__ import annotations

import json
import os
import shlex
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from vectorstore.errors import StoreBusyError, StoreWriteError

_MUTEXES: dict[Path, threading.RLock] = {}
_MUTEXES_GUARD = threading.Lock()


class OwnerLock:
    """The right to write to a home. Stores of the same process share it; other processes wait or are refused.

    Whoever writes also holds `mutex`, one a home in this process, so that its threads take turns.

    The operating system lets go of the lock when a process dies, however it dies; only `owner.json` may stay
    behind, and it is believed only while the lock is held and its process lives.
    """

    def __init__(self, home: Path, seconds: float) -> None:
        self._home = home
        self._seconds = seconds
        self._sidecar = home / "owner.json"
        # One lock object a path in this process, shared by all its threads.
        self._lock = FileLock(home.resolve() / "owner.lock", thread_local=False, is_singleton=True, mode=0o600)
        self.held = False
        self.mutex = _mutex(home)

    def acquire(self) -> None:
        """Become the owner, or stay it.

        Raises:
            StoreBusyError: another process held it for longer than the time to wait; names that process.
            StoreWriteError: the folder can't be written.
        """
        if self.held:
            return
        try:
            self._lock.acquire(timeout=self._seconds)
        except Timeout as error:
            raise StoreBusyError(_who(self._sidecar, self._home)) from error
        except OSError as error:
            raise _unwritable(self._home, error) from error
        try:
            _write_sidecar(self._sidecar)
        except OSError as error:
            self._lock.release()
            raise _unwritable(self._home, error) from error
        self.held = True

    def release(self) -> None:
        """Let the next one in; nothing happens if this store is not the owner."""
        if not self.held:
            return
        self.held = False
        if self._lock.lock_counter == 1:
            self._sidecar.unlink(missing_ok=True)
        self._lock.release()


def _mutex(home: Path) -> threading.RLock:
    with _MUTEXES_GUARD:
        return _MUTEXES.setdefault(home.resolve(), threading.RLock())


def _unwritable(home: Path, error: OSError) -> StoreWriteError:
    reason = error.strerror or str(error)
    return StoreWriteError(f"{home} cannot be written ({reason}); make it writable, free some space or set RAG_HOME.")


def _write_sidecar(path: Path) -> None:
    command = shlex.join([_program(Path(sys.argv[0])), *sys.argv[1:]])
    owner = {"pid": os.getpid(), "command": command, "since": time.time()}
    new = path.with_suffix(".new")
    new.write_text(json.dumps(owner))
    new.replace(path)


def _program(started: Path) -> str:
    """Return the program's name; one that was started by `python -m NAME` is called __main__.py."""
    return (started.parent.name if started.name == "__main__.py" else started.name) or "python"


def _who(sidecar: Path, home: Path) -> str:
    end = f"is writing to {home}; wait for it or stop it, then try again."
    try:
        owner = json.loads(sidecar.read_text())
        pid, command = int(owner["pid"]), str(owner["command"])
        since = datetime.fromtimestamp(float(owner["since"])).strftime("%H:%M")
    except (OSError, ValueError, KeyError, TypeError):
        return f"Another process {end}"
    if not _alive(pid):  # the present owner has the lock, but has not written its name yet
        return f"Another process {end}"
    return f"`{command}` (pid {pid}, since {since}) {end}"


def _alive(pid: int) -> bool:
    if os.name == "nt":  # there, signal 0 would end the process
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

"""`rag ingest FOLDER --watch`: follow folders until Ctrl-C. The only file that imports watchfiles."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from rich.text import Text

from rag.cli.show import file_line, plain
from rag.errors import (
    BusyError,
    IndexUnavailableError,
    PathError,
    RagError,
    ServerUnreachableError,
    StoreBusyError,
    StoreWriteError,
    UsageError,
)
from rag.types import FileReport, IngestReport

if TYPE_CHECKING:
    from rag.cli.session import AnyEngine

QUIET_MS = 500
"""Changes are looked at when none has come for so long."""
LONGEST_MS = 10_000
"""Or when they have been coming for so long."""
LOOK_MS = 500
AGAIN_SECONDS = 10.0
"""When a round that failed for a reason that may pass is tried again."""
_MAY_PASS = (StoreBusyError, StoreWriteError, IndexUnavailableError, ServerUnreachableError, BusyError, PathError)

Say = Callable[[Text], None]


def followable(engine: AnyEngine, paths: Sequence[Path | str], *, as_json: bool) -> list[Path]:
    """Return the folders to follow.

    Raises:
        UsageError: something of it can't be followed; says what, and what to do.
    """
    if as_json:
        raise UsageError("--watch prints a line whenever something happens; leave out --json.")
    if not getattr(engine, "shares_disk", True):
        raise UsageError(
            "--watch follows folders that the server sees; run it on the server's machine, or without --url (RAG_URL)."
        )
    for path in paths:
        if not isinstance(path, Path):
            raise UsageError(f"--watch follows folders, and {path} is a web page; read it without --watch.")
        if path.expanduser().exists() and not path.expanduser().is_dir():
            raise UsageError(f"--watch follows folders, and {path} is a file; name the folder that it is in.")
        if not path.expanduser().is_dir():
            raise PathError(f"There is no folder {path}; check the path.")
    return [Path(path).expanduser().absolute() for path in paths]


@dataclass
class Follower:
    """Brings a collection up to date whenever something under the folders has changed.

    Args:
        first: prints the report of the first round; further rounds print a line a change.
        say: prints a line.
    """

    engine: AnyEngine
    folders: Sequence[Path]
    collection: str | None
    prune: bool
    retry: bool
    home: Path
    first: Callable[[IngestReport], None]
    say: Say
    _failed: dict[str, FileReport] = field(default_factory=dict)
    """What was last said of files that are not read, so that it is not said again and again."""
    _trouble: str = ""
    _again: float | None = None
    _begun: bool = False

    def run(self, stop: Event | None = None) -> None:
        """Follow until Ctrl-C, or until `stop` is set.

        Raises:
            PathError: a folder is gone, or can't be followed.
            RagError: a round failed for a reason that won't pass by itself.
        """
        try:
            changes = self._changes(stop)
            next(changes, None)  # from here on nothing is missed, also while the first round goes on
        except OSError as error:
            raise PathError(
                f"The folders can't be followed ({error}); on Linux, fs.inotify.max_user_watches may be too low."
            ) from error
        self._round()
        self.say(Text("Following; Ctrl-C ends it.", style="dim"))
        try:
            self._follow(changes)
        except KeyboardInterrupt:  # in a round, too: what that had finished is kept
            self.say(Text("No longer following.", style="dim"))

    def _follow(self, changes: Iterator[object]) -> None:
        while (changed := next(changes, None)) is not None:
            if changed or (self._again is not None and time.monotonic() >= self._again):
                self._round()

    def _changes(self, stop: Event | None) -> Iterator[object]:
        from watchfiles import watch

        return watch(
            *self.folders,
            watch_filter=self._is_meant,
            step=QUIET_MS,
            debounce=LONGEST_MS,
            rust_timeout=LOOK_MS,
            yield_on_timeout=True,
            stop_event=stop,
            ignore_permission_denied=True,
        )

    def _is_meant(self, _change: object, name: str) -> bool:
        """Say no for what is hidden, and for the store itself, which changes with every round."""
        path = Path(name)
        if path.is_relative_to(self.home):
            return False
        for folder in self.folders:
            if path.is_relative_to(folder):
                hidden = [part for part in path.relative_to(folder).parts if part.startswith(".")]
                return not hidden or hidden == [".ragignore"]
        return True

    def _round(self) -> None:
        for folder in self.folders:
            if not folder.is_dir():
                raise PathError(f"The folder {folder} is gone and no longer followed; what was read of it is kept.")
        self._again = None
        # Later rounds leave alone what failed and is as it was; the first is asked for by a person.
        retry = False if self._begun else (self.retry or None)
        try:
            report = self.engine.ingest(self.folders, collection=self.collection, prune=self.prune, retry=retry)
        except _MAY_PASS as error:
            self._again = time.monotonic() + AGAIN_SECONDS
            self._complain(error)
            return
        self._trouble = ""
        news = [file for file in report.files if self._is_news(file)]
        if self._begun:
            for file in news:
                self.say(Text(time.strftime("%H:%M:%S "), style="dim").append_text(file_line(file)))
        else:
            self.first(report)
        self._begun = True

    def _complain(self, error: RagError) -> None:
        if str(error) != self._trouble:
            self._trouble = str(error)
            self.say(Text(f"{plain(str(error))} It is tried again.", style="yellow"))

    def _is_news(self, file: FileReport) -> bool:
        if file.outcome not in {"failed", "skipped"}:
            self._failed.pop(file.uri, None)
            return file.outcome != "unchanged"
        known = self._failed.get(file.uri)
        self._failed[file.uri] = file
        return known is None or (known.outcome, known.reason) != (file.outcome, file.reason)

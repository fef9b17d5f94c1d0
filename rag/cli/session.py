"""What a command works with: settings, an engine that is closed again, two consoles."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from rag.cli.progress import Reporter
from rag.cli.show import to_json
from rag.errors import UsageError
from rag.types import Progress

if TYPE_CHECKING:
    from rag.client import Client
    from rag.config import Settings
    from rag.engine import Engine
    from rag.models import ModelStore

    AnyEngine = Engine | Client
    """An engine of this process, or of a running server."""

EngineFactory = Callable[["Settings", Progress], "Engine"]
ServerFinder = Callable[["Settings", Progress], "Client | None"]
ModelsFactory = Callable[["Settings"], "ModelStore"]

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else, on standard output.")]
Collection = Annotated[str | None, typer.Option(help="Collection to use (default: the setting `collection`).")]


def real_engine(settings: Settings, progress: Progress) -> Engine:
    """Build the engine; its import takes a moment, so it is not at the top."""
    from rag.engine import Engine

    return Engine(settings, progress=progress)


def real_server(settings: Settings, progress: Progress) -> Client | None:
    """Return a client of the server that the settings name, or of the one that runs for this home; None without one."""
    from rag.client.found import find

    if settings.url is not None:
        from rag.client import Client

        return Client(settings=settings, progress=progress)
    if (note := find(settings.home)) is None:
        return None
    from rag.client import Client

    return Client(note.url, note.key, shares_disk=True, settings=settings, progress=progress)


def real_models(settings: Settings) -> ModelStore:
    """Return the models under the home folder."""
    from rag.models import ModelStore

    return ModelStore(settings.home, offline=settings.offline)


def _console(stderr: bool) -> Console:
    return Console(stderr=stderr, markup=False, highlight=False, emoji=False, soft_wrap=True)


@dataclass
class Session:
    """One run of the command."""

    make_engine: EngineFactory = real_engine
    make_models: ModelsFactory = real_models
    find_server: ServerFinder = real_server
    home: Path | None = None
    url: str | None = None
    debug: bool = False
    out: Console = field(default_factory=partial(_console, stderr=False))
    err: Console = field(default_factory=partial(_console, stderr=True))

    def settings(self, **overrides: Any) -> Settings:
        """Read the settings; `None` means "not given" (see Settings.load)."""
        from rag.config import Settings

        return Settings.load(home=self.home, url=self.url, **overrides)

    @contextmanager
    def progress(self) -> Iterator[Reporter]:
        """Show the steps of long jobs until the end of the block."""
        reporter = Reporter(self.err)
        try:
            yield reporter
        finally:
            reporter.stop()

    @contextmanager
    def engine(self, **overrides: Any) -> Iterator[tuple[AnyEngine, Reporter]]:
        """Open an engine with these settings and close it at the end of the block.

        A running server stands for it, because it owns the store and has its models open.
        """
        settings = self.settings(**overrides)
        with self.progress() as reporter:
            server = self.find_server(settings, reporter)
            with server or self.make_engine(settings, reporter) as engine:
                yield engine, reporter

    @contextmanager
    def own_engine(self, **overrides: Any) -> Iterator[tuple[Engine, Reporter]]:
        """Open an engine of this process, also where a server runs: beside that it can read, but not write."""
        with self.progress() as reporter, self.make_engine(self.settings(**overrides), reporter) as engine:
            yield engine, reporter

    def only_here(self, what: str) -> None:
        """Refuse a server that was named for what concerns this machine alone.

        Raises:
            UsageError: there is a --url.
        """
        if self.url is not None:
            raise UsageError(f"{what} is about this machine, not about the server at {self.url}; leave out --url.")

    def json(self, value: Any) -> None:
        """Print `value` as JSON."""
        sys.stdout.write(to_json(value, sys.stdout.encoding) + "\n")


def session_of(context: typer.Context) -> Session:
    """Return the run's session."""
    return context.ensure_object(Session)


def usable_path(path: str) -> Path:
    """Return the path; an empty one is refused, because it would silently mean the current folder."""
    if not path.strip():
        raise UsageError("An empty path was given; name a file or a folder (`.` is the current one).")
    return Path(path)

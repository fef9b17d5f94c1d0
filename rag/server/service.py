"""What the routes of one server share."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from rag.server.access import Door
from rag.server.jobs import Jobs
from rag.server.keys import Keys
from rag.server.limits import Rate, Repeats, Slots
from rag.server.observe import Metrics, log_bug
from rag.server.traces import Traces, open_traces

if TYPE_CHECKING:
    from rag.config import Settings
    from rag.engine import Engine


@dataclass
class Service:
    """The engine behind a server, and its limits."""

    engine: Engine
    door: Door
    slots: Slots
    rate: Rate
    metrics: Metrics
    jobs: Jobs
    traces: Traces | None = None
    repeats: Repeats = field(default_factory=Repeats)
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    """Of this process, so that a command can tell that it found the one that it looked for."""

    @classmethod
    def of(cls, engine: Engine, *, guarded: bool, secret: str) -> Service:
        """Return a service with the limits of the engine's settings."""
        settings = engine.settings
        slots = Slots(settings.answers, settings.waiting)
        return cls(
            engine,
            Door(Keys(settings.home), secret, guarded=guarded),
            slots,
            Rate(settings.rate_limit),
            Metrics(slots),
            Jobs(log_bug),
            open_traces(settings),
        )

    @property
    def settings(self) -> Settings:
        """The engine's settings."""
        return self.engine.settings

    @property
    def uploads(self) -> Path:
        """Folder of the files that were uploaded, one below it a collection."""
        return self.settings.home / "uploads"


def service_of(request: Request) -> Service:
    """Return the service behind a request."""
    service: Service = request.app.state.service
    return service


Served = Annotated[Service, Depends(service_of)]

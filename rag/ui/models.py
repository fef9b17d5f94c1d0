"""What the page says of the models: being fetched, how far, ready, or why not."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rag.errors import RagError
from rag.types import Step

if TYPE_CHECKING:
    from rag.engine import Engine

log = logging.getLogger(__name__)


class ModelWatch:
    """Opens an engine's models in a thread of its own and tells how far it is."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._clock = clock
        self._step: Step | None = None
        self._began = 0.0
        self._first = 0
        self._problem = ""
        self._finder = False
        engine.listen(self._heard)

    def open(self) -> None:
        """Begin to fetch and open the models, and return at once."""
        threading.Thread(target=self._open, name="open-models", daemon=True).start()

    def now(self) -> dict[str, Any]:
        """Return `state` ("opening", "ready", "quotes": no model to write; "failed"), `step` and `why`."""
        writer = self._engine.writer_state()
        if self._problem or writer.state == "failed":
            return {"state": "failed", "why": writer.why or self._problem, "finder": self._finder}
        if not self._finder or writer.state in {"idle", "opening"}:
            return {"state": "opening", "step": self._shown(), "finder": self._finder}
        return {"state": "quotes" if writer.state == "none" else "ready", "finder": True}

    def _open(self) -> None:
        try:
            self._engine.warm(writer=False)
            self._finder = True
            self._engine.warm()
        except RagError as error:
            self._problem = str(error)
        except Exception as error:
            log.exception("the models could not be opened")
            self._problem = f"The models could not be opened ({type(error).__name__}: {error})."

    def _heard(self, step: Step) -> None:
        if not step.stage.startswith(("Fetching", "Loading", "Opening", "Checking")):
            return
        if self._step is None or step.stage != self._step.stage:
            self._began, self._first = self._clock(), step.done
        self._step = step

    def _shown(self) -> dict[str, Any] | None:
        """Return what is being fetched: bytes, bytes a second, and the seconds that are left, where known."""
        step = self._step
        if step is None:
            return None
        seconds = max(1e-3, self._clock() - self._began)
        speed = (step.done - self._first) / seconds
        known = step.total is not None and speed > 0 and step.unit == "bytes"
        left = (step.total - step.done) / speed if known and step.total is not None else None
        return {
            "stage": step.stage,
            "done": step.done,
            "total": step.total,
            "unit": step.unit,
            "speed": speed,
            "left": left,
        }

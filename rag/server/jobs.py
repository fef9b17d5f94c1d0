"""Long work: one job after another, each with its progress, a way to cancel it, and what came of it."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from rag.errors import BusyError, CancelledError, PathError, RagError
from rag.server.problems import problem_of
from rag.types import Progress, Step

State = Literal["queued", "running", "done", "failed", "cancelled"]
Lane = Literal["library", "evaluation"]
Work = Callable[[Progress], dict[str, Any]]
MOST_QUEUED = 100
MOST_KEPT = 200


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands."""

    id: str
    kind: str
    """"ingest", "upload", "attach", "rebuild" or "evaluation"."""
    state: State
    made_at: str
    finished_at: str | None = None
    progress: Step | None = None
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    """Problem details."""

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in {"done", "failed", "cancelled"}

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, dicts and scalars."""
        return asdict(self)


@dataclass
class _Slot:
    job: Job
    owner: str
    cancelled: threading.Event = field(default_factory=threading.Event)
    future: Future[None] | None = None


class Jobs:
    """The jobs of one server. One writes at a time: the store has one writer; question sets only read beside it."""

    def __init__(self, log: Callable[[str, Exception], None] = lambda job_id, error: None) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._slots: dict[str, _Slot] = {}
        self._lanes = {lane: ThreadPoolExecutor(1, f"jobs-{lane}") for lane in get_args(Lane)}

    def start(
        self,
        kind: str,
        work: Work,
        finish: Callable[[], None] = lambda: None,
        *,
        job_id: str | None = None,
        lane: Lane = "library",
        owner: str = "",
    ) -> Job:
        """Put a job in line; `finish` is called at its end, whatever that is. Each lane goes on by itself.

        `owner` is who may look at it and cancel it; in what follows, None stands for all owners.

        Raises:
            BusyError: too many wait already.
        """
        with self._lock:
            if sum(not slot.job.over for slot in self._slots.values()) >= MOST_QUEUED:
                raise BusyError(f"{MOST_QUEUED} jobs wait already; come back when some are done.", 30.0)
            slot = _Slot(Job(job_id or secrets.token_hex(8), kind, "queued", _now()), owner)
            self._slots[slot.job.id] = slot
            for old in [i for i, one in self._slots.items() if one.job.over][: len(self._slots) - MOST_KEPT]:
                del self._slots[old]
        slot.future = self._lanes[lane].submit(self._run, slot, work, finish)
        return slot.job

    def get(self, job_id: str, owner: str | None = None) -> Job:
        """Return a job as it stands.

        Raises:
            PathError: there is none.
        """
        return self._slot(job_id, owner).job

    def list(self, owner: str | None = None) -> list[Job]:
        """Return the jobs, the newest first."""
        with self._lock:
            return [slot.job for slot in reversed(self._slots.values()) if owner in {None, slot.owner}]

    def cancel(self, job_id: str, owner: str | None = None) -> Job:
        """Let a job end at its next step; one that is over stays what it is.

        Raises:
            PathError: there is none.
        """
        slot = self._slot(job_id, owner)
        slot.cancelled.set()
        return slot.job

    def close(self) -> None:
        """Cancel what runs or waits, and wait for its end."""
        with self._lock:
            for slot in self._slots.values():
                slot.cancelled.set()
        for lane in self._lanes.values():
            lane.shutdown(wait=True)

    def _slot(self, job_id: str, owner: str | None) -> _Slot:
        with self._lock:
            slot = self._slots.get(job_id)
        if slot is None or owner not in {None, slot.owner}:
            raise PathError(f"There is no job {job_id!r}; jobs are forgotten when the server ends.")
        return slot

    def _run(self, slot: _Slot, work: Work, finish: Callable[[], None]) -> None:
        def tell(step: Step) -> None:
            if slot.cancelled.is_set():
                raise CancelledError("The job was cancelled; what was finished before is kept.")
            self._now(slot, progress=step)

        try:
            self._now(slot, state="running")
            tell(Step("Starting", 0, None))
            result = work(tell)
            self._now(slot, state="done", result=result, finished_at=_now())
        except CancelledError as error:
            self._now(slot, state="cancelled", error=problem_of(error), finished_at=_now())
        except Exception as error:
            if not isinstance(error, RagError):
                self._log(slot.job.id, error)
            self._now(slot, state="failed", error=problem_of(error), finished_at=_now())
        finally:
            finish()

    def _now(self, slot: _Slot, **changes: Any) -> None:
        with self._lock:
            slot.job = replace(slot.job, **changes)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

"""Progress of long jobs on standard error: bars on a terminal, elsewhere a line for each stage at its end."""

from __future__ import annotations

import threading

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from rag.cli.show import plain
from rag.types import Step


class Reporter:
    """Called with each step (a `rag.types.Progress`), from any thread."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.Lock()
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._finished: dict[str, Step] = {}
        """Not shown yet. A stage can be at its end several times: passages are embedded batch by batch."""

    def __call__(self, step: Step) -> None:
        """Show the step."""
        with self._lock:
            if self._console.is_terminal:
                self._draw(step)
            elif step.total and step.done >= step.total:
                self._finished[step.stage] = step

    def stop(self) -> None:
        """Take the bars off the screen, or say what was finished; a later step draws new ones."""
        with self._lock:
            if self._bars:
                self._bars.stop()
            self._bars, self._tasks = None, {}
            for step in self._finished.values():
                self._console.print(f"{plain(step.stage)}: {_amount(step) if step.unit else 'done'}")
            self._finished.clear()

    def _draw(self, step: Step) -> None:
        if self._bars is None:
            self._bars = Progress(
                SpinnerColumn(finished_text=" "),
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=20),
                TextColumn("{task.fields[amount]}", markup=False),
                TimeElapsedColumn(),
                console=self._console,
                transient=True,
            )
            self._bars.start()
        task = self._tasks.get(step.stage)
        if task is None:
            task = self._tasks[step.stage] = self._bars.add_task(plain(step.stage), total=None, amount="")
        self._bars.update(task, completed=step.done, total=step.total, amount=_amount(step))


def _amount(step: Step) -> str:
    """Return how far it is: "412.0 MB of 1.1 GB", "5 of 7 files", "7 files", with the detail behind it."""
    if step.unit == "bytes":
        done, total = decimal(step.done), None if step.total is None else decimal(step.total)
    else:
        done, total = str(step.done), None if step.total is None else str(step.total)
    unit = f" {step.unit}" if step.unit in {"files", "passages"} else ""
    amount = f"{done} of {total}{unit}" if total not in {None, done} else f"{done}{unit}"
    known = amount if step.total is not None or step.done else ""
    return " ".join(part for part in (known, plain(step.detail)) if part)

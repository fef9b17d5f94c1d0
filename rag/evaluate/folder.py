"""The folder of a run: run.json, cases.jsonl, summary.json, report.html. Written so that a kill loses no question."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import PathError
from rag.evaluate.outcome import Outcome

RUN, CASES, SUMMARY, REPORT = "run.json", "cases.jsonl", "summary.json", "report.html"


@dataclass(frozen=True)
class RunFolder:
    """A folder with one run, finished or not."""

    path: Path

    def begin(self, run: Mapping[str, Any], *, retry: bool = False) -> dict[str, Outcome]:
        """Return the outcomes that are there already, by id of the question; a new folder is made.

        With `retry` those that failed are forgotten, to be asked again.

        Raises:
            PathError: the folder holds a run with other settings, or something else, or can't be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if not (self.path / RUN).exists():
                if any(self.path.iterdir()):
                    raise PathError(f"{self.path} is not empty and holds no run; name another folder with --out.")
                self._write(RUN, run)
                return {}
            self._refuse_another(run)
            kept = [outcome for outcome in self.outcomes() if not (retry and outcome.error)]
            # Also without its last line, which a kill may have cut.
            _replace(self.path / CASES, "".join(_line(outcome) for outcome in kept))
        except OSError as error:
            raise PathError(f"{self.path} can't be written ({error.strerror or error}).") from error
        return {outcome.id: outcome for outcome in kept}

    def add(self, outcome: Outcome) -> None:
        """Append an outcome; it is there once this returns."""
        with (self.path / CASES).open("a", encoding="utf-8") as file:
            file.write(_line(outcome))
            file.flush()
            os.fsync(file.fileno())

    def finish(self, run: Mapping[str, Any], summary: Mapping[str, Any], outcomes: Sequence[Outcome]) -> None:
        """Write what is made at the end; the cases once more, in the order of the questions."""
        _replace(self.path / CASES, "".join(map(_line, outcomes)))
        self._write(RUN, run)
        self._write(SUMMARY, summary)

    def write_report(self, page: str, name: str = REPORT) -> Path:
        """Write a page and return its path."""
        _replace(self.path / name, page)
        return self.path / name

    def run(self) -> dict[str, Any]:
        """Return run.json.

        Raises:
            PathError: this is not the folder of a run.
        """
        return self._object(RUN)

    def summary(self) -> dict[str, Any]:
        """Return summary.json; errors as for `run`."""
        return self._object(SUMMARY)

    def outcomes(self) -> list[Outcome]:
        """Return the outcomes as far as they were written whole; a line that was cut off by a kill is left out.

        Raises:
            PathError: a line in the middle is damaged.
        """
        path = self.path / CASES
        if not path.exists():
            return []
        lines = path.read_bytes().decode("utf-8", "replace").split("\n")
        found: dict[str, Outcome] = {}
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                outcome = Outcome.of(json.loads(line))
            except (ValueError, TypeError, KeyError) as error:
                if number == len(lines):
                    break
                raise PathError(f"{path}, line {number}: is no case of a run; name another folder.") from error
            found[outcome.id] = outcome
        return list(found.values())

    def _refuse_another(self, run: Mapping[str, Any]) -> None:
        before = self.run().get("settings", {})
        differing = [name for name in run["settings"] if before.get(name) != run["settings"][name]]
        if differing:
            name = differing[0]
            raise PathError(
                f"{self.path} holds a run with other settings ({name}: {before.get(name)!r}, now "
                f"{run['settings'][name]!r}); name another folder with --out, or remove that one."
            )

    def _object(self, name: str) -> dict[str, Any]:
        path = self.path / name
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            what = "is not finished: run the same command again" if (self.path / RUN).exists() else "holds no run"
            raise PathError(f"{self.path} {what} (there is no {name}).") from error
        except (OSError, ValueError) as error:
            raise PathError(f"{path} can't be read ({error}).") from error
        if not isinstance(found, dict):
            raise PathError(f"{path} is not what a run writes.")
        return found

    def _write(self, name: str, value: Mapping[str, Any]) -> None:
        _replace(self.path / name, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _line(outcome: Outcome) -> str:
    # Escaped to ASCII: whatever a document holds, a line is a line and can be encoded.
    return json.dumps(outcome.to_dict()) + "\n"


def _replace(path: Path, text: str) -> None:
    """Write a file so that it is the old or the new one, never half of it."""
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(text.encode("utf-8", "replace"))
    os.replace(new, path)

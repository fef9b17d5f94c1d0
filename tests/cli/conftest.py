"""A way to run the command on a fake engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from fake_engine import FakeEngine

from rag.cli import run
from rag.types import Progress


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def rag(capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Run `rag ARGUMENTS` on this engine."""

    def command(*arguments: str, engine: FakeEngine | None = None) -> Result:
        fake = engine or FakeEngine()

        def make(settings: Any, progress: Progress) -> Any:
            fake.settings, fake.progress = settings, progress
            return fake

        code = run(arguments, make)
        assert fake.closed or not fake.calls, "an engine that was used is closed"
        out, err = capsys.readouterr()
        return Result(code, out, err)

    return command

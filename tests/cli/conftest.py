"""A way to run the command on a fake engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from fake_engine import FakeEngine

from rag.cli.command import run
from rag.cli.session import real_models
from rag.models import ModelStore
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

    def command(*arguments: str, engine: FakeEngine | None = None, models: ModelStore | None = None) -> Result:
        fake = engine or FakeEngine()

        def make(settings: Any, progress: Progress) -> Any:
            fake.settings, fake.progress = settings, progress
            return fake

        code = run(arguments, make, (lambda _: models) if models else real_models)
        assert fake.closed or not fake.calls, "an engine that was used is closed"
        out, err = capsys.readouterr()
        return Result(code, out, err)

    return command

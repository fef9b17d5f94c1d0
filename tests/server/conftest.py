"""A server over three documents, in this process or on a loopback port, without a real model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from rag.engine import Engine
from rag.server import create_app
from tests.fakes.serving import until

HERE = "http://127.0.0.1:7860"


@pytest.fixture
def http(engine: Engine) -> Iterator[TestClient]:
    """A client of a server in this process, as a program on this machine sees it."""
    with within(create_app(engine)) as client:
        yield client


@contextmanager
def within(app: FastAPI, base: str = HERE) -> Iterator[TestClient]:
    with TestClient(app, base_url=base, raise_server_exceptions=False) as client:
        yield client


def finished(http: TestClient, job: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Wait for a job of a server, and return it."""
    until(lambda: http.get(f"/v1/jobs/{job['id']}", **options).json()["finished_at"])
    found: dict[str, Any] = http.get(f"/v1/jobs/{job['id']}", **options).json()
    return found

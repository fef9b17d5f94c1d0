"""The chat page on a real server in this process, over documents and a model that tests make up."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from app import build_app
from rag.config import Settings
from rag.engine import Engine
from tests.fakes.embedder import WordEmbedder
from tests.fakes.library import QUESTION, RAIMONDO, YELLEN, write
from tests.fakes.speaker import Speaker

UNSAID = "Janet Yellen will visit Mars with Elon Musk."
UNDERSTOOD = "Who might visit Beijing after Blinken in July?"
NOBODY = "http://127.0.0.1:9/v1"
"""Nothing answers there."""
SAYS = {
    "and in July?": UNDERSTOOD,
    "unsaid": f"{YELLEN} {UNSAID}",
    QUESTION: f"{YELLEN} {RAIMONDO}",
    "slowly": f"{YELLEN} {RAIMONDO}",
    "held": f"{YELLEN} {RAIMONDO}",
}


def engine_over(folder: Path, home: Path, says: dict[str, str] | None = None, **settings: Any) -> Engine:
    """Return an engine over the documents of tests.fakes.library with a model that says what it is told to."""
    # The scripted model writes prose, sentence by sentence: what a model that was asked for JSON sends is held back.
    usual = {"llm": f"{NOBODY}#scripted", "llm_choices": f"{NOBODY}#second", "structured": "off", "retries": 0}
    chosen = Settings.load(home=home, **usual | settings)
    engine = Engine(chosen, llm=Speaker(SAYS if says is None else says), embedder=WordEmbedder())
    if not folder.exists():
        engine.ingest([write(folder)])
    return engine


@contextmanager
def serving(engine: Engine) -> Iterator[str]:
    """Serve the page; the address ends with a slash."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(build_app(engine), log_level="error", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        limit = time.monotonic() + 30
        while not server.started:
            assert thread.is_alive() and time.monotonic() < limit, "the server did not start"
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join(20)

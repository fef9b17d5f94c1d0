"""A server as a process of its own, over the three documents and without a real model.

python -m tests.fakes.process HOME LLM
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.client.found import Note, find
from tests.fakes.serving import until

ROOT = Path(__file__).parents[2]
START_SECONDS = 90.0


@contextmanager
def process_of(home: Path, llm: str) -> Iterator[tuple[subprocess.Popen[bytes], Note]]:
    """Start the server, give its process and its note, and kill it at the end if it is still there."""
    command = [sys.executable, "-m", "tests.fakes.process", str(home), llm]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "RAG_HOME": str(home)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: find(home) or process.poll() is not None, START_SECONDS)
            note = find(home)
            assert note is not None and note.pid == process.pid
            yield process, note
        finally:
            process.kill()


def main(home: str, llm: str) -> None:
    """Be the server."""
    from rag.server.run import run
    from tests.fakes.library import library

    with library(Path(home) / "docs", home=Path(home), llm=llm, rate_limit=1_000_000, retries=0) as engine:
        run(engine, "127.0.0.1", 0, page=False)


if __name__ == "__main__":
    main(*sys.argv[1:])

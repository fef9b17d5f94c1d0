"""A server process of its own: found by commands, ended by signals, refused where it would be open to others."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client as McpClient
from mcp import StdioServerParameters

from rag.cli.command import run
from rag.client.found import NOTE, Note, find
from rag.engine import Engine
from rag.errors import UsageError
from rag.server import run as runs
from tests.fakes.serving import until

ROOT = Path(__file__).parents[2]
RAG = (sys.executable, "-m", "rag")


@pytest.fixture
def process(home: Path) -> Iterator[subprocess.Popen[str]]:
    """`rag serve` on a free port, for an empty home."""
    command = [*RAG, "serve", "--port", "0", "--llm", "none", "--no-page"]
    with subprocess.Popen(command, cwd=ROOT, text=True, stderr=subprocess.PIPE) as process:
        try:
            until(lambda: find(home) or process.poll() is not None, 60)
            yield process
        finally:
            process.kill()


@pytest.mark.server
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_commands_find_the_server_of_their_home_until_it_ends(
    process: subprocess.Popen[str], home: Path, capsys: pytest.CaptureFixture[str], end: signal.Signals
) -> None:
    note = find(home)
    assert note is not None and note.pid == process.pid
    assert stat.S_IMODE((home / NOTE).stat().st_mode) == 0o600
    assert run(["keys", "add", "anna"]) == 0, "from now on a key is wanted"
    assert httpx.get(f"{note.url}/v1/collections").status_code == 401
    assert run(["collections", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.partition("\n")[2]) == []
    assert run(["serve"]) == 2 and "runs already" in capsys.readouterr().err
    process.send_signal(end)
    assert process.wait(20) == 0
    assert not (home / NOTE).exists() and find(home) is None


@pytest.mark.server
def test_a_killed_server_leaves_no_one_waiting(
    process: subprocess.Popen[str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    process.kill()
    process.wait(20)
    assert (home / NOTE).exists() and find(home) is None
    assert run(["collections", "--json"]) == 0


def test_another_program_at_the_port_is_not_taken_for_the_server(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        note = Note(f"http://127.0.0.1:{other.getsockname()[1]}", "k", "name", os.getpid())
        note.leave(home)
        assert find(home) is None
    for text in ("", "[]", "{}", '{"url": 1}'):
        (home / NOTE).write_text(text)
        assert find(home) is None


def test_what_others_can_reach_needs_a_key(engine: Engine) -> None:
    with pytest.raises(UsageError, match="rag keys add"):
        runs.run(engine, "0.0.0.0", 0)


def test_a_port_that_is_taken_and_an_address_that_is_none_are_said(engine: Engine) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(UsageError, match="another program has it"):
            runs.run(engine, "127.0.0.1", other.getsockname()[1], page=False)


def test_keys_are_made_listed_and_revoked_by_commands(capsys: pytest.CaptureFixture[str]) -> None:
    def rag(*arguments: str) -> Any:
        code = run(["keys", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    code, key, _ = rag("add", "anna", "--scope", "write")
    assert code == 0 and key.startswith("fn_")
    assert rag("add", "anna")[0] == 2 and rag("add", "x", "--scope", "all")[0] == 2 and rag("add", "no name")[0] == 2
    code, out, _ = rag("list", "--json")
    assert [(k["name"], k["scope"]) for k in json.loads(out)] == [("anna", "write")] and key.strip() not in out
    assert rag("revoke", "anna")[0] == 0 and rag("revoke", "anna")[0] == 2


@pytest.mark.server
async def test_an_assistant_starts_it_by_itself(home: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name.startswith(("RAG_", "PATH", "PYTHON"))}
    started = StdioServerParameters(
        command=sys.executable, args=["-m", "rag", "mcp"], env={**environment, "RAG_LLM": "none"}, cwd=str(ROOT)
    )
    async with McpClient(started) as mcp:
        listed = await mcp.call_tool("list_documents", {})
        assert listed.structured_content == {"total": 0, "documents": []}
        refused = await mcp.call_tool("ask", {"question": "Who?"})
        assert refused.is_error and "There is no collection 'default' yet" in str(refused.content)

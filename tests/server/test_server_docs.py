"""What the pages on the server say is so: snippets, commands for curl, files of examples."""

from __future__ import annotations

import json
import re
import runpy
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from rag.config import Settings
from rag.engine import Engine
from rag.errors import DocumentError
from rag.server import create_app
from tests.fakes.serving import served, until
from tests.test_docs import DOCS, ROOT, NearEmbedder, fences, generate, read

ADDRESS = "http://127.0.0.1:7860"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over the sample folder; the pages of example.com are not there."""
    settings = Settings.load(home=tmp_path_factory.mktemp("docs"), llm="none")
    with Engine(settings, embedder=NearEmbedder()) as engine:
        engine.ingest([ROOT / "examples" / "briefings"])
        with served(create_app(engine)) as url:
            yield url


@pytest.mark.parametrize("page", ["client.md", "openai.md", "mcp.md"])
def test_the_snippets_run(
    page: str, url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    snippets = fences(DOCS / page, "python")
    assert snippets
    for snippet in snippets:
        exec(compile(snippet.replace(ADDRESS, url), page, "exec"), {"__name__": "__main__"})
    assert "[1]" in capsys.readouterr().out


def no_page(_: object, page: str) -> None:
    raise DocumentError(f"{page}: no test goes there.")


def test_the_commands_for_curl_get_an_answer(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.web.Web.fetch", no_page)
    text = "\n".join(fences(DOCS / "server.md", "sh")).replace("\\\n", " ").replace(ADDRESS, url)
    commands = [shlex.split(line) for line in text.splitlines() if line.startswith("curl")]
    assert len(commands) >= 9
    for _, _, address, *rest in commands:
        options = list(zip(rest[::2], rest[1::2], strict=True))
        fields = [value.partition("=") for option, value in options if option == "-F"]
        sent = {name: Path(ROOT, value[1:]) for name, _, value in fields if value.startswith("@")}
        files = {name: (path.name, path.read_bytes()) for name, path in sent.items()}
        form = {name: value for name, _, value in fields if not value.startswith("@")}
        body = next((json.loads(value) for option, value in options if option == "-d"), None)
        method = "POST" if options else "GET"
        reply = httpx.request(method, address, json=body, data=form, files=files or None, timeout=30)
        assert reply.is_success, (address, reply.text)
    until(lambda: all(job["finished_at"] for job in httpx.get(f"{url}/v1/jobs").json()))


def test_the_routes_and_settings_of_the_page_are_there(url: str) -> None:
    page = read(DOCS / "server.md")
    paths = set(httpx.get(f"{url}/v1/openapi.json").json()["paths"])
    named = {re.sub(r"/ID", "/{id}", path) for path in re.findall(r"`(?:[A-Z]+ )?(/v1/[\w/]+)", page)}
    assert named - {re.sub(r"{\w+}", "{id}", path) for path in paths} - {"/v1/openapi"} == set()
    assert {name for name in re.findall(r"RAG_(\w+)", page)} <= {name.upper() for name in Settings.model_fields}


def test_the_walk_through_and_the_batch_run(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = ROOT / "examples" / "server"
    monkeypatch.setattr(sys, "argv", ["walk_through.py", url])
    runpy.run_path(str(folder / "walk_through.py"), run_name="__main__")
    assert "[1]" in capsys.readouterr().out
    (tmp_path / "questions.txt").write_text("Who might visit after Blinken?\n\n=1+1\n")
    monkeypatch.setattr(sys, "argv", ["batch.py", str(tmp_path / "questions.txt"), str(tmp_path / "answers.csv"), url])
    runpy.run_path(str(folder / "batch.py"), run_name="__main__")
    lines = (tmp_path / "answers.csv").read_text()
    assert "[1]" in lines and "\n'=1+1" in lines.replace("\r", "")


def test_the_assistants_entry_is_the_one_of_the_page() -> None:
    (entry,) = fences(DOCS / "mcp.md", "json")
    assert json.loads(entry) == json.loads(read(ROOT / "examples" / "server" / "claude_desktop_config.json"))


def test_the_composed_services_have_settings_and_commands_that_there_are() -> None:
    services = yaml.safe_load(read(ROOT / "examples" / "server" / "docker-compose.yml"))["services"]
    ours = services["footnote"]
    assert {name.removeprefix("RAG_").lower() for name in ours["environment"]} <= set(Settings.model_fields)
    settings = {name.removeprefix("RAG_").lower(): value for name, value in ours["environment"].items()}
    assert Settings(**settings).llm == "http://model:11434/v1#qwen2.5:7b-instruct"
    read_only = [volume.split(":")[1] for volume in ours["volumes"] if volume.endswith(":ro")]
    (installed,) = re.findall(r"pip install \S+ '([^'\[]+)", ours["entrypoint"][-1])
    assert not installed.startswith(tuple(read_only)), "no wheel can be built there"
    assert ours["command"][0] == "rag" and f"rag {ours['command'][1]}" in generate().helps()
    assert set(ours["depends_on"]) | set(services["webui"]["depends_on"]) <= set(services)
    assert services["chroma"]["command"][0] == "run" and "8000" in ours["environment"]["RAG_CHROMA_URL"]
    lines = read(ROOT / "examples" / "server" / services["webui"]["env_file"][0]).splitlines()
    names = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert names["OPENAI_API_BASE_URL"].endswith("/openai/v1") and names["ENABLE_TITLE_GENERATION"] == "False"

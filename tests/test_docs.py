"""The documentation says what is so: commands, settings, modules, links, snippets, error messages."""

from __future__ import annotations

import ast
import html
import importlib.util
import re
import shlex
from functools import cache, partial
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from rag.config import Settings
from rag.embed import Vectors
from rag.engine import Engine
from rag.load import FORMATS
from tests.fakes.embedder import FakeEmbedder

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
MODULES = sorted(
    str(path.relative_to(ROOT).as_posix())
    for package in ("rag", "vectorstore")
    for path in ROOT.glob(f"{package}/**/*.py")
)
INSTALL_AND_ASK = 'python -m pip install . && rag ask "Who might visit after Blinken?" --docs examples/briefings'
INSTALL_AND_TEST = "python -m pip install '.[test]' && pytest"
_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


class NearEmbedder(FakeEmbedder):
    """Finds every text near every question, so that the snippets get answers with quotes, not refusals."""

    def query(self, text: str) -> Vectors:
        row = super().query(text) / 3 + 1
        return np.asarray(row / np.linalg.norm(row), dtype=np.float32)


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def fences(page: Path, language: str) -> list[str]:
    return [match["code"] for match in _FENCE.finditer(read(page)) if match["language"] == language]


@cache
def generate() -> ModuleType:
    """The script docs/generate.py; `docs` is no package, so that no other package of that name is taken for it."""
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["cli.md", "settings.md"])
def test_a_generated_page_is_what_the_code_says(page: str) -> None:
    assert read(DOCS / page) == generate().filled(read(DOCS / page)), "run `make docs`"


def test_every_command_and_option_is_on_the_page() -> None:
    page = read(DOCS / "cli.md")
    helps = generate().helps()
    assert {"rag", "rag ask", "rag documents remove", "rag models pull"} <= helps.keys()
    assert [name for name in helps if f"## `{name}`\n" not in page] == []
    options = {option for text in helps.values() for option in re.findall(r"--[a-z][a-z-]+", text)}
    assert {"--docs", "--json", "--prune", "--lenient"} <= {o for o in options if o in page} == options


def test_every_setting_is_on_the_page_with_default_and_meaning() -> None:
    rows = {
        cells[1].strip(" `"): cells
        for line in read(DOCS / "settings.md").splitlines()
        if len(cells := line.split("|")) > 4
    }
    for name, field in Settings.model_fields.items():
        assert field.description and field.description in rows[name][4]
        assert name == "home" or field.default in (None, ()) or str(field.default).lower() in rows[name][2].lower()


def test_the_sample_rag_toml_is_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (sample,) = fences(DOCS / "settings.md", "toml")
    (tmp_path / "rag.toml").write_text(sample, encoding="utf-8")
    monkeypatch.setenv("RAG_CONFIG", str(tmp_path / "rag.toml"))
    assert Settings.load().mode == "lenient"


def test_commands_of_the_pages_exist_with_their_options() -> None:
    helps = generate().helps()
    for page in PAGES:
        for line in "\n".join(fences(page, "sh")).replace("\\\n", " ").splitlines():
            words = shlex.split(line.partition(" && ")[2] or line, comments=True)
            if words[:1] != ["rag"]:
                continue
            name = next(n for n in (" ".join(words[:3]), " ".join(words[:2]), "rag") if n in helps)
            unknown = [word for word in words if word.startswith("-") and f"{word} " not in helps[name]]
            assert unknown == [], f"{page.name}: {line}"


def test_the_two_commands_of_the_readme_are_the_ones_that_ci_runs() -> None:
    readme = "\n".join(fences(ROOT / "README.md", "sh")).splitlines()
    assert INSTALL_AND_ASK in readme and INSTALL_AND_TEST in readme
    ci = [line.replace(" --quiet", "") for line in read(ROOT / ".ci" / "run").splitlines()]
    assert [command for command in INSTALL_AND_TEST.split(" && ") if command not in ci] == []


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", read(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    prose = _FENCE.sub("", read(page))
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"https?://", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path) if path else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


@pytest.mark.parametrize("page", [*PAGES, DOCS / "images" / "ask.svg"], ids=lambda page: page.name)
def test_no_page_names_a_folder_of_the_machine_it_was_written_on(page: Path) -> None:
    text = read(page)
    assert [folder for folder in (ROOT, Path.home()) if f"{folder}/" in text and folder != folder.parent] == []
    assert not re.search(r"(?<![\w~.])/(?:root|home|Users|work|tmp)/", text)


@pytest.mark.parametrize("page", [ROOT / "README.md", DOCS / "python.md"], ids=lambda page: page.name)
def test_the_python_snippets_run(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("RAG_LLM", "none")
    # What `from rag import Engine` gives: the engine itself, but with an embedder that needs no model.
    monkeypatch.setattr("rag.engine.Engine", partial(Engine, embedder=NearEmbedder()))
    snippets = fences(page, "python")
    assert snippets
    for snippet in snippets:
        exec(compile(snippet, page.name, "exec"), {"__name__": "__main__"})
    assert "[1]" in capsys.readouterr().out, "none of them got an answer with a quote"


def test_the_architecture_names_every_module_and_no_other() -> None:
    named = set(re.findall(r"`((?:rag|vectorstore)/[\w/]+\.py)`", read(DOCS / "architecture.md")))
    assert named == set(MODULES)


@cache
def said() -> list[str]:
    """The literal parts of every string in the code, f-strings taken apart."""
    trees = [ast.parse(read(ROOT / module)) for module in MODULES]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def test_the_errors_of_the_readme_are_those_of_the_code() -> None:
    section = read(ROOT / "README.md").partition("## When something goes wrong")[2].partition("\n## ")[0]
    errors = re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)
    assert len(errors) >= 5
    for error in errors:
        parts = [part for part in error.split("…") if len(part) > 3]
        assert parts and [part for part in parts if not any(part in literal for literal in said())] == [], error


def picture() -> list[str]:
    """The lines of text of the picture, from the top."""
    lines: dict[float, str] = {}
    for y, text in re.findall(r'<text [^>]*y="([\d.]+)"[^>]*>(.*?)</text>', read(DOCS / "images" / "ask.svg")):
        lines[float(y)] = lines.get(float(y), "") + html.unescape(text)
    return [" ".join(lines[y].split()) for y in sorted(lines)]


def test_the_picture_shows_the_command_of_the_readme_and_quotes_that_stand_in_the_documents() -> None:
    lines = picture()
    assert f"$ {INSTALL_AND_ASK.partition(' && ')[2]}" in lines
    texts = [read(path) for path in (ROOT / "examples" / "briefings").iterdir() if path.suffix != ".jsonl"]
    documents = [" ".join(html.unescape(re.sub(r"<[^>]+>", "", text)).split()) for text in texts]
    quotes = re.findall(r"^\[\d+\] “(.+?)” —", "\n".join(lines).replace("\n", " ").replace(" [", "\n["), re.MULTILINE)
    assert quotes and [quote for quote in quotes if not any(quote in document for document in documents)] == []


def test_the_page_of_formats_names_every_suffix_and_no_other() -> None:
    rows = re.findall(r"^\| (`\.[^|]+) \|", read(DOCS / "formats.md"), re.MULTILINE)
    assert sorted(re.findall(r"`(\.\w+)`", " ".join(rows))) == sorted(FORMATS)

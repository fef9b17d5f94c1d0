"""The import rule of docs/architecture.md, and sizes that let a file be read in one sitting. Held by `ast`.

An import counts wherever it stands, also inside a function; one under `if TYPE_CHECKING:` is a name for a type
hint and counts for the layers (what may know of what), not for the stages and not as a cycle.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted([*ROOT.glob("rag/**/*.py"), *ROOT.glob("vectorstore/**/*.py"), *ROOT.glob("app.py")])

# What every stage may use: data, errors, settings, and the store below.
BASE = {"rag.types", "rag.errors", "rag.config", "rag.wire"}
# What stands above the engine: it is reached by people, and nobody below knows of it.
SURFACE = {"rag", "rag.cli", "rag.client", "rag.evaluate", "rag.server", "rag.ui", "rag.users", "rag.__main__", "app"}
# The engine in other people's types: it hands them out and they call it, by a type hint alone.
ADAPTERS = {"rag.llamaindex"}
# Ways to look at text that several stages share; they know only BASE and each other.
BELOW = {
    "rag.abbreviations",
    "rag.budget",
    "rag.columns",
    "rag.entries",
    "rag.fitted",
    "rag.language",
    "rag.layout",
    "rag.line",
    "rag.mend",
    "rag.originals",
    "rag.sentences",
    "rag.understand",
    "rag.words",
}
# Files that a stage was split into: whoever may not know the stage may not know these. Every other module is a stage.
PART_OF = {
    "rag.amounts": "rag.answer",
    "rag.compare": "rag.answer",
    "rag.conflicts": "rag.answer",
    "rag.days": "rag.answer",
    "rag.quantities": "rag.answer",
    "rag.rows": "rag.answer",
    "rag.series": "rag.answer",
    "rag.changed": "rag.answer",
    "rag.later": "rag.answer",
    "rag.stated": "rag.answer",
    "rag.superseded": "rag.answer",
    "rag.variants": "rag.answer",
    "rag.draft": "rag.answer",
    "rag.further": "rag.answer",
    "rag.namesakes": "rag.answer",
    "rag.quoting": "rag.answer",
    "rag.ended": "rag.answer",
    "rag.rumours": "rag.answer",
    "rag.naming": "rag.answer",
    "rag.wanted": "rag.answer",
    "rag.writing": "rag.answer",
    "rag.hinted": "rag.answer",
    "rag.judge": "rag.answer",
    "rag.structured": "rag.answer",
    "rag.task": "rag.answer",
    "rag.unfinished": "rag.answer",
    "rag.added": "rag.cite",
    "rag.alike": "rag.cite",
    "rag.apart": "rag.cite",
    "rag.asked": "rag.cite",
    "rag.bindings": "rag.cite",
    "rag.dropped": "rag.cite",
    "rag.duties": "rag.cite",
    "rag.edits": "rag.cite",
    "rag.exchanged": "rag.cite",
    "rag.figures": "rag.cite",
    "rag.hold": "rag.cite",
    "rag.letters": "rag.cite",
    "rag.limited": "rag.cite",
    "rag.located": "rag.cite",
    "rag.markers": "rag.cite",
    "rag.mixed": "rag.cite",
    "rag.spelt": "rag.cite",
    "rag.polarity": "rag.cite",
    "rag.premise": "rag.cite",
    "rag.siblings": "rag.cite",
    "rag.reading": "rag.cite",
    "rag.furniture": "rag.clean",
    "rag.graph": "rag.embed",
    "rag.quick": "rag.embed",
    "rag.reader": "rag.embed",
    "rag.ignore": "rag.ingest",
    "rag.walk": "rag.ingest",
    "rag.web": "rag.ingest",
    "rag.embedded": "rag.llm",
    "rag.failures": "rag.llm",
    "rag.writer": "rag.llm",
    "rag.digests": "rag.models",
    "rag.fetch": "rag.models",
    "rag.known_models": "rag.models",
    "rag.announced": "rag.retrieve",
    "rag.headed": "rag.retrieve",
    "rag.complete": "rag.retrieve",
    "rag.copies": "rag.retrieve",
    "rag.places": "rag.retrieve",
    "rag.rankings": "rag.retrieve",
    "rag.ranking": "rag.retrieve",
    "rag.search": "rag.retrieve",
    "rag.relevance": "rag.retrieve",
    "rag.opening": "rag.engine",
    "rag.backup": "rag.engine",
    "rag.choices": "rag.engine",
    "rag.documents": "rag.engine",
    "rag.pages": "rag.engine",
    "rag.seeking": "rag.engine",
    "rag.chats": "rag.engine",
    "rag.talk": "rag.engine",
}
# Stages that may use other stages, with the ones they may use.
MAY_USE = {
    "rag.ingest": {"rag.load", "rag.clean", "rag.chunk", "rag.embed"},
    "rag.chat": {"rag.prompts"},
    "rag.answer": {"rag.prompts", "rag.cite"},
    "rag.llm": {"rag.models"},
}
# Libraries that one place alone knows, so that it can be replaced there.
ONLY_IN = {
    "chromadb": {"vectorstore.chroma"},
    "sentence_transformers": {"rag.cross", "rag.embed"},
    # The page is part of the package, so that whoever installed it has it too; app.py only starts it.
    "gradio": {"rag.ui", "rag.ui.page"},
    "mcp": {"rag.server.tools"},
    "watchfiles": {"rag.cli.watch"},
    "opentelemetry": {"rag.server.traces"},
}


@dataclass(frozen=True)
class Import:
    module: str
    line: int
    for_types: bool


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES}


def unit(module: str) -> str:
    """The module that stands for a whole subpackage or split stage: `rag.load.html` is `rag.load`."""
    parts = module.split(".")
    top = ".".join(parts[:2]) if parts[0] == "rag" else module
    return PART_OF.get(top, top)


def is_ours(module: str) -> bool:
    return module.split(".")[0] in {"rag", "vectorstore", "app"}


@cache
def imports(path: Path) -> tuple[Import, ...]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hints = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
    }
    return tuple(
        Import(module, node.lineno, node in hints)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in _named(node, path)
    )


def _named(node: ast.Import | ast.ImportFrom, path: Path) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    base = node.module or ""
    if node.level:
        package = name_of(path).split(".") if path.name == "__init__.py" else name_of(path).split(".")[:-1]
        above = package[: len(package) - node.level + 1]
        base = ".".join([*above, base] if base else above)
    for alias in node.names:
        module = f"{base}.{alias.name}"
        yield module if module in MODULES else base


def found(path: Path, item: Import) -> str:
    return f"{path.relative_to(ROOT)}:{item.line} imports {item.module}"


def test_vectorstore_knows_nothing_of_rag() -> None:
    wrong = [
        found(path, item)
        for name, path in MODULES.items()
        if name.startswith("vectorstore")
        for item in imports(path)
        if item.module.split(".")[0] in {"rag", "app"}
    ]
    assert wrong == []


def test_types_and_errors_know_nothing_above_them() -> None:
    wrong = [
        found(MODULES[name], item)
        for name in BASE
        for item in imports(MODULES[name])
        if is_ours(item.module) and item.module not in BASE | {"vectorstore.errors"}
    ]
    assert wrong == []


def test_stages_do_not_know_each_other() -> None:
    wrong = [
        found(path, item)
        for name, path in MODULES.items()
        if _is_stage(unit(name))
        for item in imports(path)
        if item.module.startswith("rag") and not item.for_types
        if unit(item.module) not in BASE | BELOW | {unit(name)} | MAY_USE.get(unit(name), set())
    ]
    assert wrong == []


def test_what_the_stages_share_knows_no_stage() -> None:
    wrong = [
        found(MODULES[name], item)
        for name in MODULES
        if unit(name) in BELOW
        for item in imports(MODULES[name])
        if is_ours(item.module) and unit(item.module) not in BASE | BELOW
    ]
    assert wrong == []


def test_nothing_below_knows_of_the_engine_or_of_what_stands_above_it() -> None:
    wrong = [
        found(path, item)
        for name, path in MODULES.items()
        if unit(name) not in SURFACE | ADAPTERS
        for item in imports(path)
        if unit(item.module) in SURFACE | ({"rag.engine"} - {unit(name)})
    ]
    assert wrong == []


def test_what_people_reach_goes_through_the_engine() -> None:
    allowed = (
        BASE | SURFACE | {"rag.engine", "rag.models", "vectorstore.store", "vectorstore.errors"} | {"vectorstore.chats"}
    )
    to_send = {"rag.walk"}  # what of a folder a client sends is what an engine would read
    wrong = [
        found(path, item)
        for name, path in MODULES.items()
        if unit(name) in SURFACE - {"rag"}
        for item in imports(path)
        if is_ours(item.module) and unit(item.module) not in allowed and item.module not in to_send
    ]
    assert wrong == []


def _is_stage(module: str) -> bool:
    return module.startswith("rag.") and module not in BASE | BELOW | SURFACE | ADAPTERS | {"rag.engine"}


@pytest.mark.parametrize("library", ONLY_IN)
def test_one_place_alone_knows(library: str) -> None:
    wrong = [
        found(path, item)
        for name, path in MODULES.items()
        if name not in ONLY_IN[library]
        for item in imports(path)
        if item.module.split(".")[0] == library
    ]
    assert wrong == []


def test_only_the_settings_read_the_environment() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for name, path in MODULES.items()
        if name != "rag.config"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv", "putenv"})
        or (isinstance(node, ast.ImportFrom) and node.module == "os" and {a.name for a in node.names} & {"environ"})
    ]
    assert wrong == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {
        name: {item.module for item in imports(path) if item.module in MODULES and not item.for_types} - {name}
        for name, path in MODULES.items()
    }
    assert _cycle(graph) == []


def _cycle(graph: dict[str, set[str]]) -> list[str]:
    """Return the modules of one cycle, or nothing."""
    done: set[str] = set()

    def walk(name: str, trail: list[str]) -> list[str]:
        if name in trail:
            return [*trail[trail.index(name) :], name]
        if name in done:
            return []
        cycle = next((cycle for after in sorted(graph[name]) if (cycle := walk(after, [*trail, name]))), [])
        done.add(name)
        return cycle

    return next((cycle for name in sorted(graph) if (cycle := walk(name, []))), [])


def test_a_cycle_is_found() -> None:
    assert _cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert _cycle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_read_in_one_sitting(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    long = [
        f"{node.name}: {length} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (length := (node.end_lineno or 0) - node.lineno + 1) > 60
    ]
    assert long == []

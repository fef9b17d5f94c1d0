"""Put into docs/cli.md and docs/settings.md what the code says: each command's help, each setting, each known model.

    make docs

Only what stands between a block's two marks is replaced; the rest of a page is written by hand. tests/test_docs.py
fails when a page is not what this makes of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin

import typer
from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo

from rag.cli.command import app
from rag.config import Settings
from rag.known_models import CATALOGUE, HUB

DOCS = Path(__file__).resolve().parent
COLUMNS = 96
"""Width of a command's help on the page."""
_BLOCK = re.compile(r"(<!-- generated: (?P<name>[\w-]+) -->\n).*?(<!-- end of generated -->)", re.DOTALL)
_BOUNDS = {"ge": "at least {}", "gt": "more than {}", "le": "at most {}"}


def helps() -> dict[str, str]:
    """Return the help of every command by its name: "rag", "rag ask", "rag models pull"."""
    return dict(_helps(typer.main.get_command(app), "rag"))


def _helps(command: Any, name: str, parent: Any = None) -> Iterator[tuple[str, str]]:
    width = {"terminal_width": COLUMNS, "max_content_width": COLUMNS}
    context = command.context_class(
        command, info_name=name, parent=parent, **{**getattr(command, "context_settings", {}), **width}
    )
    yield context.command_path, "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    for below, child in getattr(command, "commands", {}).items():
        yield from _helps(child, below, context)


def commands() -> str:
    """Return a section with its help for each command."""
    return "\n".join(f"## `{name}`\n\n```text\n{text}\n```\n" for name, text in helps().items())


def settings() -> str:
    """Return the table of settings."""
    rows = (
        (f"`{name}`", _default(name, field), _allowed(field), (field.description or "") + _also(name, field))
        for name, field in Settings.model_fields.items()
    )
    return _table(("Setting", "Default", "Allowed", "Meaning"), rows)


def _default(name: str, field: FieldInfo) -> str:
    if name == "home":
        return "see above"  # another folder for each user and system
    value = field.default
    return "–" if value is None or value == () else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _allowed(field: FieldInfo) -> str:
    if get_origin(field.annotation) is tuple:
        return "texts, kept secret" if SecretStr in get_args(field.annotation) else "texts"
    kinds = [kind for kind in get_args(field.annotation) or (field.annotation,) if kind is not type(None)]
    if get_origin(field.annotation) is Literal:
        return " or ".join(f"`{kind}`" for kind in kinds)
    names = {int: "whole number", float: "number", bool: "`true` or `false`", Path: "folder", str: "text"}
    names[SecretStr] = "text, kept secret"
    bounds = [
        words.format(f"{getattr(limit, bound):,}")
        for limit in field.metadata
        for bound, words in _BOUNDS.items()
        if hasattr(limit, bound)
    ]
    patterns = [f"matches `{limit.pattern}`" for limit in field.metadata if getattr(limit, "pattern", None)]
    return ", ".join([names[kinds[0]], *bounds, *patterns])


def _also(name: str, field: FieldInfo) -> str:
    """Return the other variables that are read for a setting."""
    if not isinstance(field.validation_alias, AliasChoices):
        return ""
    ours = {name, f"RAG_{name.upper()}"}
    others = [f"`{choice}`" for choice in field.validation_alias.choices if choice not in ours]
    return f" Also read from {', '.join(others)}."


def models() -> str:
    """Return the table of the models known by name."""
    known = [(m.name, m.kind, f"{m.size:,}", m.licence, m.repo, m.sha256) for m in CATALOGUE.values()]
    known += [(m.name, "embedding", "", m.licence, m.repo, "not checked") for m in HUB.values()]
    rows = (
        (f"`{name}`", kind, size, licence, f"[{repo}](https://huggingface.co/{repo})", mark)
        for name, kind, size, licence, repo, mark in known
    )
    return _table(("Name", "Kind", "Bytes", "Licence", "Hugging Face", "sha256 of the weights"), rows)


def _table(header: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |\n" for line in lines)


BLOCKS: Mapping[str, Callable[[], str]] = MappingProxyType(
    {"commands": commands, "settings": settings, "models": models}
)


def filled(page: str) -> str:
    """Return a page with its generated blocks made anew; a block of another name is a KeyError."""
    return _BLOCK.sub(lambda block: f"{block[1]}\n{BLOCKS[block['name']]()}\n{block[3]}", page)


if __name__ == "__main__":
    for path in sorted(DOCS.glob("*.md")):
        path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8")

"""`.ragignore`: which files of a folder are not meant, by the rules of .gitignore. A part of `rag.ingest`."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

NAME = ".ragignore"
_PIECE = re.compile(r"\*\*/|/\*\*$|\*\*|\*|\?|\[!?\]?[^\]/]*\]|\\.|.", re.DOTALL)
_PLAIN = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One line: `pattern` is matched against the path from `folder`."""

    folder: str
    pattern: re.Pattern[str]
    back: bool
    """The line begins with "!": what it matches is meant after all."""
    folders_only: bool


def rules_of(folder: Path) -> tuple[Rule, ...]:
    """Return the rules of a folder's own `.ragignore`, none where it has no such file.

    Raises:
        OSError: the file is there, but can't be read.
    """
    try:
        lines = (folder / NAME).read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except FileNotFoundError:
        return ()
    return tuple(rule for line in lines if (rule := _rule(str(folder), line.rstrip())))


def is_ignored(rules: Sequence[Rule], path: str, is_folder: bool) -> bool:
    """Say whether a path is not meant: of the rules that match, the last one counts, the nearest folder's last."""
    for rule in reversed(rules):
        within = path[len(rule.folder) :].lstrip(os.sep).replace(os.sep, "/")
        if (is_folder or not rule.folders_only) and rule.pattern.fullmatch(within):
            return not rule.back
    return False


def _rule(folder: str, line: str) -> Rule | None:
    if not line or line.startswith("#"):
        return None
    back, line = line.startswith("!"), line.removeprefix("!")
    folders_only, line = line.endswith("/"), line.rstrip("/")
    # With a slash in it a pattern is a path from the folder; without one it is a name at any depth.
    anywhere, line = "/" not in line, line.lstrip("/")
    if not line:
        return None
    try:
        pattern = re.compile(
            ("(?:.*/)?" if anywhere else "") + "".join(map(_translated, _PIECE.findall(line))), re.DOTALL
        )
    except re.error:  # such as [z-a]: it matches nothing
        return None
    return Rule(folder, pattern, back, folders_only)


def _translated(piece: str) -> str:
    if piece in _PLAIN:
        return _PLAIN[piece]
    if piece.startswith("[") and len(piece) > 2:
        inside = piece[1:-1].replace("\\", "\\\\")
        return f"[^{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
    return re.escape(piece[1:] if piece.startswith("\\") and len(piece) > 1 else piece)

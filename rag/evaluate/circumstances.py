"""Under what circumstances a run was made: settings without secrets, versions, hashes of models, git revision."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from rag.config import Settings
from rag.known_models import CATALOGUE

_PACKAGES = ("footnote-rag", "llama-index-core", "sentence-transformers", "torch", "chromadb", "xllamacpp", "numpy")


def circumstances(settings: Settings) -> dict[str, Any]:
    """Return what else has a part in the figures; nothing of it keeps a run from being resumed."""
    return {
        "effective": without_secrets(settings),
        "models": models(settings),
        "versions": {name: _version(name) for name in _PACKAGES},
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "revision": revision(),
    }


def without_secrets(settings: Settings) -> dict[str, Any]:
    """Return the settings; keys show only that they are set, and addresses lose user, password and query."""
    shown = settings.shown()
    return {name: _address(value) if isinstance(value, str) else value for name, value in shown.items()}


def _address(value: str) -> str:
    if "://" not in value:
        return value
    parts = urlsplit(value)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", parts.fragment))


def models(settings: Settings) -> dict[str, str]:
    """Return the sha256 of each model that is a file here; a hosted one has only its name."""
    names = {"llm": settings.llm.removeprefix("embedded:"), "embedding": settings.embedding}
    hashes = {role: CATALOGUE[name].sha256 for role, name in names.items() if name in CATALOGUE}
    if settings.llm.startswith("gguf:"):
        path = Path(settings.llm.removeprefix("gguf:")).expanduser()
        if path.is_file():
            with path.open("rb") as file:
                hashes["llm"] = hashlib.file_digest(file, "sha256").hexdigest()
    return hashes


def revision() -> str:
    """Return the commit of the checkout that runs, with "+changes" where files differ from it; "" outside of one."""
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return ""
    commit = _git(root, "rev-parse", "HEAD")
    return f"{commit}+changes" if commit and _git(root, "status", "--porcelain", "-uno") else commit


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""  # no git, or a checkout of somebody else: the run is as good without it
    return done.stdout.strip()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""

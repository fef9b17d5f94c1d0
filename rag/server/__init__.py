"""One process that holds the engine and owns the store: HTTP API, OpenAI-compatible endpoint, MCP, chat page."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.server.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    # FastAPI takes a moment to import; `rag keys` needs none of it.
    if name not in __all__:
        raise AttributeError(f"module 'rag.server' has no attribute {name!r}")
    return getattr(import_module("rag.server.app"), name)

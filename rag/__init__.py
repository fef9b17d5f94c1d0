"""Footnote: ask your own documents; every sentence of the answer carries a quote that was checked against them.

>>> from rag import Engine
>>> with Engine() as engine:  # doctest: +SKIP
...     print(engine.ask("Who might visit after Blinken?").text)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.client import AsyncClient, Client
    from rag.config import Settings
    from rag.engine import Engine
    from rag.errors import RagError
    from rag.talk import Talk
    from rag.types import (
        Answer,
        Citation,
        Claim,
        Conflict,
        Document,
        Done,
        Evidence,
        Retrieved,
        Sentence,
        Turn,
        Understood,
    )

__version__ = "0.1.0"
__all__ = [
    "Answer",
    "AsyncClient",
    "Citation",
    "Claim",
    "Client",
    "Conflict",
    "Document",
    "Done",
    "Engine",
    "Evidence",
    "RagError",
    "Retrieved",
    "Sentence",
    "Settings",
    "Talk",
    "Turn",
    "Understood",
    "__version__",
]

_HOME = {
    "AsyncClient": "rag.client",
    "Client": "rag.client",
    "Engine": "rag.engine",
    "RagError": "rag.errors",
    "Settings": "rag.config",
    "Talk": "rag.talk",
}


def __getattr__(name: str) -> Any:
    # Imported when first used: `import rag` and `rag --help` must not wait for what only answering needs.
    if name not in __all__:
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    return getattr(import_module(_HOME.get(name, "rag.types")), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

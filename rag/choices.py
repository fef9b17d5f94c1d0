"""Which models may write, and an engine that answers by another one: what the people of a page may choose.

Only what the settings name and what is on this machine already can be chosen, by a name that says nothing of paths and
addresses: a visitor can't have a server fetch or call anything else.
"""

from __future__ import annotations

import threading
from copy import copy
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

from rag.errors import UsageError
from rag.models import ModelStore

if TYPE_CHECKING:
    from rag.engine import Engine

PASSAGES = (4, 8, 16, 32)
"""Numbers of passages that may be chosen, beside the one of the settings."""
_LOCAL = {"embedded", "gguf", "hf"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A model that may write the answers; the one that the settings name comes first."""

    name: str
    where: Literal["here", "elsewhere", "nowhere"]
    """In this process; at an address that the settings name; or it is no model: answers are made of quotes."""
    llm: str
    """As in the setting `llm`; for the server alone, because it may hold a path or an address."""


class Choices:
    """What may be chosen in place of an engine's own model and number of passages."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._files = ModelStore(engine.settings.home, offline=True)
        self._lock = threading.Lock()
        self._made: dict[tuple[str, int], Engine] = {}

    def models(self) -> list[Choice]:
        """Return the models that may be chosen, "none" always among them."""
        settings = self._engine.settings
        here = [f"embedded:{model.name}" for model in self._files.list() if _is_usable(model.kind, model.state)]
        found: dict[str, Choice] = {}
        for llm in dict.fromkeys([settings.llm, *settings.llm_choices, *here, "none"]):
            name, number = _name_of(llm), 1
            while name in found:
                number += 1
                name = f"{_name_of(llm)} ({number})"
            kind = llm.partition(":")[0]
            found[name] = Choice(name, "nowhere" if llm == "none" else "here" if kind in _LOCAL else "elsewhere", llm)
        return list(found.values())

    def passages(self) -> list[int]:
        """Return the numbers of passages that may be chosen."""
        return sorted({*PASSAGES, self._engine.settings.passages})

    def model(self, name: str | None) -> Choice:
        """Return a model by its name, by default the engine's own.

        Raises:
            UsageError: it is not one of those that may be chosen.
        """
        models = self.models()
        found = next((one for one in models if name is None or one.name == name), None)
        if found is None:
            known = ", ".join(one.name for one in models)
            raise UsageError(f"The model {name!r} can't be chosen here; the ones that can are {known}.")
        return found

    def using(self, name: str | None = None, passages: int | None = None) -> Engine:
        """Return the engine with another model and number of passages; it lives as long as the engine itself.

        Raises:
            UsageError: one of the two may not be chosen.
        """
        own = self._engine.settings
        chosen = self.model(name)
        if passages is not None and passages not in self.passages():
            raise UsageError(f"{passages} passages can't be chosen here; {', '.join(map(str, self.passages()))} can.")
        wanted = passages or own.passages
        if (chosen.llm, wanted) == (own.llm, own.passages):
            return self._engine
        with self._lock:
            key = (chosen.llm, wanted)
            if key not in self._made:
                self._made[key] = self._other(chosen.llm, wanted)
            return self._made[key]

    def _other(self, llm: str, passages: int) -> Engine:
        other = copy(self._engine)
        other.settings = other.settings.model_copy(update={"llm": llm, "passages": passages})
        other._models = other._models.choosing(llm)
        other._retriever = None
        return other


def _is_usable(kind: str, state: str) -> bool:
    return kind == "llm" and state in {"present", "verified"}


def _name_of(llm: str) -> str:
    """Return a model's name without the path or address it is at."""
    kind, _, rest = llm.partition(":")
    if kind == "gguf":
        return PurePath(rest).stem
    if kind == "hf":
        return PurePath(rest).name
    if kind in {"http", "https"}:
        return llm.rpartition("#")[2]
    return rest or llm

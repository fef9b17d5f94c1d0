"""Three short documents, and an engine over them without a real model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rag.config import Settings
from rag.engine import Engine
from tests.fakes.embedder import WordEmbedder

VISITS = (
    "Who is next\n\n"
    "After Blinken, Treasury Secretary Janet Yellen might visit Beijing in July. "
    "Commerce Secretary Gina Raimondo might visit Beijing, too. "
    "The hotel in Beijing has 400 rooms.\n"
)
WEATHER = "Weather\n\nIt rained in Paris on Monday. The Seine rose by 30 centimetres.\n"
BREAD = "Bread\n\nKnead the dough for 10 minutes. Bake the bread at 220 degrees.\n"
FILES = {"visits.txt": VISITS, "weather.txt": WEATHER, "bread.txt": BREAD}

QUESTION = "Who might visit Beijing after Blinken?"
YELLEN = "After Blinken, Treasury Secretary Janet Yellen might visit Beijing in July."
ROOMS_QUESTION = "How many rooms has the hotel in Beijing?"
ROOMS = "The hotel in Beijing has 400 rooms."
RAIMONDO = "Commerce Secretary Gina Raimondo might visit Beijing, too."


def write(folder: Path, files: dict[str, str] = FILES) -> Path:
    """Write the documents into the folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def library(folder: Path, writes: Any = None, **settings: Any) -> Engine:
    """Return an engine that has read the documents; `writes` is a llama-index LLM, by default none is."""
    chosen = {"llm": "none"} | settings
    engine = Engine(Settings.load(**chosen), llm=writes, embedder=WordEmbedder())
    engine.ingest([write(folder)])
    return engine

"""The Gradio page: one component that holds the chat, and the functions it calls through Gradio's queue.

Gradio brings the page, the queue and the streaming; what is seen is our own markup in `static/`, because an answer with
quotes is more than a chat message. Every function takes and returns plain data; errors are {"type": "refused"}.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from functools import wraps
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import gradio as gr

from rag.errors import RagError
from rag.ui import export, view
from rag.ui.asking import Wish

if TYPE_CHECKING:
    from rag.engine import Engine
    from rag.ui.asking import Asking
    from rag.ui.library import Library
    from rag.ui.models import ModelWatch

EXAMPLES = (
    "Who might visit after Blinken?",
    "What happened to the balloon?",
    "Where might Xi travel in November?",
)
"""Questions over the sample folder that have an answer with quotes, also without a model."""
HEAD = (
    '<meta name="color-scheme" content="light dark">'
    '<link rel="icon" href="{path}ui/static/icon.svg" type="image/svg+xml">'
    '<link rel="stylesheet" href="{path}ui/static/page.css">'
    '<script type="module" src="{path}ui/static/app.js"></script>'
)
Given = dict[str, Any]


def build(engine: Engine, asking: Asking, library: Library, models: ModelWatch, collection: str) -> gr.Blocks:
    """Return the page over an engine; `collection` is what it shows first."""
    shell = (files("rag.ui") / "static" / "shell.html").read_text(encoding="utf-8")
    with gr.Blocks(title="Footnote", analytics_enabled=False, fill_width=True) as blocks:
        gr.HTML(html_template=shell, js_on_load=None, apply_default_css=False, elem_id="footnote-root")
        _add_asking(engine, asking)
        _add_chats(engine, asking)
        _add_library(engine, library, models, collection)
    return blocks


def _call(function: Callable[..., Any], name: str) -> None:
    """Offer a quick function to the page: answered at once, beside the queue."""
    gr.api(function, api_name=name, queue=False, api_visibility="undocumented")


def _stream(function: Callable[..., Any], name: str) -> None:
    """Offer a function to the page that yields events; who has to wait is decided by `rag.ui.turns`, not by Gradio."""
    gr.api(function, api_name=name, concurrency_limit=None, api_visibility="undocumented")


def _add_asking(engine: Engine, asking: Asking) -> None:
    async def ask(given: Given, request: gr.Request) -> AsyncIterator[Given]:
        """Answer {"question", "chat", "collection", "documents", "mode", "quotes_only", "model", "passages"}."""
        wish = Wish.of(given, engine.settings.collection)
        async for event in asking.ask(_owner(request), str(given.get("question", "")), given.get("chat"), wish):
            yield event

    async def follow(turn: str, request: gr.Request) -> AsyncIterator[Given]:
        """Yield the events of a question that is at work, from its beginning."""
        try:
            async for event in asking.follow(_owner(request), turn):
                yield event
        except RagError as error:
            yield _refused(error)

    async def stop(turn: str, request: gr.Request) -> Given:
        """Break an answer off."""
        try:
            await asking.stop(_owner(request), turn)
        except RagError as error:
            return _refused(error)
        return {"type": "stopped"}

    _stream(ask, "ask")
    _stream(follow, "follow")
    _call(stop, "stop")


def _add_chats(engine: Engine, asking: Asking) -> None:
    chats = engine.chats

    def chat(name: str, request: gr.Request) -> Given:
        """Return a chat with its turns; `working` is the turn that is being answered."""
        owner = _owner(request)
        hash_of = asking.hashes()
        turns = [view.turn(kept, hash_of) for kept in chats.turns(owner, name)]
        working = next((turn["id"] for turn in turns if asking.turns.get(turn["id"])), None)
        return {"chat": view.chat(chats.get(owner, name)), "turns": turns, "working": working}

    def list_chats(words: str, request: gr.Request) -> Given:
        return {"chats": [view.chat(record) for record in chats.find(_owner(request), words)]}

    def rename(name: str, title: str, request: gr.Request) -> Given:
        return {"chat": view.chat(chats.rename(_owner(request), name, title))}

    def delete(name: str, request: gr.Request) -> Given:
        chats.delete(_owner(request), name)
        return {}

    def cut(turn: str, request: gr.Request) -> Given:
        """Forget a question and what came after, before it is asked again or in other words."""
        chats.cut(_owner(request), turn)
        return {}

    def judge(turn: str, verdict: str, reason: str, request: gr.Request) -> Given:
        given: Any = verdict if verdict in ("up", "down") else None
        return {"turn": asking.shown(chats.judge(_owner(request), turn, given, reason))}

    def take(name: str, turn: str, form: str, request: gr.Request) -> Given:
        """Return an answer (to copy), or the whole chat (to keep) where `turn` is empty, in a form of rag.ui.export."""
        owner, hash_of = _owner(request), asking.hashes()
        if turn:
            return {"text": export.one(view.turn(chats.turn(owner, turn), hash_of), "md" if form == "md" else "txt")}
        wanted: Any = form if form in ("md", "html", "json") else "txt"
        turns = [view.turn(kept, hash_of) for kept in chats.turns(owner, name)]
        return {"text": export.whole(view.chat(chats.get(owner, name))["title"], turns, wanted)}

    for name, function in (
        ("chat", chat),
        ("chats", list_chats),
        ("rename", rename),
        ("delete", delete),
        ("cut", cut),
        ("judge", judge),
        ("take", take),
    ):
        _call(_careful(function), name)


def _add_library(engine: Engine, library: Library, models: ModelWatch, collection: str) -> None:
    settings = engine.settings

    def start(request: gr.Request) -> Given:
        """Return what the page has to know before anything else."""
        return {
            "user": _owner(request),
            "collection": collection,
            "collections": library.collections(),
            "chats": [view.chat(record) for record in engine.chats.find(_owner(request))],
            "examples": list(EXAMPLES),
            "readable": engine.readable(),
            "mode": settings.mode,
            "choices": [{"name": one.name, "where": one.where} for one in engine.choices.models()],
            "passages": {"own": settings.passages, "choices": engine.choices.passages()},
            "most": {"bytes": settings.file_bytes, "files": settings.upload_files},
            "models": models.now(),
        }

    def model_state() -> Given:
        return models.now()

    def documents(name: str) -> Given:
        return {"documents": library.documents(name), "collections": library.collections()}

    def remove(ids: list[str]) -> Given:
        return {"removed": library.remove(ids), "collections": library.collections()}

    def batch() -> Given:
        return {"batch": library.batch()}

    def add(upload: str, name: str) -> Iterator[Given]:
        yield from _told(library.add(upload, name))

    def sample() -> Iterator[Given]:
        yield from _told(library.sample())

    _call(_careful(start), "start")
    _call(model_state, "models")
    _call(_careful(documents), "documents")
    _call(_careful(remove), "remove")
    _call(_careful(batch), "batch")
    _stream(add, "add")
    _stream(sample, "sample")


def _told(events: Iterator[Given]) -> Iterator[Given]:
    try:
        yield from events
    except RagError as error:
        yield _refused(error)


def _careful(function: Callable[..., Given]) -> Callable[..., Given]:
    """Return the function with errors as data: a sentence that the page shows."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Given:
        try:
            return function(*args, **kwargs)
        except RagError as error:
            return _refused(error)

    return call


def _refused(error: RagError) -> Given:
    return {"type": "refused", "message": view.safe(str(error))}


def _owner(request: gr.Request) -> str:
    """Return who is asking, as the login found it; "" where nobody has to log in."""
    return request.username or ""

"""The chat page in the browser: `mount` puts it into a FastAPI application.

What is where: `page` is the Gradio page and the functions it calls, `asking` and `turns` a question from start to end,
`library` the documents, `routes` and `passage` a document beside the chat, `view` and `export` an answer as it is shown
and taken along, `access` who is asking, `models` what is being fetched, and `static/` what the browser gets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag.engine import Engine

__all__ = ["mount"]


def mount(app: FastAPI, engine: Engine, *, path: str = "/", collection: str | None = None) -> FastAPI:
    """Add the chat page to an application and return it; its models begin to be fetched and opened.

    Beside the page there are routes under `path`ui/ and Gradio's own under `path`gradio_api/. Where the setting `auth`
    names a file of users, all of them want a login. What else the application has is left alone.

    Args:
        app: add other routes before it where `path` is "/", because the page then answers everything else.
        engine: answers, and keeps chats and documents; the caller closes it.
        path: where the page is.
        collection: what the page shows first; by default the engine's.

    Raises:
        SettingsError: the file of users can't be read.
    """
    # Gradio and what it brings takes seconds to import.
    import gradio

    from rag.ui.access import Access, Guard, add_login
    from rag.ui.asking import Asking
    from rag.ui.library import Library
    from rag.ui.models import ModelWatch
    from rag.ui.page import HEAD, build
    from rag.ui.routes import add_routes
    from rag.users import Users

    if engine.settings.auth:
        Users(engine.settings.auth).names()
    path = path.rstrip("/") + "/"
    access, library, models = Access(engine.settings.auth), Library(engine), ModelWatch(engine)
    asking = Asking(engine)
    engine.chats.interrupt()
    add_routes(app, engine, asking, library, access, path)
    if access.required:
        add_login(app, access, path)
    app.add_middleware(Guard, access=access, path=path)
    gradio.mount_gradio_app(
        app,
        build(engine, asking, library, models, collection or engine.settings.collection),
        path.rstrip("/"),
        auth_dependency=access.user,
        footer_links=[],
        run_history=False,
        max_file_size=1,  # uploads come by our own route
        head=HEAD.format(path=path),
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
        enable_monitoring=False,
    )
    models.open()
    return app

"""The chat page: `python app.py`, then http://127.0.0.1:7860. Wiring only; what is seen is in `rag/ui`."""

from __future__ import annotations

import ipaddress
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.errors import RagError, UsageError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag.engine import Engine


def build_app(engine: Engine, *, host: str = "127.0.0.1", collection: str | None = None) -> FastAPI:
    """Return an application that is the chat page and nothing else, for a server bound to `host`.

    Raises:
        UsageError: others can reach `host`, and nobody has to log in.
    """
    from fastapi import FastAPI
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    from rag.ui import mount

    if not is_loopback(host) and engine.settings.auth is None:
        raise UsageError(
            f"Others can reach {host}; add users with `rag users add NAME` and name their file in RAG_AUTH first."
        )
    app = FastAPI(title="Footnote", openapi_url=None)
    if is_loopback(host):
        # A page elsewhere whose name is made to lead here must not read what is here.
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]"])
    return mount(app, engine, collection=collection)


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach what is bound to `host`."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def main(
    docs: Annotated[Path | None, typer.Option(help="Ask about this file or folder (brought up to date first).")] = None,
    collection: Annotated[str | None, typer.Option(help="Collection to show first.")] = None,
    llm: Annotated[str | None, typer.Option(help="Model that writes the answers (see the setting `llm`).")] = None,
    host: Annotated[
        str, typer.Option(help="Address to bind to; beyond this machine RAG_AUTH is needed.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to bind to.")] = 7860,
) -> None:
    """Open the chat page on this machine."""
    import uvicorn

    from rag.config import Settings
    from rag.engine import Engine

    if docs is not None and collection is not None:
        raise UsageError("Give --docs or --collection, not both: --docs has a collection of its own.")
    with Engine(Settings.load(llm=llm, collection=collection)) as engine:
        shown = engine.attach(docs)[0] if docs is not None else collection
        application = build_app(engine, host=host, collection=shown)
        typer.echo(f"Footnote is at http://{f'[{host}]' if ':' in host else host}:{port} (Ctrl-C ends it).")
        # Whoever ends it doesn't want to wait for open pages.
        uvicorn.run(application, host=host, port=port, log_level="warning", timeout_graceful_shutdown=2)


if __name__ == "__main__":
    try:
        typer.run(main)
    except RagError as error:
        typer.echo(f"app.py: {error}", err=True)
        sys.exit(error.exit_code)

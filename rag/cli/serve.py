"""`rag serve`, `rag mcp`, `rag keys`: the engine for browsers, programs and tools."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.session import Collection, Json, Session, session_of
from rag.cli.show import plain, table
from rag.errors import UsageError

if TYPE_CHECKING:
    from rag.server.keys import Keys

keys = typer.Typer(name="keys", help="Make, list and revoke keys for a server.", rich_markup_mode=None)

Name = Annotated[str, typer.Argument(help="A name for the key, such as that of its user.", metavar="NAME")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command()(serve)
    app.command()(mcp)
    app.add_typer(keys)


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to bind to; beyond this machine a key is needed.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to bind to; 0 takes a free one.")] = 7860,
    llm: Annotated[str | None, typer.Option(help="Model that writes the answers (RAG_LLM).")] = None,
    page: Annotated[bool, typer.Option("--page/--no-page", help="Serve the chat page, too.")] = True,
) -> None:
    """Serve the chat page, the HTTP API, an OpenAI-compatible endpoint and MCP.

    While it runs, the other commands of the same user and home go through it.
    """
    from rag.client.found import find
    from rag.server.run import run

    session = session_of(context)
    settings = session.settings()
    if settings.url is not None:
        raise UsageError("`rag serve` is a server itself; leave out --url (RAG_URL).")
    if (running := find(settings.home)) is not None:
        raise UsageError(f"A server for {settings.home} runs already: {running.url} (pid {running.pid}).")
    with session.own_engine(llm=llm) as (engine, _):
        run(engine, host, port, page=page, say=lambda line: session.err.print(plain(line)))


def mcp(context: typer.Context, collection: Collection = None) -> None:
    """Let an assistant ask your documents by the Model Context Protocol, on standard input and output.

    Put it into the assistant's configuration: docs/mcp.md. A running `rag serve` has it at /mcp, too.
    """
    from rag.server.tools import build  # the extra mcp

    session = session_of(context)
    with session.engine(collection=collection) as (engine, _):
        build(engine, only=collection).run("stdio")


@keys.command("add")
def add_key(
    context: typer.Context,
    name: Name,
    scope: Annotated[
        str,
        typer.Option(help="read: ask and look; write: also add, remove; admin: also paths of the server's disk."),
    ] = "read",
    as_json: Json = False,
) -> None:
    """Make a key and print it. It is shown this once."""
    from rag.server.keys import SCOPES

    session = session_of(context)
    scopes = [known for known in SCOPES if known == scope]
    if not scopes:
        raise UsageError(f"There is no scope {scope!r}; it is one of {', '.join(SCOPES)}.")
    key = _keys(session).add(name, scopes[0])
    if as_json:
        session.json({"name": name, "scope": scope, "key": key})
        return
    session.out.print(key)
    session.err.print("Keep it: it is not shown again. Send it as `Authorization: Bearer KEY`, or set RAG_SERVER_KEY.")


@keys.command("list")
def list_keys(context: typer.Context, as_json: Json = False) -> None:
    """List the keys: names and scopes, not the keys themselves."""
    session = session_of(context)
    found = _keys(session).all()
    if as_json:
        session.json([{k: v for k, v in asdict(key).items() if k != "digest"} for key in found])
        return
    for line in table(("NAME", "SCOPE", "MADE"), [(key.name, key.scope, key.made_at) for key in found]):
        session.out.print(line)


@keys.command("revoke")
def revoke_key(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """Make a key worthless, at once."""
    session = session_of(context)
    _keys(session).revoke(name)
    if as_json:
        session.json({"revoked": name})
    else:
        session.out.print(f"Key {plain(name)} revoked.")


def _keys(session: Session) -> Keys:
    from rag.server.keys import Keys

    session.only_here("`rag keys`")
    return Keys(session.settings().home)

"""`rag users`: who may log in to the chat page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.session import Json, Session, session_of
from rag.cli.show import plain
from rag.errors import UsageError

if TYPE_CHECKING:
    from rag.users import Users

users = typer.Typer(name="users", help="Add, list and remove those who may log in.", rich_markup_mode=None)

Name = Annotated[str, typer.Argument(help="The user's name.", metavar="NAME")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.add_typer(users)


@users.command("add")
def add_user(
    context: typer.Context,
    name: Name,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read the password from standard input.")] = False,
) -> None:
    """Add a user, or give one another password.

    The password is asked for. Only its scrypt hash is kept, in the file that the setting `auth` names.
    """
    session = session_of(context)
    session.only_here("`rag users`")
    found = _users(session)
    if stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    found.add(name, password)
    session.out.print(f"{plain(name)} may log in ({plain(str(found.path))}).")
    if session.settings().auth is None:
        session.err.print(f"Set RAG_AUTH={plain(str(found.path))} to have the page ask for it.")


@users.command("list")
def list_users(context: typer.Context, as_json: Json = False) -> None:
    """List the users."""
    session = session_of(context)
    session.only_here("`rag users`")
    names = _users(session).names()
    if as_json:
        session.json(names)
        return
    for name in names:
        session.out.print(name)


@users.command("remove")
def remove_user(context: typer.Context, name: Name) -> None:
    """Remove a user; their chats stay."""
    session = session_of(context)
    session.only_here("`rag users`")
    found = _users(session)
    if not found.path.exists():
        raise UsageError(f"There is no user {name!r}: {found.path} does not exist.")
    found.remove(name)
    session.out.print(f"{plain(name)} may no longer log in.")


def _users(session: Session) -> Users:
    """Return the users of the setting `auth`, by default those of a file in the home folder."""
    from rag.users import Users

    settings = session.settings()
    return Users(Path(settings.auth or settings.home / "users"))

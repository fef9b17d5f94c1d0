"""`rag models`: which models are here, fetching them, checking them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.filesize import decimal

from rag.cli.session import Json, session_of
from rag.cli.show import plain, table
from rag.errors import ModelCorruptError, UsageError
from rag.types import Progress

if TYPE_CHECKING:
    from pathlib import Path

    from rag.config import Settings
    from rag.models import ModelStore

models = typer.Typer(name="models", help="List, fetch, check and locate models.", rich_markup_mode=None)

Name = Annotated[str, typer.Argument(help="A name of `rag models list`.", metavar="NAME")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.add_typer(models)


def _in_use(settings: Settings, store: ModelStore) -> list[str]:
    """Return the names of the models that these settings need, as far as they are to be fetched."""
    names = (settings.embedding, settings.llm.removeprefix("embedded:"))
    known = {model.name for model in store.list()}
    return [name for name in names if name in known or name.startswith("hf:")]


def _from_hub(store: ModelStore, name: str, progress: Progress) -> Path:
    """Fetch OWNER/REPO/FILE, or the folder OWNER/REPO of an embedding model."""
    slashes = name.count("/")
    if slashes not in (1, 2):
        raise UsageError(f"hf:{name} names nothing to fetch; write hf:OWNER/REPO/FILE, or hf:OWNER/REPO for a folder.")
    return store.hf_file(name, progress) if slashes == 2 else store.hf_folder(name, progress)


@models.command("list")
def list_models(context: typer.Context, as_json: Json = False) -> None:
    """List the models known by name, and which are here.

    "verified" ones were hashed, "present" ones are hashed before their first use, "damaged" ones are not used.
    """
    session = session_of(context)
    session.only_here("`rag models`")
    settings = session.settings()
    store = session.make_models(settings)
    found = store.list()
    if as_json:
        session.json([asdict(model) for model in found])
        return
    used = _in_use(settings, store)
    sizes = {m.name: decimal(m.size) if m.size else "not known" for m in found}
    rows = [(m.name, m.kind, sizes[m.name], m.state, "yes" if m.name in used else "", m.path) for m in found]
    for line in table(("NAME", "KIND", "SIZE", "STATE", "IN USE", "PATH"), rows):
        session.out.print(line)


@models.command("pull")
def pull_models(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Names, or hf:OWNER/REPO[/FILE] (default: what the settings use).", metavar="[NAME...]"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Fetch models that are not here, and check them.

    An interrupted fetch goes on where it stopped.
    """
    session = session_of(context)
    session.only_here("`rag models`")
    settings = session.settings()
    store = session.make_models(settings)
    paths = {}
    with session.progress() as progress:
        for name in names or _in_use(settings, store):
            hub = name.removeprefix("hf:")
            paths[name] = store.pull(name, progress) if hub == name else _from_hub(store, hub, progress)
    if as_json:
        session.json(paths)
        return
    for name, path in paths.items():
        session.out.print(f"{plain(name)}: {plain(str(path))}")


@models.command("verify")
def verify_models(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Default: all that are here.", metavar="[NAME...]")] = None,
    as_json: Json = False,
) -> None:
    """Hash models again.

    The exit code is 1 when one is not what it should be.
    """
    session = session_of(context)
    session.only_here("`rag models`")
    store = session.make_models(session.settings())
    problems: dict[str, str | None] = {}
    for name in names or [model.name for model in store.list() if model.state != "absent" and model.sha256]:
        try:
            store.verify(name)
            problems[name] = None
        except ModelCorruptError as error:
            problems[name] = str(error)
    if as_json:
        session.json([{"name": name, "verified": why is None, "problem": why} for name, why in problems.items()])
    else:
        for name, why in problems.items():
            session.out.print(f"{plain(name)}: {'verified' if why is None else plain(why)}")
        if not problems:
            session.out.print("No model is here yet; `rag models pull` fetches what the settings use.")
    if any(problems.values()):
        raise typer.Exit(1)


@models.command("path")
def model_path(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """Print where a model is."""
    session = session_of(context)
    session.only_here("`rag models`")
    path = session.make_models(session.settings()).path(name)
    if as_json:
        session.json({"name": name, "path": path})
    else:
        session.out.print(str(path))

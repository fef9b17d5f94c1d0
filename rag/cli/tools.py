"""`rag doctor`, `rebuild`, `backup`, `restore`, `config`: look after the store and the settings."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.filesize import decimal

from rag.cli.session import Collection, Json, Session, session_of, usable_path
from rag.cli.show import counted, plain, table
from rag.errors import UsageError
from rag.models import language_notes

if TYPE_CHECKING:
    from rag.backup import Backup
    from rag.config import Settings

File = Annotated[str, typer.Argument(help="The backup, such as footnote.backup.", metavar="FILE")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command()(doctor)
    app.command()(rebuild)
    app.command()(backup)
    app.command()(restore)
    app.command()(config)


def doctor(context: typer.Context, as_json: Json = False) -> None:
    """Find what is wrong in the store.

    Names every way in which catalogue and index differ, and the command that mends it; then the exit code is 1.
    Documents in a language that the embedding model doesn't know are noted.
    """
    session = session_of(context)
    with session.engine() as (engine, _):
        findings = engine.doctor()
        languages = [document.language for document in engine.documents.list()]
    if as_json:
        session.json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            where = plain(finding.collection) or "store"
            session.out.print(f"{where}: {finding.kind} ({finding.count}): {plain(finding.detail)}")
            session.out.print(f"  mend it with: {plain(finding.mend)}")
        if not findings:
            session.out.print("Nothing wrong: catalogue and index agree.")
        for note in language_notes(session.settings().embedding, languages):
            session.out.print(f"Note: {plain(note)}", style="yellow")
    if findings:
        raise typer.Exit(1)


def rebuild(context: typer.Context, collection: Collection = None, as_json: Json = False) -> None:
    """Make the index new from the catalogue.

    Of one collection, or of all. Nothing is embedded again.
    """
    session = session_of(context)
    with session.engine() as (engine, _):
        passages = engine.rebuild(collection)
    if as_json:
        session.json({"passages": passages})
    else:
        session.out.print(f"Index rebuilt: {counted(passages, 'passage')}.")


def backup(context: typer.Context, file: File, as_json: Json = False) -> None:
    """Write all that can't be had again into one file.

    That is documents, vectors and conversations as they are at one moment, also while others ingest or a server runs,
    uploaded files, web pages, and API keys as hashes. Models and settings are not in it. Keep it as safe as the
    documents.
    """
    from rag.backup import backup

    session = session_of(context)
    settings = _own_home(session)
    with session.progress() as reporter:
        made = backup(settings, usable_path(file), reporter)
    if as_json:
        session.json(asdict(made))
        return
    session.out.print(f"{plain(made.path)}: {_held(made)}; {decimal(made.bytes)}.")
    session.err.print("It shows what the documents and conversations say: keep it as safe as they are.", style="dim")


def restore(
    context: typer.Context,
    file: File,
    replace: Annotated[bool, typer.Option("--replace", help="Also where the home holds documents: they go.")] = False,
    as_json: Json = False,
) -> None:
    """Put what a backup holds into the home.

    Everything is unpacked and checked first; what was there stays until the new store was checked, too. The index is
    made anew; nothing is embedded.
    """
    from rag.backup import restore
    from rag.client.found import find

    session = session_of(context)
    settings = _own_home(session)
    if (running := find(settings.home)) is not None:
        raise UsageError(f"A server runs for {settings.home} (pid {running.pid}); end it, then restore.")
    with session.progress() as reporter:
        made = restore(settings, usable_path(file), replace=replace, progress=reporter)
    if as_json:
        session.json(asdict(made))
        return
    session.out.print(f"Restored what was backed up at {made.made_at}: {_held(made)}.")


def _own_home(session: Session) -> Settings:
    settings = session.settings()
    if settings.url is not None:
        raise UsageError("A backup is of a home on this machine; leave out --url (RAG_URL), or run it on the server's.")
    return settings


def _held(made: Backup) -> str:
    amounts = (made.documents, "document"), (made.passages, "passage"), (made.chats, "chat"), (made.files, "file")
    return ", ".join(counted(number, noun) for number, noun in amounts)


def config(context: typer.Context, as_json: Json = False) -> None:
    """Show the settings in effect, secrets hidden."""
    from rag.config import Settings, config_file

    session = session_of(context)
    shown = session.settings().shown()
    if as_json:
        session.json(shown)
        return
    session.out.print(f"File: {plain(str(config_file() or 'none (rag.toml)'))}", style="dim")
    meanings = {name: field.description for name, field in Settings.model_fields.items()}
    rows = [(name, "-" if value is None else value, meanings[name]) for name, value in shown.items()]
    for line in table(("SETTING", "VALUE", "MEANING"), rows):
        session.out.print(line)

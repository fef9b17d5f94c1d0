"""`rag doctor`, `rag rebuild`, `rag config`: look after the store and the settings."""

from __future__ import annotations

from dataclasses import asdict

import typer

from rag.cli.session import Collection, Json, session_of
from rag.cli.show import counted, plain, table
from rag.models import language_notes


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command()(doctor)
    app.command()(rebuild)
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

"""`rag ingest`, `rag documents`, `rag collections`: what is there to ask about."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from rag.cli.progress import Reporter
from rag.cli.session import Collection, Json, Session, session_of, usable_path
from rag.cli.show import counted, harmless, ingested, plain, table
from rag.cli.watch import Follower, followable
from rag.errors import UsageError
from rag.types import IngestReport

if TYPE_CHECKING:
    from rag.cli.session import AnyEngine, Session
    from rag.types import IngestReport

_ID_SHOWN = 12

documents = typer.Typer(
    name="documents", help="List, show and remove documents; list what could not be read.", rich_markup_mode=None
)

Reference = Annotated[str, typer.Argument(help="An id, the beginning of one, or a path.", metavar="DOCUMENT")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command()(ingest)
    app.add_typer(documents)
    app.command()(collections)


def ingest(
    context: typer.Context,
    paths: Annotated[list[str], typer.Argument(help="Files, folders and web pages to read.", metavar="PATH...")],
    collection: Collection = None,
    password: Annotated[
        list[str] | None, typer.Option("--password", help="Try this on encrypted files; may be given several times.")
    ] = None,
    prune: Annotated[bool, typer.Option("--prune", help="Remove documents whose file is gone from PATH.")] = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="Also try files that were given up (see `rag documents failed`).")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on, and read what changes, until Ctrl-C.")] = False,
    as_json: Json = False,
) -> None:
    """Read files, folders and web pages (https://…) into a collection.

    Unchanged files cost nothing, and moved ones keep their documents. Attachments and members of archives are
    documents of their own. The exit code is 1 when a file could not be read; the others go in. At a terminal, a
    password that is needed is asked for.
    """
    session = session_of(context)
    wanted = [path if path.startswith(("http://", "https://")) else usable_path(path) for path in paths]
    passwords = tuple(password or ())
    while True:
        # As a setting, so that a collection can't get a name that the setting may not have.
        with session.engine(collection=collection, passwords=passwords or None) as (engine, reporter):
            if watch:
                _watch(session, engine, reporter, followable(engine, wanted, as_json=as_json), collection, prune, retry)
                return
            report = engine.ingest(wanted, collection=collection, prune=prune, retry=retry or None)
        if as_json or not (another := _asked_for(report)):
            break
        passwords = (*(passwords or _settled(session)), another)
    if as_json:
        session.json(report.to_dict())
    else:
        _print(session, report)
    if report.count("failed"):
        raise typer.Exit(1)


def _watch(
    session: Session,
    engine: AnyEngine,
    reporter: Reporter,
    folders: Sequence[Path],
    collection: str | None,
    prune: bool,
    retry: bool,
) -> None:
    def first(report: IngestReport) -> None:
        reporter.stop()  # the bars make room for lines
        _print(session, report)

    def say(line: Text) -> None:
        reporter.stop()
        session.out.print(line)
        session.out.file.flush()

    Follower(engine, folders, collection, prune, retry, session.settings().home, first, say).run()


def _print(session: Session, report: IngestReport) -> None:
    for line in ingested(report):
        session.out.print(line)


@documents.command("failed")
def list_failed(context: typer.Context, collection: Collection = None, as_json: Json = False) -> None:
    """List files that could not be read, with the reason and how often they were tried.

    Each is tried again by `rag ingest`; one that crashed its reader several times only when it has changed, or with
    --retry.
    """
    session = session_of(context)
    with session.engine() as (engine, _):
        found = engine.documents.failed(collection)
    if as_json:
        session.json([asdict(failure) for failure in found])
        return
    if not found:
        session.out.print("No file is known that could not be read.")
        return
    rows = [(one.attempts, one.last_at[:16].replace("T", " "), one.collection, one.uri, one.reason) for one in found]
    for line in table(("TRIED", "LAST (UTC)", "COLLECTION", "PATH", "REASON"), rows):
        session.out.print(line)


def _asked_for(report: IngestReport) -> str:
    """Return a password for what needs one, if a person sits at the terminal and gives one."""
    locked = [file for file in report.files if file.outcome == "failed" and "with --password" in file.reason]
    if not locked or not sys.stdin.isatty():
        return ""
    first = plain(locked[0].uri) + (f" and {len(locked) - 1} more" if len(locked) > 1 else "")
    question = f"Password for {first} (empty: leave it out)"
    return str(typer.prompt(question, hide_input=True, default="", show_default=False, err=True))


def _settled(session: Session) -> tuple[str, ...]:
    """Return the passwords of the settings: one that is asked for comes beside them."""
    return tuple(one.get_secret_value() for one in session.settings().passwords)


@documents.command("list")
def list_documents(context: typer.Context, collection: Collection = None, as_json: Json = False) -> None:
    """List the documents of a collection, or of all."""
    session = session_of(context)
    with session.engine() as (engine, _):
        found = engine.documents.list(collection)
    if as_json:
        session.json([asdict(document) for document in found])
        return
    rows = [(d.id[:_ID_SHOWN], d.published_at, d.language, d.passages, d.collection, d.title, d.uri) for d in found]
    for line in table(("ID", "DATE", "LANGUAGE", "PASSAGES", "COLLECTION", "TITLE", "PATH"), rows):
        session.out.print(line)


@documents.command("show")
def show_document(context: typer.Context, document: Reference, as_json: Json = False) -> None:
    """Print a document as it was read.

    Quotes are copied from this text.
    """
    session = session_of(context)
    with session.engine() as (engine, _):
        found = engine.documents.get(_resolve(engine, document))
    if as_json:
        session.json(asdict(found))
        return
    facts = (found.title, found.published_at, found.author, found.language, found.media_type, found.uri, found.id)
    session.out.print(" | ".join(plain(str(fact)) for fact in facts if fact), style="bold")
    session.out.print()
    for line in found.text.splitlines():
        session.out.print(harmless(line))


@documents.command("remove")
def remove_documents(
    context: typer.Context,
    references: Annotated[list[str], typer.Argument(help="Ids, beginnings of ids, or paths.", metavar="DOCUMENT...")],
    as_json: Json = False,
) -> None:
    """Forget documents; their files stay where they are."""
    session = session_of(context)
    with session.engine() as (engine, _):
        # All of them are looked up first: a mistyped one must not leave the work half done.
        ids = list(dict.fromkeys(_resolve(engine, reference) for reference in references))
        engine.documents.remove(*ids)
    if as_json:
        session.json({"removed": ids})
    else:
        session.out.print(f"{counted(len(ids), 'document')} removed.")


def collections(context: typer.Context, as_json: Json = False) -> None:
    """List the collections of documents."""
    session = session_of(context)
    with session.engine() as (engine, _):
        found = engine.collections()
    if as_json:
        session.json([asdict(collection) for collection in found])
        return
    rows = [(c.name, c.documents, c.passages, c.embedding) for c in found]
    for line in table(("COLLECTION", "DOCUMENTS", "PASSAGES", "EMBEDDING"), rows):
        session.out.print(line)


def _resolve(engine: AnyEngine, reference: str) -> str:
    """Return the id of the one document that `reference` means."""
    there = engine.documents.list()
    exact = [d.id for d in there if reference in (d.id, d.uri)]
    found = exact or [d.id for d in there if reference and d.id.startswith(reference)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{reference!r} means {len(found)} documents; give more of the id (`rag documents list`).")
    raise UsageError(f"There is no document {reference!r}; `rag documents list` shows what there is.")

"""The commands put together, and what becomes of an error.

Nothing heavy is imported before a command needs it, so that `rag --help` answers at once.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, TextIO

import typer

from rag.cli import ask, evaluate, library, models, serve, tools, users
from rag.cli.session import EngineFactory, ModelsFactory, Session, real_engine, real_models
from rag.cli.show import plain
from rag.errors import RagError

app = typer.Typer(
    name="rag",
    help="Footnote: ask your own documents; every sentence of the answer carries a quote that was checked.",
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
for commands in (ask, library, models, evaluate, serve, tools, users):
    commands.register(app)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"footnote-rag {version('footnote-rag')}")
        except PackageNotFoundError:
            typer.echo("footnote-rag, from a checkout that is not installed")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    home: Annotated[Path | None, typer.Option(help="Folder of catalogue, index and models (RAG_HOME).")] = None,
    url: Annotated[str | None, typer.Option(help="Address of a running server to use (RAG_URL).")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Print the traceback of an unexpected error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Keep what every command needs."""
    session = context.ensure_object(Session)
    session.home, session.url, session.debug = home, url, debug
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)


def run(
    arguments: Sequence[str], make_engine: EngineFactory = real_engine, make_models: ModelsFactory = real_models
) -> int:
    """Run one command and return its exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted.

    Whatever goes wrong is one sentence on standard error.
    """
    session = Session(make_engine, make_models)
    try:
        result = typer.main.get_command(app).main(list(arguments), prog_name="rag", standalone_mode=False, obj=session)
        sys.stdout.flush()
        # typer turns Ctrl-C inside a command into 130.
        return result if isinstance(result, int) else 0
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except BrokenPipeError:
        return _closed_pipe()
    except Exception as error:
        return _report(error, session)


def _report(error: Exception, session: Session) -> int:
    if isinstance(error, RagError):
        _complain(str(error))
        return error.exit_code
    if isinstance(error, typer.TyperException):
        context = getattr(error, "ctx", None)
        hint = f" (`{context.command_path} --help` shows what there is.)" if context else ""
        _complain(error.format_message() + hint)
        return error.exit_code
    if session.debug:
        import traceback

        traceback.print_exception(error)
    more = "" if session.debug else " `rag --debug …` with the same command prints the traceback that we need."
    _complain(f"this is a bug in Footnote, please report it: {type(error).__name__}: {error}.{more}")
    return 1


def _complain(sentence: str) -> None:
    typer.echo(f"rag: {plain(sentence)}", err=True)


def _closed_pipe() -> int:
    """The reader (`| head`) has seen enough: say nothing, also not when the interpreter flushes at exit."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def tolerate(*streams: TextIO) -> None:
    """Let a terminal that lacks a character show "?" for it; the command goes on."""
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")

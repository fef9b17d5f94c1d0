"""`rag ask` and `rag search`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from rag.cli.progress import Reporter
from rag.cli.session import Collection, Json, Session, session_of, usable_path
from rag.cli.show import counted, passage, plain, sentence, under_the_answer, unread
from rag.errors import PathError, UsageError
from rag.types import Answer, AnswerEvent, Done, FileReport, Sentence, Step, Understood

if TYPE_CHECKING:
    from rag.cli.session import AnyEngine

# Far more than any question that is accepted; keeps `rag ask - < huge-file` from filling the memory.
_MOST_STDIN = 1_000_000

Question = Annotated[str, typer.Argument(help="The question; `-` reads it from standard input.")]
Docs = Annotated[
    str | None,
    typer.Option(help="File or folder to ask about, and nothing else; it is brought up to date first.", metavar="PATH"),
]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command()(ask)
    app.command()(search)


def ask(
    context: typer.Context,
    question: Question,
    docs: Docs = None,
    collection: Collection = None,
    llm: Annotated[
        str | None, typer.Option(help="Model that writes the answer, such as `none` or `ollama:NAME` (RAG_LLM).")
    ] = None,
    lenient: Annotated[
        bool | None,
        typer.Option("--lenient/--strict", help="Show what no quote supports, marked; or withhold it."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Answer a question from your documents.

    Under the answer stand the quotes that it was checked against. What the documents do not say is refused.
    """
    session, question = session_of(context), _question(question)
    mode: Literal["strict", "lenient"] | None = None if lenient is None else "lenient" if lenient else "strict"
    if llm is not None and session.settings().url is not None:
        raise UsageError("The server writes with a model of its own (`rag serve --llm …`); leave out --llm, or --url.")
    # A server has its own model; whoever wants another one gets an engine that only reads beside it.
    opened = session.own_engine(llm=llm) if llm is not None else session.engine()
    with opened as (engine, progress):
        question = engine.checked(question)  # before any document is read for it
        where = _collection(session, engine, progress, docs, collection)
        events = engine.stream(question, collection=where, mode=mode)
        if as_json:
            answer = _last(events)
            progress.stop()
            session.json(answer.to_dict())
        else:
            _show(session, progress, events)


def search(
    context: typer.Context,
    question: Question,
    docs: Docs = None,
    collection: Collection = None,
    k: Annotated[int | None, typer.Option("-k", min=1, max=100, help="Most sentences to show.")] = None,
    as_json: Json = False,
) -> None:
    """Find the sentences that bear on a question.

    The best come first. No model is asked to write anything.
    """
    session, question = session_of(context), _question(question)
    with session.engine() as (engine, progress):
        question = engine.checked(question)
        where = _collection(session, engine, progress, docs, collection)
        found = engine.search(question, k=k, collection=where)
        progress.stop()
    if as_json:
        session.json([asdict(evidence) for evidence in found])
        return
    for evidence in found:
        session.out.print(passage(evidence))
    if not found:
        session.out.print("Nothing found.")


def _question(given: str) -> str:
    """Return the question as it was given, or from standard input."""
    if given == "-":
        given = sys.stdin.buffer.read(_MOST_STDIN).decode("utf-8", "replace").strip()
    # An argument that was not valid UTF-8 arrives with lone surrogates, which no model can take.
    return given.encode("utf-8", "replace").decode()


def _collection(
    session: Session, engine: AnyEngine, progress: Reporter, docs: str | None, collection: str | None
) -> str | None:
    """Return the collection to ask; that of --docs is brought up to date first."""
    if docs is None:
        return collection
    if collection is not None:
        raise UsageError("Give --docs or --collection, not both: --docs has a collection of its own.")
    path = usable_path(docs)
    if not os.path.lexists(path.expanduser()):
        # Bringing it up to date would forget what was read of it; it may only be a disk that is not mounted.
        raise PathError(f"There is no file or folder {path}; check the path.")
    name, report = engine.attach(path)
    progress.stop()
    if line := unread(report):
        session.err.print(line)
    if report.files and not any(map(_is_there, report.files)):
        raise PathError(f"Nothing of {path} could be read, so there is nothing to ask about.")
    return name


def _is_there(file: FileReport) -> bool:
    """Say whether a document of this file can be asked about; of one that failed, the version read before can."""
    return file.outcome in {"added", "updated", "moved", "unchanged"} or (
        file.outcome == "failed" and bool(file.document_id)
    )


def _last(events: Iterator[AnswerEvent]) -> Answer:
    *_, done = events
    assert isinstance(done, Done), "a stream of answer events ends with Done"
    return done.answer


def _show(session: Session, progress: Reporter, events: Iterator[AnswerEvent]) -> None:
    """Print each sentence as it arrives, then what stands under the answer."""
    said = 0
    for event in events:
        if isinstance(event, Understood):
            progress(Step("Looking for the answer", 0, None))
        elif isinstance(event, Sentence):
            progress.stop()
            session.out.print(sentence(event))
            said += 1
        elif isinstance(event, Done):
            progress.stop()
            _finish(session, event.answer, said)


def _finish(session: Session, answer: Answer, said: int) -> None:
    if not said:
        session.out.print(plain(answer.text))
    lines = list(under_the_answer(answer))
    if lines:
        session.out.print()
    for line in lines:
        session.out.print(line)
    if answer.withheld:
        sentences = counted(len(answer.withheld), "sentence")
        session.err.print(f"{sentences} withheld: no quote supports what was said (--lenient shows it).", style="dim")
    if session.err.is_terminal:
        session.err.print(f"{plain(answer.model) or 'no model'}, {answer.timings.total:.1f} s", style="dim")

"""A program that uses a server as it would an engine."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from rag import AsyncClient, Client, Engine, Talk
from rag.client import answers, sending
from rag.client.asynchronous import AsyncDocuments
from rag.client.chats import AsyncChats, RemoteChats
from rag.client.synchronous import RemoteDocuments
from rag.documents import Documents
from rag.errors import (
    AccessError,
    BusyError,
    DocumentError,
    LLMAuthError,
    PathError,
    QuestionError,
    ServerError,
    ServerUnreachableError,
    UsageError,
)
from rag.server import create_app
from rag.server.keys import Keys
from rag.types import Done, Sentence, Step, Turn
from tests.fakes.files import column, pdf
from tests.fakes.library import QUESTION, ROOMS_QUESTION, YELLEN, library
from tests.fakes.openai_server import ScriptedServer, Stall
from tests.fakes.serving import served, until


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    with Client(url, "own") as client:
        yield client


ENGINE = ["ask", "stream", "search", "collections", "doctor", "rebuild", "checked"]
DOCUMENTS = ["list", "get", "page", "boxes", "original", "remove"]
CHATS = ["create", "find", "get", "rename", "delete", "turns", "turn", "judge", "ask", "stream"]


@pytest.mark.parametrize(
    ("theirs", "ours", "method"),
    [
        *((Engine, kinds, method) for kinds in (Client, AsyncClient) for method in ENGINE),
        *((Documents, kinds, method) for kinds in (RemoteDocuments, AsyncDocuments) for method in DOCUMENTS),
        *((Talk, kinds, method) for kinds in (RemoteChats, AsyncChats) for method in CHATS),
        *((Client, AsyncClient, method) for method in ("ingest", "attach", "evaluate", "__init__")),
    ],
)
def test_the_clients_have_the_methods_of_the_engine(theirs: type, ours: type, method: str) -> None:
    there, here = (inspect.signature(getattr(kind, method)).parameters for kind in (theirs, ours))
    assert list(here) == list(there)
    for name, parameter in there.items():
        assert (here[name].default, here[name].kind) == (parameter.default, parameter.kind), name


@pytest.mark.parametrize(("theirs", "ours"), [(Documents, RemoteDocuments), (Talk, RemoteChats), (Client, AsyncClient)])
def test_the_clients_lack_no_method(theirs: type, ours: type) -> None:
    inside = {"close", "searchable", "begin", "end", "forget", "is_there"}  # of the engine's own making
    public = {name for name in vars(theirs) if not name.startswith("_")} - inside
    assert public - set(vars(ours)) == set()


def test_what_it_gives_is_what_the_engine_gives(client: Client, engine: Engine) -> None:
    assert client.search(QUESTION, k=2) == engine.search(QUESTION, k=2)
    assert client.collections() == engine.collections()
    assert client.doctor() == engine.doctor()
    there, here = client.documents.list("default"), engine.documents.list("default")
    assert [document.id for document in there] == [document.id for document in here]
    assert there[0].text == here[0].text and there[0].pages == here[0].pages
    assert client.documents.get(here[0].id) == engine.documents.get(here[0].id)
    assert list(client.stream(QUESTION))[:-1] == list(engine.stream(QUESTION))[:-1]


def test_a_follow_up_and_a_choice_of_documents_arrive(client: Client, engine: Engine) -> None:
    history = [Turn("user", QUESTION), Turn("assistant", YELLEN)]
    assert client.ask("and she?", history=history).understood == engine.ask("and she?", history=history).understood
    ids = [document.id for document in engine.documents.list() if document.title == "Weather"]
    assert {one.document_id for one in client.search(QUESTION, document_ids=ids)} == set(ids)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda c: c.ask(" "), QuestionError),
        (lambda c: c.ask("x" * 9000), QuestionError),
        (lambda c: next(c.stream("x", collection="nope")), PathError),
        (lambda c: c.documents.get("nope"), PathError),
        (lambda c: c.documents.get("../collections"), PathError),
        (lambda c: c.documents.remove("nope"), PathError),
        (lambda c: c.ask("x", collection="no such name!"), UsageError),
        (lambda c: c.ingest(["/nowhere/at/all"]), PathError),
        (lambda c: c.attach("/nowhere"), UsageError),
    ],
)
def test_errors_are_those_of_the_engine(client: Client, call: Any, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        call(client)
    assert type(raised.value) is error


def test_files_and_folders_are_uploaded_and_progress_is_told(url: str, tmp_path: Path) -> None:
    (tmp_path / "notes" / ".git").mkdir(parents=True)
    (tmp_path / "notes" / "hall.txt").write_text("The hall has 20 seats.")
    (tmp_path / "notes" / ".git" / "x.txt").write_text("hidden")
    steps: list[Step] = []
    with Client(url, "own", progress=steps.append) as client:
        report = client.ingest([tmp_path / "notes"], collection="uploaded")
        assert [(f.outcome, Path(f.uri).name) for f in report.files] == [("added", "hall.txt")]
        assert client.ask("How many seats has the hall?", collection="uploaded").citations
        client.documents.remove(*(document.id for document in client.documents.list("uploaded")))
        assert client.documents.list("uploaded") == []
    sent = [step for step in steps if step.unit == "bytes"]
    assert sent[-1].done == sent[-1].total == len("The hall has 20 seats.")
    assert [step.stage for step in steps if step.unit != "bytes"], "and what the server does is told"


def test_a_server_on_the_same_disk_reads_the_files_themselves(url: str, tmp_path: Path) -> None:
    (tmp_path / "hall.txt").write_text("The hall has 20 seats.")
    with Client(url, "own", shares_disk=True) as client:
        report = client.ingest([tmp_path / "hall.txt"], collection="shared")
        assert report.files[0].uri == str(tmp_path / "hall.txt")
        name, report = client.attach(tmp_path / "hall.txt")
        assert name.startswith("hall-") and client.ask("How many seats?", collection=name).citations
        assert client.rebuild(name) == 1


async def test_the_same_without_blocking_an_event_loop(url: str, engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "roof.txt").write_text("The roof is green.")
    async with AsyncClient(url, "own") as client:
        answer = await client.ask(ROOMS_QUESTION)
        assert answer.claims == engine.ask(ROOMS_QUESTION).claims
        events = [event async for event in client.stream(ROOMS_QUESTION)]
        assert isinstance(events[-1], Done) and any(isinstance(event, Sentence) for event in events)
        assert await client.search(ROOMS_QUESTION, k=1) == engine.search(ROOMS_QUESTION, k=1)
        assert await client.collections() == engine.collections()
        report = await client.ingest([tmp_path], collection="roofs")
        assert report.count("added") == 1
        (document,) = await client.documents.list("roofs")
        assert (await client.documents.get(document.id)).text == "The roof is green."
        await client.documents.remove(document.id)
        with pytest.raises(PathError):
            await client.documents.get(document.id)
        assert await client.doctor() == [] and await client.rebuild("default") == 3


def test_leaving_the_loop_stops_the_model_there(tmp_path: Path) -> None:
    with ScriptedServer(lambda _: Stall("Treasury ")) as model, library(tmp_path / "docs", llm=model.llm) as engine:
        app = create_app(engine)
        with served(app) as url, Client(url) as client:
            events = client.stream(QUESTION)
            next(events)
            until(lambda: model.requests)
            events.close()
            until(lambda: not app.state.service.slots.taken, 2.0)


def test_a_wrong_key_is_an_access_error(url: str, engine: Engine) -> None:
    keys = Keys(engine.settings.home)
    keys.add("reader", "read")
    try:
        with Client(url, "fn_wrong") as client, pytest.raises(AccessError, match="not known here"):
            client.ask(QUESTION)
    finally:
        keys.revoke("reader")


def test_a_server_that_is_not_there_or_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with Client("http://127.0.0.1:9", retries=0) as client, pytest.raises(ServerUnreachableError, match="rag serve"):
        client.collections()
    for url in ("ftp://x", "http://", "http://[", ""):
        with pytest.raises(UsageError):
            Client(url)
    monkeypatch.setenv("RAG_URL", "http://127.0.0.1:1/")
    assert Client().url == "http://127.0.0.1:1"


def scripted(*replies: httpx.Response | Exception) -> tuple[Client, list[httpx.Request]]:
    """A client whose server says these things one after another."""
    client, seen, script = Client("http://127.0.0.1:1", timeout=5), list[httpx.Request](), list(replies)

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        reply = script.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    client._http = httpx.Client(base_url=client.url, transport=httpx.MockTransport(answer))
    return client, seen


COLLECTIONS = {"collections": []}
BUSY = httpx.Response(429, json={"type": "x", "detail": "Busy.", "retry_after": 0.05}, headers={"Retry-After": "0.05"})


def test_a_busy_server_is_asked_again() -> None:
    client, seen = scripted(BUSY, httpx.Response(200, json=COLLECTIONS))
    assert client.collections() == [] and len(seen) == 2
    client, seen = scripted(BUSY, BUSY, BUSY)
    with pytest.raises(BusyError) as raised:
        client.collections()
    assert raised.value.retry_after == 0.05 and len(seen) == 3


def test_a_connection_that_breaks_is_tried_again_only_where_nothing_is_done_twice() -> None:
    lost = httpx.RemoteProtocolError("gone")
    client, seen = scripted(lost, httpx.Response(200, json=COLLECTIONS))
    assert client.collections() == [] and len(seen) == 2
    client, seen = scripted(lost)
    with pytest.raises(ServerUnreachableError):
        client.documents.remove("x")
    assert len(seen) == 1
    client, seen = scripted(lost, httpx.Response(400, json={"type": "x", "detail": "No."}))
    with pytest.raises(UsageError):
        client.ask("x")
    keys = {request.headers["idempotency-key"] for request in seen}
    assert len(seen) == 2 and len(keys) == 1, "asked again under the same key, so not answered twice"


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(200, text="<html>It works!</html>"),
        httpx.Response(200, json={"other": 1}),
        httpx.Response(200, json=[]),
        httpx.Response(502, text="Bad gateway"),
    ],
)
def test_what_is_no_server_of_ours_is_said(reply: httpx.Response) -> None:
    client, _ = scripted(reply)
    with pytest.raises(ServerError):
        client.collections()


def test_events_are_read_from_lines_however_they_come() -> None:
    lines = answers.Lines()
    assert [lines.feed(line) for line in (": still at it", "", "event: newer", "data: {}", "")] == [None] * 5
    lines.feed("event:understood")
    lines.feed('data:{"question": "a",')
    lines.feed('data: "standalone": "b"}')
    event = lines.feed("")
    assert event is not None and event.standalone == "b"  # type: ignore[union-attr]
    lines.feed("event: error")
    lines.feed("data: " + json.dumps({"type": "urn:footnote:error:LLMAuthError", "status": 502, "detail": "No."}))
    with pytest.raises(LLMAuthError, match="No"):
        lines.feed("")


def test_large_uploads_go_in_several_requests(tmp_path: Path) -> None:
    files = []
    for number in range(5):
        (path := tmp_path / f"{number}.txt").write_bytes(b"x" * 10)
        files.append((path.name, path))
    assert [len(group) for group in sending.batches(files, most=2)] == [2, 2, 1]
    assert [len(group) for group in sending.batches(files, size=25)] == [2, 2, 1]


def test_of_a_folder_what_its_ragignore_names_is_not_sent(tmp_path: Path) -> None:
    (folder := tmp_path / "briefs" / "inner").mkdir(parents=True)
    for path in (folder.parent / "a.txt", folder.parent / ".hidden", folder / "b.txt", folder / "c.log"):
        path.write_text("x")
    (folder.parent / ".ragignore").write_text("*.log\n")
    assert [name for name, _ in sending.to_send([folder.parent])] == ["briefs/a.txt", "briefs/inner/b.txt"]
    with pytest.raises(PathError, match="There is no file"):
        sending.to_send([folder / "gone"])


QUESTIONS = [{"id": "rooms", "question": ROOMS_QUESTION, "answers": ["400"]}]


async def test_chats_documents_and_question_sets_are_those_of_the_engine(
    url: str, engine: Engine, tmp_path: Path
) -> None:
    (path := tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, QUESTIONS)))
    with Client(url, "own") as client:
        chat = client.chats.create("Visits")
        kept = client.chats.ask(chat.id, QUESTION)
        talk = Talk(engine)
        assert talk.turns(chat.id) == [kept] == client.chats.turns(chat.id) and talk.get(chat.id) in client.chats.find()
        *_, done = client.chats.stream(chat.id, "and she?", quotes_only=True)
        assert isinstance(done, Done) and done.answer.understood.endswith("visit Beijing after Blinken?")
        assert client.chats.judge(kept.id, "up", "Good.") == talk.turn(kept.id)
        assert client.chats.rename(chat.id, "Who").title == "Who" == client.chats.rename(chat.id, " ").title
        client.chats.delete(chat.id)
        with pytest.raises(PathError):
            client.chats.get(chat.id)
        report = client.evaluate(path, collection="default")
        assert report["answer.contains"] == 1.0 and [outcome.id for outcome in report.outcomes] == ["rooms"]
        with pytest.raises(UsageError, match="has no question"):
            client.evaluate([{"id": "x"}])
        document = engine.documents.list()[0]
        assert client.documents.original(document.id) == engine.documents.original(document.id)
        for call in (lambda: client.documents.page(document.id, 1), lambda: client.documents.boxes(document.id, 0, 4)):
            with pytest.raises(DocumentError, match="only pages of PDFs"):
                call()
    async with AsyncClient(url, "own") as other:
        chat = await other.chats.create("Visits")
        assert (await other.chats.ask(chat.id, QUESTION)).state == "done"
        events = [event async for event in other.chats.stream(chat.id, "and she?")]
        assert isinstance(events[-1], Done) and len(await other.chats.turns(chat.id)) == 2
        assert await other.chats.find("visits") and (await other.evaluate(QUESTIONS))["answer.contains"] == 1.0
        await other.chats.delete(chat.id)


def test_a_page_is_the_picture_that_the_engine_draws(url: str, engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "two.pdf").write_bytes(
        pdf(column(40, 700, "The hall has 20 seats."), column(40, 700, "The roof is green."))
    )
    engine.ingest([tmp_path / "two.pdf"], collection="pages")
    (document,) = engine.documents.list("pages")
    with Client(url, "own") as client:
        assert client.documents.page(document.id, 2, width=200) == engine.documents.page(document.id, 2, width=200)
        start = document.text.index("roof")
        assert client.documents.boxes(document.id, start, start + 4) == engine.documents.boxes(
            document.id, start, start + 4
        )
        with pytest.raises(PathError, match="no page 3"):
            client.documents.page(document.id, 3)


async def test_cancelling_a_question_frees_the_slot(tmp_path: Path) -> None:
    with ScriptedServer(lambda _: Stall("Treasury ")) as model, library(tmp_path / "docs", llm=model.llm) as engine:
        app = create_app(engine)
        with served(app) as url:
            async with AsyncClient(url) as client:
                task = asyncio.ensure_future(client.ask(QUESTION))
                await asyncio.to_thread(until, lambda: model.requests)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            await asyncio.to_thread(until, lambda: not app.state.service.slots.taken, 2.0)


def test_what_is_no_question_no_message_and_no_collection_is_one_sentence(client: Client) -> None:
    with pytest.raises(QuestionError, match="not a text but NoneType"):
        client.ask(None)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"history has .*which is no message; give Turn"):
        client.ask(QUESTION, history=[{"role": "narrator", "content": "Hi"}])
    for call in (
        lambda: client.ask(QUESTION, collection="../x"),
        lambda: client.documents.list("../x"),
        lambda: client.rebuild("../x"),
    ):
        with pytest.raises(UsageError, match=r"^'\.\./x' can't be the name of a collection; it has letters"):
            call()
    with pytest.raises(UsageError, match="or make the client with shares_disk=True"):
        client.attach("docs")


def test_a_history_of_question_files_is_a_history(client: Client) -> None:
    said = [Turn("user", QUESTION), Turn("assistant", YELLEN)]
    as_rows = [{"role": turn.role, "content": turn.content} for turn in said]
    assert client.ask("When?", history=as_rows).understood == client.ask("When?", history=said).understood


def test_one_path_alone_is_read(client: Client, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("The boathouse is being painted in June.")
    (file,) = client.ingest(str(tmp_path / "one.txt"), collection="alone").files
    assert file.uri.endswith("one.txt") and client.ingest(tmp_path / "one.txt", collection="alone").files


def test_an_address_that_leads_nowhere_is_named(url: str) -> None:
    with Client(f"{url}/rag", "own") as client, pytest.raises(UsageError, match=rf"nothing at {url}/rag/v1/ask .404."):
        client.ask(QUESTION)

"""The page over HTTP: who may see what, what is refused, and twenty chats at once that stay apart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import build_app, is_loopback
from rag.config import Settings
from rag.engine import Engine
from rag.errors import UsageError
from rag.ui.access import TRIES, Access
from rag.users import Users
from tests.fakes.files import column, pdf
from tests.fakes.library import QUESTION, RAIMONDO, YELLEN
from tests.fakes.page import engine_over, serving

STATIC = Path(__file__).parents[2] / "rag" / "ui" / "static"


@pytest.fixture
def engine(tmp_path: Path, home: Path) -> Iterator[Engine]:
    with engine_over(tmp_path / "documents", home) as engine:
        yield engine


@pytest.fixture
def client(engine: Engine) -> Iterator[httpx.Client]:
    with serving(engine) as address, httpx.Client(base_url=address, timeout=60) as client:
        yield client


def call(client: httpx.Client, name: str, *data: Any) -> Any:
    response = client.post(f"gradio_api/run/{name}", json={"data": data})
    assert response.status_code == 200, response.text
    return response.json()["data"][0]


def ask(client: httpx.Client, question: str, **wish: Any) -> list[dict[str, Any]]:
    data = {"data": [{"question": question, **wish}]}
    event_id = client.post("gradio_api/call/ask", json=data).json()["event_id"]
    text = client.get(f"gradio_api/call/ask/{event_id}").text
    return [json.loads(line)[0] for line in re.findall(r"^event: generating\ndata: (.*)$", text, re.MULTILINE)]


def test_an_answer_comes_event_by_event_and_is_kept(client: httpx.Client, engine: Engine) -> None:
    events = ask(client, QUESTION)
    kinds = [event["type"] for event in events]
    assert kinds == ["asked", "working", "working", "sentence", "sentence", "done"]
    turn = events[-1]["turn"]
    assert turn == call(client, "chat", turn["chat"])["turns"][0]
    quote = turn["answer"]["citations"][0]["quote"]
    assert quote in {YELLEN, RAIMONDO}
    shown = client.get(f"ui/turns/{turn['id']}/quotes/1").json()
    assert [s["text"] for s in shown["segments"] if s["number"] == 1] == [quote]


def test_what_is_wrong_is_one_sentence(client: httpx.Client) -> None:
    assert ask(client, "  ")[0]["message"].startswith("The question is empty")
    assert (
        "There is no collection 'nowhere'" in ask(client, "Who?", collection="nowhere")[-1]["turn"]["answer"]["error"]
    )
    assert "no such chat" in call(client, "chat", "0")["message"]
    for path in ("ui/documents/0", "ui/documents/0/original", "ui/turns/0/quotes/1", "ui/static/page.py"):
        response = client.get(path)
        assert response.status_code == 404 and response.json()["message"].endswith(".")


@pytest.mark.parametrize("path", ["../../app.py", "..%2f..%2fapp.py", "%2fetc%2fpasswd"])
def test_nothing_is_served_by_path(path: str, client: httpx.Client) -> None:
    for route in (f"ui/static/{path}", f"ui/documents/{path}", f"ui/documents/{path}/original"):
        assert client.get(route).status_code in (404, 307)
    assert client.get("gradio_api/file=/etc/passwd").status_code in (403, 404)


def test_the_original_is_given_only_where_it_still_is(client: httpx.Client, engine: Engine) -> None:
    document = engine.documents.list()[0]
    response = client.get(f"ui/documents/{document.id}/original")
    assert response.text == document.text and "sandbox" in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"
    Path(document.uri).unlink()
    response = client.get(f"ui/documents/{document.id}/original")
    assert response.status_code == 404 and "bread.txt: is gone" in response.json()["message"]


@pytest.mark.parametrize(
    "wish", [{"model": "http://10.0.0.1/v1#m"}, {"model": "qwen2.5-coder-1.5b"}, {"passages": 10_000}]
)
def test_a_visitor_cannot_have_other_models_or_more_passages(wish: dict[str, Any], client: httpx.Client) -> None:
    (event,) = ask(client, QUESTION, **wish)
    assert event["type"] == "refused" and "can't be chosen here" in event["message"]
    assert call(client, "chats", "")["chats"] == [], "nothing was begun"


def test_the_choices_tell_nothing_of_addresses(client: httpx.Client) -> None:
    start = call(client, "start")
    assert [choice["name"] for choice in start["choices"]] == ["scripted", "second", "none"]
    assert "127.0.0.1" not in json.dumps(start)
    last = ask(client, QUESTION, model="none", passages=16)[-1]
    assert last["turn"]["answer"]["model"] == "none"


def test_pages_of_a_pdf_are_given_by_its_id_and_of_nothing_else(
    client: httpx.Client, engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "light.pdf").write_bytes(pdf(column(40, 700, "The harbour light was lit by Ada Brenner in 1897.")))
    engine.ingest([tmp_path / "light.pdf"], collection="paper")
    (document,) = engine.documents.list("paper")
    page = client.get(f"ui/documents/{document.id}/pages/1")
    assert page.headers["content-type"] == "image/png" and page.content.startswith(b"\x89PNG")
    assert "sandbox" in page.headers["content-security-policy"]
    turn = ask(client, "Who lit the harbour light?", collection="paper", model="none")[-1]["turn"]
    (found,) = client.get(f"ui/turns/{turn['id']}/quotes/1/boxes").json()["pages"]
    assert found["page"] == 1 and len(found["boxes"]) == 1
    text = engine.documents.list("default")[0]
    for path in (
        f"documents/{document.id}/pages/2",
        f"documents/{text.id}/pages/1",
        "documents/0/pages/1",
        f"turns/{turn['id']}/quotes/9/boxes",
        f"turns/{turn['id']}/other/0/boxes",
        "turns/0/quotes/1/boxes",
    ):
        response = client.get(f"ui/{path}")
        assert response.status_code == 404 and response.json()["message"].endswith("."), path


def test_an_upload_that_is_too_large_is_cut_off(tmp_path: Path, home: Path) -> None:
    with (
        engine_over(tmp_path / "documents", home, file_bytes=1000) as engine,
        serving(engine) as address,
        httpx.Client(base_url=address) as client,
    ):
        batch = call(client, "batch")["batch"]
        response = client.put(f"ui/uploads/{batch}", params={"name": "a.txt"}, content=b"x" * 1001)
        assert response.status_code == 413 and "1,000 bytes" in response.json()["message"]
        assert not list((home / "uploads").rglob("*.txt"))
        assert client.put(f"ui/uploads/{batch}", params={"name": "b.txt"}, content=b"x").json() == {"bytes": 1}
        assert client.put("ui/uploads/0", params={"name": "b.txt"}, content=b"x").status_code == 400


def test_another_site_is_turned_away(client: httpx.Client) -> None:
    elsewhere = {"Origin": "http://evil.example"}
    data = {"data": [""]}
    assert client.post("gradio_api/run/chats", json=data, headers=elsewhere).status_code == 403
    own = {"Origin": str(client.base_url).rstrip("/")}
    assert client.post("gradio_api/run/chats", json=data, headers=own).status_code == 200
    assert client.get("", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("192.168.1.5", False), ("", False)],
)
def test_beyond_this_machine_a_login_is_needed(host: str, own: bool, engine: Engine) -> None:
    assert is_loopback(host) is own
    if not own:
        with pytest.raises(UsageError, match="RAG_AUTH"):
            build_app(engine, host=host)


def test_users_log_in_and_see_only_their_own_chats(tmp_path: Path, home: Path) -> None:
    users = Users(tmp_path / "users")
    users.add("ada", "correct horse", cost=2)
    users.add("bob", "battery staple", cost=2)
    with engine_over(tmp_path / "documents", home, auth=tmp_path / "users") as engine, serving(engine) as address:
        with httpx.Client(base_url=address, timeout=60) as nobody:
            assert nobody.get("").headers["location"] == "/ui/login"
            assert nobody.get("ui/login").status_code == 200
            assert nobody.post("gradio_api/run/chats", json={"data": [""]}).status_code == 401
            assert nobody.get(f"ui/documents/{engine.documents.list()[0].id}").status_code == 401
            assert nobody.put("ui/uploads/0", params={"name": "a"}, content=b"").status_code == 401
            wrong = nobody.post("ui/login", data={"name": "ada", "password": "wrong"})
            assert wrong.status_code == 401 and "don't fit" in wrong.text
        clients = {}
        for name, password in (("ada", "correct horse"), ("bob", "battery staple")):
            clients[name] = httpx.Client(base_url=address, timeout=60, follow_redirects=True)
            assert clients[name].post("ui/login", data={"name": name, "password": password}).status_code == 200
        ada, bob = clients["ada"], clients["bob"]
        turn = ask(ada, QUESTION)[-1]["turn"]
        assert call(ada, "start")["user"] == "ada" and len(call(ada, "chats", "")["chats"]) == 1
        assert call(bob, "chats", "")["chats"] == []
        for name, *data in (
            ("chat", turn["chat"]),
            ("rename", turn["chat"], "x"),
            ("delete", turn["chat"]),
            ("judge", turn["id"], "down", ""),
            ("take", turn["chat"], turn["id"], "md"),
            ("stop", turn["id"]),
        ):
            assert call(bob, name, *data)["type"] == "refused", name
        call(bob, "cut", turn["id"])
        assert bob.get(f"ui/turns/{turn['id']}/quotes/1").status_code == 404
        assert len(call(ada, "chat", turn["chat"])["turns"]) == 1
        ada.post("ui/logout")
        assert ada.post("gradio_api/run/chats", json={"data": [""]}).status_code == 401
        users.remove("bob")
        assert bob.post("gradio_api/run/chats", json={"data": [""]}).status_code == 401
        for client in clients.values():
            client.close()


def test_whoever_guesses_has_to_wait(tmp_path: Path) -> None:
    users = Users(tmp_path / "users")
    users.add("ada", "correct horse", cost=2)
    now = [0.0]
    access = Access(users.path, clock=lambda: now[0])
    for _ in range(TRIES):
        assert access.login("ada", "guess") is None
    assert access.login("ada", "correct horse") is None
    now[0] = 61.0
    assert access.login("ada", "correct horse") is not None


def test_twenty_chats_at_once_lose_and_mix_nothing(client: httpx.Client) -> None:
    def one(number: int) -> list[dict[str, Any]]:
        return ask(client, f"{number}: {QUESTION}")

    with ThreadPoolExecutor(20) as pool:
        everybody = list(pool.map(one, range(20)))
    for number, events in enumerate(everybody):
        turn = events[-1]["turn"]
        assert turn["state"] == "done" and turn["question"].startswith(f"{number}: ")
        assert len(turn["answer"]["sentences"]) == 2
    assert len({events[-1]["turn"]["chat"] for events in everybody}) == 20


def test_a_chat_is_about_the_collection_that_it_was_last_asked_about(client: httpx.Client, engine: Engine) -> None:
    engine.ingest([Path(engine.documents.list()[0].uri)], collection="other")
    chat = ask(client, QUESTION)[-1]["turn"]["chat"]
    ask(client, QUESTION, chat=chat, collection="other")
    assert call(client, "chat", chat)["chat"]["collection"] == "other"


def test_a_process_that_ended_leaves_no_question_waiting_for_ever(engine: Engine) -> None:
    chat = engine.chats.create("", "Who?", "default")
    engine.chats.ask("", chat.id, "Who?")
    build_app(engine)
    assert engine.chats.turns("", chat.id)[0].state == "stopped"


def test_the_page_builds_no_html_and_asks_nobody_else() -> None:
    for path in STATIC.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), (
            path
        )
        remote = [url for url in re.findall(r"(?:https?:)?//[\w.-]+\.\w+", text) if "www.w3.org" not in url]
        assert remote == [], path


def test_the_settings_name_the_file_of_users(tmp_path: Path) -> None:
    assert Settings.load(auth=tmp_path / "users").auth == tmp_path / "users"

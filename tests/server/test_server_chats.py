"""Chats over HTTP: kept, each its caller's own, whatever becomes of the answer; feedback."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from rag import Talk
from rag.engine import Engine
from rag.server import create_app
from rag.server.keys import Keys
from tests.fakes.library import QUESTION, ROOMS_QUESTION
from tests.fakes.openai_server import Reply, ScriptedServer, Stall, Status, cited
from tests.fakes.serving import served, until
from tests.server.conftest import within
from tests.server.test_server_access import bearer
from tests.server.test_server_asking import events, same


def begun(http: TestClient, title: str = "Visits", **options: Any) -> str:
    reply = http.post("/v1/chats", json={"title": title}, **options)
    assert reply.status_code == 201
    return str(reply.json()["id"])


def test_a_chat_is_begun_named_found_and_deleted(http: TestClient) -> None:
    chat = begun(http)
    assert http.get(f"/v1/chats/{chat}").json()["collection"] == "default"
    assert http.patch(f"/v1/chats/{chat}", json={"title": "Who comes"}).json()["title"] == "Who comes"
    begun(http, "Bread")
    assert [one["title"] for one in http.get("/v1/chats", params={"words": "comes"}).json()["chats"]] == ["Who comes"]
    assert http.delete(f"/v1/chats/{chat}").status_code == 204
    assert http.get(f"/v1/chats/{chat}").status_code == 404
    assert [one["title"] for one in http.get("/v1/chats").json()["chats"]] == ["Bread"]


def test_chats_come_page_by_page(http: TestClient) -> None:
    made = [begun(http, f"Chat {number}") for number in range(5)]
    first = http.get("/v1/chats", params={"limit": 3}).json()
    second = http.get("/v1/chats", params={"limit": 3, "after": first["next"]}).json()
    assert sorted(one["id"] for one in first["chats"] + second["chats"]) == sorted(made)
    assert (len(first["chats"]), second["next"]) == (3, None)


def test_what_is_asked_in_a_chat_is_kept_and_a_follow_up_is_understood(http: TestClient, engine: Engine) -> None:
    chat = begun(http)
    kept = http.post(f"/v1/chats/{chat}/ask", json={"question": QUESTION}).json()
    assert kept["state"] == "done" and same(kept["answer"]) == same(
        json.loads(json.dumps(engine.ask(QUESTION).to_dict()))
    )
    follow = http.post(f"/v1/chats/{chat}/ask", json={"question": "and she?"}).json()
    assert follow["answer"]["understood"].endswith("visit Beijing after Blinken?")
    turns = http.get(f"/v1/chats/{chat}/turns").json()["turns"]
    assert [turn["id"] for turn in turns] == [kept["id"], follow["id"]]
    assert http.get(f"/v1/turns/{kept['id']}").json() == kept
    assert Talk(engine).turns(chat)[0].answer == kept["answer"], (
        "who sits at this machine has the same chats in process"
    )


def test_a_stream_in_a_chat_begins_with_what_was_kept_and_ends_kept(http: TestClient) -> None:
    chat = begun(http)
    told = events(http.post(f"/v1/chats/{chat}/ask/stream", json={"question": ROOMS_QUESTION}).text)
    assert [name for name, _ in told][:3] == ["kept", "understood", "retrieved"] and told[-1][0] == "done"
    (turn,) = http.get(f"/v1/chats/{chat}/turns").json()["turns"]
    assert turn["id"] == told[0][1]["id"] and turn["answer"] == told[-1][1]["answer"]


def test_feedback_is_kept_changed_and_taken_back(http: TestClient, engine: Engine) -> None:
    turn = http.post(f"/v1/chats/{begun(http)}/ask", json={"question": QUESTION}).json()["id"]

    def judge(verdict: str | None, reason: str = "") -> Any:
        return http.put(f"/v1/turns/{turn}/feedback", json={"verdict": verdict, "reason": reason}).json()

    assert (judge("down", "One is missing.")["verdict"], engine.chats.judged()[0].reason) == ("down", "One is missing.")
    assert judge("up")["verdict"] == "up" and judge(None)["verdict"] is None
    assert http.put(f"/v1/turns/{turn}/feedback", json={"verdict": "great"}).status_code == 422
    assert http.put("/v1/turns/nope/feedback", json={"verdict": "up"}).status_code == 404


def test_nobody_reaches_the_chats_of_another_key(engine: Engine) -> None:
    keys = Keys(engine.settings.home)
    with within(create_app(engine)) as http:
        mine = begun(http, "Of this machine")  # before there is a key
        anna, admin = bearer(keys.add("anna", "read")), bearer(keys.add("root", "admin"))
        chat = begun(http, "Anna's", headers=anna)
        turn = http.post(f"/v1/chats/{chat}/ask", json={"question": QUESTION}, headers=anna).json()["id"]
        for other, there in ((admin, chat), (anna, mine)):
            tries = [
                ("GET", f"/v1/chats/{there}", None),
                ("GET", f"/v1/chats/{there}/turns", None),
                ("PATCH", f"/v1/chats/{there}", {"title": "Taken"}),
                ("DELETE", f"/v1/chats/{there}", None),
                ("POST", f"/v1/chats/{there}/ask", {"question": QUESTION}),
                ("POST", f"/v1/chats/{there}/ask/stream", {"question": QUESTION}),
            ]
            for method, path, body in tries:
                assert http.request(method, path, json=body, headers=other).status_code == 404, (method, path)
        assert http.get(f"/v1/turns/{turn}", headers=admin).status_code == 404
        assert http.put(f"/v1/turns/{turn}/feedback", json={"verdict": "up"}, headers=admin).status_code == 404
        assert [one["id"] for one in http.get("/v1/chats", headers=anna).json()["chats"]] == [chat]
        assert http.get("/v1/chats", headers=admin).json()["chats"] == []
    assert [one.title for one in engine.chats.find("")] == ["Of this machine"]


def test_a_key_called_local_is_not_who_sits_here(engine: Engine) -> None:
    with within(create_app(engine)) as http:
        begun(http)
        local = bearer(Keys(engine.settings.home).add("local", "read"))
        assert http.get("/v1/chats", headers=local).json()["chats"] == []


@pytest.mark.parametrize(("question", "status"), [(" ", 400), ("x" * 8001, 400)], ids=["empty", "long"])
def test_what_can_not_be_asked_is_not_kept(http: TestClient, question: str, status: int) -> None:
    chat = begun(http)
    for route in ("ask", "ask/stream"):
        assert http.post(f"/v1/chats/{chat}/{route}", json={"question": question}).status_code == status
    assert http.get(f"/v1/chats/{chat}/turns").json()["turns"] == []


def test_a_model_that_fails_is_kept_with_its_sentence(opened: Callable[..., Engine]) -> None:
    with ScriptedServer(lambda _: Status(401)) as model, within(create_app(opened(llm=model.llm, retries=0))) as http:
        chat = begun(http)
        assert http.post(f"/v1/chats/{chat}/ask", json={"question": QUESTION}).status_code == 502
        (turn,) = http.get(f"/v1/chats/{chat}/turns").json()["turns"]
    assert turn["state"] == "failed" and "key" in turn["answer"]["error"]


def test_who_hangs_up_finds_what_was_shown(opened: Callable[..., Engine]) -> None:
    first = "Treasury Secretary Janet Yellen might visit Beijing in July."
    said = cited((first, [1]), ("Commerce Secretary Gina", [2])).partition(" Gina")[0]
    with ScriptedServer(lambda _: Stall(said)) as model:
        app = create_app(opened(llm=model.llm, answers=1, waiting=0))
        with served(app) as url, httpx.Client(base_url=url, trust_env=False, timeout=30) as http:
            chat = http.post("/v1/chats", json={"title": "x"}).json()["id"]
            with http.stream("POST", f"/v1/chats/{chat}/ask/stream", json={"question": QUESTION}) as reply:
                lines = reply.iter_lines()
                assert "event: sentence" in lines
                busy = httpx.post(f"{url}/v1/chats/{chat}/ask", json={"question": QUESTION}, trust_env=False)
                assert busy.status_code == 429
            until(lambda: http.get(f"/v1/chats/{chat}/turns").json()["turns"][0]["state"] != "asked")
            (turn,) = http.get(f"/v1/chats/{chat}/turns").json()["turns"]
            until(lambda: not app.state.service.slots.taken)
    assert turn["state"] == "stopped" and turn["answer"]["text"].startswith("Treasury Secretary Janet Yellen")


def test_a_question_in_a_chat_sent_twice_is_kept_once(opened: Callable[..., Engine]) -> None:
    with ScriptedServer(lambda _: Reply("Treasury Secretary Janet Yellen might visit Beijing in July.")) as model:
        with within(create_app(opened(llm=model.llm))) as http:
            chat = begun(http)
            ask = {"json": {"question": QUESTION}, "headers": {"Idempotency-Key": "k"}}
            first, second = (http.post(f"/v1/chats/{chat}/ask", **ask).json() for _ in range(2))
            assert first == second and len(http.get(f"/v1/chats/{chat}/turns").json()["turns"]) == 1
            other = http.post(f"/v1/chats/{begun(http)}/ask", **ask)
            assert other.status_code == 422, "the same key in another chat is another request"
        assert len(model.requests) == 1

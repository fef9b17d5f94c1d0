"""Question sets over HTTP: started, followed, cancelled, read again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag.engine import Engine
from rag.evaluate import run
from rag.server import create_app, evaluations
from rag.server.keys import Keys
from tests.fakes.library import QUESTION, ROOMS, ROOMS_QUESTION
from tests.fakes.openai_server import ScriptedServer, Stall
from tests.fakes.serving import until
from tests.server.conftest import finished, within
from tests.server.test_server_access import bearer

QUESTIONS = [
    {
        "id": "rooms",
        "question": ROOMS_QUESTION,
        "answers": ["400"],
        "evidence": [{"doc_id": "visits.txt", "quote": ROOMS}],
    },
    {"id": "opera", "question": "What does a ticket to the opera cost?", "answerable": False},
]


def start(http: TestClient, questions: Any = QUESTIONS, **more: Any) -> Any:
    return http.post("/v1/evaluations", json={"questions": questions, **more})


def test_a_run_has_the_scores_of_the_command(http: TestClient, engine: Engine, tmp_path: Any) -> None:
    started = start(http)
    job = finished(http, started.json())
    assert (started.status_code, job["state"], job["kind"]) == (202, "done", "evaluation")
    assert job["progress"] == {
        "stage": "Asking",
        "done": 2,
        "total": 2,
        "unit": "",
        "detail": job["progress"]["detail"],
    }
    there = http.get(f"/v1/evaluations/{job['result']['evaluation']}").json()
    assert there["summary"] == job["result"]["summary"] and [c["id"] for c in there["cases"]] == ["rooms", "opera"]
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(map(json.dumps, QUESTIONS)))
    here = run(engine, path, collection="default")
    measured = {name: m["value"] for name, m in there["summary"]["metrics"].items() if "latency" not in name}
    assert measured == {name: m["value"] for name, m in here.metrics.items() if "latency" not in name}
    assert str(engine.settings.home) not in http.get(f"/v1/evaluations/{there['id']}").text
    page = http.get(f"/v1/evaluations/{there['id']}/report")
    assert page.headers["content-type"].startswith("text/html") and "sandbox" in page.headers["content-security-policy"]
    assert http.get("/v1/evaluations").json()["evaluations"] == [{"id": there["id"], "finished": True}]
    assert http.delete(f"/v1/evaluations/{there['id']}").status_code == 204
    assert http.get(f"/v1/evaluations/{there['id']}").status_code == 404


def test_what_is_wrong_with_the_questions_is_all_told(http: TestClient) -> None:
    job = finished(http, start(http, [{"id": "1"}, {"id": "2", "question": ""}]).json())
    assert job["state"] == "failed" and job["error"]["status"] == 400
    assert "line 1" in job["error"]["detail"] and "line 2" in job["error"]["detail"]
    assert finished(http, start(http, [*QUESTIONS, {"id": "x"}], skip_invalid=True).json())["state"] == "done"
    assert start(http, []).status_code == 422


def test_a_run_is_cancelled_at_its_next_question_and_documents_are_read_meanwhile(opened: Any) -> None:
    with ScriptedServer(lambda _: Stall("Treasury ")) as model:
        with within(create_app(opened(llm=model.llm, timeout=2, retries=0))) as http:
            job = start(http, [{"id": str(n), "question": QUESTION, "answers": ["Yellen"]} for n in range(3)]).json()
            until(lambda: model.requests)
            assert http.delete(f"/v1/evaluations/{job['id']}").status_code == 409, "it goes on"
            sent = http.post("/v1/documents", files=[("files", ("hall.txt", b"The hall has 20 seats."))]).json()
            assert (
                finished(http, sent)["state"] == "done" and not http.get(f"/v1/jobs/{job['id']}").json()["finished_at"]
            )
            assert http.delete(f"/v1/jobs/{job['id']}").status_code == 202
            assert finished(http, job)["state"] == "cancelled"
            assert http.get(f"/v1/evaluations/{job['id']}").status_code == 404, "it has no result"
            assert http.delete(f"/v1/evaluations/{job['id']}").status_code == 204
        assert len(model.requests) < 3


def test_the_jobs_and_runs_of_a_key_are_its_own_and_the_admins(engine: Engine) -> None:
    keys = Keys(engine.settings.home)
    anna, bob, root = (
        bearer(keys.add(name, scope)) for name, scope in (("a", "write"), ("b", "write"), ("r", "admin"))
    )  # type: ignore[arg-type]
    with within(create_app(engine)) as http:
        job = http.post("/v1/evaluations", json={"questions": QUESTIONS}, headers=anna).json()
        run = finished(http, job, headers=anna)["id"]
        for method, path in (
            ("GET", f"/v1/jobs/{run}"),
            ("DELETE", f"/v1/jobs/{run}"),
            ("GET", f"/v1/evaluations/{run}"),
            ("GET", f"/v1/evaluations/{run}/report"),
            ("DELETE", f"/v1/evaluations/{run}"),
        ):
            assert http.request(method, path, headers=bob).status_code == 404, (method, path)
        assert http.get("/v1/jobs", headers=bob).json() == []
        assert http.get("/v1/evaluations", headers=bob).json()["evaluations"] == []
        for headers in (anna, root):
            assert [one["id"] for one in http.get("/v1/jobs", headers=headers).json()] == [run]
            assert http.get(f"/v1/evaluations/{run}", headers=headers).json()["id"] == run
        assert http.delete(f"/v1/evaluations/{run}", headers=anna).status_code == 204


def test_only_so_many_runs_are_kept(http: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluations, "MOST_RUNS", 2)
    ids = [finished(http, start(http, only="retrieval").json())["id"] for _ in range(3)]
    assert [one["id"] for one in http.get("/v1/evaluations").json()["evaluations"]] == [ids[2], ids[1]]


@pytest.mark.parametrize("name", ["..", "%2e%2e", "..%2Fuploads", "x" * 16, "0" * 17])
def test_an_id_leads_nowhere_else(http: TestClient, name: str) -> None:
    for path in (f"/v1/evaluations/{name}", f"/v1/evaluations/{name}/report"):
        assert http.get(path).status_code in {404, 405}
    assert http.delete(f"/v1/evaluations/{name}").status_code in {404, 405}

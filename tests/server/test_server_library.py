"""Documents over HTTP: uploads, jobs, lists, removal."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from rag.engine import Engine
from rag.errors import CancelledError, UsageError
from rag.server import create_app
from rag.server.jobs import Jobs
from rag.server.uploads import harmless
from rag.types import Progress, Step
from tests.fakes.serving import until
from tests.server.conftest import finished, within

HALL = b"The hall has 20 seats. The hall opens on Monday.\n"


def send(http: TestClient, *files: tuple[str, bytes], **form: str) -> Any:
    return http.post("/v1/documents", files=[("files", file) for file in files], data=form)


def test_an_upload_is_read_as_a_job_and_can_be_asked_about(http: TestClient, engine: Engine) -> None:
    reply = send(http, ("hall.txt", HALL), ("notes/roof.txt", b"The roof is green since 1999.\n"), collection="house")
    assert reply.status_code == 202
    job = finished(http, reply.json())
    assert job["state"] == "done" and [f["outcome"] for f in job["result"]["files"]] == ["added", "added"]
    assert {c["name"] for c in http.get("/v1/collections").json()["collections"]} == {"default", "house"}
    answer = http.post("/v1/ask", json={"question": "How many seats has the hall?", "collection": "house"}).json()
    assert "20 seats" in answer["text"]
    uploads = engine.settings.home / "uploads"
    assert sorted(p.name for p in uploads.rglob("*.txt")) == ["hall.txt", "roof.txt"]
    assert not [p for p in (uploads / ".arriving").iterdir()]


def test_a_new_version_replaces_the_old_one(http: TestClient) -> None:
    finished(http, send(http, ("hall.txt", HALL)).json())
    job = finished(http, send(http, ("hall.txt", b"The hall has 30 seats now.\n")).json())
    assert [file["outcome"] for file in job["result"]["files"]] == ["updated"]


def test_a_file_that_cannot_be_read_is_named_and_not_kept(http: TestClient, engine: Engine) -> None:
    job = finished(http, send(http, ("hall.txt", HALL), ("x.exe", b"MZ\0")).json())
    assert {file["outcome"] for file in job["result"]["files"]} == {"added", "skipped"}
    assert [path.name for path in (engine.settings.home / "uploads").rglob("*.*") if path.is_file()] == ["hall.txt"]


def test_documents_come_page_by_page_and_go_with_their_uploads(http: TestClient, engine: Engine) -> None:
    finished(http, send(http, ("hall.txt", HALL)).json())
    first = http.get("/v1/documents", params={"limit": 3}).json()
    second = http.get("/v1/documents", params={"limit": 3, "after": first["next"]}).json()
    assert (len(first["documents"]), len(second["documents"]), second["next"]) == (3, 1, None)
    everything = first["documents"] + second["documents"]
    hall = next(document for document in everything if document["uri"].endswith("hall.txt"))
    assert http.get(f"/v1/documents/{hall['id']}").json()["text"] == HALL.decode()
    assert http.get(f"/v1/documents/{hall['id']}/text", params={"start": 4, "end": 8}).text == "hall"
    assert http.delete(f"/v1/documents/{hall['id']}").status_code == 204
    assert http.get(f"/v1/documents/{hall['id']}").status_code == 404
    assert not Path(hall["uri"]).exists()
    visits = next(document for document in everything if document["uri"].endswith("visits.txt"))
    http.delete(f"/v1/documents/{visits['id']}")
    assert Path(visits["uri"]).exists(), "a file that was not uploaded stays"


def test_paths_of_the_servers_disk_are_read_and_attached(http: TestClient, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "hall.txt").write_bytes(HALL)
    job = finished(http, http.post("/v1/ingest", json={"paths": [str(tmp_path / "more")]}).json())
    assert job["result"]["files"][0]["outcome"] == "added"
    job = finished(http, http.post("/v1/attach", json={"path": str(tmp_path / "more")}).json())
    assert job["result"]["collection"].startswith("more-")
    assert http.post("/v1/ingest", json={"paths": ["more"]}).status_code == 400
    gone = finished(http, http.post("/v1/ingest", json={"paths": [str(tmp_path / "gone")]}).json())
    assert gone["state"] == "failed" and "There is no file or folder" in gone["error"]["detail"]


def test_what_could_not_be_read_is_listed(http: TestClient, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "hall.txt").write_bytes(b"\0")
    body = {"paths": [str(tmp_path / "more")]}
    for retry in (None, None, False):
        finished(http, http.post("/v1/ingest", json={**body, "retry": retry}).json())
    (failure,) = http.get("/v1/failures").json()["failures"]
    assert failure["uri"].endswith("hall.txt") and failure["attempts"] == 2 and "binary" in failure["reason"]
    assert http.get("/v1/failures", params={"collection": "other"}).json() == {"failures": []}


def test_the_same_upload_sent_twice_is_one_job(http: TestClient) -> None:
    def once() -> Any:
        return http.post("/v1/documents", files=[("files", ("hall.txt", HALL))], headers={"Idempotency-Key": "k"})

    assert once().json()["id"] == once().json()["id"]


def test_a_job_that_is_cancelled_ends_at_its_next_step() -> None:
    jobs, reached, go = Jobs(), threading.Event(), threading.Event()

    def work(tell: Progress) -> dict[str, Any]:
        reached.set()
        assert go.wait(10)
        tell(Step("Reading documents", 1, 2))
        raise AssertionError("it went on")

    job = jobs.start("ingest", work)
    waiting = jobs.start("ingest", work)
    assert reached.wait(10)
    jobs.cancel(job.id), jobs.cancel(waiting.id)
    go.set()
    until(lambda: jobs.get(waiting.id).over)
    assert [one.state for one in jobs.list()] == ["cancelled", "cancelled"]
    jobs.close()


def test_cancelling_an_ingestion_keeps_what_was_finished(opened: Callable[..., Engine], tmp_path: Path) -> None:
    engine = opened()
    (tmp_path / "new.txt").write_bytes(HALL)

    def stop(step: Step) -> None:
        raise CancelledError("enough")

    with pytest.raises(CancelledError):
        engine.ingest([tmp_path / "new.txt"], progress=stop)
    assert len(engine.documents.list()) == 3 and engine.doctor() == []


def test_an_unexpected_failure_of_a_job_is_told_without_its_inside() -> None:
    seen: list[str] = []
    jobs = Jobs(lambda job_id, error: seen.append(str(error)))

    def work(_: Progress) -> dict[str, Any]:
        raise ZeroDivisionError("/secret/path")

    job = jobs.start("ingest", work)
    until(lambda: jobs.get(job.id).over)
    told = jobs.get(job.id).error
    assert told and told["status"] == 500 and "secret" not in told["detail"] and seen == ["/secret/path"]
    jobs.close()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("..\\..\\x.txt", "x.txt"),
        ("C:\\x\\y.txt", "C_/x/y.txt"),
        (".hidden/.bashrc", "hidden/bashrc"),
        ("a\r\nSet-Cookie: b.txt", "a__Set-Cookie_ b.txt"),
        ("con.txt", "_con.txt"),
        ("x" * 300 + ".md", "x" * 117 + ".md"),
    ],
)
def test_a_name_can_do_no_harm(name: str, kept: str) -> None:
    assert str(harmless(name)) == kept


@given(st.text(max_size=200))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    try:
        path = harmless(name)
    except UsageError:
        return
    assert not path.is_absolute() and ".." not in path.parts and not any(p.startswith(".") for p in path.parts)
    assert all(0 < len(part.encode()) <= 255 for part in path.parts)


def test_two_files_of_one_name_are_refused(http: TestClient) -> None:
    reply = send(http, ("a.txt", HALL), ("A.txt", HALL))
    assert reply.status_code == 400 and "same name" in reply.json()["detail"]


def test_too_large_a_file_or_request_is_refused(opened: Callable[..., Engine]) -> None:
    with within(create_app(opened(file_bytes=1000, upload_bytes=3000))) as http:
        assert "RAG_FILE_BYTES" in send(http, ("a.txt", b"x" * 1001)).json()["detail"]
        reply = send(http, ("a.txt", b"x" * 4000))
        assert reply.status_code == 413 and "3,000 bytes" in reply.json()["detail"]
        chunks = (b"x" * 1_000_000 for _ in range(5))
        late = http.post("/v1/ask", content=chunks, headers={"Content-Type": "application/json"})
        assert late.status_code == 413

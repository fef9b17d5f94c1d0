"""Tried as an attacker would: keys, scopes, other sites' pages, names that only seem to lead here."""

from __future__ import annotations

import re
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag.engine import Engine
from rag.errors import BusyError, SettingsError, UsageError
from rag.server import create_app
from rag.server.keys import Keys
from rag.server.limits import Rate
from tests.fakes.library import QUESTION
from tests.fakes.serving import served
from tests.server.conftest import within


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def keys(engine: Engine) -> Keys:
    return Keys(engine.settings.home)


@pytest.fixture
def guarded(engine: Engine, keys: Keys) -> Iterator[TestClient]:
    """A server that others can reach."""
    with within(create_app(engine, host="0.0.0.0", secret="own"), "http://docs.example:7860") as client:
        yield client


ROUTES = [
    ("POST", "/v1/ask", {"question": QUESTION}),
    ("POST", "/v1/ask/stream", {"question": QUESTION}),
    ("POST", "/v1/search", {"question": QUESTION}),
    ("GET", "/v1/documents", None),
    ("GET", "/v1/documents/x", None),
    ("DELETE", "/v1/documents/x", None),
    ("GET", "/v1/collections", None),
    ("GET", "/v1/jobs", None),
    ("GET", "/v1/doctor", None),
    ("POST", "/v1/ingest", {"urls": ["https://example.com/"]}),
    ("POST", "/v1/attach", {"path": "/etc"}),
    ("POST", "/v1/rebuild", {}),
    ("GET", "/v1/documents/x/text", None),
    ("POST", "/v1/documents/remove", {"document_ids": ["x"]}),
    ("POST", "/v1/documents", None),
    ("GET", "/v1/documents/x/pages/x", None),
    ("GET", "/v1/documents/x/boxes?start=0&end=1", None),
    ("GET", "/v1/documents/x/original", None),
    ("POST", "/v1/chats", {"title": "x"}),
    ("GET", "/v1/chats", None),
    ("GET", "/v1/chats/x", None),
    ("PATCH", "/v1/chats/x", {"title": "y"}),
    ("DELETE", "/v1/chats/x", None),
    ("GET", "/v1/chats/x/turns", None),
    ("POST", "/v1/chats/x/ask", {"question": QUESTION}),
    ("POST", "/v1/chats/x/ask/stream", {"question": QUESTION}),
    ("GET", "/v1/turns/x", None),
    ("PUT", "/v1/turns/x/feedback", {"verdict": "up"}),
    ("POST", "/v1/evaluations", {"questions": [{"question": QUESTION}]}),
    ("GET", "/v1/failures", None),
    ("GET", "/v1/evaluations", None),
    ("GET", "/v1/evaluations/x", None),
    ("GET", "/v1/evaluations/x/report", None),
    ("DELETE", "/v1/evaluations/x", None),
    ("POST", "/openai/v1/responses", {"input": QUESTION}),
    ("GET", "/v1/jobs/x", None),
    ("DELETE", "/v1/jobs/x", None),
    ("GET", "/openai/v1/models/x", None),
    ("GET", "/metrics", None),
    ("GET", "/openai/v1/models", None),
    ("POST", "/openai/v1/chat/completions", {"messages": [{"role": "user", "content": QUESTION}]}),
    ("POST", "/openai/v1/embeddings", {"input": "x"}),
    ("POST", "/mcp", {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}),
]


def test_beyond_this_machine_nothing_works_without_a_key(guarded: TestClient, keys: Keys) -> None:
    keys.add("anna", "admin")
    for method, path, body in ROUTES:
        for headers in ({}, bearer("fn_wrong"), bearer(""), {"X-API-Key": "fn_wrong"}):
            reply = guarded.request(method, path, json=body, headers=headers)
            assert reply.status_code == 401 and "Bearer" in reply.headers["www-authenticate"], path
            assert reply.headers["content-type"] == "application/problem+json"


def test_every_route_of_the_api_is_tried_without_a_key(guarded: TestClient) -> None:
    document = guarded.get("/v1/openapi.json").json()["paths"]
    there = {(method.upper(), path) for path, methods in document.items() for method in methods}
    tried = {(method, path.partition("?")[0].replace("/x", "/{id}")) for method, path, _ in ROUTES}
    known = {(method, re.sub(r"{\w+}", "{id}", path)) for method, path in there}
    assert known - tried == {("GET", "/v1/health"), ("GET", "/v1/ready")}


def test_only_what_says_that_it_lives_is_open(guarded: TestClient) -> None:
    assert guarded.get("/v1/health").status_code == 200 == guarded.get("/v1/ready").status_code
    assert guarded.get("/v1/collections").status_code == 401, "no keys doesn't mean open"
    assert guarded.get("/v1/collections", headers=bearer("own")).status_code == 200


def test_a_key_may_do_what_its_scope_says(guarded: TestClient, keys: Keys) -> None:
    read, write, admin = (bearer(keys.add(scope, scope)) for scope in ("read", "write", "admin"))  # type: ignore[arg-type]
    assert guarded.post("/v1/ask", json={"question": QUESTION}, headers=read).status_code == 200
    refused = guarded.delete("/v1/documents/x", headers=read)
    assert refused.status_code == 403 and "may only read" in refused.json()["detail"]
    files = {"files": ("a.txt", b"The hall has 20 seats.")}
    assert guarded.post("/v1/documents", files=files, headers=read).status_code == 403
    questions = {"questions": [{"question": QUESTION}]}
    assert guarded.post("/v1/evaluations", json=questions, headers=read).status_code == 403
    assert guarded.delete("/v1/evaluations/x", headers=read).status_code == 403
    assert guarded.get("/v1/jobs", headers=read).status_code == 403
    assert guarded.post("/v1/documents", files=files, headers=write).status_code == 202
    for path, body in (
        ("ingest", {"paths": ["/etc/passwd"]}),
        ("attach", {"path": "/etc"}),
        ("rebuild", {}),
    ):
        assert guarded.post(f"/v1/{path}", json=body, headers=write).status_code == 403, path
    assert guarded.post("/v1/attach", json={"path": "/nowhere"}, headers=admin).status_code == 202


ASKS = {"/v1/ask", "/v1/ask/stream", "/v1/search", "/mcp"}
"""What is sent, but changes nothing that others see."""


def test_a_key_that_reads_may_use_no_route_that_writes(guarded: TestClient, keys: Keys) -> None:
    """Each route that is not to look, to ask or of the caller's own chats is refused, and its body is not looked at."""
    read = bearer(keys.add("anna", "read"))
    tried = []
    for method, path, body in ROUTES:
        mine = path in ASKS or path.startswith(("/v1/chats", "/v1/turns", "/openai/"))
        if (method != "GET" and not mine) or path.startswith("/v1/jobs"):
            for sent in (body, {"nonsense": True}):
                refused = guarded.request(method, path, json=sent, headers=read)
                assert refused.status_code == 403 and "may only read" in refused.json()["detail"], (method, path)
            tried.append((method, path))
    assert len(tried) == 11


@pytest.mark.parametrize("key", ["", "fn_wrong", "read"])
def test_who_may_not_upload_is_refused_before_a_byte_is_read(engine: Engine, keys: Keys, key: str) -> None:
    known = keys.add("anna", "read")
    head = "POST /v1/documents HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    sent = f"{head}Authorization: Bearer {known if key == 'read' else key}\r\nTransfer-Encoding: chunked\r\n\r\n"
    with (
        served(create_app(engine)) as url,
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=20) as line,
    ):
        line.sendall(sent.encode())
        said = line.recv(500)
    assert said.startswith(b"HTTP/1.1 403" if key == "read" else b"HTTP/1.1 401")
    assert b"connection: close" in said.lower()


def test_a_revoked_key_is_worthless_at_once(guarded: TestClient, keys: Keys) -> None:
    key = keys.add("anna", "read")
    assert guarded.get("/v1/collections", headers={"X-API-Key": key}).status_code == 200
    Keys(keys._path.parent).revoke("anna")
    assert guarded.get("/v1/collections", headers={"X-API-Key": key}).status_code == 401


def test_keys_on_this_machine_are_wanted_as_soon_as_there_is_one(http: TestClient, keys: Keys) -> None:
    assert http.get("/v1/collections").status_code == 200
    key = keys.add("anna", "read")
    assert http.get("/v1/collections").status_code == 401
    assert http.get("/v1/collections", headers=bearer(key)).status_code == 200


def test_the_file_of_keys_has_no_key_and_is_the_owners_alone(keys: Keys) -> None:
    key = keys.add("anna", "read")
    assert key not in keys._path.read_text() and stat.S_IMODE(keys._path.stat().st_mode) == 0o600
    with pytest.raises(UsageError, match="already"):
        keys.add("anna", "write")
    with pytest.raises(UsageError, match="no key"):
        keys.revoke("bob")
    keys._path.write_text("{")
    with pytest.raises(SettingsError, match="no file of keys"):
        keys.find(key)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", "", "[::1"])
def test_a_name_that_only_seems_to_lead_here_is_refused(http: TestClient, host: str) -> None:
    reply = http.get("/v1/documents", headers={"Host": host})
    assert reply.status_code == 421


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9999", "http://[::1"])
def test_pages_of_other_sites_may_not_send_forms(http: TestClient, origin: str) -> None:
    files = {"files": ("a.txt", b"Planted words in a text.")}
    reply = http.post("/v1/documents", files=files, headers={"Origin": origin})
    assert reply.status_code == 403
    assert http.post("/v1/ask", json={"question": QUESTION}, headers={"Origin": "http://127.0.0.1:7860"}).is_success
    plain = http.post("/v1/ask", content=b'{"question": "x"}', headers={"Content-Type": "text/plain"})
    assert plain.status_code == 422, "what a form can send is not taken for JSON"


def test_no_other_site_may_read_unless_a_setting_says_so(opened: Callable[..., Engine]) -> None:
    ask = {"headers": {"Origin": "https://mine.example"}, "json": {"question": QUESTION}}
    with within(create_app(opened())) as http:
        assert "access-control-allow-origin" not in http.get("/v1/health", headers=ask["headers"]).headers
    with within(create_app(opened(cors_origins="https://mine.example, https://b.example"))) as http:
        reply = http.post("/v1/ask", **ask)
        assert reply.is_success and reply.headers["access-control-allow-origin"] == "https://mine.example"


@pytest.mark.parametrize(
    "document_id", ["..%2F..%2Fetc%2Fpasswd", "%2e%2e", "x%00y", "'; drop table documents; --", "x" * 5000]
)
def test_ids_lead_nowhere(http: TestClient, document_id: str) -> None:
    for reply in (http.get(f"/v1/documents/{document_id}/text"), http.delete(f"/v1/documents/{document_id}")):
        assert reply.status_code in {400, 404, 405, 422}
    assert len(http.get("/v1/documents").json()["documents"]) == 3


def test_header_lines_cannot_be_planted(http: TestClient) -> None:
    reply = http.get("/v1/health", headers={"X-Request-ID": "x\tSet-Cookie"})
    assert "set-cookie" not in reply.headers and "\t" not in reply.headers["x-request-id"]


def test_a_document_is_served_as_text_never_as_a_page(http: TestClient) -> None:
    listed = http.get("/v1/documents").json()["documents"][0]
    reply = http.get(f"/v1/documents/{listed['id']}/text")
    assert reply.headers["content-type"].startswith("text/plain")
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_more_requests_than_the_rate_are_refused_with_a_time_to_come_back(opened: Callable[..., Engine]) -> None:
    with within(create_app(opened(rate_limit=2))) as http:
        replies = [http.get("/v1/collections") for _ in range(3)]
    assert [reply.status_code for reply in replies] == [200, 200, 429]
    assert int(replies[-1].headers["retry-after"]) >= 1


def test_the_rate_is_of_each_caller_and_comes_back() -> None:
    now = [0.0]
    rate = Rate(60, lambda: now[0])
    for _ in range(60):
        rate.spend("anna")
    rate.spend("bob")
    with pytest.raises(BusyError) as refused:
        rate.spend("anna")
    assert 0 < refused.value.retry_after <= 1
    now[0] += 1.01
    rate.spend("anna")


def test_a_bug_is_told_without_its_inside(http: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError(str(Path("/secret")))

    monkeypatch.setattr(engine, "search", broken)
    reply = http.post("/v1/search", json={"question": "x"})
    assert reply.status_code == 500 and "secret" not in reply.text and "bug" in reply.json()["detail"]

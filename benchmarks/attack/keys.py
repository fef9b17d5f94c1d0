"""Without a key, with one that may less, and for what is another key's."""

from __future__ import annotations

import json

import httpx

from attack.server import Table, bearer, finished, told
from tests.fakes.library import QUESTION


def strangers(table: Table, http: httpx.Client, keys: dict[str, str]) -> None:
    """Try every route without a key, with a wrong one, and every one that writes with one that may only read."""
    paths = http.get("/v1/openapi.json").json()["paths"]
    routes = [(method.upper(), path) for path, methods in paths.items() for method in methods]
    routes.append(("POST", "/mcp"))
    for name, headers in (
        ("no key", {}),
        ("a wrong key", bearer("fn_" + "x" * 43)),
        ("half a key", bearer(keys["root"][:20])),
    ):
        replies = {route: http.request(*route, json={}, headers=headers) for route in routes}
        let_in = [route for route, reply in replies.items() if reply.status_code != 401]
        shown = (
            f"{len(replies) - len(let_in)} of {len(replies)} routes 401: {replies['POST', '/v1/ask'].json()['detail']}"
        )
        table.add(name, shown, {path for _, path in let_in} == {"/v1/health", "/v1/ready"})
    asks = (
        "/ask",
        "/stream",
        "/search",
        "/chats",
        "/chats/{chat_id}",
        "/feedback",
        "/completions",
        "/responses",
        "/embeddings",
        "/mcp",
    )
    for method, path in routes:
        writes = (method != "GET" and not path.endswith(asks)) or path.startswith("/v1/jobs")
        if writes:
            reply = http.request(method, path.replace("{", "").replace("}", ""), json={}, headers=bearer(keys["anna"]))
            table.add(f"read key: {method} {path}", told(reply), reply.status_code == 403)
    for path, body in (("ingest", {"paths": ["/etc"]}), ("attach", {"path": "/etc"}), ("rebuild", {})):
        reply = http.post(f"/v1/{path}", json=body, headers=bearer(keys["carl"]))
        table.add(f"write key: POST /v1/{path} {json.dumps(body)}", told(reply), reply.status_code == 403)


def others(table: Table, http: httpx.Client, keys: dict[str, str]) -> None:
    """Reach for what is another key's: chats, turns, jobs, question sets."""
    chat = http.post("/v1/chats", json={"title": "x"}, headers=bearer(keys["anna"])).json()["id"]
    turn = http.post(f"/v1/chats/{chat}/ask", json={"question": QUESTION}, headers=bearer(keys["anna"])).json()["id"]
    questions = {"questions": [{"id": "1", "question": QUESTION, "answers": ["Yellen"]}]}
    started = http.post("/v1/evaluations", json=questions, headers=bearer(keys["carl"]))
    run = finished(http, started, keys["carl"])["id"]
    tries = [
        ("bob", "GET", f"/v1/chats/{chat}", None),
        ("bob", "GET", f"/v1/chats/{chat}/turns", None),
        ("root", "GET", f"/v1/chats/{chat}/turns", None),
        ("bob", "PATCH", f"/v1/chats/{chat}", {"title": "mine"}),
        ("bob", "DELETE", f"/v1/chats/{chat}", None),
        ("bob", "POST", f"/v1/chats/{chat}/ask", {"question": QUESTION}),
        ("bob", "POST", f"/v1/chats/{chat}/ask/stream", {"question": QUESTION}),
        ("bob", "GET", f"/v1/turns/{turn}", None),
        ("bob", "PUT", f"/v1/turns/{turn}/feedback", {"verdict": "down"}),
        ("dora", "GET", f"/v1/jobs/{run}", None),
        ("dora", "DELETE", f"/v1/jobs/{run}", None),
        ("bob", "GET", f"/v1/evaluations/{run}", None),
        ("bob", "GET", f"/v1/evaluations/{run}/report", None),
        ("dora", "DELETE", f"/v1/evaluations/{run}", None),
    ]
    for who, method, path, body in tries:
        reply = http.request(method, path, json=body, headers=bearer(keys[who]))
        what = path.replace(chat, "ANNA'S").replace(turn, "ANNA'S").replace(run, "CARL'S")
        table.add(f"{who}: {method} {what}", told(reply).replace(chat, "…"), reply.status_code == 404)
    seen = [http.get(f"/v1/{path}", headers=bearer(keys["dora"])).text for path in ("jobs", "evaluations", "chats")]
    table.add(
        "dora: lists of jobs, question sets, chats",
        "200: nothing of the others",
        not any(i in s for s in seen for i in (chat, run)),
    )

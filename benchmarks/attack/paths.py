"""Ids, collections and names of files that lead elsewhere."""

from __future__ import annotations

from pathlib import Path

import httpx

from attack.server import Table, bearer, finished, told

IDS = (
    "../../etc/passwd",
    "..%2F..%2F..%2Fetc%2Fpasswd",
    "%2e%2e%2f%2e%2e%2fkeys.json",
    "..%5C..%5Ckeys.json",
    "x%00",
    "%2Fetc%2Fpasswd",
    "C%3A%5CWindows%5Cwin.ini",
    "..%252f..%252fkeys.json",
    "%c0%ae%c0%ae%2fkeys.json",
)


def traversal(table: Table, http: httpx.Client, keys: dict[str, str], home: Path) -> None:
    """Lead ids, collections and names of files elsewhere."""
    root, before = bearer(keys["root"]), {path for path in home.rglob("*") if path.is_file()}
    _ids(table, http, root)
    _collections(table, http, root)
    _uploads(table, http, keys["root"], home)
    _pages(table, http, root, home)
    new = {path for path in home.rglob("*") if path.is_file()} - before
    table.add(
        "files outside of uploads that all this made",
        str(len([p for p in new if "evil" in p.name and not p.is_relative_to(home / "uploads")])),
        not Path("/tmp/evil.txt").exists(),
    )


def _ids(table: Table, http: httpx.Client, root: dict[str, str]) -> None:
    for place in (
        "documents/{}",
        "documents/{}/text",
        "documents/{}/original",
        "documents/{}/pages/1",
        "evaluations/{}/report",
        "chats/{}",
        "jobs/{}",
    ):
        replies = [http.get(f"/v1/{place.format(name)}", headers=root) for name in IDS]
        leaked = any("root:" in reply.text or "digest" in reply.text for reply in replies)
        statuses = sorted({reply.status_code for reply in replies})
        table.add(
            f"{len(IDS)} ids at GET /v1/{place.format('…')}",
            f"{statuses}: {told(replies[1])[5:]}",
            not leaked and set(statuses) <= {400, 404},
        )


def _collections(table: Table, http: httpx.Client, root: dict[str, str]) -> None:
    for name in ("../secret", "/etc", "..", "a/b", "C:\\x", "x\0y", "x\r\nSet-Cookie: a=b", ".hidden"):
        reply = http.post("/v1/ask", json={"question": "x", "collection": name}, headers=root)
        form = http.post(
            "/v1/documents", data={"collection": name}, files={"files": ("a.txt", b"A hall.")}, headers=root
        )
        table.add(f"collection {name!r}", told(reply), (reply.status_code, form.status_code) == (422, 422))


def _uploads(table: Table, http: httpx.Client, key: str, home: Path) -> None:
    for name in (
        "../../../evil.txt",
        "/tmp/evil.txt",
        "C:\\evil.txt",
        "..\\..\\evil.txt",
        "evil%00.txt",
        "%2e%2e/evil.txt",
        "evil\r\nX-Evil: 1.txt",
    ):
        sent = http.post("/v1/documents", files={"files": (name, b"The hall has 20 seats.")}, headers=bearer(key))
        uri = finished(http, sent, key)["result"]["files"][0]["uri"]
        table.add(
            f"upload called {name!r}",
            f"202: kept as {uri.removeprefix(str(home))}",
            uri.startswith(f"{home}/uploads/default/"),
        )


def _pages(table: Table, http: httpx.Client, root: dict[str, str], home: Path) -> None:
    for path in ("../etc", "etc\0", "x"):
        reply = http.post("/v1/ingest", json={"paths": [path]}, headers=root)
        table.add(f"path {path!r} of an admin", told(reply), reply.status_code == 400)
    for path in (
        "/gradio_api/file=/etc/passwd",
        f"/gradio_api/file={home}/keys.json",
        "/file=/etc/passwd",
        "/static/..%2f..%2f..%2fetc/passwd",
        "/assets/%2e%2e/%2e%2e/keys.json",
    ):
        reply = http.get(path)
        shown = told(reply).replace(str(home), "HOME")
        table.add(
            f"page: {path.replace(str(home), 'HOME')}",
            shown,
            reply.status_code >= 400 and "root:" not in reply.text and "digest" not in reply.text,
        )

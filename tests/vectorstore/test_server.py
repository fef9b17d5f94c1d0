"""The index on a Chroma server: processes take turns, and a server that is away is named."""

from __future__ import annotations

import http.server
import threading
from pathlib import Path

import pytest
from store_fixtures import Opens, Server
from store_samples import put, vector

from vectorstore.check import doctor, rebuild
from vectorstore.errors import IndexUnavailableError
from vectorstore.local import open_store


@pytest.mark.server
def test_stores_share_a_server_without_waiting_for_each_other(server: Server, opened: Opens, tmp_path: Path) -> None:
    first, second = opened(chroma_url=server.url, scan=0), opened(chroma_url=server.url, scan=0)
    put(first, "apples", uri="a.txt")
    put(second, "pears", uri="b.txt")
    put(first, "plums", uri="a.txt")
    assert [hit.passage_id for hit in second.dense("notes", vector("plums"), 1)] == ["notes:a.txt#0"]
    assert doctor(first) == [] == doctor(second)
    assert not first.index_folder.exists()

    with open_store(tmp_path / "another", chroma_url=server.url, scan_passages=0) as stranger:
        put(stranger, "apples")
        stranger.open_index().delete("notes", ["notes:a.txt#0"])
        assert [finding.kind for finding in doctor(stranger)] == ["missing"]
        assert rebuild(stranger) == 1
        assert doctor(stranger) == [] == doctor(first)


@pytest.mark.server
def test_a_server_that_is_away_is_named_and_nothing_changes(server: Server, opened: Opens) -> None:
    store = opened(chroma_url=server.url, scan=0)
    put(store, "as it was")
    server.stop()
    for action in (
        lambda: put(store, "new"),
        lambda: store.dense("notes", vector("x"), 1),
        lambda: store.remove(["notes:a.txt"]),
        lambda: doctor(store),
    ):
        with pytest.raises(IndexUnavailableError, match=server.url):
            action()
    assert [p.text for p in store.passages_of(["notes:a.txt"])] == ["as it was"]
    assert len(store.lexical("notes", "was", 1)) == 1

    server.start()
    put(store, "new")
    assert doctor(store) == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "localhost:8000", "http://", "ftp://x", "http://a/b"])
def test_a_wrong_address_is_named(opened: Opens, url: str) -> None:
    with pytest.raises(IndexUnavailableError, match="RAG_CHROMA_URL"):
        put(opened(chroma_url=url), "apples")


def test_another_kind_of_server_is_told_from_chroma(opened: Opens, tmp_path: Path) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        with pytest.raises(IndexUnavailableError, match="not a Chroma server"):
            put(opened(chroma_url=f"http://127.0.0.1:{other.server_port}"), "apples")
        other.shutdown()

"""Web pages: what is fetched, and what is not, tried as an attacker would."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from rag.config import Settings
from rag.errors import DocumentError
from rag.web import Web, is_public, split
from tests.fakes.library import library

REAL_LOOK_UP = socket.getaddrinfo
Page = tuple[int, dict[str, str], bytes]
HALL = b"<html><head><title>Hall</title></head><body><p>The hall has 20 seats. It opens in May.</p></body></html>"


class Site:
    """A web site on loopback; `pages` by path."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.headers["Host"], self.path))
                status, headers, body = site.pages.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in ({"Content-Type": "text/html"} | headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Keep the test's output clean."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.http.server_port
        self.url = f"http://localhost:{self.port}"


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    thread = threading.Thread(target=site.http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield site
    site.http.shutdown()
    thread.join()
    site.http.server_close()


@pytest.fixture
def fetch(tmp_path: Path) -> Callable[..., tuple[str, Path]]:
    """Fetches a page; all of this machine but 127.0.0.2 stands for the open internet."""

    def one(url: str, look_up: Any = None, **settings: Any) -> tuple[str, Path]:
        forbidden = ipaddress.ip_address("127.0.0.2")
        web = Web(tmp_path / "web", Settings.load(**settings), lambda address: address != forbidden, look_up)
        return web.fetch(url)

    return one


@pytest.fixture(autouse=True)
def one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `localhost` be 127.0.0.1 alone, because the site is only there."""
    look_up = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *a, **k: look_up("127.0.0.1" if host == "localhost" else host, *a, **k)
    )


def test_a_page_becomes_a_document_with_its_address(site: Site, tmp_path: Path) -> None:
    site.pages["/hall?x=1"] = (200, {}, HALL)
    with library(tmp_path / "docs", private_urls=True) as engine:
        report = engine.ingest([f"{site.url}/hall?x=1#seats", f"{site.url}/gone"], collection="web")
        outcomes = {file.uri: file.outcome for file in report.files}
        assert outcomes == {f"{site.url}/hall?x=1": "added", f"{site.url}/gone": "failed"}
        answer = engine.ask("How many seats has the hall?", collection="web")
        assert answer.citations[0].uri == f"{site.url}/hall?x=1"
        assert engine.ingest([f"{site.url}/hall?x=1"], collection="web").count("unchanged") == 1
        site.pages["/hall?x=1"] = (200, {}, HALL.replace(b"20", b"30"))
        assert engine.ingest([f"{site.url}/hall?x=1"], collection="web").count("updated") == 1
        del site.pages["/hall?x=1"]
        assert engine.ingest([f"{site.url}/hall?x=1"], collection="web").count("failed") == 1
        assert len(engine.documents.list("web")) == 1, "the version read before is kept"


def test_without_the_setting_this_machine_is_out_of_reach(site: Site, tmp_path: Path) -> None:
    with library(tmp_path / "docs") as engine:
        report = engine.ingest([f"{site.url}/hall"])
    assert report.files[0].outcome == "failed" and "RAG_PRIVATE_URLS" in report.files[0].reason
    assert site.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::",
        "64:ff9b:1::1", "ff02::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_of_the_open_internet(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:4700::1111"])
def test_addresses_of_the_open_internet(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
def test_other_ways_to_write_this_machine_lead_nowhere(tmp_path: Path, host: str) -> None:
    # Numbers need no network to be looked up.
    with pytest.raises(DocumentError, match="private network"):
        Web(tmp_path, Settings.load(), look_up=REAL_LOOK_UP).fetch(f"http://{host}:1/")


def test_a_redirect_into_the_private_network_is_not_followed(site: Site, fetch: Callable[..., Any]) -> None:
    site.pages["/out"] = (302, {"Location": f"http://127.0.0.2:{site.port}/inner"}, b"")
    site.pages["/inner"] = (200, {}, HALL)
    with pytest.raises(DocumentError, match=r"private network \(127.0.0.2\)"):
        fetch(f"{site.url}/out")
    assert "/inner" not in {path for _, path in site.asked}


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://x/", "ftp://x/", "//", "http://u:p@localhost/"])
def test_a_redirect_to_something_else_than_a_page_is_refused(
    site: Site, fetch: Callable[..., Any], target: str
) -> None:
    site.pages["/out"] = (302, {"Location": target}, b"")
    with pytest.raises(DocumentError):
        fetch(f"{site.url}/out")


def test_the_address_that_was_checked_is_the_one_that_is_asked(site: Site, fetch: Callable[..., Any]) -> None:
    site.pages["/hall"] = (200, {}, HALL)
    answers: list[str] = []

    def rebinding(host: str, port: int, **_: Any) -> list[Any]:
        answers.append(host)
        return [(2, 1, 6, "", ("127.0.0.1" if len(answers) < 3 else "127.0.0.2", port))]

    fetch(f"http://rebind.example:{site.port}/hall", rebinding)
    assert len(answers) == 2, "once for robots.txt, once for the page, never again to connect"
    assert site.asked[-1] == (f"rebind.example:{site.port}", "/hall")
    with pytest.raises(DocumentError, match="private"):
        fetch(f"http://rebind.example:{site.port}/hall", rebinding)


def test_a_host_with_one_private_address_among_others_is_refused(site: Site, fetch: Callable[..., Any]) -> None:
    both = [(2, 1, 6, "", ("127.0.0.1", site.port)), (2, 1, 6, "", ("127.0.0.2", site.port))]
    with pytest.raises(DocumentError, match="private"):
        fetch(f"http://two.example:{site.port}/", lambda *_, **__: both)


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        ((200, {}, b"User-agent: *\nDisallow: /private"), True),
        ((200, {}, b"User-agent: *\nDisallow: /"), False),
        ((200, {}, b"User-agent: Footnote\nDisallow: /*ll\n\nUser-agent: *\nAllow: /"), False),
        ((404, {}, b""), True),
        ((503, {}, b""), False),
    ],
)
def test_robots_are_heeded(site: Site, fetch: Callable[..., Any], robots: Page, allowed: bool) -> None:
    site.pages |= {"/robots.txt": robots, "/hall": (200, {}, HALL)}
    if allowed:
        assert fetch(f"{site.url}/hall")[1].read_bytes() == HALL
    else:
        with pytest.raises(DocumentError, match=r"robots\.txt"):
            fetch(f"{site.url}/hall")


def test_what_is_too_large_unpacked_is_refused(site: Site, fetch: Callable[..., Any]) -> None:
    site.pages["/bomb"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"x" * 5_000_000))
    with pytest.raises(DocumentError, match="more than 10,000 bytes"):
        fetch(f"{site.url}/bomb", file_bytes=10_000)


def test_what_is_no_document_is_named(site: Site, fetch: Callable[..., Any]) -> None:
    site.pages["/x"] = (200, {"Content-Type": "video/mp4"}, b"x")
    with pytest.raises(DocumentError, match="video/mp4"):
        fetch(f"{site.url}/x")
    site.pages["/loop"] = (302, {"Location": "/loop"}, b"")
    with pytest.raises(DocumentError, match="redirects more than"):
        fetch(f"{site.url}/loop")


def test_a_name_of_a_page_cannot_lead_out_of_the_folder(site: Site, fetch: Callable[..., Any], tmp_path: Path) -> None:
    site.pages["/..%2f..%2fetc%2fpasswd"] = (200, {"Content-Type": "text/plain"}, b"x")
    _, path = fetch(f"{site.url}/..%2f..%2fetc%2fpasswd")
    assert path.resolve().is_relative_to(tmp_path / "web") and path.name == "passwd.txt"


def test_pages_and_files_are_told_apart() -> None:
    assert split(["https://a.example/", "HTTP://b.example", "notes", Path("x")]) == (
        ["https://a.example/", "HTTP://b.example"],
        [Path("notes"), Path("x")],
    )

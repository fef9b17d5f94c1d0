"""Web pages to files that can be read, without being led into the network that this machine stands in.

A part of `rag.ingest`. An address is looked up once, checked, and then connected to as it was checked, so that a name
that changes its answer in between (DNS rebinding) leads nowhere; each redirect is checked anew. robots.txt is heeded as
RFC 9309 has it. No proxy is used: it would look up names by itself.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit, urlunsplit

import httpx

from rag.config import Settings
from rag.errors import DocumentError

AGENT = "Footnote"
"""Name of the robot, for robots.txt."""
SECONDS = 30.0
"""How long a page may take, redirects and all."""
REDIRECTS = 5
ROBOTS_BYTES = 500 * 1024
_HEADERS = {"User-Agent": f"{AGENT}/0.1 (documents of a person, on request)", "Accept-Encoding": "gzip, deflate"}
_SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "application/json": ".json",
    "application/pdf": ".pdf",
    "application/epub+zip": ".epub",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
_NAME = re.compile(r"[^A-Za-z0-9._-]+")
# Addresses of IPv6 that stand for ones of IPv4, so that they could lead to a private one.
_TUNNELS = tuple(
    map(ipaddress.ip_network, ("::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16"))
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_url(path: Path | str) -> bool:
    """Say whether this names a web page."""
    return isinstance(path, str) and path.lower().startswith(("http://", "https://"))


def is_public(address: Address) -> bool:
    """Say whether an address is of the open internet: no private, local, shared, reserved or multicast one."""
    return address.is_global and not address.is_multicast and not any(address in network for network in _TUNNELS)


def anywhere(address: Address) -> bool:
    """Say yes to each address but those that no page can be at."""
    return not address.is_multicast and not address.is_unspecified


@dataclass
class Web:
    """Fetches pages into a folder; `robots` remembers what hosts said."""

    folder: Path
    settings: Settings
    may: Callable[[Address], bool] | None = None
    """Which addresses are allowed; by default as the setting `private_urls` says."""
    look_up: Callable[..., Sequence[Any]] | None = None
    """In place of socket.getaddrinfo."""
    clock: Callable[[], float] = time.monotonic
    robots: dict[tuple[str, str], Callable[[str], bool]] = field(default_factory=dict)

    def fetch(self, url: str) -> tuple[str, Path]:
        """Return a page's address without fragment, and the file that has its bytes now.

        A page that is the same as before leaves its file untouched.

        Raises:
            DocumentError: it may not be fetched, can't be, or is nothing that can be read.
        """
        name = urlunsplit(_parsed(url, url)._replace(fragment=""))
        end = self.clock() + SECONDS
        target = name
        for _ in range(REDIRECTS + 1):
            parts = _parsed(target, url)
            if not self._may_robot(parts, url, end):
                raise DocumentError(f"{url}: its robots.txt doesn't let programs read it; save the page as a file.")
            with self._get(parts, url, end) as reply:
                if reply.is_redirect:
                    target = urljoin(target, reply.headers.get("location", ""))
                    continue
                return name, self._kept(name, reply, url, end)
        raise DocumentError(f"{url}: it redirects more than {REDIRECTS} times.")

    def _kept(self, name: str, reply: httpx.Response, url: str, end: float) -> Path:
        if not reply.is_success:
            raise DocumentError(f"{url}: the site answers with status {reply.status_code}.")
        path = self.folder / hashlib.sha256(name.encode()).hexdigest()[:16] / _file_name(name, reply, url)
        data = self._body(reply, url, self.settings.file_bytes, end)
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new = path.with_name(f".{path.name}.new")
            new.write_bytes(data)
            os.replace(new, path)
        return path

    def _may_robot(self, parts: SplitResult, url: str, end: float) -> bool:
        site = (parts.scheme, parts.netloc)
        if site not in self.robots:
            self.robots[site] = self._rules(parts, url, end)
        return self.robots[site](urlunsplit(parts))

    def _rules(self, parts: SplitResult, url: str, end: float) -> Callable[[str], bool]:
        from protego import Protego

        target = urlunsplit((parts.scheme, parts.netloc, "/robots.txt", "", ""))
        for _ in range(REDIRECTS):
            with self._get(_parsed(target, url), url, end) as reply:
                if reply.is_redirect:
                    target = urljoin(target, reply.headers.get("location", ""))
                    continue
                if reply.is_success:
                    text = self._body(reply, url, ROBOTS_BYTES, end, cut=True).decode("utf-8", "replace")
                    rules = Protego.parse(text)
                    return lambda page: bool(rules.can_fetch(page, AGENT))
                # Not there: all is allowed; can't be told: nothing is.
                allowed = 400 <= reply.status_code < 500
                return lambda page: allowed
        return lambda page: True

    @contextmanager
    def _get(self, parts: SplitResult, url: str, end: float) -> Iterator[httpx.Response]:
        """Ask the address that was checked, by the name that was meant."""
        address = self._address(parts, url)
        host = f"[{address}]" if ":" in str(address) else str(address)
        pinned = urlunsplit((parts.scheme, f"{host}:{_port(parts)}", parts.path or "/", parts.query, ""))
        headers = {**_HEADERS, "Host": _host_header(parts)}
        extensions = {"sni_hostname": _ascii(parts)}
        limit = max(0.1, end - self.clock())
        try:
            with (
                httpx.Client(trust_env=False, timeout=min(10.0, limit), verify=True) as client,
                client.stream("GET", pinned, headers=headers, extensions=extensions) as reply,
            ):
                yield reply
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise DocumentError(f"{url}: can't be fetched ({str(error) or type(error).__name__}).") from error

    def _address(self, parts: SplitResult, url: str) -> Address:
        """Look the host up; all of its addresses have to be allowed, and the first is taken."""
        try:
            found = (self.look_up or socket.getaddrinfo)(_ascii(parts), _port(parts), type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise DocumentError(f"{url}: there is no host {parts.hostname} ({error}).") from error
        may = self.may or (anywhere if self.settings.private_urls else is_public)
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        for address in addresses:
            if not may(address):
                raise DocumentError(
                    f"{url}: {parts.hostname} is in a private network ({address}); "
                    "RAG_PRIVATE_URLS=true lets it be read."
                )
        return addresses[0]

    def _body(self, reply: httpx.Response, url: str, most: int, end: float, *, cut: bool = False) -> bytes:
        """Read what comes, unpacked, up to `most` bytes: what says of itself that it is small may be a bomb."""
        data = bytearray()
        for piece in reply.iter_bytes(65_536):
            data += piece
            if len(data) > most:
                if cut:
                    break
                raise DocumentError(f"{url}: has more than {most:,} bytes (RAG_FILE_BYTES).")
            if self.clock() > end:
                raise DocumentError(f"{url}: took longer than {SECONDS:.0f} s.")
        return bytes(data[:most])


def _parsed(target: str, url: str) -> SplitResult:
    """Return the parts of an address that may be asked for at all.

    Raises:
        DocumentError: it is no web address, or has a name and password.
    """
    try:
        parts = urlsplit(target.strip())
        _ = parts.port
    except ValueError as error:
        raise DocumentError(f"{url}: is no web address ({error}).") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise DocumentError(f"{url}: leads to {parts.scheme or 'no'} address; only http and https are read.")
    if "@" in parts.netloc:
        raise DocumentError(f"{url}: has a name or password in it; pages behind a login can't be read.")
    path, query = quote(parts.path, safe="/%:@!$&'()*+,;=~-._"), quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return parts._replace(netloc=parts.netloc.lower(), path=path or "/", query=query)


def _ascii(parts: SplitResult) -> str:
    host = parts.hostname or ""
    return host if host.isascii() else host.encode("idna").decode()


def _host_header(parts: SplitResult) -> str:
    host = f"[{_ascii(parts)}]" if ":" in _ascii(parts) else _ascii(parts)
    return f"{host}:{parts.port}" if parts.port else host


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _file_name(name: str, reply: httpx.Response, url: str) -> str:
    """Return a plain file name, with the suffix of what the site says that the page is."""
    header = Message()
    header["content-type"] = reply.headers.get("content-type", "text/html")
    kind = header.get_content_type()
    suffix = _SUFFIXES.get(kind)
    if suffix is None:
        raise DocumentError(f"{url}: is of the type {kind}, which can't be read.")
    last = unquote(urlsplit(name).path.rstrip("/")).rpartition("/")[2]
    stem = _NAME.sub("-", last.rpartition(".")[0] or last).strip("-.")[:60]
    return f"{stem or 'index'}{suffix}"


def split(paths: Sequence[Path | str]) -> tuple[list[str], list[Path]]:
    """Return the web pages, each once, and the files and folders among what is to be read."""
    urls = list(dict.fromkeys(str(path) for path in paths if is_url(path)))
    return urls, [Path(path) for path in paths if not is_url(path)]

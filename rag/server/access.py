"""Who may do what: keys and scopes, and no requests that a page of another site makes in a visitor's name."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.errors import AccessError, RagError
from rag.server import keys
from rag.server.keys import SCOPES, Keys
from rag.server.problems import CLOSE, RefusedError, response_of

if TYPE_CHECKING:
    from rag.server.service import Service

_SAFE = {"GET", "HEAD", "OPTIONS"}
_LOCAL = {"localhost", "127.0.0.1", "::1"}
OPEN = {"/v1/health", "/v1/ready", "/v1/openapi.json"}
"""What never needs a key."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the name of the key, or "local" where none is needed."""

    name: str
    scope: keys.Scope
    owner: str = ""
    """Whose chats are this caller's; "" is whoever sits at this machine, on the chat page, too."""

    @property
    def sees(self) -> str | None:
        """Whose jobs and question sets it may look at: its own; with the scope `admin` everybody's, which is None."""
        return None if self.scope == "admin" else self.owner

    def must(self, scope: keys.Scope) -> None:
        """Let only a caller with this scope go on.

        Raises:
            AccessError: it has a lesser one.
        """
        if SCOPES.index(self.scope) < SCOPES.index(scope):
            raise AccessError(
                f"The key {self.name!r} may only {self.scope}; this needs one with the scope {scope!r}.", known=True
            )


class Door:
    """Lets in who has a key; everyone on this machine, too, as long as there are no keys and others can't come in.

    Args:
        keys: the keys that there are.
        secret: a key of this process, for commands of the same user on this machine.
        guarded: a key is wanted even when there is none.
    """

    def __init__(self, keys: Keys, secret: str, *, guarded: bool) -> None:
        self._keys = keys
        self._secret = secret
        self._guarded = guarded

    def caller(self, headers: Headers) -> Caller:
        """Return who is asking.

        Raises:
            AccessError: a key is wanted, and there is none or a wrong one.
        """
        token = _token(headers)
        if token and hmac.compare_digest(keys.digest_of(token), keys.digest_of(self._secret)):
            return Caller("local", "admin")
        if not self._guarded and not self._keys.all():
            return Caller("local", "admin")
        if not token:
            raise AccessError("This server wants a key: send `Authorization: Bearer KEY` (`rag keys add` makes one).")
        key = self._keys.find(token)
        if key is None:
            raise AccessError("This key is not known here, or was revoked; `rag keys add` makes a new one.")
        return Caller(key.name, key.scope, f"key:{key.name}")


def _token(headers: Headers) -> str:
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else headers.get("x-api-key", "")


def need(scope: keys.Scope) -> Callable[[Request], Caller]:
    """Return a dependency that lets only callers with this scope go on, as often as the rate allows."""

    def check(request: Request) -> Caller:
        service: Service = request.app.state.service
        caller = service.door.caller(request.headers)
        request.scope["caller"] = caller.name
        service.rate.spend(caller.name)
        caller.must(scope)
        return caller

    return check


Reads = Annotated[Caller, Depends(need("read"))]
Writes = Annotated[Caller, Depends(need("write"))]
Administers = Annotated[Caller, Depends(need("admin"))]


class Guard:
    """Middleware: refuses what a browser sends from another site's page, names that only seem to lead here, strangers.

    A page elsewhere can send forms to a server on this machine, and by a name of its own that it makes to lead to
    127.0.0.1 (DNS rebinding) even read the answers. The routes ask for the key, too, but only when they have read the
    request: without this, whoever has no key could fill the disk with what is uploaded.

    Args:
        needs: the scope that requests other than to look need, by path; everywhere else any key will do here.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        local: bool,
        origins: Iterable[str],
        under: Iterable[str],
        door: Door,
        needs: Mapping[str, keys.Scope],
    ) -> None:
        self._app = app
        self._local = local
        self._origins = set(origins)
        self._under = tuple(under)
        self._door = door
        self._needs = needs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or pass it on."""
        if scope["type"] == "http" and scope["path"].startswith(self._under):
            headers = Headers(scope=scope)
            error = self._fault(scope["method"], headers) or self._stranger(scope["method"], scope["path"], headers)
            if error:
                refusal = response_of(error)
                if scope["method"] not in _SAFE:
                    refusal.headers.update(CLOSE)
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _fault(self, method: str, headers: Headers) -> RefusedError | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if self._local and _host(host) not in _LOCAL:
            return RefusedError(421, "This server is for its own machine alone; call it 127.0.0.1 or localhost.")
        if method in _SAFE or origin is None or origin in self._origins:
            return None
        if _netloc(origin) != host:
            return RefusedError(403, "Pages of other sites may not use this server (RAG_CORS_ORIGINS lets them).")
        return None

    def _stranger(self, method: str, path: str, headers: Headers) -> RagError | None:
        if path in OPEN:
            return None
        try:
            self._door.caller(headers).must("read" if method in _SAFE else self._needs.get(path, "read"))
        except RagError as error:
            return error
        return None


def _host(header: str) -> str:
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def _netloc(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach what is bound to `host`."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

"""Who is asking: a login of our own where RAG_AUTH names a file of users, and no requests from other sites."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.users import Users

if TYPE_CHECKING:
    from pathlib import Path

COOKIE = "footnote_session"
SECONDS = 12 * 3600.0
"""A login lasts so long after its last use."""
TRIES = 10
"""Wrong passwords for one name within TRY_SECONDS; after that the name has to wait."""
TRY_SECONDS = 60.0
_SAFE = {"GET", "HEAD", "OPTIONS"}
_OWN = ("ui/", "gradio_api/")


class Access:
    """The logins of this process; without a file of users everybody is the one user ""."""

    def __init__(self, auth: Path | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._users = Users(auth) if auth else None
        self._clock = clock
        self._sessions: dict[str, tuple[str, float]] = {}
        self._wrong: dict[str, list[float]] = {}

    @property
    def required(self) -> bool:
        """Whether anybody has to log in."""
        return self._users is not None

    def login(self, name: str, password: str) -> str | None:
        """Return a new session's token, or None where name and password don't fit or the name has to wait."""
        now = self._clock()
        tries = [moment for moment in self._wrong.get(name, []) if now - moment < TRY_SECONDS]
        if self._users is None or len(tries) >= TRIES:
            return None
        if not self._users.admits(name, password):
            self._wrong = {n: t for n, t in self._wrong.items() if now - t[-1] < TRY_SECONDS}
            self._wrong[name] = [*tries, now]
            return None
        self._wrong.pop(name, None)
        token = secrets.token_urlsafe(32)
        self._sessions[token] = (name, now + SECONDS)
        return token

    def logout(self, token: str) -> None:
        """End a session."""
        self._sessions.pop(token, None)

    def user(self, request: Request) -> str | None:
        """Return who is asking, or None where a login is needed; "" where none is."""
        if self._users is None:
            return ""
        token = request.cookies.get(COOKIE, "")
        name, until = self._sessions.get(token, ("", 0.0))
        if not name or until < self._clock() or name not in self._users.names():
            self._sessions.pop(token, None)
            return None
        self._sessions[token] = (name, self._clock() + SECONDS)
        return name


class Guard:
    """Turns away requests that another site's page made, and leads whoever has to log in to the login."""

    def __init__(self, app: ASGIApp, access: Access, path: str) -> None:
        self._app = app
        self._access = access
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or pass it on."""
        if scope["type"] == "http" and scope["path"].startswith(self._path):
            request = Request(scope)
            if refusal := self._refusal(request, scope["path"].removeprefix(self._path)):
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, request: Request, rest: str) -> Response | None:
        if rest.startswith(_OWN) and request.method not in _SAFE and _is_foreign(request):
            return JSONResponse({"message": "This request came from another site; open the page itself."}, 403)
        if not self._access.required or self._access.user(request) is not None:
            return None
        if rest == "" and request.method == "GET":
            return RedirectResponse(f"{self._path}ui/login", 303)
        if rest.startswith("ui/") and rest != "ui/login" and not rest.startswith("ui/static/"):
            return JSONResponse({"message": "Log in again; the session is over."}, 401)
        return None


def _is_foreign(request: Request) -> bool:
    origin = request.headers.get("origin")
    return bool(origin) and urlsplit(origin).netloc != request.headers.get("host")


def add_login(app: FastAPI, access: Access, path: str) -> None:
    """Add the pages to log in and out."""
    page = (files("rag.ui") / "static" / "login.html").read_text(encoding="utf-8").replace("{path}", path)

    @app.get(f"{path}ui/login", include_in_schema=False)
    def login_page() -> HTMLResponse:
        return HTMLResponse(page.replace("{message}", ""))

    @app.post(f"{path}ui/login", include_in_schema=False)
    def login(request: Request, name: str = Form(""), password: str = Form("")) -> Response:
        token = access.login(name, password)
        if token is None:
            wrong = "Name and password don't fit. After ten wrong tries, wait a minute."
            return HTMLResponse(page.replace("{message}", wrong), 401)
        response = RedirectResponse(path, 303)
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure, path=path)
        return response

    @app.post(f"{path}ui/logout", include_in_schema=False)
    def logout(request: Request) -> Response:
        access.logout(request.cookies.get(COOKIE, ""))
        response = RedirectResponse(f"{path}ui/login", 303)
        response.delete_cookie(COOKIE, path=path)
        return response

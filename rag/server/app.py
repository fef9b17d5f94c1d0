"""The application: routes, limits and middleware put together."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI, Response
from starlette.middleware.cors import CORSMiddleware

from rag import __version__
from rag.server import asking, chats, evaluations, library, openai, pages, responses
from rag.server.access import Guard, Reads, is_loopback
from rag.server.bodies import BodyLimit
from rag.server.keys import Scope
from rag.server.observe import Observed
from rag.server.problems import MEDIA_TYPE, add_handlers
from rag.server.schema import HealthOut, Problem
from rag.server.service import Served, Service
from rag.server.uploads import MOST_FILES

if TYPE_CHECKING:
    from rag.engine import Engine

BODY_BYTES = 4_000_000
"""Largest request that is no upload."""
_UNDER = ("/v1", "/openai", "/mcp", "/metrics")
_TOLD = {
    400: "The request can't be done as it is.",
    401: "A key is wanted, or this one is not known.",
    403: "The key may not do this.",
    404: "There is no such collection, document, chat or job.",
    405: "This method is not for this address.",
    408: "The rest of the request did not come.",
    409: "It can't be done in the present state.",
    413: "The request is too large.",
    415: "The body is not of a type that is read here.",
    421: "The server is for its own machine alone.",
    422: "The request is not what this document says.",
    429: "Too much at once; `Retry-After` says when to come back.",
    500: "A bug, or a damaged store.",
    502: "The model that writes failed.",
    503: "Something that is needed is not there at present.",
    504: "The model that writes was silent for too long.",
    507: "The store can't be written.",
}
open_routes = APIRouter(prefix="/v1", tags=["server"])
ROUTERS = (
    open_routes,
    asking.router,
    chats.router,
    library.router,
    pages.router,
    library.jobs,
    evaluations.router,
    openai.router,
    responses.router,
)


def create_app(
    engine: Engine, *, host: str = "127.0.0.1", secret: str | None = None, ui: bool = False, mcp: bool = True
) -> FastAPI:
    """Return the application that serves an engine. The caller closes the engine, after the application has ended.

    Args:
        engine: answers; its settings are those of the server, too.
        host: what the server will be bound to; beyond this machine nobody comes in without a key.
        secret: a key with all rights for this process, besides those of `rag keys`.
        ui: add the chat page at "/".
        mcp: add the Model Context Protocol at "/mcp", if the extra `mcp` is installed.
    """
    service = Service.of(engine, guarded=not is_loopback(host), secret=secret or secrets.token_urlsafe(32))
    parts: list[Callable[[], Any]] = []
    app = FastAPI(
        title="Footnote",
        version=__version__,
        summary="Ask your own documents; every sentence of the answer carries a quote that was checked.",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(service, parts),
        responses={status: _told(meaning) for status, meaning in _TOLD.items()},
    )
    app.state.service = service
    add_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(
        library.uploads, form_limits={"max_files": MOST_FILES, "max_fields": 10, "max_part_size": 10_000}
    )
    app.add_api_route("/metrics", metrics, include_in_schema=False)
    if mcp and find_spec("mcp") is not None:
        from rag.server.tools import add_to

        parts.append(add_to(app, service))
    _describe(app)
    _guard(app, service, local=is_loopback(host))
    if ui:
        # Last, because it answers everything that nobody else does.
        import_module("rag.ui").mount(app, engine)
    return app


def _guard(app: FastAPI, service: Service, *, local: bool) -> None:
    """Add the middleware; what is added last sees a request first."""
    origins = [origin.strip().rstrip("/") for origin in service.settings.cors_origins.split(",") if origin.strip()]
    app.add_middleware(
        BodyLimit, most=BODY_BYTES, uploads={"/v1/documents": service.settings.upload_bytes}, under=_UNDER
    )
    needs: dict[str, Scope] = {"/v1/documents": "write"}
    app.add_middleware(Guard, local=local, origins=origins, under=_UNDER, door=service.door, needs=needs)
    if origins:
        app.add_middleware(CORSMiddleware, allow_origins=origins, allow_methods=["*"], allow_headers=["*"])
    app.add_middleware(Observed, metrics=service.metrics, traces=service.traces)


def _told(meaning: str) -> dict[str, Any]:
    return {"description": meaning, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _describe(app: FastAPI) -> None:
    """Let the OpenAPI document say what a problem is and how to send a key."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            parts = document.setdefault("components", {})
            schemas = parts.setdefault("schemas", {})
            schemas["Problem"] = Problem.model_json_schema()
            parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
            document["security"] = [{"key": []}, {}]
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _lifespan(service: Service, parts: list[Callable[[], Any]]) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # Each answer that is being written holds a thread; Python's own pool has no more than 6 on 2 cores.
        threads = service.settings.answers + 16
        pool = ThreadPoolExecutor(threads, "answers")
        asyncio.get_running_loop().set_default_executor(pool)
        async with AsyncExitStack() as stack:
            for part in parts:
                await stack.enter_async_context(part())
            # What a killed process was answering is nobody's work any more.
            service.engine.chats.interrupt()
            yield
        await asyncio.to_thread(service.jobs.close)
        if service.traces is not None:
            await asyncio.to_thread(service.traces.close)
        # The loop waits for the threads of its own pool at its end; one may listen to a model that says nothing.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        pool.shutdown(wait=False, cancel_futures=True)

    return lifespan


@open_routes.get("/health", response_model=HealthOut)
def health(service: Served) -> Any:
    """Say that the server lives. Needs no key."""
    return {"version": __version__, "server": service.name}


@open_routes.get("/ready", response_model=HealthOut)
def ready(service: Served) -> Any:
    """Say that the store can be read, so that questions will be taken. Needs no key."""
    service.engine.collections()
    return {"version": __version__, "server": service.name}


def metrics(service: Served, _: Reads) -> Response:
    """Show the metrics in Prometheus' text format."""
    return Response(service.metrics.shown(), media_type="text/plain; version=0.0.4")

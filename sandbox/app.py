"""The sandbox as one ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from sandbox.common.gate import Gate
from sandbox.common.state import State
from sandbox.control import athletes, index, switches
from sandbox.providers.all import PROVIDERS


def create(file: Path | None = None, http: httpx.AsyncClient | None = None) -> Starlette:
    """`file` keeps the state between two runs; `http` reaches those who take webhooks."""
    state = State(file, http)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        state.outbox.cancel()
        state.save()
        await state.http.aclose()

    app = Starlette(
        routes=[
            Route("/", index.shown),
            Route("/athletes", index.make, methods=["POST"]),
            Route("/health", health),
            Mount("/_sandbox", routes=CONTROL),
            *(Mount(f"/{provider.path}", routes=provider.routes) for provider in PROVIDERS),
        ],
        middleware=[Middleware(Gate, state=state, providers=PROVIDERS)],
        exception_handlers={
            ValidationError: _refused,
            ValueError: _refused,
            KeyError: _unknown,
            IndexError: _unknown,
        },
        lifespan=lifespan,
    )
    app.state.sandbox = state
    return app


CONTROL = [
    Route("/clients", switches.clients),
    Route("/athletes", athletes.create, methods=["POST"]),
    Route("/athletes", athletes.listed),
    Route("/athletes/{athlete}", athletes.shown),
    Route("/athletes/{athlete}", athletes.deleted, methods=["DELETE"]),
    Route("/athletes/{athlete}/activities", athletes.truth),
    Route("/athletes/{athlete}/activities", athletes.add, methods=["POST"]),
    Route("/athletes/{athlete}/activities/{number:int}", athletes.change, methods=["PATCH"]),
    Route("/athletes/{athlete}/activities/{number:int}", athletes.remove, methods=["DELETE"]),
    Route("/athletes/{athlete}/nights", athletes.add_night, methods=["POST"]),
    Route("/faults", switches.faults, methods=["GET", "PUT", "DELETE"]),
    Route("/clock", switches.clock, methods=["GET", "PUT"]),
    Route("/calls", switches.calls, methods=["GET", "DELETE"]),
    Route("/deliveries", switches.deliveries, methods=["GET", "DELETE"]),
    Route("/subscriptions", switches.subscriptions, methods=["GET", "POST"]),
    Route("/grants", switches.all_grants),
    Route("/grants/{grant}/{how}", switches.end_grant, methods=["POST"]),
    Route("/reset", switches.reset, methods=["POST"]),
]


async def health(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _refused(_request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=422)


async def _unknown(_request: Request, error: Exception) -> Response:
    return JSONResponse(
        {"error": f"there is no {error.args[0] if error.args else 'such thing'}"}, status_code=404
    )

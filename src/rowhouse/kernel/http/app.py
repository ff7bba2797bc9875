"""The API as an application: routers of all apps, the edge's surroundings, the web front end behind them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import Match, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.health.sampling import sampled
from rowhouse.kernel.http import problems
from rowhouse.kernel.http.bodies import BoundedBodies
from rowhouse.kernel.http.compression import Compressed
from rowhouse.kernel.http.document import complete_document
from rowhouse.kernel.http.dressing import dress
from rowhouse.kernel.http.edge import declaration_of
from rowhouse.kernel.http.hot import PREFIX, HotRoute, operation_id
from rowhouse.kernel.http.middleware import Surroundings, under_way
from rowhouse.kernel.http.operations import router as operations
from rowhouse.kernel.http.replaying import Replay, replay
from rowhouse.kernel.http.rounds import rounds
from rowhouse.kernel.http.web import Build, WebFrontEnd
from rowhouse.kernel.observability import exporting
from rowhouse.kernel.platform import running
from rowhouse.kernel.registry import Registry
from rowhouse.kernel.settings import Settings
from rowhouse.kit.garbage import settle
from rowhouse.kit.origins import parse_origins


class UndeclaredRoute(RuntimeError):
    """A route that says nothing of who may call it; the start fails rather than leave a door open."""


def build_api(registry: Registry, settings: Settings) -> FastAPI:
    """The application; raises `UndeclaredRoute` for a route without an edge or with an unknown permission."""
    app = FastAPI(
        title="Rowhouse",
        version="1",
        summary="Fitness for athletes, on a kernel whose walls are PostgreSQL's.",
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        # Such a redirect would lead wherever the Host header says.
        redirect_slashes=False,
        lifespan=_lifespan(registry, settings),
        generate_unique_id_function=operation_id,
    )
    for installed in registry.apps:
        for router in installed.routers:
            for route in router.routes:
                if isinstance(route, APIRoute):
                    dress(route)
            if router.route_class is HotRoute:
                app.router.routes[:0] = router.routes
            else:
                app.include_router(router, prefix=PREFIX, tags=[installed.title])
        for router in installed.root_routers:
            app.include_router(router)
    _check_declarations(app, registry)
    complete_document(app)
    app.include_router(operations)
    problems.install(app)
    app.add_exception_handler(Replay, replay)
    if settings.web_dir is not None:
        images = (settings.tiles_origin,) if settings.tiles_origin else ()
        app.mount("/", _outside_api(app, WebFrontEnd(Build.load(settings.web_dir), images=images)))
    surround(app, settings)
    return app


EXPOSED = (
    "Content-Disposition",
    "Deprecation",
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Sunset",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Request-ID",
)
"""What pages of other origins read of an answer besides what every page may."""


def surround(app: FastAPI, settings: Settings) -> None:
    """Puts around the routes what every request passes through first."""
    origins = parse_origins(settings.cors_origins)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_credentials=True,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "X-CSRF-Token",
                "X-Request-ID",
                "If-Match",
                "If-None-Match",
                "Idempotency-Key",
            ],
            expose_headers=EXPOSED,
        )
    app.add_middleware(Compressed)
    app.add_middleware(BoundedBodies, most_bytes=settings.body_max_bytes)
    app.add_middleware(Surroundings, settings=settings)


def _lifespan(
    registry: Registry, settings: Settings
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        exporting.begin("api", host=settings.metrics_host, port=settings.metrics_port)
        async with (
            running(settings, registry, application="rowhouse-api") as platform,
            sampled(platform, lambda: under_way.count),
            rounds(platform),
        ):
            app.state.platform = platform
            settle()
            yield

    return lifespan


def _check_declarations(app: FastAPI, registry: Registry) -> None:
    """Also fails when it finds fewer routes than were included: a check that sees nothing must not pass."""
    checked = 0
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute):
            continue
        checked += 1
        found = [d for d in map(declaration_of, (sub.call for sub in route.dependant.dependencies)) if d]
        if len(found) != 1:
            raise UndeclaredRoute(
                f"{sorted(route.methods or ())} {route.path} declares {len(found)} ways in, not one"
            )
        permission = found[0].permission
        if permission is not None and permission not in registry.permissions:
            raise UndeclaredRoute(f"{route.path} asks for the unknown permission {permission}")
    routers = (router for app in registry.apps for router in (*app.routers, *app.root_routers))
    if checked != sum(isinstance(route, APIRoute) for router in routers for route in router.routes):
        raise UndeclaredRoute("some routes escaped the check of their declarations")


def _outside_api(app: FastAPI, web: WebFrontEnd) -> ASGIApp:
    """The front end, but never for an address below /api: there a problem is the right answer. A mount at the root
    also gets what a route would refuse for its method."""
    routes = [route for route in app.router.routes if not isinstance(route, Mount)]

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(("/api/", "/health", "/ready", "/metrics")):
            outside = {**scope, "root_path": "", "app_root_path": ""}
            known = any(route.matches(outside)[0] is Match.PARTIAL for route in routes)
            error = problems.MethodNotAllowed() if known else NotFound()
            answer = await problems.unrouted(Request(scope, receive), error)
            await answer(scope, receive, send)
            return
        await web(scope, receive, send)

    return serve

"""What surrounds every request: its id, its client's address, security headers, limits told, one log line."""

import re
import time
from collections.abc import Iterable, Mapping
from uuid import UUID

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rowhouse.kernel.context import RequestInfo
from rowhouse.kernel.errors import AppError
from rowhouse.kernel.http.problems import problem
from rowhouse.kernel.http.watching import watch
from rowhouse.kernel.limits.limits import Usage
from rowhouse.kernel.observability.logs import begin_lines
from rowhouse.kernel.observability.metrics import request_answered
from rowhouse.kernel.observability.reporting import report
from rowhouse.kernel.observability.tracing import HEADER, continued, is_on, name_request
from rowhouse.kernel.settings import Settings
from rowhouse.kit.ids import uuid7

log = structlog.get_logger("rowhouse.request")

API_CSP = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PROBES = frozenset({"/health", "/ready"})
Headers = Iterable[tuple[bytes, bytes]]
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class UnderWay:
    """How many requests this process has not answered yet; sampled, since counting them as a metric would cost each
    request twice."""

    def __init__(self) -> None:
        self.count = 0


under_way = UnderWay()


class Surroundings:
    """Pure ASGI, since a middleware that wraps streams costs more than the request."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.proxies = frozenset(p.strip() for p in settings.trusted_proxies.split(",") if p.strip())
        fixed = dict(HEADERS) | {"X-API-Version": "1"}
        if settings.public_url.startswith("https://"):
            fixed["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
        self.fixed = [(name.lower().encode(), value.encode()) for name, value in fixed.items()]
        self.names = frozenset((b"x-request-id", *(name for name, _ in self.fixed)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        info = self._info(scope)
        scope["rowhouse.request"] = info
        if not is_on():
            await self._answer(scope, receive, send, info)
            return
        with continued(scope["method"], self._parent(scope)):
            await self._answer(scope, receive, send, info)

    def _parent(self, scope: Scope) -> str | None:
        """The trace that the request belongs to: a stranger does not get to choose it."""
        if not scope.get("client") or scope["client"][0] not in self.proxies:
            return None
        headers: dict[bytes, bytes] = dict(scope["headers"])
        return headers.get(HEADER.encode(), b"").decode("latin-1")

    async def _answer(self, scope: Scope, receive: Receive, send: Send, info: RequestInfo) -> None:
        begin_lines(request_id=info.id)
        started = time.perf_counter()
        status = 500
        under_way.count += 1

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._with_headers(message.get("headers", ()), scope, info)
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception as error:
            if status != 500:  # the answer has begun: nothing can be said any more
                raise
            log.exception("unhandled_error", error=type(error).__name__)
            report(error, request_id=info.id)
            await problem(info.id, AppError())(scope, receive, send_with_headers)
        finally:
            under_way.count -= 1
            seconds = time.perf_counter() - started
            path = _pattern(scope)
            request_answered(scope["method"], path, status, seconds)
            watch(scope, info, path, status)
            name_request(scope["method"], path, status)
            _log_request(scope, path, status, seconds)

    def _info(self, scope: Scope) -> RequestInfo:
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        peer = scope["client"][0] if scope.get("client") else ""
        if peer in self.proxies:
            forwarded = headers.get(b"x-forwarded-for", b"").decode("latin-1")
            peer = forwarded.rpartition(",")[2].strip() or peer
        agent = headers.get(b"user-agent", b"").decode("latin-1")[:300]
        return RequestInfo(given if REQUEST_ID.fullmatch(given) else uuid7().hex, peer, agent)

    def _with_headers(self, answered: Headers, scope: Scope, info: RequestInfo) -> Headers:
        """The answer's headers with ours, as bytes: a mapping would look through all of them for each."""
        told = {name for name, _ in answered}
        usage: Usage | None = scope.get("rowhouse.limit")
        ours = [
            (b"x-request-id", info.id.encode()),
            *self.fixed,
            *(usage.headers(int(time.time())) if usage is not None else ()),
        ]
        operator_id: UUID | None = scope.get("rowhouse.operator")
        if operator_id is not None:
            ours.append((b"x-rowhouse-operator", str(operator_id).encode()))
        if b"content-security-policy" not in told:
            ours.append((b"content-security-policy", API_CSP))
        if b"cache-control" not in told and scope["path"].startswith("/api/"):
            ours.append((b"cache-control", b"no-store"))
        if not told.isdisjoint(self.names):
            answered = [(name, value) for name, value in answered if name not in self.names]
        return [*answered, *ours]


def _pattern(scope: Scope) -> str:
    """The route's pattern; that of an included router lacks its prefix."""
    path: str = getattr(scope.get("route"), "path", None) or "unmatched"
    return (
        f"/api/v1{path}"
        if scope["path"].startswith("/api/v1/") and path.startswith("/") and not path.startswith("/api/")
        else path
    )


def _log_request(scope: Scope, path: str, status: int, seconds: float) -> None:
    """One line a request, by route template: a path can hold identifiers, a query anything."""
    # What a probe asks every few seconds would bury the rest.
    (log.debug if path in PROBES else log.info)(
        "request",
        method=scope["method"],
        route=path,
        status=status,
        duration_ms=round(seconds * 1000, 1),
    )

"""What stands before every provider: counts calls, keeps to limits, lets faults strike, writes down what came."""

import asyncio
from collections.abc import Mapping, Sequence

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.common.faults import GARBAGE, Fault, real_limits, struck
from sandbox.common.provider import Provider, Window
from sandbox.common.state import Call, State

GENEROUS = 100
"""Times the provider's real limits, unless the switch `real_limits` is on."""


class Gate:
    """Around the whole application; what is no provider's passes untouched."""

    def __init__(self, app: ASGIApp, state: State, providers: Sequence[Provider]) -> None:
        self._app = app
        self._state = state
        self._providers = {provider.path: provider for provider in providers}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head, _, rest = (
            scope["path"].removeprefix("/").partition("/") if scope["type"] == "http" else ("", "", "")
        )
        provider = self._providers.get(head)
        if scope["type"] == "http" and (provider or not self._state.base_url):
            self._state.base_url = str(Request(scope).base_url).rstrip("/")
        if provider is None:
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})
        windows = self._count(provider, f"/{rest}")
        over = any(window.used > window.calls for window in windows)
        on_page = f"/{rest}" in provider.pages
        fault = struck(self._state, provider.name, scope["method"], f"/{rest}", named_only=on_page)
        answer = _Answer(send, provider.limit_headers(windows), fault)
        if fault and fault.slow_s:
            await asyncio.sleep(fault.slow_s)
        if over or (fault and fault.status):
            await _refusal(provider, fault, windows)(scope, receive, answer)
        else:
            await self._app(scope, receive, answer)
        self._write_down(scope, provider, answer, "limit" if over else fault.word if fault else None)

    def _count(self, provider: Provider, path: str) -> Sequence[Window]:
        if not path.startswith(provider.counted):
            return ()
        now, found = self._state.now(), []
        factor = 1 if real_limits(self._state, provider.name) else GENEROUS
        for allowance in provider.allowances:
            number, into_s = divmod(int(now), allowance.window_s)
            key = (f"{provider.name}/{allowance.name}", allowance.window_s, number)
            self._state.windows[key] = self._state.windows.get(key, 0) + 1
            calls = allowance.calls * factor
            found.append(Window(allowance, calls, self._state.windows[key], allowance.window_s - into_s))
        return found

    def _write_down(self, scope: Scope, provider: Provider, answer: "_Answer", fault: str | None) -> None:
        self._state.calls.append(
            Call(
                at=self._state.now(),
                provider=provider.name,
                method=scope["method"],
                path=scope["path"].removeprefix(f"/{provider.path}"),
                query=scope["query_string"].decode("latin-1"),
                status=answer.status,
                fault=fault,
                grant_id=scope["state"].get("grant_id"),
            )
        )
        if scope["method"] != "GET":
            self._state.save()


class _Answer:
    """Sends what the application says, with the limit's headers, and with what the fault makes of it."""

    def __init__(self, send: Send, headers: Mapping[str, str], fault: Fault | None) -> None:
        self.status: int | None = None
        self._send = send
        self._headers = headers
        self._fault = fault if fault and (fault.drop or fault.garbage) else None
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers[name] = value
            self._start = message
            if not self._fault:
                await self._send(message)
        elif not self._fault:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._spoilt(self._fault)

    async def _spoilt(self, fault: Fault) -> None:
        if fault.garbage:
            kind, body = GARBAGE[fault.garbage]
            headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
            await self._send({"type": "http.response.start", "status": 200, "headers": headers})
            await self._send({"type": "http.response.body", "body": body})
        else:
            # Half of what Content-Length promises, and no end: the server closes the connection then.
            await self._send(self._start)
            half = self._body[: max(1, len(self._body) // 2)]
            await self._send({"type": "http.response.body", "body": half, "more_body": True})


def _refusal(provider: Provider, fault: Fault | None, windows: Sequence[Window]) -> Response:
    status = fault.status if fault and fault.status else 429
    answer = provider.refusal(status)
    over = [window.resets_in_s for window in windows if window.used > window.calls]
    if fault and fault.retry_after is not None:
        answer.headers["retry-after"] = str(fault.retry_after)
    elif "retry-after" in answer.headers and over:
        answer.headers["retry-after"] = str(max(over))
    return answer

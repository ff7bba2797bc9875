"""The sandbox in process: no socket, no clock of ours."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.app import create
from sandbox.clients import CLIENTS

HERE = "http://127.0.0.1"
BACK = "http://127.0.0.1:1/back"


@dataclass
class Receiver:
    """Who takes webhooks: echoes challenges, and answers events with the statuses it is told, then with 200."""

    events: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        await (await self._answer(request))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        asked = request.query_params
        if "hub.challenge" in asked:
            return JSONResponse({"hub.challenge": asked["hub.challenge"]})
        if "challenge" in asked:
            return JSONResponse({"challenge": asked["challenge"]})
        if request.method == "POST":
            self.events.append((dict(request.headers), await request.body()))
        return Response(status_code=self.statuses.pop(0) if self.statuses else 200)


@dataclass
class Box:
    """A sandbox, a client of it, and who takes its webhooks."""

    app: Starlette
    http: httpx.AsyncClient
    receiver: Receiver

    async def control(self, method: str, path: str, body: object = None) -> Any:
        answer = await self.http.request(method, f"/_sandbox/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def at_noon(self) -> float:
        """Sets its clock to the next noon, after which no window of a limit ends soon; by how much it is ahead then."""
        ahead_s: float = (43_200 - (await self.control("GET", "clock"))["now"]) % 86_400
        await self.control("PUT", "clock", {"ahead_s": ahead_s})
        return ahead_s

    async def athlete(self, seed: int = 7, **more: object) -> Any:
        return await self.control("POST", "athletes", {"seed": seed, **more})

    async def consented(
        self, path: str, provider: str, scope: str, athlete_id: str, **more: Any
    ) -> dict[str, str]:
        """What the redirect carries after the page's button."""
        query = {
            "client_id": CLIENTS[provider].id,
            "redirect_uri": BACK,
            "response_type": "code",
            "scope": scope,
            "state": "the state",
            **{name: value for name, value in more.items() if name.startswith("code_")},
        }
        form = {"athlete": athlete_id, "decision": "approve"}
        form |= {name: value for name, value in more.items() if not name.startswith("code_")}
        answer = await self.http.post(f"{path}?{urlencode(query)}", data=form)
        assert answer.status_code == 302, answer.text
        assert answer.headers["location"].startswith(BACK)
        return {
            name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()
        }


@pytest.fixture
async def box() -> AsyncIterator[Box]:
    """One of its own for each test."""
    receiver = Receiver()
    there = httpx.AsyncClient(transport=httpx.ASGITransport(receiver))
    app = create(http=there)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=HERE) as client, there:
        yield Box(app, client, receiver)

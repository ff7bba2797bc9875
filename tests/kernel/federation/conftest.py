"""An identity provider of our own, the API configured for it, and browsers."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from fastapi import FastAPI

from rowhouse.kernel.federation.key_sets import key_set
from rowhouse.kernel.platform import Platform
from tests.conftest import api_on
from tests.generators.provider import CLIENT_ID, CLIENT_SECRET, Provider
from tests.kernel.identity.fixtures import mailbox, quick_refusals
from tests.kernel.lifecycle.staging import stage

__all__ = ["mailbox", "quick_refusals", "stage"]

AUTH = "/api/v1/auth"
MakeBrowser = Callable[..., Awaitable["Browser"]]
Configure = Callable[..., FastAPI]


@pytest.fixture
def provider() -> Iterator[Provider]:
    found = Provider()
    found.start()
    # Its port may have been another test's, whose keys are remembered for a while.
    key_set.cache_clear()
    yield found
    found.stop()


@pytest.fixture
def configure(platform: Platform) -> Configure:
    """The API with other settings."""

    def build(**more: Any) -> FastAPI:
        settings = type(platform.settings).model_validate(
            platform.settings.model_dump(exclude_defaults=True) | more
        )
        return api_on(replace(platform, settings=settings))

    return build


def described(provider: Provider, id_: str = "acme", **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "title": "Acme",
        "issuer": provider.url,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    } | more


@pytest.fixture
def oidc_app(configure: Configure, provider: Provider) -> FastAPI:
    """The API with the provider as one to sign in with."""
    return configure(oidc_providers=[described(provider)])


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser with cookies of its own; it follows no redirect unless told to."""

    http: httpx.AsyncClient

    async def begin(self, provider: str = "acme", **query: Any) -> str:
        """The provider's address that the browser is sent to."""
        answer = await self.http.get(f"{AUTH}/oauth/{provider}/authorize", params=query)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def back(
        self,
        url: str,
        code: str | None,
        provider: str = "acme",
        sent: dict[str, str] | None = None,
        **query: Any,
    ) -> str:
        """Where the browser is sent after the provider has sent it back with a code, or with whatever it `sent`."""
        state = dict(parse_qsl(urlsplit(url).query))["state"]
        given = {"state": state} | ({"code": code} if code else {}) | (sent or {}) | query
        answer = await self.http.get(f"{AUTH}/oauth/{provider}/callback", params=given)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def sign_in(self, provider: Provider, **claims: Any) -> str:
        url = await self.begin()
        return await self.back(url, provider.grant(url, **claims))

    async def me(self) -> Any:
        answer = await self.http.get(f"{AUTH}/me")
        return answer.json()["data"] if answer.status_code == 200 else None


@pytest.fixture
async def make_browser(oidc_app: FastAPI) -> AsyncIterator[MakeBrowser]:
    async with AsyncExitStack() as stack:

        async def make(app: FastAPI = oidc_app) -> Browser:
            transport = httpx.ASGITransport(app=app, client=("198.51.100.7", 40000))
            client = httpx.AsyncClient(transport=transport, base_url="https://rowhouse.test")
            return Browser(await stack.enter_async_context(client))

        yield make


@pytest.fixture
async def browser(make_browser: MakeBrowser) -> Browser:
    return await make_browser()


def refused(location: str) -> str:
    """The error with which the browser is sent to the sign-in page."""
    url = urlsplit(location)
    assert (url.scheme, url.netloc, url.path) == ("", "", "/sign-in"), location
    return dict(parse_qsl(url.query))["error"]

"""The outside service, a platform on which it has credentials, and somebody who connects it."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, text, update

from rowhouse.kernel.connections import connecting
from rowhouse.kernel.connections.models import Connection
from rowhouse.kernel.connections.renewing import Keeper
from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.oauth.flows import COOKIE
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.registry import App, Registry
from rowhouse.kernel.work import open_context
from tests.conftest import Person, api_on
from tests.kernel.connections.outside import CLIENT_ID, CLIENT_SECRET, FLAG, KIND, Outside
from tests.statements import reading, wrong

HERE = RequestInfo("test")
DECLARED = App("outside", "Outside", "outside", services=(KIND,), flags=(FLAG,))


@pytest.fixture(autouse=True)
def statements() -> Iterator[set[str]]:
    """What a test sends, read when it is over."""
    with reading() as sent:
        yield sent
    assert wrong(sent) == []


@pytest.fixture
def outside() -> Iterator[Outside]:
    found = Outside()
    found.start()
    yield found
    found.stop()


@pytest.fixture
def there(platform: Platform, outside: Outside) -> Platform:
    """The session's platform with an app that declares the service, and its credentials."""
    given = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "url": outside.url}
    known = platform.settings.model_dump(exclude_defaults=True)
    settings = type(platform.settings).model_validate(known | {"connections": {"outside": given}})
    return replace(platform, settings=settings, registry=Registry((*platform.registry.apps, DECLARED)))


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in who connects the service, by way of a browser that is theirs."""

    platform: Platform
    outside: Outside
    identity: Identity
    person: Person
    http: httpx.AsyncClient

    async def begin(self, return_to: str = "/sources") -> connecting.Begun:
        async with open_context(self.platform, self.identity, HERE) as ctx:
            return await connecting.begin(ctx, "outside", return_to=return_to, cookie=None)

    async def back(self, begun: connecting.Begun, own: bool = True, **sent: str) -> str:
        """Where the browser lands that the service sends back, with its cookie or without."""
        query = {"state": dict(parse_qsl(urlsplit(begun.authorize_url).query))["state"], **sent}
        cookies = {"Cookie": f"{COOKIE}={begun.cookie}"} if own else {}
        answer = await self.http.get("/api/v1/auth/oauth/outside/callback", params=query, headers=cookies)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def connect(self, **claims: Any) -> Keeper:
        begun = await self.begin()
        code = self.outside.grant(begun.authorize_url, **claims)
        assert await self.back(begun, code=code) == "/sources?connected=outside"
        return self.keeper((await self.connection()).id)

    def keeper(self, connection_id: UUID) -> Keeper:
        return Keeper(self.platform, self.identity, HERE, connection_id)

    async def connection(self) -> Connection:
        async with open_context(self.platform, self.identity, HERE) as ctx:
            own = select(Connection).where(
                Connection.organization_id == ctx.org, Connection.account_id == ctx.account
            )
            return (await ctx.session.scalars(own)).one()

    async def change(self, **values: Any) -> None:
        async with open_context(self.platform, self.identity, HERE) as ctx:
            own = (Connection.organization_id == ctx.org, Connection.account_id == ctx.account)
            await ctx.session.execute(update(Connection).where(*own).values(**values))

    async def age(self, minutes: int) -> None:
        """Lets the tokens be so much older."""
        async with open_context(self.platform, self.identity, HERE) as ctx:
            older = text(
                "UPDATE kernel.connections SET access_until = access_until - make_interval(mins => :m),"
                " renewed_at = renewed_at - make_interval(mins => :m),"
                " lease_until = lease_until - make_interval(mins => :m)"
                " WHERE organization_id = :org AND account_id = :account"
            )
            await ctx.session.execute(older, {"m": minutes, "org": ctx.org, "account": ctx.account})


@pytest.fixture
async def visitor(there: Platform, outside: Outside, person: Person) -> AsyncIterator[Visitor]:
    app = api_on(there)
    bearer = person.client.headers["Authorization"].partition(" ")[2]
    claims = await there.tokens.verify(bearer)
    identity = replace(person.identity, session_id=claims.session_id)
    transport = httpx.ASGITransport(app=app, client=("198.51.100.9", 40000))
    async with httpx.AsyncClient(transport=transport, base_url="https://rowhouse.test") as http:
        yield Visitor(there, outside, identity, person, http)

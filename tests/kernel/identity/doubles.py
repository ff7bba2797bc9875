"""People and letters for the tests of identity and sessions."""

import secrets
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import text

from rowhouse.kernel.context import Ctx, Identity, RequestInfo
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7

PASSWORD = "seven-otters-juggle-plums"
OTHER_PASSWORD = "quiet-lamps-under-nine-rivers"
AUTH = "/api/v1/auth"


def new_email() -> str:
    return f"p{secrets.token_hex(8)}@example.com"


@dataclass
class Mailbox:
    """What was mailed, in order."""

    letters: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)

    def to(self, email: str) -> list[str]:
        """The templates sent to an address."""
        return [template for address, template, _ in self.letters if address == email]

    def kinds(self, email: str) -> list[str]:
        """The sentences of the security events told to an address."""
        return [v["sentence"] for address, t, v in self.letters if address == email and t == "security_event"]

    def tokens(self, email: str, template: str) -> list[str]:
        """Those of the links in one kind of mail."""
        return [
            values["link"].partition("#token=")[2]
            for address, found, values in self.letters
            if (address, found) == (email, template)
        ]

    def codes(self, email: str) -> list[str]:
        return [
            values["code"] for address, _, values in self.letters if address == email and "code" in values
        ]


@dataclass(frozen=True, slots=True)
class Person:
    email: str
    identity: Identity


@dataclass(frozen=True, slots=True)
class Caller:
    """A client at an address of its own, so that one test's tries don't count in another's."""

    http: httpx.AsyncClient

    async def post(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return await self.http.post(AUTH + path, json=body, **more)

    async def delete(self, path: str, **more: Any) -> httpx.Response:
        return await self.http.delete(AUTH + path, **more)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.http.get(AUTH + path, **more)

    async def sign_up(self, email: str, password: str = PASSWORD, **more: Any) -> httpx.Response:
        return await self.post(
            "/register", {"email": email, "password": password, "name": "Ada Byron"} | more
        )

    async def sign_in(self, email: str, password: str = PASSWORD, **more: Any) -> httpx.Response:
        return await self.post("/login", {"email": email, "password": password} | more)


async def signed_in(caller: Caller, person: Person, **more: Any) -> Any:
    """Signs in and keeps the access token as the caller's own; returns what signing in answered."""
    found = data(await caller.sign_in(person.email, **more))
    if found["access_token"]:
        caller.http.headers.update(bearer(found["access_token"]))
    return found


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def data(answer: httpx.Response) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json()["data"]


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and error code of a problem."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


async def refusals(platform: Platform, identity: Identity) -> list[tuple[str, Any]]:
    """What was refused to a person, with its details, as their organization's log has it, the oldest first."""
    async with context(platform, identity) as ctx:
        rows = await ctx.session.execute(
            text(
                "SELECT action, details FROM audit.batches WHERE organization_id = :org AND outcome = 'refused'"
                " AND action LIKE 'identity.%' ORDER BY at, id"
            ),
            {"org": ctx.org},
        )
        return [(row.action, row.details) for row in rows]


def context(platform: Platform, identity: Identity) -> AbstractAsyncContextManager[Ctx]:
    """A transaction on behalf of `identity`."""
    return open_context(platform, identity, RequestInfo(id=uuid7().hex))

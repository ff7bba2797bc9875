"""Teams for the tests of organizations: who is in them, and the letters that they got."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import httpx

from rowhouse.kernel.access.models import OwnRole
from rowhouse.kernel.context import RequestInfo
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context
from tests.conftest import Person

ORGANIZATIONS = "/api/v1/organizations"


@dataclass
class Letters:
    """What was mailed, in order."""

    kept: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)

    def newest(self, email: str) -> Mapping[str, Any]:
        return next(values for address, _, values in reversed(self.kept) if address == email)


@dataclass(frozen=True, slots=True)
class Team:
    """An organization with its owner, whose session acts elsewhere: paths say which organization is meant."""

    owner: Person
    id: UUID
    account_id: UUID
    letters: Letters

    @property
    def path(self) -> str:
        return f"{ORGANIZATIONS}/{self.id}"

    async def invite(self, email: str, role: str, by: Person | None = None) -> httpx.Response:
        client = (by or self.owner).client
        return await client.post(f"{self.path}/invitations", json={"email": email, "role": role})

    async def join(self, person: Person, role: str) -> UUID:
        """The account of somebody who was invited and accepted."""
        data(await self.invite(person.email, role), 201)
        token = self.letters.newest(person.email)["token"]
        return UUID(data(await accept(person, token))["account_id"])

    async def edit(self, account: UUID, by: Person | None = None, **changes: str) -> httpx.Response:
        return await (by or self.owner).client.patch(f"{self.path}/members/{account}", json=changes)

    async def remove(self, account: UUID, by: Person | None = None) -> httpx.Response:
        return await (by or self.owner).client.delete(f"{self.path}/members/{account}")

    async def roles(self) -> dict[str, str]:
        """Each member's role, by email."""
        members = data(await self.owner.client.get(f"{self.path}/members"))
        return {one["email"]: one["role"] for one in members}

    async def own_role(self, platform: Platform, name: str, *holds: str) -> None:
        identity = replace(self.owner.identity, organization_id=self.id, account_id=self.account_id)
        async with open_context(platform, identity, RequestInfo("test")) as ctx:
            ctx.session.add(OwnRole(organization_id=ctx.org, name=name, title=name, holds=list(holds)))


async def found(owner: Person, letters: Letters, name: str = "Otters") -> Team:
    made = data(await owner.client.post(ORGANIZATIONS, json={"name": name}), 201)
    return Team(owner, UUID(made["id"]), UUID(made["account_id"]), letters)


async def accept(person: Person, token: str) -> httpx.Response:
    return await person.client.post("/api/v1/invitations/accept", json={"token": token})


def data(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()["data"]


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]

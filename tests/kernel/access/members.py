"""Fixtures for the tests of roles, grants and API keys: an organization with members in several roles."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from rowhouse.kernel.context import Identity
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions.models import Session
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from tests.isolation.tenants import HERE, Someone, someone


@dataclass(frozen=True, slots=True)
class Team:
    """One organization: its owner Ada, and a way to add members."""

    ada: Someone
    make: Callable[..., Awaitable[Someone]]


MakeMember = Callable[..., Awaitable[Someone]]


@pytest.fixture
async def make_member(platform: Platform, app: FastAPI) -> AsyncIterator[MakeMember]:
    """Makes people; `beside` somebody in their organization, then in `role`."""
    async with AsyncExitStack() as stack:

        async def make(role: str = "owner", beside: Someone | None = None) -> Someone:
            made = await someone(platform, app, beside=beside)
            stack.push_async_callback(made.client.aclose)
            if beside is not None and role != "member":
                await give_role(platform, made.identity, role)
            return made

        yield make


@pytest.fixture
async def team(make_member: MakeMember) -> Team:
    ada = await make_member()

    async def make(role: str) -> Someone:
        return await make_member(role, ada)

    return Team(ada, make)


async def give_role(platform: Platform, identity: Identity, role: str) -> None:
    """Straight into the database; good for accounts whose sessions have done nothing yet."""
    async with open_context(platform, identity, HERE) as ctx:
        await ctx.session.execute(
            update(Account)
            .where(Account.organization_id == ctx.org, Account.id == ctx.account)
            .values(role=role)
        )


async def prove_long_ago(platform: Platform, one: Someone) -> None:
    """Has the person's sessions be from an hour ago, before any of them was used."""
    async with open_context(platform, one.identity, HERE) as ctx:
        await ctx.session.execute(
            update(Session)
            .where(Session.user_id == ctx.user)
            .values(authenticated_at=now() - timedelta(hours=1))
        )


def data(answer: httpx.Response) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json()["data"]


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Status and error code of a problem."""
    return answer.status_code, answer.json()["code"]

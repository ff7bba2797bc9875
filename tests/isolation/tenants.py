"""Three people with a row in every walled table: Ada, Bob in another organization, Cleo beside Ada in hers."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from sqlalchemy import select

from rowhouse.apps.fitness.recordings.models import Record
from rowhouse.apps.fitness.workouts.models import Match
from rowhouse.kernel.access.models import ApiKey, Grant, OwnRole
from rowhouse.kernel.context import Ctx, Identity, RequestInfo
from rowhouse.kernel.events.models import Delivery, StoredEvent
from rowhouse.kernel.identity.models import EmailCode
from rowhouse.kernel.identity.people import create_person
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions.service import start_session
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.generators.activities import START, activity
from tests.generators.fit import fit_file

PASSWORD = "quiet-otters-paddle-upstream-42"
HERE = RequestInfo("isolation")


@dataclass(slots=True)
class Someone:
    """One account with a signed-in client. `canary` is in every text of theirs; `ids` are by path parameter."""

    identity: Identity
    client: httpx.AsyncClient
    canary: str
    ids: dict[str, list[str]] = field(default_factory=dict)

    @property
    def binding(self) -> tuple[UUID | None, UUID | None, UUID | None]:
        return self.identity.organization_id, self.identity.user_id, self.identity.account_id


@dataclass(frozen=True, slots=True)
class Neighbours:
    ada: Someone
    bob: Someone
    cleo: Someone


@asynccontextmanager
async def neighbours(platform: Platform, app: FastAPI) -> AsyncIterator[Neighbours]:
    """Makes the three, through the application's own services as far as it has them."""
    ada, bob = await someone(platform, app), await someone(platform, app)
    cleo = await someone(platform, app, beside=ada)
    for one in (ada, bob, cleo):
        await furnish(platform, one)
    yield Neighbours(ada, bob, cleo)
    for one in (ada, bob, cleo):
        await one.client.aclose()


async def someone(
    platform: Platform, app: FastAPI, *, beside: Someone | None = None, role: str = "owner"
) -> Someone:
    """A person; `beside` somebody, with an account in their organization, and signed in as that."""
    canary = f"canary{uuid7().hex}"
    identity = await create_person(platform, f"{canary}@example.org", canary, PASSWORD, canary, role=role)
    if beside is not None:
        identity = await _join(platform, identity, beside.identity)
    async with open_context(platform, identity, HERE) as ctx:
        signed_in = await start_session(ctx, browser=False, stay=False)
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, client=("203.0.113.9", 40000)),
        base_url="http://127.0.0.1:8000",
        headers={"Authorization": f"Bearer {signed_in.access_token}"},
    )
    return Someone(identity, client, canary)


async def _join(platform: Platform, person: Identity, there: Identity) -> Identity:
    role = "member"
    joined = Identity(
        there.organization_id,
        person.user_id,
        uuid7(),
        role=role,
        permissions=platform.registry.permissions_of(role),
    )
    async with open_context(platform, joined, HERE) as ctx:
        ctx.session.add(Account(organization_id=ctx.org, id=ctx.account, user_id=ctx.user, role=role))
    return joined


async def furnish(platform: Platform, one: Someone) -> None:
    files = [
        (
            "files",
            (f"{one.canary}-{day}.fit", fit_file(activity(seed=day, start=START + timedelta(days=day)))),
        )
        for day in (1, 2)
    ]
    answer = await one.client.post("/api/v1/uploads", files=files)
    assert answer.status_code == 202, answer.text
    await run_job(platform, UUID(answer.json()["data"]["job_id"]), worker="test", stopping=lambda: False)
    workouts = (await one.client.get("/api/v1/workouts")).json()["data"]
    for workout in workouts:
        answer = await one.client.put(f"/api/v1/workouts/{workout['id']}", json={"title": one.canary})
        assert answer.status_code == 200, answer.text
    async with open_context(platform, one.identity, HERE) as ctx:
        match = await _rows_without_a_service(ctx, one.canary)
    detail = (await one.client.get(f"/api/v1/workouts/{workouts[0]['id']}")).json()["data"]
    one.ids = {
        "workout_id": [workout["id"] for workout in workouts],
        "job_id": [job["id"] for job in (await one.client.get("/api/v1/jobs")).json()["data"]],
        "file_id": [source["file"]["id"] for source in detail["sources"]],
        "match_id": [str(match)],
    }
    assert all(one.ids.values()), one.ids


async def _rows_without_a_service(ctx: Ctx, canary: str) -> UUID:
    """What only comes about by chance or over time: a doubtful match, an event with its delivery, a mailed code."""
    mine = (Record.organization_id == ctx.org, Record.athlete_id == ctx.account)
    first, second = (
        await ctx.session.scalars(select(Record.id).where(*mine).order_by(Record.id).limit(2))
    ).all()
    reasons: list[Any] = [{"feature": "start", "text": canary, "a": 1, "b": 2}]
    match = Match(
        organization_id=ctx.org,
        athlete_id=ctx.account,
        record_a=min(first, second),
        record_b=max(first, second),
        state="open",
        score=0.5,
        reasons=reasons,
    )
    event = StoredEvent(
        organization_id=ctx.org,
        type="fitness.isolation_tested",
        aggregate_id=first,
        payload={"text": canary},
        account_id=ctx.account,
        user_id=ctx.user,
        request_id="isolation",
    )
    ctx.session.add_all([match, event])
    await ctx.session.flush()
    ctx.session.add_all(
        [
            Delivery(
                organization_id=ctx.org,
                event_id=event.id,
                subscription="fitness.isolation",
                aggregate_id=first,
                position=event.position,
            ),
            OwnRole(
                organization_id=ctx.org,
                name=f"own-{uuid7().hex}"[:40],
                title=canary,
                holds=["kernel.jobs.read"],
            ),
            Grant(
                organization_id=ctx.org,
                account_id=ctx.account,
                resource_kind="fitness.athlete",
                resource_id=ctx.account,
                permissions=["fitness.workouts.read"],
                granted_by=ctx.account,
            ),
            ApiKey(
                organization_id=ctx.org,
                account_id=ctx.account,
                name=canary,
                scope=["kernel.jobs.read"],
                secret_hash=hashlib.sha256(canary.encode()).digest(),
                hint="hint",
            ),
            EmailCode(
                user_id=ctx.user,
                digest=canary,
                expires_at=now(),
                name=canary,
                organization_name=None,
                password_hash=canary,
            ),
        ]
    )
    await ctx.session.flush()
    return match.id

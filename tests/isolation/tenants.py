"""Three people with a row in every walled table: Ada, Bob in another organization, Cleo beside Ada in hers."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from sqlalchemy import select

from rowhouse.apps.fitness.biometrics.keeping import Said, keep
from rowhouse.apps.fitness.biometrics.measurement import Measurement
from rowhouse.apps.fitness.biometrics.models import FileDay
from rowhouse.apps.fitness.recordings.models import Record
from rowhouse.apps.fitness.sources.models import Source, SourceHint, SourceItem
from rowhouse.apps.fitness.workouts.models import Match
from rowhouse.kernel.access.models import ApiKey, Grant, OwnRole
from rowhouse.kernel.audit.personal import seal_pending
from rowhouse.kernel.connections.models import Connection
from rowhouse.kernel.context import Ctx, Identity, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.downloads.links import Linked, make_link
from rowhouse.kernel.downloads.models import Export
from rowhouse.kernel.events.models import Delivery, StoredEvent
from rowhouse.kernel.factors.models import Proof, RecoveryCode, Totp
from rowhouse.kernel.federation.models import ExternalIdentity
from rowhouse.kernel.flags.models import FlagOverride
from rowhouse.kernel.idempotency.models import IdempotentAnswer
from rowhouse.kernel.identity.models import EmailCode, FormerPassword
from rowhouse.kernel.identity.people import create_person
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.limits.models import OrganizationQuota
from rowhouse.kernel.notices.models import Notice, NoticeChoice
from rowhouse.kernel.operators.models import Operator
from rowhouse.kernel.organizations.models import Account, Invitation, RecordedStep
from rowhouse.kernel.passkeys.models import Passkey
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.privacy.models import Consent, PersonDeletion, Retention
from rowhouse.kernel.security.models import Device, SecurityEvent
from rowhouse.kernel.sessions.service import start_session
from rowhouse.kernel.storage.storage import organization_key
from rowhouse.kernel.webhooks.incoming.models import ReceivedWebhook
from rowhouse.kernel.webhooks.outgoing.models import Endpoint, Message, WebhookAttempt, WebhookDelivery
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.generators.activities import START, activity
from tests.generators.fit import fit_file
from tests.operators import administrator

PASSWORD = "quiet-otters-paddle-upstream-42"
HERE = RequestInfo("isolation")
NEEDED: dict[str, dict[str, object]] = {"/api/v1/biometrics": {"type": "weight", "resolution": "raw"}}
"""What a list can't be asked for without."""


@dataclass(slots=True)
class Someone:
    """One account with a signed-in client. `canary` is in every text of theirs; `ids` are by path parameter."""

    identity: Identity
    client: httpx.AsyncClient
    canary: str
    ids: dict[str, list[str]] = field(default_factory=dict)

    def at(self, path: str) -> str:
        """The path of an organization's list, for the one where nobody else is."""
        return path.replace("{organization_id}", self.ids["organization_id"][0])

    async def listed(self, path: str, **asked: object) -> httpx.Response:
        """A list, asked for what it can't do without, and for whatever more."""
        params = {**NEEDED.get(path, {}), **asked}
        return await self.client.get(self.at(path), params={k: str(v) for k, v in params.items()})

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


@cache
def _recording(day: int) -> bytes:
    return fit_file(activity(seed=day, start=START + timedelta(days=day)))


async def furnish(platform: Platform, one: Someone) -> None:
    files = [("files", (f"{one.canary}-{day}.fit", _recording(day))) for day in (1, 2)]
    answer = await one.client.post("/api/v1/uploads", files=files)
    assert answer.status_code == 202, answer.text
    await run_job(platform, UUID(answer.json()["data"]["job_id"]), worker="test", stopping=lambda: False)
    workouts = (await one.client.get("/api/v1/workouts")).json()["data"]
    for workout in workouts:
        answer = await one.client.put(f"/api/v1/workouts/{workout['id']}", json={"title": one.canary})
        assert answer.status_code == 200, answer.text
    answer = await one.client.put("/api/v1/thresholds/ftp_w", json={"value": 250})
    assert answer.status_code == 200, answer.text
    await _begin_onboarding(one)
    if one.identity.role == "owner":  # who is beside somebody has the same
        await _set_by_an_operator(platform, one)
    beside = await _found_another(platform, one)
    link = await _store_object(platform, one)
    async with open_context(platform, one.identity, HERE) as ctx:
        match = await _rows_without_a_service(ctx, one.canary)
        hooks = await _webhooks(ctx, one.canary)
    async with open_context(platform, Identity(user_id=one.identity.user_id), HERE) as ctx:
        assert await seal_pending(ctx)
    detail = (await one.client.get(f"/api/v1/workouts/{workouts[0]['id']}")).json()["data"]
    one.ids = {
        "workout_id": [workout["id"] for workout in workouts],
        "job_id": [job["id"] for job in (await one.client.get("/api/v1/jobs")).json()["data"]],
        "upload_id": [job["id"] for job in (await one.client.get("/api/v1/uploads")).json()["data"]],
        "file_id": [source["file"]["id"] for source in detail["sources"]],
        "match_id": [str(match)],
        "link": [link],
        **beside,
        **hooks,
        "account_id": [str(one.identity.account_id)],
        "notice_id": [row["id"] for row in (await one.client.get("/api/v1/notices")).json()["data"]],
        "source_id": await _ids(one, "/api/v1/sources"),
        "role_id": await _ids(one, "/api/v1/roles"),
        "grant_id": await _ids(one, "/api/v1/grants"),
        "export_id": await _ids(one, "/api/v1/exports"),
        "key_id": await _ids(one, "/api/v1/api-keys"),
        "passkey_id": await _ids(one, "/api/v1/auth/passkeys"),
        "identity_id": await _ids(one, "/api/v1/auth/identities"),
        "session_id": [
            session["id"] for session in (await one.client.get("/api/v1/auth/sessions")).json()["data"]
        ],
    }
    assert all(one.ids.values()), one.ids


async def _ids(one: Someone, path: str) -> list[str]:
    """What somebody has in a list; of an organization's roles those that are theirs by title."""
    found = (await one.client.get(path)).json()["data"]
    return [row["id"] for row in found if row["id"] and row.get("title", one.canary) == one.canary]


async def _found_another(platform: Platform, one: Someone) -> dict[str, list[str]]:
    """A second organization of theirs, where nobody else is, with an invitation."""
    made = (await one.client.post("/api/v1/organizations", json={"name": one.canary})).json()["data"]
    path = f"/api/v1/organizations/{made['id']}/invitations"
    answer = await one.client.post(path, json={"email": f"new-{one.canary}@example.org", "role": "member"})
    assert answer.status_code == 201, answer.text
    async with open_context(platform, one.identity, HERE) as ctx:
        ctx.session.add_all(
            [
                Invitation(
                    organization_id=ctx.org,
                    email=f"{one.canary}@example.com",
                    email_key=f"{one.canary}@example.com",
                    role="member",
                    token_hash=hashlib.sha256(one.canary.encode()).digest(),
                    expires_at=now(),
                    invited_by=ctx.account,
                    sent=[],
                    last_sent_at=now(),
                ),
                RecordedStep(organization_id=ctx.org, transition="provision", step=one.canary, position=0),
            ]
        )
    return {"organization_id": [made["id"]], "invitation_id": [answer.json()["data"]["id"]]}


async def _webhooks(ctx: Ctx, canary: str) -> dict[str, list[str]]:
    """An endpoint that fails, with what it was sent, and what a provider sent."""
    endpoint = Endpoint(
        organization_id=ctx.org,
        id=uuid7(),
        account_id=ctx.account,
        url=f"https://hooks.example.com/{canary}",
        description=canary,
        events=["kernel.*"],
        secret_sealed=(await ctx.platform.vault.sealing(ctx.org)).seal(b"whsec_" + b"A" * 44),
    )
    message = Message(organization_id=ctx.org, id=uuid7(), type="webhook.test", body=canary)
    ctx.session.add_all([endpoint, message])
    await ctx.session.flush()
    delivery = WebhookDelivery(
        organization_id=ctx.org,
        id=uuid7(),
        endpoint_id=endpoint.id,
        message_id=message.id,
        type="webhook.test",
        state="failed",
        expires_at=now(),
    )
    ctx.session.add(delivery)
    await ctx.session.flush()
    attempt = WebhookAttempt(
        organization_id=ctx.org, delivery_id=delivery.id, number=1, at=now(), duration_ms=1, response=canary
    )
    received = ReceivedWebhook(
        organization_id=ctx.org,
        provider="isolation",
        event_id=canary,
        type="isolation",
        bound=True,
        body=canary.encode(),
    )
    ctx.session.add_all([attempt, received])
    await ctx.session.flush()
    return {"endpoint_id": [str(endpoint.id)], "delivery_id": [str(delivery.id)]}


async def _store_object(platform: Platform, one: Someone) -> str:
    """An object of theirs in storage, and the link to it."""
    async with open_context(platform, one.identity, HERE) as ctx:
        key = organization_key(ctx.org, "isolation", one.canary)
        link = make_link(ctx, Linked(key, one.canary, "text/plain"))
    await platform.storage.put(key, one.canary.encode())
    return link.rpartition("/")[2]


async def _begin_onboarding(one: Someone) -> None:
    """A draft may hold anything."""
    draft = {"stage": "personal_info", "values": {"home_timezone": one.canary}, "version": 0}
    answer = await one.client.put("/api/v1/onboarding/progress", json=draft)
    assert answer.status_code == 200, answer.text


async def _set_by_an_operator(platform: Platform, one: Someone) -> None:
    """What only a living operator writes into an organization."""
    operator = Operator(
        id=uuid7(),
        email=f"op-{one.canary}@example.org",
        email_key=f"op-{one.canary}@example.org",
        name="Operator",
        role="operator",
        state="active",
        password_hash="-",
        totp_sealed="-",
    )
    async with administrator(platform.settings) as admin, admin.session(Binding()) as session:
        session.add(operator)
        await session.commit()
    identity = Identity(one.identity.organization_id, operator_id=operator.id)
    async with open_context(platform, identity, HERE) as ctx:
        ctx.session.add_all(
            [
                OrganizationQuota(organization_id=ctx.org, reason=one.canary),
                FlagOverride(organization_id=ctx.org, flag="strava", enabled=False, reason=one.canary),
            ]
        )


def _credentials(ctx: Ctx, canary: str) -> list[object]:
    seen = {"client_address": canary, "user_agent": canary}
    return [
        Proof(
            user_id=ctx.user,
            purpose="magic_link",
            token_hash=hashlib.sha256(canary.encode()).digest(),
            code_digest=canary,
            expires_at=now(),
        ),
        Totp(user_id=ctx.user, secret_sealed=canary),
        RecoveryCode(user_id=ctx.user, digest=canary),
        Passkey(
            user_id=ctx.user,
            name=canary,
            credential_id=canary.encode(),
            public_key=canary.encode(),
            sign_count=0,
            transports=[],
            synced=False,
        ),
        ExternalIdentity(user_id=ctx.user, issuer="https://isolation.example", subject=canary, email=canary),
        FormerPassword(user_id=ctx.user, password_hash=canary),
        Device(user_id=ctx.user, seen_at=now(), **seen),
        Consent(user_id=ctx.user, purpose="isolation.test", version=canary[:40], given=True, **seen),
        PersonDeletion(
            user_id=ctx.user,
            id=uuid7(),
            due_at=now() + timedelta(days=7),
            cancel_hash=hashlib.sha256(canary.encode()).digest(),
        ),
        NoticeChoice(user_id=ctx.user, kind=canary, shown=True, mailed=False),
        SecurityEvent(user_id=ctx.user, kind="new_device", details={"text": canary}, **seen),
    ]


async def _rows_without_a_service(ctx: Ctx, canary: str) -> UUID:
    """What only comes about by chance or over time: a doubtful match, an event with its delivery, a mailed code."""
    mine = (Record.organization_id == ctx.org, Record.athlete_id == ctx.account)
    first, second = (
        await ctx.session.scalars(select(Record.id).where(*mine).order_by(Record.id).limit(2))
    ).all()
    reasons: list[Any] = [{"feature": "start", "text": canary, "a": 1, "b": 2}]
    sealer = await ctx.platform.vault.sealing(ctx.org)
    connection = Connection(
        organization_id=ctx.org,
        account_id=ctx.account,
        service="isolation",
        external_id=canary,
        scopes=[canary],
        token_sealed=sealer.seal({"access_token": canary, "refresh_token": canary}),
        refreshable=True,
        renewed_at=now(),
    )
    ctx.session.add(connection)
    await ctx.session.flush()
    source = Source(
        organization_id=ctx.org,
        athlete_id=ctx.account,
        provider=canary,
        connection_id=connection.id,
        next_sync_at=now() + timedelta(days=1),
        error=canary,
    )
    ctx.session.add(source)
    await ctx.session.flush()
    item = SourceItem(
        organization_id=ctx.org,
        source_id=source.id,
        external_id=canary,
        athlete_id=ctx.account,
        version=canary,
        fetched_at=now(),
    )
    hint = SourceHint(
        organization_id=ctx.org,
        source_id=source.id,
        external_id=canary,
        athlete_id=ctx.account,
        id=source.id,
        more={"said": canary},
    )
    ctx.session.add_all((item, hint))
    await ctx.session.flush()
    weights = [
        Measurement("weight", 70.0, now() - timedelta(days=n), now().date(), device=canary) for n in (0, 1)
    ]
    await keep(ctx, Said(canary[:40], canary, weights, source.id))
    told_by = (await ctx.session.scalars(select(Record.file_id).where(*mine, Record.id == first))).one()
    day = FileDay(
        organization_id=ctx.org,
        file_id=told_by,
        external_id=canary,
        athlete_id=ctx.account,
        version=canary,
        told_at=now(),
    )
    ctx.session.add(day)
    notice = Notice(
        organization_id=ctx.org,
        account_id=ctx.account,
        kind="kernel.isolation_tested",
        occasion=canary,
        text=canary,
        href=f"/{canary}",
        shown=True,
    )
    ctx.session.add(notice)
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
            Retention(
                organization_id=ctx.org,
                rule=canary,
                days=30,
                due=0,
                soon=0,
                counted_at=now(),
                counted_since=now(),
            ),
            Export(organization_id=ctx.org, account_id=ctx.account, kind=canary, expires_at=now()),
            Export(
                organization_id=ctx.org,
                account_id=ctx.account,
                kind="fitness.export",
                expires_at=now() + timedelta(days=7),
            ),
            Grant(
                organization_id=ctx.org,
                account_id=ctx.account,
                resource_kind="fitness.athlete",
                resource_id=ctx.account,
                permissions=["fitness.workouts.read"],
                granted_by=ctx.account,
            ),
            IdempotentAnswer(
                organization_id=ctx.org,
                account_id=ctx.account,
                route="/isolation",
                key=canary,
                fingerprint=hashlib.sha256(canary.encode()).digest(),
                status=201,
                answer=canary,
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
            *_credentials(ctx, canary),
        ]
    )
    await ctx.session.flush()
    return match.id

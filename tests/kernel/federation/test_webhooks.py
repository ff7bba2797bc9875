"""Webhooks of the outside identity provider: proved, once, and no more than the proof allows."""

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import jwt
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from rowhouse.kernel.context import Identity
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.organizations.models import Account, Organization
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kernel.queue.publishing import Queue
from rowhouse.kernel.webhooks.incoming.models import ProviderEvent
from tests.conftest import Person
from tests.kernel.federation.conftest import Configure
from tests.kernel.identity.doubles import context

SECRET = "a secret of the webhook, long enough"
ISSUER = "https://idp.example"
PATH = "/api/v1/webhooks/idp/frontegg"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The jobs that workers were woken for."""
    woken: list[UUID] = []

    async def publish(_queue: Queue, kind: JobKind, job_id: UUID) -> bool:
        if kind.name == "kernel.process_webhook":
            woken.append(job_id)
        return True

    monkeypatch.setattr(Queue, "publish", publish)
    return woken


@pytest.fixture
def hooked(configure: Configure) -> FastAPI:
    return configure(idp_provider="frontegg", idp_issuer=ISSUER, idp_audience="x", idp_webhook_secret=SECRET)


class Sender:
    """The provider's side. `signed` binds the body, `documented` is the proof that Frontegg documents."""

    def __init__(self, http: httpx.AsyncClient, platform: Platform, asked: list[UUID]) -> None:
        self.http, self.platform, self.asked = http, platform, asked

    async def send(self, body: bytes, path: str = PATH, **headers: str) -> httpx.Response:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(path, content=body, headers=given)

    async def signed(self, type_: str, path: str = PATH, **more: Any) -> str:
        """What came of an event, once its job has run."""
        body = event(type_, **more)
        return await self.outcome(body, await self.send(body, path, x_frontegg_signature=signature(body)))

    async def documented(self, type_: str, **more: Any) -> str:
        body = event(type_, **more)
        return await self.outcome(body, await self.send(body, x_webhook_secret=token()))

    async def outcome(self, body: bytes, answer: httpx.Response) -> str:
        assert status(answer) == "accepted"
        while self.asked:
            await run_job(self.platform, self.asked.pop(), worker="test", stopping=lambda: False)
        (found,) = await outcomes(self.platform, body)
        return found


def event(type_: str, **more: Any) -> bytes:
    return json.dumps({"eventKey": f"frontegg.{type_}", "eventId": secrets.token_hex(8)} | more).encode()


def signature(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def token(secret: str = SECRET, **claims: Any) -> str:
    return jwt.encode(claims or {"iat": int(time.time())}, secret, algorithm="HS256")


def status(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["data"]["status"]
    return found


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def outcomes(platform: Platform, body: bytes) -> list[str]:
    async with context(platform, Identity()) as ctx:
        kept = select(ProviderEvent.outcome).where(ProviderEvent.event_id == json.loads(body)["eventId"])
        return list(await ctx.session.scalars(kept))


@pytest.fixture
async def sender(hooked: FastAPI, asked: list[UUID]) -> AsyncIterator[Sender]:
    async with sending(hooked) as http:
        yield Sender(http, hooked.state.platform, asked)


def sending(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=("198.51.100.11", 40000))
    return httpx.AsyncClient(transport=transport, base_url="https://rowhouse.test")


@pytest.fixture
def tenant() -> str:
    return f"tenant-{secrets.token_hex(6)}"


async def organization(platform: Platform, tenant: str) -> Organization | None:
    async with context(platform, Identity()) as ctx:
        found = await ctx.session.scalar(
            text("SELECT id FROM resolve.external_organization(:tenant)"), {"tenant": tenant}
        )
    if found is None:
        return None
    async with context(platform, Identity(organization_id=found)) as ctx:
        return (
            await ctx.session.execute(select(Organization).where(Organization.id == ctx.org))
        ).scalar_one()


async def test_a_tenant_is_founded_once(sender: Sender, platform: Platform, tenant: str) -> None:
    assert await sender.signed("tenant.created", tenantId=tenant, name="Byron & Co") == "accepted"
    found = await organization(platform, tenant)
    assert found is not None
    assert (found.name, found.kind, found.state) == ("Byron & Co", "team", "active")
    assert await sender.documented("tenant.created", eventContext={"tenantId": tenant}) == "already_exists"
    body = event("tenant.created", tenantId=tenant)
    for proof, expected in ((token(exp=int(time.time()) + 60), "accepted"), (token(), "replayed")):
        assert status(await sender.send(body, x_webhook_secret=proof)) == expected


async def test_a_deletion_wants_a_proof_that_binds_it(
    sender: Sender, platform: Platform, tenant: str
) -> None:
    await sender.signed("tenant.created", tenantId=tenant)
    assert await sender.documented("tenant.deleted", tenantId=tenant) == "unconfirmed"
    found = await organization(platform, tenant)
    assert found is not None
    assert found.state == "active"
    assert await sender.signed("tenant.deleted", tenantId=tenant) == "accepted"
    found = await organization(platform, tenant)
    assert found is not None
    assert found.state == "deleted"
    assert await sender.signed("tenant.deleted", tenantId=tenant) == "ignored"


async def test_a_member_is_suspended_and_readmitted(
    sender: Sender, platform: Platform, tenant: str, person: Person
) -> None:
    await sender.signed("tenant.created", tenantId=tenant)
    there = await organization(platform, tenant)
    assert there is not None
    joined = Identity(there.id, person.identity.user_id)
    async with context(platform, joined) as ctx:
        ctx.session.add(Account(organization_id=ctx.org, user_id=ctx.user, role="admin"))
        await ctx.session.execute(
            text(
                "INSERT INTO kernel.external_identities (user_id, id, issuer, subject)"
                " VALUES (:user, gen_random_uuid(), :issuer, :subject)"
            ),
            {"user": ctx.user, "issuer": ISSUER, "subject": person.email},
        )
    states = []
    for type_ in ("user.deactivated", "user.activated"):
        assert await sender.signed(type_, tenantId=tenant, user={"id": person.email}) == "accepted"
        async with context(platform, joined) as ctx:
            mine = (Account.organization_id == ctx.org, Account.user_id == ctx.user)
            states.append(await ctx.session.scalar(select(Account.state).where(*mine)))
    assert states == ["suspended", "active"]


async def test_the_last_owner_is_not_suspended(
    sender: Sender, platform: Platform, tenant: str, person: Person
) -> None:
    await sender.signed("tenant.created", tenantId=tenant)
    there = await organization(platform, tenant)
    assert there is not None
    async with context(platform, Identity(there.id, person.identity.user_id)) as ctx:
        ctx.session.add(Account(organization_id=ctx.org, user_id=ctx.user, role="owner"))
        await ctx.session.execute(
            text(
                "INSERT INTO kernel.external_identities (user_id, id, issuer, subject)"
                " VALUES (:user, gen_random_uuid(), :issuer, :subject)"
            ),
            {"user": ctx.user, "issuer": ISSUER, "subject": person.email},
        )
    assert await sender.signed("user.deactivated", tenantId=tenant, userId=person.email) == "ignored"


async def test_unknown_tenants_people_and_events_are_harmless(sender: Sender, tenant: str) -> None:
    assert await sender.signed("tenant.deleted", tenantId=tenant) == "not_found"
    assert await sender.signed("user.deactivated", tenantId=tenant, userId="x") == "not_found"
    await sender.signed("tenant.created", tenantId=tenant)
    assert await sender.signed("user.deactivated", tenantId=tenant, userId="x") == "not_found"
    assert await sender.signed("user.loggedIn", tenantId=tenant) == "ignored"


async def test_an_event_counts_once_however_often_it_comes(
    sender: Sender, platform: Platform, tenant: str
) -> None:
    body = event("tenant.created", tenantId=tenant)
    proof = signature(body)
    answers = await asyncio.gather(*(sender.send(body, x_frontegg_signature=proof) for _ in range(5)))
    assert sorted(map(status, answers)) == ["accepted"] + ["replayed"] * 4
    assert await outcomes(platform, body) == ["received"]
    assert len(sender.asked) == 1
    for _ in range(2):  # the job may be started twice
        await run_job(sender.platform, sender.asked[0], worker="test", stopping=lambda: False)
    assert await outcomes(platform, body) == ["accepted"]


async def test_what_proves_nothing_is_refused(sender: Sender, platform: Platform, tenant: str) -> None:
    body = event("tenant.created", tenantId=tenant)
    good, moment = signature(body), int(time.time())
    refused = [
        await sender.send(body),
        await sender.send(body, x_frontegg_signature=""),
        await sender.send(body, x_frontegg_signature=signature(body, "another")),
        await sender.send(body + b" ", x_frontegg_signature=good),
        # A signature that is there must be good, whatever else is shown.
        await sender.send(body, x_frontegg_signature="0" * 64, x_webhook_secret=token()),
        await sender.send(body, x_webhook_secret=token("another secret that is long enough")),
        await sender.send(body, x_webhook_secret=token(exp=moment - 60)),
        await sender.send(body, x_webhook_secret=token(iat=moment, exp=moment - 60)),
        # One that says no time, or a time long ago or far off, would be good for ever to whoever has seen it.
        await sender.send(body, x_webhook_secret=token(sub="frontegg")),
        await sender.send(body, x_webhook_secret=token(iat=moment - 400)),
        await sender.send(body, x_webhook_secret=token(iat=moment + 600)),
        await sender.send(body, x_webhook_secret=token(iat=moment - 400, exp=moment + 86400)),
        await sender.send(body, x_webhook_secret=jwt.encode({"iat": moment}, "", algorithm="none")),
        await sender.send(body, x_webhook_secret=SECRET),
        await sender.send(body, "/api/v1/webhooks/idp/another", x_frontegg_signature=good),
        # Nothing is read before it is proved.
        await sender.send(b"no json", x_frontegg_signature=signature(b"another")),
    ]
    assert [refusal(answer) for answer in refused] == [(401, "webhook_refused")] * len(refused)
    assert await organization(platform, tenant) is None


async def test_without_a_secret_everything_is_refused(
    configure: Configure, tenant: str, asked: list[UUID]
) -> None:
    body = event("tenant.created", tenantId=tenant)
    for more in ({}, {"idp_webhook_secret": ""}):
        app = configure(idp_provider="frontegg", idp_issuer=ISSUER, idp_audience="x", **more)
        async with sending(app) as http:
            for proof in ({"x_frontegg_signature": signature(body, "")}, {"x_webhook_secret": "x"}):
                assert refusal(await Sender(http, app.state.platform, asked).send(body, **proof)) == (
                    401,
                    "webhook_refused",
                )


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{", b'{"eventKey": "x"}', b'{"tenantId": "x"}', b'{"eventKey":1,"tenantId":2}'],
)
async def test_what_is_no_event_is_said_to_be_none(sender: Sender, body: bytes) -> None:
    answer = await sender.send(body, x_frontegg_signature=signature(body))
    assert refusal(answer) == (400, "webhook_unreadable")


async def test_both_secrets_are_good_during_a_rotation(
    configure: Configure, tenant: str, asked: list[UUID]
) -> None:
    app = configure(
        idp_provider="frontegg",
        idp_issuer=ISSUER,
        idp_audience="x",
        idp_webhook_secret=SECRET,
        webhook_providers={"idp": {"secrets": ["the next one"]}},
    )
    async with sending(app) as http:
        sender = Sender(http, app.state.platform, asked)
        for secret in (SECRET, "the next one"):
            body = event("tenant.created", tenantId=tenant)
            assert status(await sender.send(body, x_frontegg_signature=signature(body, secret))) == "accepted"

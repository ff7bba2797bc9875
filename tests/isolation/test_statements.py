"""Policies are the wall; every query also says itself whose rows it wants, so that the planner prunes and estimates.

One athlete's whole life goes by (upload, import, every route), and each statement that was sent is read. Take one
predicate out of the code, and its statement is found here (`make bench-walls` does that with each of them).
"""

import copy
import hmac
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import select, update

from rowhouse.apps.fitness.files.cleaning import _awaited
from rowhouse.apps.fitness.workouts.events import WorkoutsChanged
from rowhouse.kernel.audit.personal import destroy_key, open_values
from rowhouse.kernel.context import NOBODY, Ctx, Identity
from rowhouse.kernel.events.delivery import Which, _has_earlier, _mark
from rowhouse.kernel.events.events import emit
from rowhouse.kernel.events.models import Delivery
from rowhouse.kernel.federation.admitting import Admission, admit
from rowhouse.kernel.federation.linking import Asserted, link, person_for
from rowhouse.kernel.federation.webhooks import handle
from rowhouse.kernel.identity import guessing
from rowhouse.kernel.identity.people import create_person
from rowhouse.kernel.jobs.heartbeat import RENEW_SQL
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.lifecycle import transitions
from rowhouse.kernel.mail.templates import render
from rowhouse.kernel.membership import invitations
from rowhouse.kernel.membership.events import MemberChanged
from rowhouse.kernel.organizations.models import Organization
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kernel.queue.publishing import Queue
from rowhouse.kernel.sessions.service import start_session
from rowhouse.kernel.webhooks.incoming.processing import PROCESS_WEBHOOK
from rowhouse.kernel.webhooks.incoming.provider import Notice
from rowhouse.kernel.webhooks.outgoing.audit_stream import advance
from rowhouse.kernel.webhooks.outgoing.delivering import DELIVER_WEBHOOK, give_up
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.conftest import api_on
from tests.generators.authenticator import Authenticator
from tests.isolation.credentials import live_through_credentials
from tests.isolation.tenants import HERE, PASSWORD, Someone, furnish, someone
from tests.isolation.test_doors import calls, lists
from tests.operators import PASSWORD as OPERATORS_PASSWORD
from tests.operators import administrator, set_up
from tests.statements import (
    HEALTH,
    PEOPLES,
    TENANTS,
    about,
    flat,
    names,
    reading,
    without_athlete,
    without_organization,
    without_person,
)


@pytest.fixture(scope="module")
async def statements(platform: Platform, app: FastAPI) -> set[str]:
    """Everything that one person's doings send to the database."""
    with reading() as seen, pytest.MonkeyPatch.context() as patch:
        # Sent only while a job runs for longer than any of these does.
        seen.add(flat(RENEW_SQL))
        patch.setattr(guessing, "QUANTUM_S", 0.01)
        one = await someone(platform, app)
        await furnish(platform, one)
        for path in lists(app):
            await one.listed(path, limit=1)
        await _access(platform, app, one)
        await _memberships(platform, one, await someone(platform, app))
        await _federation(platform, one)
        for call in sorted(calls(app), key=lambda c: (c.method == "DELETE", c.method == "POST")):
            answer = await call.send(one.client, one.ids)
            assert answer.status_code < 500, answer.text
        # The walk has ended its sessions among all else.
        async with open_context(platform, one.identity, HERE) as ctx:
            again = await start_session(ctx, browser=False, stay=False)
        one.client.headers["Authorization"] = f"Bearer {again.access_token}"
        await _privacy(platform, one)
        await _events(platform, one)
        await _webhooks(platform, one)
        await _audit(platform, one)
        await _operating(platform, app, one)
        await _deleting(one)
        await _cleaning(platform, one)
        await live_through_credentials(app, f"fresh-{one.canary}@example.org")
        await _sessions(one)
        await one.client.aclose()
    return seen


def test_every_table_was_asked(statements: set[str]) -> None:
    untouched = {name for name in TENANTS if not any(name in statement for statement in statements)}
    assert untouched == set()


@pytest.mark.parametrize("table", TENANTS)
def test_every_statement_names_its_organization(statements: set[str], table: str) -> None:
    assert without_organization(statements, table) == []


@pytest.mark.parametrize("table", HEALTH)
def test_every_question_about_health_names_its_athlete(statements: set[str], table: str) -> None:
    assert without_athlete(statements, table) == []


@pytest.mark.parametrize("table", PEOPLES)
def test_every_statement_about_a_person_names_them(statements: set[str], table: str) -> None:
    assert about(statements, table)
    assert without_person(statements, table) == []


def test_a_person_asks_for_jobs_of_their_own_account(statements: set[str]) -> None:
    asked = [
        s for s in statements if re.search(r"FROM kernel\.jobs\b", s) and "NOT kernel.jobs.internal" in s
    ]
    assert asked
    assert [s for s in asked if not names(s, "kernel.jobs", "account_id")] == []


def test_an_account_asks_for_its_own_onboarding(statements: set[str]) -> None:
    asked = [s for s in statements if re.search(r"(?:FROM|UPDATE) kernel\.onboarding\b", s)]
    assert asked
    assert [s for s in asked if not names(s, "kernel.onboarding", "account_id")] == []


async def _privacy(platform: Platform, one: Someone) -> None:
    """Consents, retention and a waiting deletion are looked at, and everything is exported."""
    for path in (
        "privacy/consents",
        "privacy/retention",
        "privacy/exports",
        "account/deletion",
        "notices/preferences",
    ):
        answer = await one.client.get(f"/api/v1/{path}")
        assert answer.status_code == 200, answer.text
    for path in ("privacy/export", f"organizations/{one.identity.organization_id}/export"):
        answer = await one.client.post(f"/api/v1/{path}")
        assert answer.status_code == 202, answer.text
        await run_job(platform, UUID(answer.json()["data"]["job_id"]), worker="test", stopping=lambda: False)


async def _audit(platform: Platform, one: Someone) -> None:
    """The log is searched by every filter, its state asked, its chain recomputed, and it is exported."""
    for filters in (
        {"actor": str(one.identity.account_id)},
        {"action": "kernel.*"},
        {"q": "kernel"},
        {"resource": "x"},
    ):
        answer = await one.client.get("/api/v1/audit", params=filters)
        assert answer.status_code == 200, answer.text
    assert (await one.client.get("/api/v1/audit/state")).status_code == 200
    for path, body in (("verify", None), ("export", {"format": "jsonl"})):
        answer = await one.client.post(f"/api/v1/audit/{path}", json=body)
        assert answer.status_code == 202, answer.text
        await run_job(platform, UUID(answer.json()["data"]["job_id"]), worker="test", stopping=lambda: False)
    async with open_context(platform, Identity(user_id=one.identity.user_id), HERE) as ctx:
        await open_values(ctx)
        await destroy_key(ctx)


async def _access(platform: Platform, app: FastAPI, one: Someone) -> None:
    """A role, a key and a grant are made, used and ended; a colleague reads what was granted."""

    async def ask(method: str, path: str, body: object = None, by: Someone = one, **more: Any) -> Any:
        answer = await by.client.request(method, f"/api/v1{path}", json=body, **more)
        assert answer.status_code < 300, answer.text
        return answer.json()["data"] if answer.status_code != 204 and "files" not in path else None

    holds = ["kernel.jobs.read"]
    role = await ask("POST", "/roles", {"name": "walked", "title": "Walked", "holds": holds})
    await ask("PATCH", f"/roles/{role['id']}", {"holds": ["kernel.jobs.manage"]})
    await ask("DELETE", f"/roles/{role['id']}")
    key = await ask("POST", "/api-keys", {"name": "walked", "permissions": holds})
    await ask("GET", "/jobs", headers={"Authorization": f"Bearer {key['key']}"})
    await ask("POST", f"/api-keys/{key['id']}/rotate")
    await ask("DELETE", f"/api-keys/{key['id']}")
    colleague, athlete = await someone(platform, app, beside=one), str(one.identity.account_id)
    thing = {"kind": "fitness.athlete", "id": athlete}
    permissions = ["fitness.workouts.read"]
    to = str(colleague.identity.account_id)
    grant = await ask("POST", "/grants", {"account_id": to, "resource": thing, "permissions": permissions})
    for path in (
        f"/workouts?athlete_id={athlete}",
        "/athletes",
        f"/workouts/{one.ids['workout_id'][0]}",
        f"/workouts/{one.ids['workout_id'][0]}/streams",
        f"/files/{one.ids['file_id'][0]}",
    ):
        await ask("GET", path, by=colleague)
    await ask("DELETE", f"/grants/{grant['id']}")
    await colleague.client.aclose()


async def _federation(platform: Platform, one: Someone) -> None:
    """A passkey is made, shown and copied; identities are linked; an outside provider brings and takes a member."""
    device, path = Authenticator(platform.settings.public_url), "/api/v1/auth/passkeys"
    options = (await one.client.post(f"{path}/options")).json()["data"]["options"]
    made = await one.client.post(path, json={"name": "Walking", "credential": device.create(options)})
    walked = f"{path}/{made.json()['data']['id']}"
    assert (await one.client.patch(walked, json={"name": "Walked"})).status_code == 200
    clone = copy.copy(device)
    for shown, status in ((device, 200), (clone, 401)):
        options = (await one.client.post(f"{path}/sign-in/options")).json()["data"]["options"]
        answer = await one.client.post(f"{path}/sign-in", json={"credential": shown.get(options)})
        assert answer.status_code == status, answer.text
    # None is left: signing in by password alone comes later.
    for passkey in (await one.client.get(path)).json()["data"]:
        assert (await one.client.delete(f"{path}/{passkey['id']}")).status_code == 204
    issuer, email = "https://walked.example", f"walked-{one.canary}@example.org"
    who = Asserted(issuer, f"owner {one.canary}", None, "Walked")
    async with open_context(platform, one.identity, HERE) as ctx:
        await link(ctx, who)
    async with open_context(platform, NOBODY, HERE) as ctx:
        await person_for(ctx, who, ())
    linked = (await one.client.get("/api/v1/auth/identities")).json()["data"][-1]["id"]
    assert (await one.client.delete(f"/api/v1/auth/identities/{linked}")).status_code == 204
    await create_person(platform, email, "Eve", PASSWORD, verified=False)
    async with open_context(platform, one.identity, HERE) as ctx:
        mine = update(Organization).where(Organization.id == ctx.org)
        await ctx.session.execute(mine.values(external_id=one.canary))
    for number, role in enumerate(("viewer", "member")):
        member = Asserted(issuer, f"member {one.canary}", email, "Walked")
        moment = now() + timedelta(seconds=number)
        await admit(platform, HERE, Admission(member, one.canary, role, False, uuid7(), moment, None))
    patched = platform.settings.model_copy(update={"idp_issuer": issuer})
    told = {"eventKey": "x.user.disabled", "tenantId": one.canary, "userId": f"member {one.canary}"}
    notice = Notice(one.canary, "x.user.disabled", orjson.dumps(told), bound=True)
    async with open_context(replace(platform, settings=patched), NOBODY, HERE) as ctx:
        assert await handle(ctx, notice) == "accepted"


async def _sessions(one: Someone) -> None:
    """Registering, guessing a code, signing in, renewing, signing out: all that touches a person's own tables."""
    strange = f"new-{one.canary}@example.org"
    registration = {"email": strange, "password": PASSWORD, "name": "New"}
    for path, body in (
        ("register", registration),
        ("resend-code", {"email": strange}),
        ("verify-email", {"email": strange, "code": "000000"}),
    ):
        assert (await one.client.post(f"/api/v1/auth/{path}", json=body)).status_code < 500
    tokens = {}
    for _ in range(2):
        login = {"email": f"{one.canary}@example.org", "password": PASSWORD}
        tokens = (await one.client.post("/api/v1/auth/login", json=login)).json()["data"]
        one.client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        await one.client.get("/api/v1/auth/me")
    for _ in range(2):
        renewal = {"refresh_token": tokens["refresh_token"]}
        assert (await one.client.post("/api/v1/auth/refresh", json=renewal)).status_code == 200
    login = {"email": f"{one.canary}@example.org", "password": PASSWORD}
    tokens = (await one.client.post("/api/v1/auth/login", json=login)).json()["data"]
    one.client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    assert (await one.client.post("/api/v1/auth/logout")).status_code == 204
    tokens = (await one.client.post("/api/v1/auth/login", json=login)).json()["data"]
    one.client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    assert (await one.client.post("/api/v1/auth/logout-all")).status_code == 204


async def _memberships(platform: Platform, one: Someone, other: Someone) -> None:
    """A whole life of an organization, with somebody who comes, rises, goes and comes back, and its end."""
    path, letters = one.at("/api/v1/organizations/{organization_id}"), []

    async def keep(_ctx: Ctx, _email: str, template: str, values: Mapping[str, Any]) -> UUID:
        letters.append(values)
        render(template, {**values, "public_url": ""})  # type: ignore[arg-type]  # the name of a template
        return uuid7()

    async def join(role: str) -> str:
        body = {"email": f"{other.canary}@example.org", "role": role}
        answer = await one.client.post(f"{path}/invitations", json=body)
        assert answer.status_code == 201, answer.text
        made = answer.json()["data"]
        await one.client.post(f"{path}/invitations/{made['id']}/resend")
        token = {"token": letters[-1]["token"]}
        assert (await other.client.post("/api/v1/invitations/preview", json=token)).status_code == 200
        accepted = await other.client.post("/api/v1/invitations/accept", json=token)
        return str(accepted.json()["data"]["account_id"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(invitations, "send_mail", keep)
        patch.setattr(transitions, "send_mail", keep)
        for role in ("member", "viewer", "viewer"):
            account = await join(role)
            edited = await one.client.patch(f"{path}/members/{account}", json={"role": "auditor"})
            assert edited.status_code == 200, edited.text
            assert (
                await one.client.patch(f"{path}/members/{account}", json={"role": role})
            ).status_code == 200
            assert (await one.client.delete(f"{path}/members/{account}")).status_code == 204
        account = await join("member")
        handed = await one.client.post(f"{path}/members/{account}/make-owner", json={"keep_as": "admin"})
        assert handed.status_code == 200, handed.text
        assert (await one.client.patch(path, json={"settings": {"mfa_required": False}})).status_code == 200
        confirmed = {"confirm": one.canary}
        deleted = await other.client.request("DELETE", path, json=confirmed)
        assert deleted.status_code == 202, deleted.text
        await run_job(platform, UUID(deleted.json()["data"]["job_id"]), worker="test", stopping=lambda: False)
        assert (await other.client.post(f"{path}/restore")).status_code == 200
    await other.client.aclose()


async def _events(platform: Platform, one: Someone) -> None:
    """What a delivery asks: no installed app listens to an event of these tests."""
    async with open_context(platform, one.identity, HERE) as ctx:
        delivery = (
            await ctx.session.scalars(select(Delivery).where(Delivery.organization_id == ctx.org))
        ).one()
        await _has_earlier(ctx, delivery)
        which = Which(delivery.event_id, delivery.subscription)
        await _mark(ctx, which, "pending", state="failed", error={"code": "x"})


async def _webhooks(platform: Platform, one: Someone) -> None:
    """A provider's webhook comes and is worked on; events and the audit log are sent to somebody who isn't there."""
    woken: list[UUID] = []

    async def publish(_queue: Queue, kind: JobKind, job_id: UUID) -> bool:
        if kind in (PROCESS_WEBHOOK, DELIVER_WEBHOOK):
            woken.append(job_id)
        return True

    async def run() -> None:
        while woken:
            await run_job(local, woken.pop(), worker="test", stopping=lambda: False)

    secret = SecretStr("walked")
    known = {"idp_provider": "walked", "idp_webhook_secret": secret, "webhooks_to_loopback": True}
    local = replace(platform, settings=platform.settings.model_copy(update=known))
    app = api_on(local)
    transport = httpx.ASGITransport(app=app, client=("203.0.113.6", 40000))
    body = orjson.dumps({"eventKey": "x.y.z", "tenantId": one.canary})
    proof = {"X-Frontegg-Signature": hmac.new(b"walked", body, "sha256").hexdigest()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Queue, "publish", publish)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:8000", headers=dict(one.client.headers)
        ) as client:
            path = "/api/v1/webhooks/idp/walked"
            assert (await client.post(path, content=body, headers=proof)).status_code == 200
            await run()
            path = "/api/v1/webhook-endpoints"
            wanted = {"url": "http://127.0.0.1:9/", "events": ["kernel.*", "fitness.*", "audit.entry"]}
            made = await client.post(path, json=wanted)
            assert made.status_code == 201, made.text
            path = f"{path}/{made.json()['data']['id']}"
            async with open_context(local, one.identity, HERE) as ctx:
                await emit(ctx, MemberChanged(ctx.account, "owner", "active"))
                await emit(ctx, WorkoutsChanged(ctx.account, (), ()))
            async with open_context(
                local, Identity(organization_id=one.identity.organization_id), HERE
            ) as ctx:
                await advance(ctx, UUID(made.json()["data"]["id"]))
            await run()
            for deed in ("test", "disable", "enable", "rotate"):
                assert (await client.post(f"{path}/{deed}")).status_code < 300
            await run()
            query = {"state": "failed", "type": "webhook.test"}
            (failed,) = (await client.get(f"{path}/deliveries", params=query)).json()["data"]
            assert (await client.get(f"{path}/deliveries/{failed['id']}")).status_code == 200
            assert (await client.post(f"{path}/deliveries/{failed['id']}/retry")).status_code == 202
            await run()
            async with open_context(
                local, Identity(organization_id=one.identity.organization_id), HERE
            ) as ctx:
                await give_up(ctx, {"delivery_id": failed["id"]}, {"code": "x"})
            assert (await client.get("/api/v1/webhook-endpoints")).status_code == 200
            assert (await client.patch(path, json={"description": "x"})).status_code == 200
            assert (await client.delete(path)).status_code == 204


async def _operating(platform: Platform, app: FastAPI, one: Someone) -> None:
    """An operator's doings: set up, sign in, look at an organization's quota, sign out."""
    transport = httpx.ASGITransport(app=app, client=("203.0.113.8", 40000))
    async with (
        administrator(platform.settings) as admin,
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client,
    ):
        operator = await set_up(admin, client)
        body = {"email": operator.email, "password": OPERATORS_PASSWORD, "code": operator.code()}
        assert (await client.post("/api/v1/admin/auth/login", json=body)).status_code == 200
        assert (await client.get("/api/v1/admin/auth/me")).status_code == 200
        path = one.at("/api/v1/admin/organizations/{organization_id}/quota")
        assert (await client.get(path)).status_code == 200
        assert (await client.post("/api/v1/admin/auth/logout")).status_code == 204


async def _deleting(one: Someone) -> None:
    """By now its first workouts have been split and merged: of those that are left, one is thrown away."""
    left = (await one.client.get("/api/v1/workouts")).json()["data"]
    answer = await one.client.delete(f"/api/v1/workouts/{left[0]['id']}")
    assert answer.status_code == 204, answer.text


async def _cleaning(platform: Platform, one: Someone) -> None:
    """What the cleaning of uploads asks: only objects that are two days old make it ask."""
    async with open_context(platform, one.identity, HERE) as ctx:
        await _awaited(ctx)

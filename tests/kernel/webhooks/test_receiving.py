"""Webhooks of providers over HTTP: refused, or stored once, answered at once, and worked on exactly once."""

import asyncio
import json
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from standardwebhooks import Webhook

from rowhouse.installed import registry as installed
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.errors import Unavailable
from rowhouse.kernel.jobs.run import JobRun
from rowhouse.kernel.lifecycle import transitions
from rowhouse.kernel.observability.metrics import REGISTRY
from rowhouse.kernel.registry import App, Registry
from rowhouse.kernel.settings import WebhookCredentials
from rowhouse.kernel.webhooks.incoming import receiving
from rowhouse.kernel.webhooks.incoming.errors import WebhookUnreadable
from rowhouse.kernel.webhooks.incoming.provider import Notice, WebhookProvider, hub_challenge, oura_challenge
from rowhouse.kernel.webhooks.incoming.signatures import Arrival, StandardWebhooks, Unsigned
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.conftest import api_on
from tests.kernel.identity.doubles import context
from tests.kernel.webhooks.staging import Post

MANY = 3_334 if os.environ.get("CHAOS") == "whole" else 40
"""How many are sent, each three times and in any order."""
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEXT = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
FORMER_PATH, PATH = "a-former-path-nobody-guesses", "a-path-nobody-guesses"
CREDENTIALS = {"paths": [PATH, FORMER_PATH], "secrets": [NEXT, SECRET], "verify_token": "shared token"}
PROCESS = "kernel.process_webhook"


def read(arrival: Arrival) -> tuple[str, str]:
    try:
        said = json.loads(arrival.body)
        return said["id"], said.get("type", "thing.changed")
    except (ValueError, KeyError, TypeError) as error:
        raise WebhookUnreadable from error


async def handle(ctx: Ctx, notice: Notice) -> str:
    """Leaves a trace for each that it handled, in the transaction of the mark; fails the first time where told."""
    said = json.loads(notice.body)
    await record(ctx, "trial.handled", details={"id": notice.id, "bound": notice.bound})
    if said.get("fails") and failures[notice.id] < said["fails"]:
        failures[notice.id] += 1
        raise Unavailable(retry_after_s=1)  # tried again, without a traceback
    return "handled"


async def confirm(_run: JobRun, notice: Notice) -> Notice | None:
    """The provider knows of those that are real, and has its own word for them."""
    return replace(notice, bound=True) if "real" in notice.id else None


async def owner(_ctx: Ctx, notice: Notice) -> UUID | None:
    found = json.loads(notice.body).get("organization")
    return UUID(found) if found else None


failures: Counter[str] = Counter()
TRIAL = App(
    name="trial",
    title="Trial",
    schema="trial",
    webhook_providers=(
        WebhookProvider(
            "signed", StandardWebhooks(), read, handle, organization=owner, handshake=oura_challenge
        ),
        WebhookProvider("plain", Unsigned(), read, handle, confirm=confirm, handshake=hub_challenge),
        WebhookProvider("unset", StandardWebhooks(), read, handle),
        WebhookProvider("unset-plain", Unsigned(), read, handle, confirm=confirm),
    ),
)


@pytest.fixture
async def office(post_office: Post) -> Post:
    """The API with providers of our own."""
    credentials = WebhookCredentials.model_validate(CREDENTIALS)
    settings = post_office.platform.settings.model_copy(
        update={
            # A quick machine sends thrice `MANY` from one address within a minute.
            "limits_webhooks": 1_000_000,
            "webhook_providers": {
                "signed": credentials,
                "plain": credentials.model_copy(update={"secrets": ()}),
                # A path alone does not stand in for a signature.
                "unset": credentials.model_copy(update={"secrets": ()}),
            },
        }
    )
    registry = Registry((*installed.apps, TRIAL))
    platform = replace(post_office.platform, settings=settings, registry=registry)
    return replace(post_office, platform=platform, app=api_on(platform))


@pytest.fixture
async def http(office: Post) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=office.app, client=("198.51.100.40", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield client


def body(id_: str, **more: Any) -> bytes:
    return json.dumps({"id": id_, **more}).encode()


async def send(
    http: httpx.AsyncClient, content: bytes, *, secret: str = SECRET, path: str = PATH, **headers: str
) -> httpx.Response:
    moment = now()
    signed = {
        "webhook-id": "msg_x",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_x", moment, content.decode()),
    }
    given = signed | {name.replace("_", "-"): value for name, value in headers.items()}
    return await http.post(f"/api/v1/webhooks/signed/{path}", content=content, headers=given)


def status(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["data"]["status"]
    return found


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def counted(provider: str, outcome: str) -> float:
    """As metrics have it."""
    labels = {"direction": "in", "name": provider, "outcome": outcome}
    return REGISTRY.get_sample_value("rowhouse_webhooks_total", labels) or 0.0


async def handled(office: Post, identity: Identity | None = None) -> Counter[str]:
    """How often each event had its effect, as the audit log has it."""
    async with context(office.platform, identity or Identity()) as ctx:
        rows = office.owner.execute(
            "SELECT details->>'id' FROM audit.batches WHERE action = 'trial.handled' AND organization_id = %s",
            (ctx.identity.organization_id or UUID(int=0),),
        )
        return Counter(row[0] for row in rows.fetchall())


async def test_all_come_thrice_in_any_order_and_each_counts_once(
    office: Post, http: httpx.AsyncClient
) -> None:
    """With handlers that fail at first, jobs that are started twice, and in another order than they came."""
    mark = uuid7().hex
    bodies = [body(f"{mark}-{n}", fails=n % 7 == 0) for n in range(MANY)]
    sent = bodies * 3
    random.Random(mark).shuffle(sent)
    answers: Counter[str] = Counter()
    for start in range(0, len(sent), 20):
        answers.update(
            status(one) for one in await asyncio.gather(*(send(http, b) for b in sent[start : start + 20]))
        )
    assert answers == {"accepted": MANY, "replayed": 2 * MANY}
    jobs = [job_id for kind, job_id in office.woken if kind == PROCESS]
    assert len(jobs) == MANY
    for _round in range(2):
        random.Random(mark).shuffle(jobs)
        for job_id in jobs:
            await office.run_one(job_id)
        office.owner.execute(
            "UPDATE kernel.jobs SET run_at = now() WHERE id = ANY (%s) AND state = 'queued'", (jobs,)
        )
    found = await handled(office)
    assert {id_: n for id_, n in found.items() if id_.startswith(mark)} == {
        f"{mark}-{n}": 1 for n in range(MANY)
    }
    left = office.owner.execute(
        "SELECT state, outcome, body FROM kernel.received_webhooks WHERE id = ANY (%s)", (jobs,)
    ).fetchall()
    assert set(left) == {("processed", "handled", None)}, "what was worked on keeps no body"


async def test_what_proves_nothing_is_refused_alike_and_counted(
    office: Post, http: httpx.AsyncClient
) -> None:
    wanted = {
        ("signed", "unsigned"): 1,
        ("signed", "wrong_path"): 2,
        ("signed", "wrong_signature"): 4,
        ("unknown", "unknown_provider"): 1,
        ("unset", "not_configured"): 1,
    }
    before = {key: counted(*key) for key in wanted}
    content = body(uuid7().hex)
    stale = str(int(time.time()) - 400)
    answers = [
        await http.post(f"/api/v1/webhooks/signed/{PATH}", content=content),
        await send(http, content, path="another-path"),
        await send(http, content, path="%00"),
        await send(http, content, secret="whsec_" + "A" * 32),
        await send(http, content, webhook_signature="v1,%%%"),
        await send(http, content, webhook_id="msg_y"),
        await send(http, content, webhook_timestamp=stale),
        await http.post("/api/v1/webhooks/nobody/x", content=content),
        await http.post(f"/api/v1/webhooks/unset/{PATH}", content=content),
        await http.post(f"/api/v1/webhooks/unset-plain/{PATH}", content=content),
        await http.post("/api/v1/webhooks/plain/wrong", content=content),
        await http.post("/api/v1/webhooks/idp/frontegg", content=content),
    ]
    assert [refusal(one) for one in answers] == [(401, "webhook_refused")] * len(answers)
    said = [{k: v for k, v in one.json().items() if k != "request_id"} for one in answers]
    assert all(one == said[0] for one in said), "nothing tells which of the proofs was wrong"
    assert {key: counted(*key) - before[key] for key in wanted} == wanted
    assert office.woken == []


async def test_a_signed_time_that_is_old_is_stale(http: httpx.AsyncClient) -> None:
    moment, content = now() - timedelta(seconds=310), body(uuid7().hex)
    signed = {
        "webhook-id": "m",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("m", moment, content.decode()),
    }
    before = counted("signed", "stale")
    answer = await http.post(f"/api/v1/webhooks/signed/{PATH}", content=content, headers=signed)
    assert refusal(answer) == (401, "webhook_refused")
    assert counted("signed", "stale") == before + 1


async def test_both_paths_and_both_secrets_are_good_during_a_rotation(http: httpx.AsyncClient) -> None:
    for path in (PATH, FORMER_PATH):
        for secret in (SECRET, NEXT):
            assert status(await send(http, body(uuid7().hex), path=path, secret=secret)) == "accepted"


async def test_what_is_proved_and_no_event_is_said_to_be_none(office: Post, http: httpx.AsyncClient) -> None:
    for content in (b"", b"[]", b'{"id": ""}', b'{"id": "\\u0000"}'):
        assert refusal(await send(http, content)) == (400, "webhook_unreadable")
    assert office.woken == []


async def test_a_body_is_bounded_in_size_and_in_time(
    office: Post, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = body(uuid7().hex, text="x" * receiving.LARGEST_BYTES)
    assert refusal(await send(http, large)) == (413, "payload_too_large")
    monkeypatch.setattr(receiving, "READ_WITHIN_S", 0.05)

    async def drip() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(3600)  # nobody waits for that
        yield b"}"

    answer = await http.post(f"/api/v1/webhooks/signed/{PATH}", content=drip())
    assert refusal(answer) == (400, "webhook_too_slow")


async def test_it_is_answered_before_it_is_worked_on(office: Post, http: httpx.AsyncClient) -> None:
    """The work is a job's: the request stores, and nothing it does depends on what the handler costs."""
    id_ = uuid7().hex
    assert status(await send(http, body(id_))) == "accepted"
    assert (await handled(office))[id_] == 0
    await office.run(PROCESS)
    assert (await handled(office))[id_] == 1


async def test_what_is_for_an_organization_is_within_its_walls(office: Post, http: httpx.AsyncClient) -> None:
    ada, bob = await office.make(), await office.make()
    id_ = uuid7().hex
    assert status(await send(http, body(id_, organization=str(ada.identity.organization_id)))) == "accepted"
    await office.run(PROCESS)
    assert (await handled(office, ada.identity))[id_] == 1
    mine = text("SELECT count(*) FROM kernel.received_webhooks WHERE event_id = :id")
    for identity, seen in ((ada.identity, 1), (bob.identity, 0), (Identity(), 0)):
        async with context(office.platform, identity) as ctx:
            assert await ctx.session.scalar(mine, {"id": id_}) == seen


async def test_what_nobody_signed_is_asked_of_the_provider_before_it_is_believed(
    office: Post, http: httpx.AsyncClient
) -> None:
    real, made_up = f"real-{uuid7().hex}", f"forged-{uuid7().hex}"
    for id_ in (real, made_up):
        answer = await http.post(f"/api/v1/webhooks/plain/{PATH}", content=body(id_))
        assert status(answer) == "accepted"
    await office.run(PROCESS)
    found = await handled(office)
    assert (found[real], found[made_up]) == (1, 0)
    outcome = office.owner.execute(
        "SELECT state, outcome FROM kernel.received_webhooks WHERE event_id = %s", (made_up,)
    ).fetchone()
    assert outcome == ("processed", "unconfirmed")


async def test_a_dead_letter_keeps_its_body_and_can_be_run_again(
    office: Post, http: httpx.AsyncClient
) -> None:
    id_ = uuid7().hex
    await send(http, body(id_, fails=10))
    (job_id,) = [job for kind, job in office.woken if kind == PROCESS]
    for _attempt in range(10):
        office.owner.execute("UPDATE kernel.jobs SET run_at = now() WHERE id = %s", (job_id,))
        await office.run_one(job_id)
    row = "SELECT state, outcome, body IS NOT NULL FROM kernel.received_webhooks WHERE id = %s"
    assert office.owner.execute(row, (job_id,)).fetchone() == ("failed", "unavailable", True)
    assert (await handled(office))[id_] == 0
    office.owner.execute(
        "UPDATE kernel.jobs SET state = 'queued', attempts = 0, error = NULL, finished_at = NULL WHERE id = %s",
        (job_id,),
    )
    await office.run_one(job_id)
    assert office.owner.execute(row, (job_id,)).fetchone() == ("processed", "handled", False)
    assert (await handled(office))[id_] == 1


async def test_what_a_provider_told_waits_while_its_organization_is_deleted(
    office: Post, http: httpx.AsyncClient
) -> None:
    ada = await office.make()
    organization_id = ada.identity.organization_id
    there, id_ = Identity(organization_id=organization_id), uuid7().hex
    await send(http, body(id_, organization=str(organization_id)))
    (job_id,) = [job for kind, job in office.woken if kind == PROCESS]
    async with context(office.platform, there) as ctx:
        await transitions.delete(ctx, reason="a trial")
    await office.run()
    assert await handled(office, there) == {}
    async with context(office.platform, there) as ctx:
        await transitions.restore(ctx, reason="a trial")
    await office.run_one(job_id)
    assert (await handled(office, there))[id_] == 1


async def test_providers_shake_hands_in_their_own_ways(http: httpx.AsyncClient) -> None:
    strava = {"hub.mode": "subscribe", "hub.challenge": "15f7", "hub.verify_token": "shared token"}
    answer = await http.get(f"/api/v1/webhooks/plain/{PATH}", params=strava)
    assert (answer.status_code, answer.json()) == (200, {"hub.challenge": "15f7"})
    oura = {"verification_token": "shared token", "challenge": "abc"}
    answer = await http.get(f"/api/v1/webhooks/signed/{PATH}", params=oura)
    assert (answer.status_code, answer.json()) == (200, {"challenge": "abc"})
    for path, query in (
        (f"plain/{PATH}", strava | {"hub.verify_token": "wrong"}),
        (f"plain/{PATH}", strava | {"hub.mode": "unsubscribe"}),
        ("plain/wrong", strava),
        (f"signed/{PATH}", oura | {"verification_token": ""}),
        ("nobody/x", strava),
    ):
        assert refusal(await http.get(f"/api/v1/webhooks/{path}", params=query)) == (401, "webhook_refused")
    assert (await http.head("/api/v1/webhooks/plain/wrong")).status_code == 401

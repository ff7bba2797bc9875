"""Who may connect and sync, and what of one connection never gets into another's."""

from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import select, update

from rowhouse.apps.fitness.sources import hints, syncing
from rowhouse.apps.fitness.sources.chores import begin_syncs
from rowhouse.apps.fitness.sources.models import Source, SourceHint
from rowhouse.apps.fitness.workouts.records import lock_athlete
from rowhouse.kernel.context import NOBODY
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.flags.kernel_flags import WEBHOOK_SYNC
from rowhouse.kernel.flags.service import overrides_key
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.organizations.models import Account, Organization
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.apps.fitness.sources.conftest import HERE, Athlete
from tests.conftest import MakePerson
from tests.operators import administrator

pytestmark = pytest.mark.enable_socket

CONSENT = "/api/v1/privacy/consents/fitness.health_data"


async def waiting(athlete: Athlete, kind: str) -> list[UUID]:
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        own = (Job.organization_id == ctx.org, Job.account_id == ctx.account, Job.kind == kind)
        query = select(Job.id).where(*own, Job.state == "queued").order_by(Job.id)
        return list((await ctx.session.scalars(query)).all())


async def run(athlete: Athlete, job_id: UUID) -> None:
    await run_job(athlete.platform, job_id, worker="test", stopping=lambda: False)


def asked(athlete: Athlete) -> list[str]:
    """What was asked about the athlete's things."""
    return [call["path"] for call in athlete.calls() if call["path"].startswith("/api/v3/")]


async def test_without_consent_nothing_is_connected_or_synced(athlete: Athlete) -> None:
    assert await athlete.connect("strava") == "/sources?connected=strava"
    source = (await athlete.source())["id"]
    consents = (await athlete.http.get("/api/v1/privacy/consents")).json()["data"]
    [version] = [one["version"] for one in consents if one["purpose"] == "fitness.health_data"]
    said = await athlete.http.put(CONSENT, json={"given": False, "version": version})
    assert said.status_code == 200, said.text
    for path, body in (
        ("strava/connect", {}),
        ("garmin-personal/key", {"key": "a-key-of-ones-own"}),
        (f"{source}/sync", None),
    ):
        answer = await athlete.http.post(f"/api/v1/sources/{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "consent_withdrawn"), path
    # The sync that was begun before finds nothing to do.
    await athlete.work()
    assert asked(athlete) == []
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/sync")):
        answer = await athlete.http.request(method, f"/api/v1/sources/{uuid7()}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "source_unknown"), method


async def test_the_clock_begins_what_is_due_for_whoever_is_still_here(
    athlete: Athlete, make_person: MakePerson
) -> None:
    colleague = (await make_person()).identity.user_id
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        beside = Account(
            organization_id=ctx.org, id=uuid7(), user_id=colleague, role="member", state="active"
        )
        ctx.session.add(beside)
    assert await athlete.connect("strava") == "/sources?connected=strava"
    [first] = await waiting(athlete, syncing.SYNC_JOB.name)

    async def due(state: str, organization: str = "active") -> list[UUID]:
        async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
            mine = update(Account).where(Account.organization_id == ctx.org, Account.id == ctx.account)
            await ctx.session.execute(mine.values(state=state))
            here = update(Organization).where(Organization.id == ctx.org)
            await ctx.session.execute(here.values(state=organization))
            own = (Source.organization_id == ctx.org, Source.athlete_id == ctx.account)
            await ctx.session.execute(update(Source).where(*own).values(next_sync_at=now(), job_id=None))
        async with administrator(athlete.platform.settings) as admin:
            await begin_syncs(athlete.platform, admin)
            await begin_syncs(athlete.platform, admin)
        return await waiting(athlete, syncing.SYNC_JOB.name)

    assert await due("active", organization="suspended") == [first]
    assert await due("suspended") == [first]
    await run(athlete, first)
    assert asked(athlete) == []
    [second] = await due("active")
    await run(athlete, second)
    assert len(await athlete.workouts()) == len(athlete.truth())


async def test_what_arrives_after_a_disconnection_is_not_kept(
    athlete: Athlete, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await athlete.connect("strava") == "/sources?connected=strava"
    source, [first] = (await athlete.source())["id"], await waiting(athlete, syncing.SYNC_JOB.name)
    kept, late = syncing._keep, []

    async def too_late(*arguments: Any) -> None:
        answer = await athlete.http.delete(f"/api/v1/sources/{source}")
        assert answer.status_code == 202, answer.text
        with pytest.raises(NotFound) as refusal:
            await kept(*arguments)
        late.append(refusal.value.code)
        raise refusal.value

    monkeypatch.setattr(syncing, "_keep", too_late)
    await run(athlete, first)
    assert late == ["not_found"]
    assert await athlete.workouts() == []


async def test_another_person_behind_a_connection_begins_anew(
    athlete: Athlete, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not before the former one's things are gone; and a sync of theirs that still runs brings nothing any more."""
    assert await athlete.connect("strava") == "/sources?connected=strava"
    source, [first] = (await athlete.source())["id"], await waiting(athlete, syncing.SYNC_JOB.name)
    other = athlete.sandbox.athlete(12, activities=2, days=20)
    kept, late = syncing._keep, []

    async def too_late(*arguments: Any) -> None:
        monkeypatch.setattr(syncing, "_keep", kept)
        assert (await athlete.http.delete(f"/api/v1/sources/{source}")).status_code == 202
        begun = await athlete.http.post("/api/v1/sources/strava/connect")
        address = begun.json()["data"]["authorize_url"]
        back = athlete.sandbox.approve(address, other["id"])
        landed = await athlete.http.get(back.removeprefix(str(athlete.http.base_url)))
        assert landed.headers["location"] == "/sources?error=source_ending"
        # As if the former's things were gone, with the same source made anew.
        async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
            own = (Source.organization_id == ctx.org, Source.athlete_id == ctx.account)
            cursor = {"before": 1}
            await ctx.session.execute(update(Source).where(*own).values(state="active", cursor=cursor))
        begun = await athlete.http.post("/api/v1/sources/strava/connect")
        back = athlete.sandbox.approve(begun.json()["data"]["authorize_url"], other["id"])
        landed = await athlete.http.get(back.removeprefix(str(athlete.http.base_url)))
        assert landed.headers["location"] == "/sources?connected=strava"
        with pytest.raises(NotFound) as refusal:
            await kept(*arguments)
        late.append(refusal.value.code)
        raise refusal.value

    monkeypatch.setattr(syncing, "_keep", too_late)
    await run(athlete, first)
    assert late == ["not_found"]
    row = await athlete.row()
    assert (row.state, row.cursor, row.error) == ("active", None, None)
    await athlete.work()
    done = athlete.sandbox.control("GET", f"athletes/{other['id']}/activities")
    assert len(await athlete.workouts()) == len([one for one in done if "strava" in one["at"]])
    athlete.sandbox.control("DELETE", f"athletes/{other['id']}")


async def test_a_hint_is_for_the_source_of_its_connection_while_webhooks_are_believed(
    athlete: Athlete,
) -> None:
    platform, mine = athlete.platform, athlete.person.identity
    async with open_context(platform, mine, HERE) as ctx:
        await lock_athlete(ctx)
        other = Source(organization_id=ctx.org, athlete_id=ctx.account, provider="polar", next_sync_at=now())
        ctx.session.add(other)
    assert await athlete.connect("strava") == "/sources?connected=strava"

    async def kept(thing: str) -> list[UUID]:
        """The athlete's sources that a hint of it is kept for."""
        async with open_context(platform, NOBODY, HERE) as ctx:
            await hints.take_hint(ctx, "strava", str(athlete.ids["strava"]), hints.Hint(thing))
        async with open_context(platform, mine, HERE) as ctx:
            own = (SourceHint.organization_id == ctx.org, SourceHint.athlete_id == ctx.account)
            query = select(SourceHint.source_id).where(*own, SourceHint.external_id == thing)
            return list((await ctx.session.scalars(query)).all())

    async def put(state: str) -> None:
        async with open_context(platform, mine, HERE) as ctx:
            its = (Source.organization_id == ctx.org, Source.athlete_id == ctx.account, Source.id == at)
            await ctx.session.execute(update(Source).where(*its).values(state=state))

    [at] = await kept("7")
    assert at != other.id
    await put("ended")
    assert await kept("8") == []
    await put("active")
    await platform.redis.set(overrides_key(ctx.org), orjson.dumps({WEBHOOK_SYNC.name: False}))
    assert await kept("9") == []

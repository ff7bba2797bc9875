"""A provider's limits, and ours: what waits, what goes on, and what is said of it; Strava as the example."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from rowhouse.apps.fitness.sources.models import Source
from rowhouse.apps.fitness.sources.provider import Quota
from rowhouse.apps.fitness.sources.providers import PROVIDERS
from rowhouse.apps.fitness.sources.strava.adapter import StravaAdapter
from rowhouse.apps.fitness.sources.telling import KINDS
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from tests.apps.fitness.sources.conftest import HERE, Athlete, Mailbox

pytestmark = pytest.mark.enable_socket


async def test_a_quota_that_gets_short(
    athlete: Athlete, mailbox: Mailbox, woken: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At four fifths history waits and what is new goes on slowly; at nine tenths everything waits, and a mail goes out."""
    athlete.subscribe(mailbox)
    used = 82
    # At a whole minute, for that is how it is told.
    resets = (now() + timedelta(minutes=10)).replace(second=0, microsecond=0)
    monkeypatch.setattr(StravaAdapter, "quota", lambda *_: Quota(used, 100, resets))
    assert await athlete.connect("strava") == "/sources?connected=strava"
    await athlete.work()
    assert len(await athlete.workouts()) == 2, "one page, and what came with it"
    assert (await athlete.source())["error"].startswith("Strava's limit is reset at")
    assert await athlete.notices() == ["fitness.quota"]
    lists = [one for one in athlete.calls() if one["path"].endswith("/athlete/activities")]
    athlete.does("strava", days_ago=0.1, title="New", notify=True)
    assert await athlete.deliver(mailbox, woken) == ["accepted"]
    assert [one["title"] for one in await athlete.workouts()].count("New") == 1
    assert len(await athlete.workouts()) == 3, "and no more of the history"
    assert [one for one in athlete.calls() if one["path"].endswith("/athlete/activities")] == lists
    assert await athlete.notices() == ["fitness.quota"], "told once"
    assert len(await waiting(athlete)) == 1
    await athlete.work(waiting=True)
    assert len(await athlete.workouts()) == 3, "history waits also when its job comes too soon"
    used = 91
    athlete.does("strava", days_ago=0.05, notify=True)
    await athlete.deliver(mailbox, woken)
    calls = len(athlete.calls())
    assert "fitness.quota_used" in await athlete.notices()
    athlete.does("strava", days_ago=0.01, notify=True)
    await athlete.deliver(mailbox, woken)
    await athlete.work(waiting=True)
    assert len(athlete.calls()) == calls, "nothing is asked any more"
    kinds = {kind.name: kind.mailed for kind in KINDS}
    assert (kinds["fitness.quota"], kinds["fitness.quota_used"]) == (False, True)
    resets = now() - timedelta(seconds=1)
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        own = (Source.organization_id == ctx.org, Source.athlete_id == ctx.account)
        await ctx.session.execute(update(Source).where(*own).values(quota=None))
    used = 1
    await athlete.work(waiting=True)
    assert len(await athlete.workouts()) == len(athlete.truth())


async def waiting(athlete: Athlete) -> Sequence[UUID]:
    """The jobs that are still to begin."""
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        own = select(Job.id).where(
            Job.organization_id == ctx.org,
            Job.account_id == ctx.account,
            Job.state == "queued",
            ~Job.internal,
        )
        return (await ctx.session.scalars(own)).all()


async def test_calls_that_cost_end_with_the_budget(
    athlete: Athlete, month: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """$0.08 of the month's $0.10 at a cent a call."""
    monkeypatch.setitem(PROVIDERS, "strava", replace(PROVIDERS["strava"], price_usd=0.01))
    assert await athlete.connect("strava") == "/sources?connected=strava"
    asked = len(athlete.calls())
    await athlete.work()
    source = await athlete.row()
    assert (source.calls, source.calls_month) == (8, month)
    assert len(athlete.calls()) == asked + 8
    assert source.error == "This month's budget for calls to Strava is used up."
    assert "fitness.quota_used" in await athlete.notices()
    await athlete.work(waiting=True)
    assert len(athlete.calls()) == asked + 8
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        own = (Source.organization_id == ctx.org, Source.athlete_id == ctx.account)
        before = update(Source).where(*own).values(calls_month=month - timedelta(days=40))
        await ctx.session.execute(before)
    await athlete.work(waiting=True)
    assert (await athlete.row()).calls > 0
    assert len(athlete.calls()) > asked + 8


async def test_a_limit_is_waited_for(athlete: Athlete, monkeypatch: pytest.MonkeyPatch) -> None:
    await athlete.connected()
    monkeypatch.setitem(PROVIDERS, "strava", replace(PROVIDERS["strava"], price_usd=0.0001))
    before = len(athlete.calls())
    athlete.sandbox.control("PUT", "faults", {"strava": {"status": 429, "retry_after": 300, "times": 1}})
    job = await athlete.sync()
    assert job["state"] == "queued"
    assert (await athlete.row()).calls == len(athlete.calls()) - before > 0
    source = await athlete.source()
    assert source["status"] == "connected"
    assert source["error"].startswith("Strava's limit is reset at")
    detail = await athlete.detail()
    assert (detail["error_code"], detail["job_id"]) == ("quota", job["id"])
    assert datetime.fromisoformat(detail["next_sync"]) > now() + timedelta(seconds=200)
    assert "fitness.quota_used" in await athlete.notices()
    await athlete.work(waiting=True)
    assert (await athlete.source())["error"] is None


async def test_ten_syncs_by_hand_in_an_hour(athlete: Athlete) -> None:
    await athlete.connected()
    source = await athlete.source()
    for _ in range(10):
        assert (await athlete.http.post(f"/api/v1/sources/{source['id']}/sync")).status_code == 202
    answer = await athlete.http.post(f"/api/v1/sources/{source['id']}/sync")
    assert (answer.status_code, answer.json()["code"]) == (429, "limit_reached")

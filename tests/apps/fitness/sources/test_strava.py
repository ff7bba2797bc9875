"""Strava from the first redirect to the last file, against the sandbox over real sockets."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from rowhouse.apps.fitness.recordings.models import File
from rowhouse.apps.fitness.retention import EARLY, TERMS
from rowhouse.apps.fitness.sources import syncing
from rowhouse.apps.fitness.sources.chores import begin_syncs
from rowhouse.apps.fitness.sources.garmin_personal import adapter as garmin_personal
from rowhouse.apps.fitness.sources.models import Source, SourceItem
from rowhouse.apps.fitness.terms import DECLARED
from rowhouse.kernel.jobs import claims
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.privacy.chores import CHORES
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.apps.fitness.sources.conftest import HERE, Athlete, Mailbox
from tests.generators.activities import activity
from tests.generators.fit import fit_file
from tests.operators import administrator

pytestmark = pytest.mark.enable_socket


async def test_connected_everything_comes_once(athlete: Athlete) -> None:
    assert await athlete.connect("strava") == "/sources?connected=strava"
    source = await athlete.source()
    assert set(source) == {"id", "provider", "status", "last_sync", "cursor", "quota", "error"}
    assert (source["provider"], source["status"], source["last_sync"]) == ("strava", "syncing", None)
    await athlete.work()
    source = await athlete.source()
    assert (source["status"], source["error"]) == ("connected", None)
    detail = await athlete.detail()
    assert (detail["workouts"], detail["alone"], detail["job_id"]) == (5, 5, None)
    assert detail["next_sync"] > detail["last_sync"]
    assert 0 < source["quota"]["used"] < source["quota"]["limit"]
    truth, workouts = athlete.truth(), await athlete.workouts()
    assert [one["title"] for one in workouts] == [one["title"] for one in truth]
    first = next(call for call in athlete.calls() if call["path"].startswith("/api/"))
    assert (first["path"], "after" in str(first["query"])) == ("/api/v3/athlete/activities", False), first
    for one, shown in zip(truth, workouts, strict=True):
        assert shown["start_time"].replace("Z", "+00:00") == one["at"]["strava"]["start"]
        assert shown["duration_s"] == one["at"]["strava"]["elapsed_s"]
        assert (shown["distance_m"] or 0) == pytest.approx(one["at"]["strava"]["distance_m"], abs=0.1)
        assert [source["provider"] for source in shown["sources"]] == ["strava"]
    detail = (await athlete.http.get(f"/api/v1/workouts/{workouts[0]['id']}")).json()["data"]
    assert detail["laps"]
    samples = (await athlete.http.get(f"/api/v1/workouts/{workouts[0]['id']}/streams")).json()["data"]
    assert len(samples["time_s"]) > 100
    calls = len(athlete.calls())
    job = await athlete.sync()
    assert (job["state"], job["result"]["imported"]) == ("succeeded", 0)
    since = athlete.calls()[calls:]
    assert {call["path"] for call in since} == {"/api/v3/athlete/activities"}, "known things are not fetched"
    offers = (await athlete.http.get("/api/v1/sources/providers")).json()["data"]
    [strava] = [one for one in offers if one["provider"] == "strava"]
    assert (strava["offered"], strava["connected"], strava["terms"]["retention_days"]) == (True, True, 7)
    assert [one["offered"] for one in offers if not one["supported"]] == [False] * 3


async def test_a_crash_between_two_pages_doubles_nothing(
    athlete: Athlete, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await athlete.connect("strava") == "/sources?connected=strava"
    kept = syncing._keep
    pages = 0

    async def dies(*arguments: Any) -> None:
        nonlocal pages
        pages += 1
        if pages >= 3:
            raise RuntimeError("killed")
        await kept(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(syncing, "_keep", dies)
        # One attempt: chance may have the next come at once.
        patch.setattr(claims, "retry_delay_s", lambda *_: 60.0)
        await athlete.work()
    known = len(await athlete.workouts())
    assert 1 < known < 5, "two pages are in"
    calls = len(athlete.calls())
    await athlete.work(waiting=True)
    truth = athlete.truth()
    assert len(await athlete.workouts()) == len(truth)
    again = [
        call["path"] for call in athlete.calls()[calls:] if call["path"].startswith("/api/v3/activities")
    ]
    assert len(again) == 2 * (len(truth) - known), "what was committed is not fetched again"


async def test_what_strava_tells_is_looked_at(athlete: Athlete, mailbox: Mailbox, woken: list[UUID]) -> None:
    await athlete.connected()
    subscription = athlete.subscribe(mailbox)
    known = await athlete.workouts()
    first, second, third = known[:3]
    answer = await athlete.http.put(f"/api/v1/workouts/{first['id']}", json={"sport": "hike"})
    assert answer.status_code == 200, answer.text
    by_id = {str(one["at"]["strava"]["id"]): one for one in athlete.truth()}
    changed, gone, thrown = (by_id[one["sources"][0]["external_id"]] for one in known[:3])
    assert (await athlete.http.delete(f"/api/v1/workouts/{third['id']}")).status_code == 204
    activities = f"athletes/{athlete.id}/activities"
    athlete.sandbox.control("PATCH", f"{activities}/{changed['number']}", {"title": "Named anew"})
    athlete.sandbox.control("DELETE", f"{activities}/{gone['number']}")
    athlete.sandbox.control("PATCH", f"{activities}/{thrown['number']}", {"title": "Thrown away here"})
    assert await athlete.deliver(mailbox, woken) == ["accepted"] * 3
    # Nothing goes because a webhook says so, and one of a stranger's subscription is not even asked about.
    lie = {
        "aspect_type": "delete",
        "event_time": int(now().timestamp()),
        "object_id": changed["at"]["strava"]["id"],
        "object_type": "activity",
        "owner_id": athlete.ids["strava"],
        "subscription_id": subscription,
        "updates": {},
    }
    assert await athlete.told("strava", lie, woken) == "accepted"
    calls = [one for one in athlete.calls() if "/activities" in one["path"]]
    assert await athlete.told("strava", lie | {"subscription_id": 7}, woken) == "accepted"
    assert [one for one in athlete.calls() if "/activities" in one["path"]] == calls
    workouts = {one["id"]: one for one in await athlete.workouts()}
    assert len(workouts) == len(known) - 2
    # What the athlete set by hand survives.
    assert (workouts[first["id"]]["title"], workouts[first["id"]]["sport"]) == ("Named anew", "hike")
    assert not {second["id"], third["id"]} & workouts.keys()
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        own = (File.organization_id == ctx.org, File.athlete_id == ctx.account)
        assert len((await ctx.session.scalars(select(File.id).where(*own))).all()) == len(workouts) + 1


async def test_doubled_and_mixed_up_events_lose_nothing(
    athlete: Athlete, mailbox: Mailbox, woken: list[UUID]
) -> None:
    await athlete.connected()
    athlete.subscribe(mailbox)
    athlete.sandbox.control("PUT", "faults", {"strava": {"webhooks": {"duplicate": True, "reorder": True}}})
    before = athlete.truth()
    activities = f"athletes/{athlete.id}/activities"
    for days_ago in (0.4, 0.3, 0.2):
        made = athlete.does("strava", days_ago=days_ago, elapsed_s=300, notify=True)
        athlete.sandbox.control("PATCH", f"{activities}/{made['number']}", {"title": f"Once {days_ago}"})
    athlete.sandbox.control("DELETE", f"{activities}/{before[0]['number']}")
    told = await athlete.deliver(mailbox, woken)
    assert (told.count("accepted"), told.count("replayed")) == (7, 7)
    truth = {str(one["at"]["strava"]["id"]): one["title"] for one in athlete.truth()}
    shown = [(one["sources"][0]["external_id"], one["title"]) for one in await athlete.workouts()]
    assert (len(shown), dict(shown)) == (len(truth), truth), "none lost, none doubled"


async def test_two_syncs_at_once_take_turns(athlete: Athlete, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two sources that have recorded the same."""
    monkeypatch.setattr(garmin_personal, "EMPTY_WINDOWS", 1)
    assert await athlete.connect("strava") == "/sources?connected=strava"
    await athlete.connect_by_key()
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        due = select(Job.id).where(Job.organization_id == ctx.org, Job.kind == "fitness.sync")
        jobs = (await ctx.session.scalars(due)).all()
    assert len(jobs) == 2
    runs = (run_job(athlete.platform, job, worker=f"{job}", stopping=lambda: False) for job in jobs)
    await asyncio.gather(*runs)
    await athlete.work(waiting=True)
    await athlete.work(waiting=True)
    brought = sorted(
        (s["provider"], s["external_id"]) for one in await athlete.workouts() for s in one["sources"]
    )
    truth = [
        (name, str(one["at"][name]["id"])) for name in ("garmin", "strava") for one in athlete.truth(name)
    ]
    assert brought == sorted(truth), "none lost, none doubled"


async def test_a_clock_that_is_ahead_hides_nothing(athlete: Athlete) -> None:
    athlete.does("strava", days_ago=-300)
    await athlete.connected()
    athlete.does("strava", days_ago=0.2)
    assert (await athlete.sync())["result"]["imported"] == 1
    assert len(await athlete.workouts()) == len(athlete.truth())


async def test_disconnected_what_it_alone_brought_goes(athlete: Athlete) -> None:
    """One outing is in a file of the athlete's own watch too: its workout stays, made of that."""
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
    files = [("files", ("own.fit", fit_file(activity(seed=3, start=start))))]
    answer = await athlete.http.post("/api/v1/uploads", files=files)
    assert answer.status_code == 202, answer.text
    await athlete.connected()
    source = await athlete.source()
    whole = await athlete.workouts()
    own = [one for one in whole if any(s["provider"] != "strava" for s in one["sources"])]
    assert len(own) == 1
    detail = await athlete.detail()
    brought = [one for one in whole if any(s["provider"] == "strava" for s in one["sources"])]
    assert (detail["workouts"], detail["alone"]) == (len(brought), len(whole) - 1)
    answer = await athlete.http.delete(f"/api/v1/sources/{source['id']}")
    assert answer.status_code == 202, answer.text
    assert (await athlete.http.get("/api/v1/sources")).json()["data"] == []
    assert (await athlete.http.post(f"/api/v1/sources/{source['id']}/sync")).status_code == 404
    await athlete.work()
    assert [one["id"] for one in await athlete.workouts()] == [own[0]["id"]]
    assert any(call["path"] == "/oauth/revoke" and call["status"] == 200 for call in athlete.calls())
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        for model in (Source, SourceItem):
            left = select(model).where(model.organization_id == ctx.org, model.athlete_id == ctx.account)
            assert (await ctx.session.scalars(left)).all() == []


async def test_connected_again_before_it_has_gone_it_stays(athlete: Athlete) -> None:
    known = [one["id"] for one in await (await athlete.connected()).workouts()]
    answer = await athlete.http.delete(f"/api/v1/sources/{(await athlete.source())['id']}")
    assert answer.status_code == 202, answer.text
    await athlete.connected()
    assert [one["id"] for one in await athlete.workouts()] == known
    assert (await athlete.source())["status"] == "connected"


async def test_what_the_terms_let_nobody_keep_goes(
    athlete: Athlete, mailbox: Mailbox, woken: list[UUID]
) -> None:
    await athlete.connected()
    athlete.subscribe(mailbox)
    [rule] = [one for one in TERMS if one.name == "fitness.strava_terms"]
    [chore] = [one for one in CHORES if one.name == "retention_hourly"]
    assert (rule.days, rule.hourly) == (DECLARED["strava"].retention_days, True)
    assert 2 * timedelta(seconds=chore.every_s) <= EARLY, "a run may be missed"
    assert rule.expire is not None
    kept = await athlete.workouts()
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        own = (SourceItem.organization_id == ctx.org, SourceItem.athlete_id == ctx.account)
        oldest = select(SourceItem.external_id).where(*own).order_by(SourceItem.external_id).limit(2)
        aged = update(SourceItem).where(*own, SourceItem.external_id.in_(oldest))
        before = now() - timedelta(days=7)
        await ctx.session.execute(aged.values(fetched_at=before + EARLY + timedelta(minutes=5)))
        assert await rule.expire(ctx, before, True) == 0, "not long before"
        await ctx.session.execute(aged.values(fetched_at=before + EARLY - timedelta(minutes=5)))
        assert await rule.expire(ctx, before, True) == 2
        assert await rule.expire(ctx, before, False) == 2
        assert await rule.expire(ctx, before, False) == 0
    assert len(await athlete.workouts()) == len(kept) - 2
    assert (await athlete.sync())["result"]["imported"] == 0, "it does not come back"
    for one in athlete.truth():
        title = {"title": "Changed over there"}
        athlete.sandbox.control("PATCH", f"athletes/{athlete.id}/activities/{one['number']}", title)
    await athlete.deliver(mailbox, woken)
    shown = [one["title"] for one in await athlete.workouts()]
    assert shown == ["Changed over there"] * (len(kept) - 2), "nor because it changed"


async def test_syncs_of_one_athlete_take_turns(athlete: Athlete) -> None:
    await athlete.connected()
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        own = (Source.organization_id == ctx.org, Source.athlete_id == ctx.account)
        other = await enqueue(ctx, syncing.SYNC_JOB, {"source_id": str(uuid7())})
        job = await ctx.session.get_one(Job, (ctx.org, other))
        job.state, job.claimed_until = "running", now() + timedelta(minutes=1)
        await ctx.session.execute(update(Source).where(*own).values(job_id=other, next_sync_at=now()))
        mine = await enqueue(ctx, syncing.SYNC_JOB, {"source_id": str((await athlete.row()).id)})
    calls = len(athlete.calls())
    await athlete.work()
    async with administrator(athlete.platform.settings) as admin:
        await begin_syncs(athlete.platform, admin)
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        waiting = (Job.organization_id == ctx.org, Job.account_id == ctx.account, Job.state == "queued")
        assert (await ctx.session.scalars(select(Job.id).where(*waiting))).all() == [mine]
    assert len(athlete.calls()) == calls
    answer = await athlete.http.post(f"/api/v1/sources/{(await athlete.row()).id}/sync")
    assert answer.json()["data"]["job_id"] == str(other), "the one that runs is answered"
    # Whose worker has died is not waited for.
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        (await ctx.session.get_one(Job, (ctx.org, other))).claimed_until = now() - timedelta(seconds=1)
    await athlete.work(waiting=True)
    assert len(athlete.calls()) > calls


async def test_a_source_that_waits_for_its_turn_is_not_up_to_date(athlete: Athlete) -> None:
    await athlete.connect_by_key()
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        [other] = (await ctx.session.scalars(select(Job).where(Job.organization_id == ctx.org))).all()
        other.state, other.claimed_until = "running", now() + timedelta(minutes=1)
    await athlete.connect("strava")
    await athlete.work()
    source = await athlete.source("strava")
    detail = (await athlete.http.get(f"/api/v1/sources/{source['id']}")).json()["data"]
    assert (source["status"], source["last_sync"], source["error"]) == ("syncing", None, None)
    assert datetime.fromisoformat(detail["next_sync"]) > now()

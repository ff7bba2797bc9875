"""What goes wrong between a source and its provider: who is told, and that nothing is lost; Strava as the example."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from traceback import format_exception
from uuid import UUID

import pytest
from pydantic import TypeAdapter
from structlog.testing import capture_logs

from rowhouse.apps.fitness.recordings.recording import Recording
from rowhouse.apps.fitness.sources import syncing
from rowhouse.apps.fitness.sources.believing import believed
from rowhouse.apps.fitness.sources.chores import begin_syncs
from rowhouse.apps.fitness.sources.errors import ShapeUnknown
from rowhouse.apps.fitness.sources.providers import PROVIDERS
from rowhouse.apps.fitness.sources.shapes import as_shape
from rowhouse.apps.fitness.sources.strava.adapter import StravaAdapter
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from tests.apps.fitness.sources.conftest import HERE, Athlete, Mailbox
from tests.operators import administrator

pytestmark = pytest.mark.enable_socket


async def test_the_athlete_withdraws_at_strava(athlete: Athlete) -> None:
    await athlete.connected()
    for grant in athlete.sandbox.control("GET", "grants"):
        if grant["provider"] == "strava" and grant["athlete_id"] == athlete.id:
            athlete.sandbox.control("POST", f"grants/{grant['id']}/revoke")
    job = await athlete.sync()
    assert (job["state"], job["error"]["code"]) == ("failed", "reauthorization_needed")
    assert (await athlete.source())["status"] == "needs_reauth"
    assert "kernel.connection" in await athlete.notices()
    assert len(await athlete.workouts()) == len(athlete.truth()), "what is here stays"
    assert await athlete.connect("strava") == "/sources?connected=strava"
    await athlete.work()
    assert (await athlete.source())["status"] == "connected"


async def test_away_for_a_day_it_is_failing(athlete: Athlete, monkeypatch: pytest.MonkeyPatch) -> None:
    await athlete.connected()
    monkeypatch.setitem(PROVIDERS, "strava", replace(PROVIDERS["strava"], price_usd=0.0001))
    before = len(athlete.calls())
    athlete.sandbox.control("PUT", "faults", {"strava": {"status": 503}})
    job = await athlete.sync()
    waits = []
    for _ in range(4):
        async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
            row = await ctx.session.get_one(Job, (ctx.org, UUID(job["id"])))
            waits.append((row.run_at - now()).total_seconds())
        await athlete.work(waiting=True)
    assert waits == sorted(waits)
    assert sum(waits) < 24 * 3600
    source = await athlete.source()
    assert source["status"] == "failing"
    assert "could not be reached" in source["error"]
    assert "fitness.source_failing" in await athlete.notices()
    assert (await athlete.row()).calls == len(athlete.calls()) - before, "each is counted, and once"
    athlete.sandbox.control("DELETE", "faults")
    assert (await athlete.sync())["state"] == "succeeded"
    assert (await athlete.source())["status"] == "connected"


async def test_an_unknown_shape_pauses_and_loses_nothing(
    athlete: Athlete, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await athlete.connect("strava") == "/sources?connected=strava"
    monkeypatch.setitem(PROVIDERS, "strava", replace(PROVIDERS["strava"], price_usd=0.0001))
    before = len(athlete.calls())
    athlete.sandbox.control("PUT", "faults", {"strava": {"garbage": "shape"}})
    await athlete.work()
    source = await athlete.source()
    assert (source["status"], source["cursor"]) == ("paused", None)
    assert (await athlete.row()).calls == len(athlete.calls()) - before > 0
    assert await athlete.workouts() == []
    athlete.sandbox.control("DELETE", "faults")
    async with administrator(athlete.platform.settings) as admin:
        await begin_syncs(athlete.platform, admin)
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        await enqueue(ctx, syncing.SYNC_JOB, {"source_id": source["id"]})
    await athlete.work()
    assert (await athlete.source())["status"] == "paused", "the clock leaves it alone, and what it had begun"
    assert (await athlete.sync())["state"] == "succeeded"
    assert len(await athlete.workouts()) == len(athlete.truth())


async def test_what_our_own_code_trips_over_pauses_that_source_alone(
    athlete: Athlete, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trips(*_said: object) -> Sequence[Recording]:
        raise KeyError("171 bpm")

    with monkeypatch.context() as broken:
        broken.setattr(StravaAdapter, "recordings", trips)
        for provider in ("strava", "whoop"):
            await athlete.connect(provider)
        with capture_logs() as logs:
            await athlete.work()
    [told] = [one for one in logs if one["event"] == "provider_shape_unknown"]
    assert told["where"].startswith("KeyError at apps/fitness/sources/importing.py:")
    assert (await athlete.source("strava"))["status"] == "paused"
    assert (await athlete.source("whoop"))["status"] == "connected"
    assert len(await athlete.workouts()) == len(athlete.truth("whoop"))
    [waits] = [one for one in await athlete.jobs() if one.kind == "fitness.sync" and one.state != "succeeded"]
    assert (waits.state, waits.attempts) == ("failed", 1)
    assert waits.error is not None
    assert waits.error["code"] == "source_paused"
    source_id = (await athlete.source("strava"))["id"]
    assert (await athlete.http.post(f"/api/v1/sources/{source_id}/sync")).status_code == 202
    await athlete.work()
    assert (await athlete.source("strava"))["status"] == "connected"


async def test_a_job_that_nobody_can_explain_ends(athlete: Athlete, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tried five times, then failing; the clock tries again on the next day."""

    async def broken(*_arguments: object) -> int:
        raise RuntimeError

    await athlete.connect("strava")
    with monkeypatch.context() as breaking:
        breaking.setattr(syncing, "import_items", broken)
        job_id = (await athlete.row()).job_id
        # A pause may be so short that two attempts happen in one go.
        for _ in range(syncing.SYNC_JOB.max_attempts):
            await athlete.work(waiting=True)
    job = (await athlete.http.get(f"/api/v1/jobs/{job_id}")).json()["data"]
    assert (job["state"], job["attempts"]) == ("failed", syncing.SYNC_JOB.max_attempts)
    source = await athlete.row()
    assert (source.state, source.error_code, source.job_id) == ("failing", "internal_error", None)
    assert source.next_sync_at > now() + timedelta(hours=23)
    assert "fitness.source_failing" in await athlete.notices()
    assert (await athlete.sync())["state"] == "succeeded"
    assert (await athlete.source())["status"] == "connected"
    assert len(await athlete.workouts()) == len(athlete.truth())


@pytest.mark.parametrize("read", [int, partial(as_shape, TypeAdapter(int))], ids=["ours", "theirs"])
async def test_what_was_said_stays_out_of_the_log(read: Callable[[str], int]) -> None:
    said = str(171) + " bpm"

    async def ask() -> int:
        return read(said)

    with pytest.raises(ShapeUnknown) as caught:
        await believed(ask)
    assert said not in "".join(format_exception(caught.value))


async def test_hints_wait_for_a_source_that_is_paused(
    athlete: Athlete, mailbox: Mailbox, woken: list[UUID]
) -> None:
    await athlete.connected()
    athlete.subscribe(mailbox)
    athlete.sandbox.control("PUT", "faults", {"strava": {"garbage": "shape", "paths": "athlete/activities"}})
    await athlete.sync()
    assert (await athlete.source())["status"] == "paused"
    gone = athlete.truth()[-1]
    athlete.sandbox.control("DELETE", f"athletes/{athlete.id}/activities/{gone['number']}")
    assert await athlete.deliver(mailbox, woken) == ["accepted"]
    assert len(await athlete.workouts()) == len(athlete.truth()) + 1
    athlete.sandbox.control("DELETE", "faults")
    assert (await athlete.sync())["state"] == "succeeded"
    assert len(await athlete.workouts()) == len(athlete.truth())

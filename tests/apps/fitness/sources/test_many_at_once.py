"""Syncs of one athlete at once, and webhooks doubled and out of order while things change over there: the account closes."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from rowhouse.apps.fitness.sources import syncing
from rowhouse.apps.fitness.sources.chores import begin_syncs
from rowhouse.apps.fitness.sources.garmin_personal import adapter as garmin
from rowhouse.apps.fitness.sources.models import Source
from rowhouse.apps.fitness.sources.service import UNDER_WAY
from rowhouse.apps.fitness.sources.strava import adapter as strava
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from tests.apps.fitness.sources.conftest import HERE, HOOK, Athlete, Mailbox
from tests.chaos.accounting import note
from tests.chaos.whole_run import WHOLE
from tests.operators import administrator

pytestmark = pytest.mark.enable_socket

ROUNDS, CHANGES, AGAIN = (25, 100, 2) if WHOLE else (2, 9, 1)
"""Each change is told twice over there, and each telling is handed on `AGAIN` times: ten thousand webhooks as a whole."""
WORKERS = 3
LOOKS_EVERY = 20
IDLE_S = 0.25
POSTS_AT_ONCE = 8

KEPT = text(
    """
    SELECT r.provider, r.external_id, r.summary ->> 'title' AS title, f.storage_key, f.sha256, f.bytes, f.format,
        (SELECT count(*) FROM fitness.memberships m JOIN fitness.workouts w
            ON w.organization_id = m.organization_id AND w.id = m.workout_id
            WHERE m.organization_id = r.organization_id AND m.record_id = r.id) AS workouts
    FROM fitness.records r JOIN fitness.files f ON f.organization_id = r.organization_id AND f.id = r.file_id
    WHERE r.organization_id = :org
    """
)
LEFT = text(
    """
    SELECT (SELECT count(*) FROM fitness.source_hints WHERE organization_id = :org) AS hints,
        (SELECT count(*) FROM fitness.files WHERE organization_id = :org) AS files,
        (SELECT count(*) FROM fitness.workouts WHERE organization_id = :org) AS workouts,
        (SELECT count(DISTINCT workout_id) FROM fitness.memberships WHERE organization_id = :org) AS homes
    """
)


@pytest.fixture
def statements() -> set[str]:
    """Nothing is read: these tests look at all that is kept with statements of their own."""
    return set()


class Outside:
    """What happens over there meanwhile: outings are uploaded, each older than the last, renamed, and deleted again. Garmin
    tells of no deletion: what is deleted was Strava's alone."""

    def __init__(self, athlete: Athlete) -> None:
        self.athlete = athlete
        self.draws = random.Random(17)
        self.kept: list[int] = []
        self.passing: list[int] = []
        self.done = 0

    def goes_on(self) -> None:
        for _ in range(CHANGES):
            self._change()
        # All are on their way, doubled and out of order.
        self.athlete.sandbox.control("GET", "deliveries")

    def _change(self) -> None:
        self.done += 1
        activities = f"athletes/{self.athlete.id}/activities"
        what = self.draws.random()
        if what < 0.3 or not (self.kept and self.passing):
            passes = len(self.kept) > len(self.passing)
            seen_by = ("strava",) if passes else ("strava", "garmin")
            one = self.athlete.does(*seen_by, days_ago=self.done / 9, elapsed_s=300, notify=True)
            (self.passing if passes else self.kept).append(one["number"])
        elif what < 0.9:
            title = {"title": f"Change {self.done}"}
            number = self.draws.choice(self.kept + self.passing)
            self.athlete.sandbox.control("PATCH", f"{activities}/{number}", title)
        else:
            number = self.passing.pop(self.draws.randrange(len(self.passing)))
            self.athlete.sandbox.control("DELETE", f"{activities}/{number}")


async def test_nothing_is_lost_doubled_or_corrupted(
    athlete: Athlete, mailbox: Mailbox, woken: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garmin, "EMPTY_WINDOWS", 1)
    monkeypatch.setattr(garmin, "ALL_EVERY", timedelta())
    monkeypatch.setattr(strava, "PER_PAGE", 5)
    monkeypatch.setattr(syncing, "soon_after", lambda _delay_s: IDLE_S)
    await athlete.connect("strava")
    await athlete.connect_by_key()
    athlete.subscribe(mailbox)
    athlete.sandbox.control("PUT", "faults", {"strava": {"webhooks": {"duplicate": True, "reorder": True}}})
    outside, told = Outside(athlete), []
    async with administrator(athlete.platform.settings) as admin:
        async with at_work(athlete, woken):
            # Both first syncs are among what is taken up.
            for _ in range(ROUNDS):
                await asyncio.to_thread(outside.goes_on)
                letters, mailbox.letters[:] = AGAIN * mailbox.letters, []
                outside.draws.shuffle(letters)
                await due(athlete, admin)
                told += await deliver(athlete, letters)
        async with at_work(athlete, woken):
            await due(athlete, admin)
    sent = 2 * AGAIN * ROUNDS * CHANGES
    note("doubled and reordered", "webhooks answered", sent, len(told))
    assert told.count("replayed") >= sent - ROUNDS * CHANGES
    for source in (await athlete.http.get("/api/v1/sources")).json()["data"]:
        assert (source["status"], source["error"]) == ("connected", None), source
    await closed(athlete)


@asynccontextmanager
async def at_work(athlete: Athlete, woken: list[UUID]) -> AsyncIterator[None]:
    """Workers, until nothing is left of what is begun meanwhile."""
    no_more = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for number in range(WORKERS):
            group.create_task(work(athlete, woken, f"worker-{number}", no_more))
        yield
        no_more.set()


async def work(athlete: Athlete, woken: list[UUID], name: str, no_more: asyncio.Event) -> None:
    """Runs what it is woken for; now and then, and when that is nothing, the syncs whose turn has come."""
    taken = 0
    while not no_more.is_set() or woken or await waiting(athlete):
        taken += 1
        jobs = [woken.pop(0)] if woken else []
        if not jobs or taken % LOOKS_EVERY == 0:
            jobs += [one.id for one in await waiting(athlete) if one.run_at <= now()]
        for job in jobs:
            await run_job(athlete.platform, job, worker=name, stopping=lambda: False)
        if not jobs:
            await asyncio.sleep(IDLE_S)


async def waiting(athlete: Athlete) -> list[Job]:
    """The athlete's jobs that are not done; none waits for more than its turn."""
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        own = (Job.organization_id == ctx.org, Job.account_id == ctx.account, Job.state.in_(UNDER_WAY))
        found = list((await ctx.session.scalars(select(Job).where(*own))).all())
    assert all(one.run_at < now() + timedelta(minutes=1) for one in found)
    return found


async def due(athlete: Athlete, admin: Database) -> None:
    """The clock begins a sync of each source that has none."""
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        own = (Source.organization_id == ctx.org, Source.athlete_id == ctx.account)
        await ctx.session.execute(update(Source).where(*own).values(next_sync_at=now()))
    await begin_syncs(athlete.platform, admin)


async def deliver(athlete: Athlete, letters: list[tuple[str, dict[str, str], bytes]]) -> list[str]:
    """Several at a time; what each was answered."""
    turns = asyncio.Semaphore(POSTS_AT_ONCE)

    async def one(provider: str, headers: dict[str, str], body: bytes) -> str:
        async with turns:
            door = f"/api/v1/webhooks/{provider}/{HOOK}"
            answer = await athlete.http.post(door, content=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["status"])

    return await asyncio.gather(*(one(*letter) for letter in letters))


async def closed(athlete: Athlete) -> None:
    """Everything that they know over there is here once, as they know it, and nothing else is."""
    truth = {
        (name, str(one["at"][name]["id"])): one["title"]
        for name in ("garmin", "strava")
        for one in athlete.truth(name)
    }
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        kept = (await ctx.session.execute(KEPT, {"org": ctx.org})).all()
        left = (await ctx.session.execute(LEFT, {"org": ctx.org})).one()
    here: dict[Any, str] = {(one.provider, one.external_id): one.title for one in kept}
    note("two syncs at once", "recordings", len(truth), len(kept))
    assert here == truth
    assert {one.workouts for one in kept} == {1}
    assert (left.hints, left.files, left.workouts) == (0, len(kept), left.homes)
    for one in kept:
        data = await athlete.platform.storage.get(one.storage_key)
        assert len(data) == one.bytes
        assert one.format != "json" or hashlib.sha256(data).digest() == one.sha256

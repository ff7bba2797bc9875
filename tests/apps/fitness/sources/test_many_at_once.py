"""Syncs of one athlete at once, and webhooks doubled and out of order while things change over there: the account closes."""

import asyncio
import hashlib
import random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from rowhouse.apps.fitness.sources.garmin_personal import adapter as garmin
from rowhouse.apps.fitness.sources.strava import adapter as strava
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.work import open_context
from tests.apps.fitness.sources.conftest import HERE, HOOK, Athlete, Mailbox
from tests.chaos.accounting import note
from tests.chaos.whole_run import WHOLE

pytestmark = pytest.mark.enable_socket

ROUNDS, CHANGES, AGAIN = (25, 100, 2) if WHOLE else (2, 9, 1)
"""Each change is told twice over there, and each telling is handed on `AGAIN` times: ten thousand webhooks as a whole."""
WORKERS = 3
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
    """What happens over there meanwhile: outings begin, are renamed, and are deleted again."""

    def __init__(self, athlete: Athlete) -> None:
        self.athlete = athlete
        self.draws = random.Random(17)
        self.numbers: list[int] = []
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
        if what < 0.3 or len(self.numbers) < 3:
            one = self.athlete.does("strava", "garmin", days_ago=self.done / 9, elapsed_s=300, notify=True)
            self.numbers.append(one["number"])
        elif what < 0.9:
            title = {"title": f"Change {self.done}"}
            number = self.draws.choice(self.numbers)
            self.athlete.sandbox.control("PATCH", f"{activities}/{number}", title)
        else:
            number = self.numbers.pop(self.draws.randrange(len(self.numbers)))
            self.athlete.sandbox.control("DELETE", f"{activities}/{number}")


async def test_nothing_is_lost_doubled_or_corrupted(
    athlete: Athlete, mailbox: Mailbox, woken: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garmin, "EMPTY_WINDOWS", 1)
    monkeypatch.setattr(strava, "PER_PAGE", 5)
    await athlete.connect("strava")
    await athlete.connect_by_key()
    athlete.subscribe(mailbox)
    athlete.sandbox.control("PUT", "faults", {"strava": {"webhooks": {"duplicate": True, "reorder": True}}})
    outside, told = Outside(athlete), []
    async with asyncio.TaskGroup() as group:
        # Both first syncs are among what they take up.
        working = [group.create_task(work(athlete, woken, f"worker-{n}")) for n in range(WORKERS)]
        for _ in range(ROUNDS):
            await asyncio.to_thread(outside.goes_on)
            letters, mailbox.letters[:] = AGAIN * mailbox.letters, []
            outside.draws.shuffle(letters)
            told += await deliver(athlete, letters)
        for one in working:
            one.cancel()
    sent = 2 * AGAIN * ROUNDS * CHANGES
    note("doubled and reordered", "webhooks answered", sent, len(told))
    assert told.count("replayed") >= sent - ROUNDS * CHANGES
    await settle(athlete, woken)
    await closed(athlete)


async def work(athlete: Athlete, woken: list[UUID], name: str) -> None:
    """A worker that runs what it is woken for, until it is told to stop between two jobs."""
    while True:
        if woken:
            job = woken.pop(0)
            running = asyncio.ensure_future(
                run_job(athlete.platform, job, worker=name, stopping=lambda: False)
            )
            try:
                await asyncio.shield(running)
            except asyncio.CancelledError:
                await running
                raise
        else:
            await asyncio.sleep(0.01)


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


async def settle(athlete: Athlete, woken: list[UUID]) -> None:
    """Both are synced once more, as by the clock, and whatever was begun comes to its end."""
    for source in (await athlete.http.get("/api/v1/sources")).json()["data"]:
        await athlete.http.post(f"/api/v1/sources/{source['id']}/sync")
    while woken:
        await run_job(athlete.platform, woken.pop(0), worker="last", stopping=lambda: False)
    for _ in range(3):
        await athlete.work(waiting=True)
    for source in (await athlete.http.get("/api/v1/sources")).json()["data"]:
        assert (source["status"], source["error"]) == ("connected", None), source


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

"""What happens by the clock happens once for each due time, whoever is there to do it."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.jobs.timing import Timekeeper
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import DAY_S, Chore, Every, Schedule, daily, weekly
from rowhouse.kernel.registry import App, Registry
from rowhouse.kit.ids import uuid7
from tests.counts import refusals_by_policy
from tests.kernel.jobs import workshop
from tests.kernel.jobs.staging import Shop, make_account

pytestmark = pytest.mark.usefixtures("broker")

THEN = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)
Do = Callable[[Platform, Database], Awaitable[None]]


def timekeeper(shop: Shop, timed: Chore | Schedule, name: str = "one") -> Timekeeper:
    chores = (timed,) if isinstance(timed, Chore) else ()
    schedules = (timed,) if isinstance(timed, Schedule) else ()
    app = App("timed", "Timed", "timed", jobs=(workshop.COUNT,), chores=chores, schedules=schedules)
    return Timekeeper(replace(shop.platform, registry=Registry((app,))), shop.admin, name)


def chore(do: Do, every_s: int = 3600) -> Chore:
    return Chore("timed.chore", every_s, do)


def run_of(shop: Shop) -> list[tuple[datetime, int, str | None, str | None]]:
    rows = shop.owner.execute("SELECT * FROM kernel.scheduled_runs ORDER BY due_at")
    return [(row.due_at, row.attempts, row.outcome, row.error_code) for row in rows]


@pytest.mark.parametrize(
    ("when", "latest", "following"),
    [
        (Every(3600), datetime(2026, 11, 26, 20, tzinfo=UTC), datetime(2026, 11, 26, 21, tzinfo=UTC)),
        (
            daily(20, 30),
            datetime(2026, 11, 25, 20, 30, tzinfo=UTC),
            datetime(2026, 11, 26, 20, 30, tzinfo=UTC),
        ),
        (weekly(3, 20), datetime(2026, 11, 26, 20, tzinfo=UTC), datetime(2026, 12, 3, 20, tzinfo=UTC)),
        (weekly(0, 6), datetime(2026, 11, 23, 6, tzinfo=UTC), datetime(2026, 11, 30, 6, tzinfo=UTC)),
    ],
)
def test_due_times(when: Every, latest: datetime, following: datetime) -> None:
    assert (when.latest(THEN), when.following(THEN)) == (latest, following)


def test_two_of_one_name_are_refused() -> None:
    async def nothing(_platform: Platform, _admin: Database) -> None: ...

    twice = App("timed", "Timed", "timed", chores=(chore(nothing), chore(nothing)))
    with pytest.raises(ValueError, match="same name"):
        _ = Registry((twice,)).timed
    with pytest.raises(ValueError, match="no schedule"):
        Every(10, 10)


async def test_of_several_schedulers_one_does_it(shop: Shop) -> None:
    done: list[str] = []

    async def do(_platform: Platform, _admin: Database) -> None:
        done.append("once")
        await asyncio.sleep(0.1)

    timed = chore(do)
    keepers = [timekeeper(shop, timed, name) for name in ("one", "two", "three")]
    ran = await asyncio.gather(*(keeper.run(timed, THEN) for keeper in keepers))
    ran += await asyncio.gather(*(keeper.run(timed, THEN) for keeper in keepers))
    assert sorted(ran) == [False] * 5 + [True]
    assert (done, run_of(shop)) == (["once"], [(THEN, 1, "done", None)])


async def test_what_was_missed_is_caught_up_once_and_a_jump_of_the_clock_repeats_nothing(shop: Shop) -> None:
    done: list[str] = []

    async def do(_platform: Platform, _admin: Database) -> None:
        done.append("once")

    timed = chore(do)
    keeper = timekeeper(shop, timed)
    times = [THEN, THEN + timedelta(hours=9), THEN + timedelta(hours=57)]
    assert [await keeper.run(timed, due) for due in times] == [True, True, True]
    assert [await keeper.run(timed, due) for due in times] == [False, False, False]
    back = THEN + timedelta(hours=10)
    assert await keeper.run(timed, back), "its time had not been before the clock was set back"
    assert len(done) == 4


async def test_it_is_not_done_beside_itself(shop: Shop) -> None:
    """A run that takes longer than its period is not joined by the next one."""
    first, second = asyncio.Event(), asyncio.Event()

    async def do(_platform: Platform, _admin: Database) -> None:
        first.set()
        await second.wait()

    timed = chore(do)
    running = asyncio.create_task(timekeeper(shop, timed).run(timed, THEN))
    await first.wait()
    assert not await timekeeper(shop, timed, "two").run(timed, THEN + timedelta(hours=1))
    second.set()
    assert await running


async def test_one_that_fails_is_tried_again_and_says_why(shop: Shop) -> None:
    done: list[str] = []

    async def do(_platform: Platform, _admin: Database) -> None:
        done.append("tried")
        if len(done) == 1:
            raise ValueError("somebody's secret")

    timed = chore(do)
    keeper = timekeeper(shop, timed)
    assert not await keeper.run(timed, THEN)
    assert run_of(shop) == [(THEN, 1, "failed", "ValueError")]
    assert not await keeper.run(timed, THEN), "not at once"
    shop.owner.execute("UPDATE kernel.scheduled_runs SET claimed_until = now() - interval '1 s'")
    assert await keeper.run(timed, THEN)
    assert run_of(shop) == [(THEN, 2, "done", None)]


async def test_what_a_policy_refuses_a_chore_is_counted(shop: Shop) -> None:
    async def reach_across(_platform: Platform, admin: Database) -> None:
        async with admin.session(Binding()) as session:
            await session.execute(workshop.FORBIDDEN, {"org": uuid7()})

    before = refusals_by_policy()
    timed = chore(reach_across)
    assert not await timekeeper(shop, timed).run(timed, THEN)
    assert run_of(shop) == [(THEN, 1, "failed", "ProgrammingError")]
    assert refusals_by_policy() == before + 1


async def test_a_killed_schedulers_run_is_taken_over(shop: Shop) -> None:
    done: list[str] = []

    async def do(_platform: Platform, _admin: Database) -> None:
        done.append("once")

    timed = chore(do)
    shop.owner.execute(
        "INSERT INTO kernel.scheduled_runs (schedule, due_at, started_at, claimed_until, worker)"
        " VALUES ('timed.chore', %s, now(), now() + interval '1 minute', 'dead')",
        (THEN,),
    )
    keeper = timekeeper(shop, timed)
    assert not await keeper.run(timed, THEN)
    shop.owner.execute("UPDATE kernel.scheduled_runs SET claimed_until = now() - interval '1 s'")
    assert await keeper.run(timed, THEN)
    assert (done, run_of(shop)) == (["once"], [(THEN, 2, "done", None)])


async def test_only_the_last_hundred_due_times_are_remembered(shop: Shop) -> None:
    async def nothing(_platform: Platform, _admin: Database) -> None: ...

    timed = chore(nothing)
    keeper = timekeeper(shop, timed)
    for hours in (0, 1, 101):
        await keeper.run(timed, THEN + timedelta(hours=hours))
    assert [due for due, *_ in run_of(shop)] == [THEN + timedelta(hours=1), THEN + timedelta(hours=101)]


async def test_every_active_organization_gets_its_job_once(shop: Shop) -> None:
    """Also from a run that was broken off in the middle and begun again."""
    people = [make_account(shop) for _ in range(3)]
    shop.owner.execute(
        "UPDATE kernel.organizations SET state = 'suspended' WHERE id = %s", (people[2].organization_id,)
    )
    timed = Schedule("timed.count", daily(3), workshop.COUNT, {"steps": 1})
    keeper = timekeeper(shop, timed)
    assert await keeper.run(timed, THEN)
    shop.owner.execute(
        "UPDATE kernel.scheduled_runs SET outcome = NULL, claimed_until = now() - interval '1 s'"
    )
    assert await keeper.run(timed, THEN)
    rows = shop.owner.execute("SELECT * FROM kernel.jobs WHERE subject = 'timed.count'").fetchall()
    found = [
        row.organization_id for row in rows if row.organization_id in {w.organization_id for w in people}
    ]
    assert sorted(found, key=str) == sorted((w.organization_id for w in people[:2]), key=str)
    assert len(rows) == len({row.organization_id for row in rows})
    for row in rows:
        assert (row.kind, row.account_id, row.arguments) == ("workshop.count", None, {"steps": 1})


async def test_what_nobody_waits_for_is_spread(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rowhouse.kernel.jobs.service.now", lambda: THEN)
    for _ in range(9):
        make_account(shop)
    timed = Schedule("timed.spread", daily(3), workshop.COUNT, {"steps": 1}, spread_s=DAY_S)
    assert await timekeeper(shop, timed).run(timed, THEN)
    rows = shop.owner.execute("SELECT * FROM kernel.jobs WHERE subject = 'timed.spread'").fetchall()
    shares = {row.run_at - THEN for row in rows}
    assert len(shares) > 1
    assert all(timedelta() <= share < timedelta(seconds=DAY_S) for share in shares)


@pytest.mark.process
async def test_two_schedulers_of_which_one_is_killed(shop: Shop) -> None:
    """Real ones, with a chore of a second each; every due time has one effect."""
    # Schedulers of other tests have ticked here as well.
    known, earlier = len(_ticks(shop)), _effects(shop)
    with shop.scheduler() as doomed, shop.scheduler():
        await shop.until(lambda: len(_ticks(shop)) >= known + 2)
        doomed.send_signal(signal.SIGKILL)
        doomed.wait()
        before = len(_ticks(shop))
        # What the dead one was at in that moment is left for a minute; the others go on.
        await shop.until(lambda: len(_ticks(shop)) >= before + 2, within_s=90)
    done, effects = len(_ticks(shop)) - known, _effects(shop) - earlier
    assert done <= effects <= done + 2, "of either what it was at when it was killed, at most"


def _effects(shop: Shop) -> int:
    row = shop.owner.execute("SELECT count(*) AS number FROM workshop.effects WHERE told = 'tick'").fetchone()
    assert row is not None
    return int(row.number)


def _ticks(shop: Shop) -> list[object]:
    return shop.owner.execute(
        "SELECT due_at FROM kernel.scheduled_runs WHERE schedule = 'workshop.tick' AND outcome = 'done'"
    ).fetchall()

"""The week's summary: told on Monday morning where the athlete is at home, once, and of their own days."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from rowhouse.apps.fitness.analysis.weeks import Week, sentence, tell_weeks
from rowhouse.apps.fitness.workouts.records import lock_athlete
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.organizations.models import Organization
from rowhouse.kernel.platform import Platform
from tests.apps.fitness.journey import RunJobs, upload
from tests.conftest import MakePerson, Person
from tests.generators.activities import START, activity
from tests.generators.fit import fit_file
from tests.operators import administrator

OpenCtx = Callable[[Identity], AbstractAsyncContextManager[Ctx]]
MONDAY = datetime.combine(
    START.date() + timedelta(days=8 - START.date().isoweekday()), datetime.min.time(), UTC
)


async def summaries(person: Person) -> list[dict[str, Any]]:
    found = (await person.client.get("/api/v1/notices")).json()["data"]
    return [one for one in found if one["kind"] == "fitness.week"]


async def test_a_week_is_told_once_on_monday_morning(
    platform: Platform, person: Person, run_due_jobs: RunJobs
) -> None:
    """Sunday's ride counts, Monday's run belongs to the next week; the athlete lives in Vienna."""
    sunday = MONDAY - timedelta(hours=9)
    rides = [activity(900, seed=3, start=sunday), activity(600, seed=4, start=sunday - timedelta(days=2))]
    later = activity(600, seed=5, start=MONDAY + timedelta(minutes=30))
    await upload(
        person, run_due_jobs, *((f"{n}.fit", fit_file(one)) for n, one in enumerate([*rides, later]))
    )
    about = {"home_timezone": "Europe/Vienna", "units": "imperial", "sports": ["ride"]}
    said = {"stage": "personal_info", "values": about, "version": 0, "advance": True}
    assert (await person.client.put("/api/v1/onboarding/progress", json=said)).status_code == 200
    async with administrator(platform.settings) as admin:
        for hours, told in ((-12, 0), (4, 0), (6, 1), (7, 1)):
            await tell_weeks(platform, admin, MONDAY + timedelta(hours=hours))
            assert len(await summaries(person)) == told
    [summary] = await summaries(person)
    assert summary["text"].startswith("Last week: 2 workouts, 0 h 25 min, ")
    assert summary["text"].split(".")[1].endswith(" mi"), summary["text"]
    assert summary["href"] == "/load"


async def test_who_has_not_said_where_they_live_is_told_by_their_organizations_zone_and_units(
    platform: Platform, person: Person, run_due_jobs: RunJobs
) -> None:
    settings = {"settings": {"timezone": "Europe/Vienna", "units": "imperial"}}
    path = f"/api/v1/organizations/{person.identity.organization_id}"
    assert (await person.client.patch(path, json=settings)).status_code == 200
    ride = activity(900, seed=3, start=MONDAY - timedelta(hours=9))
    await upload(person, run_due_jobs, ("ride.fit", fit_file(ride)))
    async with administrator(platform.settings) as admin:
        for hours, told in ((4, 0), (6, 1)):
            await tell_weeks(platform, admin, MONDAY + timedelta(hours=hours))
            assert len(await summaries(person)) == told
    [summary] = await summaries(person)
    assert summary["text"].split(".")[1].endswith(" mi"), summary["text"]


async def test_nobody_is_told_while_their_organization_is_suspended(
    platform: Platform, person: Person, run_due_jobs: RunJobs, open_ctx: OpenCtx
) -> None:
    await upload(
        person, run_due_jobs, ("ride.fit", fit_file(activity(900, start=MONDAY - timedelta(days=1))))
    )
    async with administrator(platform.settings) as admin:
        for state, told in (("suspended", 0), ("active", 1)):
            await _put_into(state, person, open_ctx)
            await tell_weeks(platform, admin, MONDAY + timedelta(hours=8))
            await _put_into("active", person, open_ctx)
            assert len(await summaries(person)) == told


async def _put_into(state: str, person: Person, open_ctx: OpenCtx) -> None:
    async with open_ctx(person.identity) as ctx:
        here = update(Organization).where(Organization.id == ctx.org)
        await ctx.session.execute(here.values(state=state))


async def test_a_zone_that_postgresql_does_not_know_stops_nobodys_week(
    platform: Platform, make_person: MakePerson, run_due_jobs: RunJobs, open_ctx: OpenCtx
) -> None:
    """Such an athlete is told by UTC; one of another organization as ever."""
    home, nowhere = await make_person(), await make_person()
    for person, zone in ((home, "Europe/Vienna"), (nowhere, "posix/Europe/Vienna")):
        ride = activity(900, seed=3, start=MONDAY - timedelta(hours=9))
        await upload(person, run_due_jobs, ("ride.fit", fit_file(ride)))
        async with open_ctx(person.identity) as ctx:
            (await lock_athlete(ctx)).timezone = zone
            await ctx.session.commit()
    async with administrator(platform.settings) as admin:
        for hours, told in ((6, (1, 0)), (8, (1, 1))):
            await tell_weeks(platform, admin, MONDAY + timedelta(hours=hours))
            assert (len(await summaries(home)), len(await summaries(nowhere))) == told


@pytest.mark.parametrize(
    ("week", "told"),
    [
        (Week(1, 3_599, 0, None, None, None), "Last week: 1 workout, 1 h 00 min."),
        (Week(5, 27_600, 182_040, None, None, None), "Last week: 5 workouts, 7 h 40 min, 182.0 km."),
        (
            Week(5, 27_600, 182_040, 412.4, 63.2, 60.8),
            "Last week: 5 workouts, 7 h 40 min, 182.0 km. Training stress 412 TSS; chronic load from 61 to 63.",
        ),
        (
            Week(2, 600, 0, 41, 6, None),
            "Last week: 2 workouts, 0 h 10 min. Training stress 41 TSS; chronic load 6.",
        ),
    ],
)
def test_it_reads_as_one_would_say_it(week: Week, told: str) -> None:
    assert sentence(week) == told


def test_miles_for_whoever_runs_in_them() -> None:
    assert sentence(Week(5, 27_600, 182_040, None, None, None), imperial=True).endswith(", 113.1 mi.")


def test_the_week_of_these_tests_begins_on_a_monday() -> None:
    assert MONDAY.isoweekday() == 1
    assert date(2025, 5, 5) <= MONDAY.date() <= date(2025, 5, 12)

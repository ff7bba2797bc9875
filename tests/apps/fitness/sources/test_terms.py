"""Terms of use: what Strava's API alone has brought is its athlete's to see, for seven days, and nobody else's to see."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update

from rowhouse.apps.fitness.retention import TERMS
from rowhouse.apps.fitness.sources.garmin_personal import adapter as garmin
from rowhouse.apps.fitness.sources.models import SourceItem
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.privacy import retention
from rowhouse.kernel.privacy.models import RetentionRun
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from tests.apps.fitness.exports.test_exports import made
from tests.apps.fitness.sources.conftest import HERE, Athlete
from tests.isolation.tenants import Someone
from tests.kernel.access.members import MakeMember, data, make_member
from tests.kernel.membership.fixtures import admin

__all__ = ["admin", "make_member"]

pytestmark = pytest.mark.enable_socket


async def pages(http: httpx.AsyncClient, ids: list[str]) -> list[Any]:
    """What the pages of workouts show, but for what tells when they were made."""
    found = [data(await http.get(f"/api/v1/workouts/{one}")) for one in ids]
    return [{name: value for name, value in one.items() if name not in ("id", "version")} for one in found]


async def test_strava_alone_is_for_nobody_else(
    athlete: Athlete, make_member: MakeMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garmin, "EMPTY_WINDOWS", 1)
    athlete.does("strava", days_ago=3.2, sport="run", title="Nobody's business")
    me = str(athlete.person.identity.account_id)
    colleague = await make_member("coach", cast("Someone", athlete.person))
    coach = colleague.client
    me_in = f"athlete_id={me}"
    asking = {
        "account_id": str(colleague.identity.account_id),
        "resource": {"kind": "fitness.athlete", "id": me},
        "permissions": ["fitness.workouts.read"],
    }
    data(await athlete.http.post("/api/v1/grants", json=asking))
    for kind, value in {"sex": "female", "max_hr_bpm": 190, "resting_hr_bpm": 50, "lthr_bpm": 168}.items():
        data(
            await athlete.http.put(
                f"/api/v1/thresholds/{kind}", json={"value": value, "valid_from": "2020-01-01"}
            )
        )
    await athlete.connect_by_key()
    await athlete.work()
    of_garmin = [one["id"] for one in await athlete.workouts()]
    before = await pages(athlete.http, of_garmin)
    shared = [data(await coach.get(f"/api/v1/{what}")) for what in analyses(me_in)]
    assert await athlete.connect("strava") == "/sources?connected=strava"
    await athlete.work()

    both = [one["id"] for one in await athlete.workouts() if len(one["sources"]) == 2]
    alone = [
        one["id"] for one in await athlete.workouts() if [s["provider"] for s in one["sources"]] == ["strava"]
    ]
    assert both
    assert alone
    assert data(await athlete.http.get(f"/api/v1/workouts/{alone[0]}"))["notes"][-1] == {
        "code": "withheld",
        "text": "Only you see it: the terms of use of Strava, which brought it, let nobody else.",
    }
    listed = data(await coach.get(f"/api/v1/workouts?{me_in}"))
    assert {one["id"] for one in listed} == set(of_garmin)
    for one in alone:
        [source] = data(await athlete.http.get(f"/api/v1/workouts/{one}"))["sources"]
        for path in (f"workouts/{one}", f"workouts/{one}/streams", f"files/{source['file']['id']}"):
            assert (await coach.get(f"/api/v1/{path}")).status_code == 404
    assert data(await coach.get(f"/api/v1/workouts?{me_in}&q=business")) == []
    assert data(await coach.get(f"/api/v1/workouts?{me_in}&source=strava")) == []
    assert len(data(await athlete.http.get("/api/v1/workouts?q=business"))) == 1
    # Load, curves and zones of others are as if it had never come.
    assert [data(await coach.get(f"/api/v1/{what}")) for what in analyses(me_in)] == shared
    assert data(await athlete.http.get(f"/api/v1/{analyses('')[0]}")) != shared[0]

    # Of what Garmin has recorded too, others see Garmin's version.
    for one, page in zip(both, await pages(coach, both), strict=True):
        mine = data(await athlete.http.get(f"/api/v1/workouts/{one}"))
        assert mine["notes"][-1]["text"].startswith("Others see it without what Strava alone has brought")
        assert page["notes"].pop() == {
            "code": "withheld",
            "text": "Some of it is shown to its athlete alone, by a provider's terms of use.",
        }
        assert page == before[of_garmin.index(one)]
        [row] = [row for row in listed if row["id"] == one]
        assert [source["provider"] for source in row["sources"]] == ["garmin"]
        assert (row["title"], row["duration_s"]) == (page["title"], page["duration_s"])

    # What others export is what they see.
    _, exported = await made(athlete.platform, colleague, athlete_id=me, format="json")
    rows = {row["id"]: row for row in json.loads(exported)}
    assert set(rows) == set(of_garmin)
    assert not any(source["provider"] == "strava" for row in rows.values() for source in row["sources"])

    await age(athlete)
    [rule] = [one for one in TERMS if one.name == "fitness.strava_terms"]
    assert rule.expire is not None
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        assert await rule.expire(ctx, now() - timedelta(days=7), False) == len(both) + len(alone)
    assert [one["id"] for one in await athlete.workouts()] == of_garmin
    assert await pages(athlete.http, of_garmin) == before, "Garmin's version stays"


def analyses(me_in: str) -> list[str]:
    return [f"analysis/{what}?{me_in}" for what in ("load", "curves", "zones")]


async def test_it_goes_by_the_hour_and_waits_for_no_count(
    athlete: Athlete, admin: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    org = athlete.person.identity.organization_id

    async def this_one(_admin: Database) -> AsyncIterator[UUID | None]:
        yield org

    monkeypatch.setattr(retention, "_organizations", this_one)

    async def hour() -> tuple[int, int | None]:
        """How many workouts there are after an hour's run, and how much the page says has gone."""
        await retention.run_hourly(athlete.platform, admin)
        rules = {rule["rule"]: rule for rule in data(await athlete.http.get("/api/v1/privacy/retention"))}
        assert rules.keys() >= {"kernel.jobs"}
        assert rules["kernel.jobs"]["counted_at"] is None, "whatever else is kept waits for the day's run"
        return len(await athlete.workouts()), rules["fitness.strava_terms"]["gone"]

    begun = now()
    await athlete.connected()
    assert await hour() == (5, None)
    await age(athlete, timedelta(days=7, hours=-7))
    assert await hour() == (5, None)
    await age(athlete, timedelta(days=7, hours=-5))
    assert await hour() == (0, 5), "before the seven days are over"
    assert await hour() == (0, 5)
    async with admin.session(Binding()) as session:
        runs = (await session.scalars(select(RetentionRun).where(RetentionRun.started_at >= begun))).all()
    assert [run.counts["fitness.strava_terms"] for run in runs] == [5], "one that ended nothing leaves none"


async def age(athlete: Athlete, by: timedelta = timedelta(days=8)) -> None:
    """What Strava has brought came so long ago."""
    source = await athlete.source("strava")
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        own = (SourceItem.organization_id == ctx.org, SourceItem.athlete_id == ctx.account)
        of_it = update(SourceItem).where(*own, SourceItem.source_id == source["id"])
        await ctx.session.execute(of_it.values(fetched_at=now() - by))


async def test_disconnecting_strava_leaves_garmins_version(
    athlete: Athlete, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever came first."""
    monkeypatch.setattr(garmin, "EMPTY_WINDOWS", 1)
    assert await athlete.connect("strava") == "/sources?connected=strava"
    await athlete.work()
    await athlete.connect_by_key()
    await athlete.work()
    merged = [one for one in await athlete.workouts() if len(one["sources"]) == 2]
    assert merged
    assert (
        await athlete.http.delete(f"/api/v1/sources/{(await athlete.source('strava'))['id']}")
    ).status_code == 202
    await athlete.work()
    left = await athlete.workouts()
    assert {one["id"] for one in merged} <= {one["id"] for one in left}
    truth = {str(one["at"]["garmin"]["id"]): one["title"] for one in athlete.truth("garmin")}
    assert {one["sources"][0]["external_id"]: one["title"] for one in left} == truth
    assert all([source["provider"] for source in one["sources"]] == ["garmin"] for one in left)

"""Biometrics over HTTP: which source counts, what is usual, who may look, and what goes when."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from rowhouse.apps.fitness.biometrics.keeping import Said, expire, forget_some, keep
from rowhouse.apps.fitness.biometrics.measurement import Measurement, Night, Stage, judged
from rowhouse.apps.fitness.recordings.recording import Converted
from rowhouse.apps.fitness.sources.models import Source
from rowhouse.apps.fitness.workouts.records import lock_athlete
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from tests.apps.fitness.sharing import Readings, grant, readings
from tests.isolation.tenants import HERE, Someone
from tests.kernel.access.members import Team, data, make_member, refused, team

__all__ = ["make_member", "readings", "team"]

PATH = "/api/v1/biometrics"
TODAY = now().date()
DAYS = 70


def morning(ago: int) -> datetime:
    return datetime.combine(TODAY - timedelta(days=ago), time(6), UTC)


def measured(kind: str, value: float, ago: int, **more: Any) -> Measurement:
    return judged(Measurement(kind, value, morning(ago), morning(ago).date(), "+00:00", **more), now())


async def say(ctx: Ctx, provider: str, id_: str, *found: Measurement, **more: Any) -> None:
    await keep(ctx, Said(provider, id_, found, **more))


@pytest.fixture
async def athlete(team: Team, platform: Platform) -> Someone:
    """With ten weeks of a strap and a ring that disagree, a scale in pounds, and one source that nobody else may see."""
    one = await team.make("athlete")
    async with open_context(platform, one.identity, HERE) as ctx:
        await lock_athlete(ctx)
        source = Source(organization_id=ctx.org, athlete_id=ctx.account, provider="whoop", next_sync_at=now())
        ctx.session.add(source)
        await ctx.session.flush()
        strap = [measured("hrv_rmssd", 60.0 + ago % 2, ago, device="strap") for ago in range(DAYS)]
        ring = [measured("hrv_rmssd", 80.0, ago) for ago in range(DAYS)]
        await say(ctx, "whoop", "night-0", strap[0], source_id=source.id)
        await say(ctx, "whoop", "nights before", *strap[1:], source_id=source.id)
        await say(ctx, "oura", "nights", *ring, withheld=True)
        await say(ctx, "withings", "scale", measured("weight", 68.04, 3, original=Converted(150.0, "lb")))
        await say(ctx, "withings", "absurd", measured("weight", 4000.0, 2))
    return one


async def test_one_value_a_day_and_all_beside_it(athlete: Someone) -> None:
    answer = (await athlete.client.get(f"{PATH}?type=hrv_rmssd&sources=true")).json()
    assert len(answer["data"]) == DAYS
    first = answer["data"][0]
    [other] = first.pop("alternatives")
    assert first == {
        "date": f"{TODAY}",
        "time": morning(0).isoformat(),
        "type": "hrv_rmssd",
        "value": 60.0,
        "unit": "ms",
        "source": "whoop",
        "device": "strap",
        "confidence": 1.0,
        "flags": [],
        "night": None,
        "days": 1,
        "usual": {"low": 59.8, "median": 60.5, "high": 61.2, "days": 60},
    }
    assert (other["source"], other["value"], other["difference"]) == ("oura", 80.0, 20.0)
    assert [row["usual"] is None for row in answer["data"]] == [ago > DAYS - 15 for ago in range(DAYS)]
    assert answer["meta"]["unit"] == "ms"
    assert "no diagnosis" in answer["meta"]["disclaimer"]

    path = f"{PATH}?type=hrv_rmssd&limit=30"
    pages = [(await athlete.client.get(path)).json()]
    while cursor := pages[-1]["page"]["next"]:
        pages.append((await athlete.client.get(f"{path}&cursor={cursor}")).json())
    paged = [row for page in pages for row in page["data"]]
    assert [row | {"alternatives": None} for row in paged] == [
        row | {"alternatives": None} for row in answer["data"]
    ]
    assert [len(page["data"]) for page in pages] == [30, 30, 10]


async def test_an_athletes_own_order_counts(athlete: Someone) -> None:
    order = {"order": {"hrv_rmssd": ["oura"]}}
    assert data(await athlete.client.put("/api/v1/precedence", json=order))["job_id"] is None, "no workout's"
    [first, *_] = data(await athlete.client.get(f"{PATH}?type=hrv_rmssd&sources=true"))
    assert (first["source"], first["alternatives"][0]["source"]) == ("oura", "whoop")
    assert first["alternatives"][0]["difference"] == -20.0


async def test_weeks_raw_values_and_the_latest(athlete: Someone) -> None:
    weeks = data(await athlete.client.get(f"{PATH}?type=hrv_rmssd&resolution=week"))
    assert all(date.fromisoformat(week["date"]).weekday() == 0 for week in weeks)
    assert sum(week["days"] for week in weeks) == DAYS
    assert {week["source"] for week in weeks} == {"whoop"}
    whole = [week for week in weeks if week["days"] == 7]
    assert all(60.4 <= week["value"] <= 60.6 for week in whole)

    raw: list[Any] = []
    cursor = ""
    while True:
        answer = await athlete.client.get(f"{PATH}?type=hrv_rmssd&resolution=raw&limit=60{cursor}")
        raw += data(answer)
        if not answer.json()["page"]["next"]:
            break
        cursor = f"&cursor={answer.json()['page']['next']}"
    assert len({row["id"] for row in raw}) == len(raw) == 2 * DAYS
    assert [row["time"] for row in raw] == sorted((row["time"] for row in raw), reverse=True)

    absurd, weighed = data(await athlete.client.get(f"{PATH}?type=weight&resolution=raw"))
    assert (absurd["value"], absurd["flags"], absurd["confidence"]) == (4000.0, ["out_of_range"], 0.0)
    assert weighed["original"] == {"value": 150.0, "unit": "lb"}
    latest = data(await athlete.client.get(f"{PATH}/latest?sources=true"))
    assert {(row["type"], row["value"], row["date"]) for row in latest} == {
        ("hrv_rmssd", 60.0, f"{TODAY}"),
        ("weight", 68.04, f"{TODAY - timedelta(days=3)}"),
    }
    day = data(await athlete.client.get(f"{PATH}?type=hrv_rmssd&sources=true&limit=1"))
    assert [row for row in latest if row["type"] == "hrv_rmssd"] == day
    two = data(await athlete.client.get(f"{PATH}/latest?type=weight&type=sleep_duration"))
    assert [row["type"] for row in two] == ["weight"]


async def test_a_newer_word_takes_the_place_of_the_former(athlete: Someone, platform: Platform) -> None:
    start = morning(0) - timedelta(hours=8)
    stages = (
        Stage("light", start, start + timedelta(hours=4)),
        Stage("deep", start + timedelta(hours=4), morning(0)),
    )
    night = Night(start, morning(0), 28_800, 28_800, light_s=14_400, deep_s=14_400, stages=stages)
    stay = (
        measured("sleep_stages", 28_800, 0, night=night),
        measured("sleep_duration", 28_800, 0, night=replace(night, stages=())),
    )
    for _ in range(2):  # the same again changes nothing
        async with open_context(platform, athlete.identity, HERE) as ctx:
            await say(ctx, "whoop", "night-0", *stay)
    [row] = data(await athlete.client.get(f"{PATH}?type=sleep_stages"))
    assert [(one["stage"], one["start"]) for one in row["night"]["stages"]] == [
        ("light", start.isoformat()),
        ("deep", (start + timedelta(hours=4)).isoformat()),
    ]
    [newest] = data(await athlete.client.get(f"{PATH}/latest?type=sleep_stages"))
    assert newest["night"] == row["night"]
    [week] = data(await athlete.client.get(f"{PATH}?type=sleep_stages&resolution=week"))
    assert (week["night"]["deep_s"], week["night"]["stages"]) == (14_400, [])
    [first, *_] = data(await athlete.client.get(f"{PATH}?type=hrv_rmssd"))
    assert (first["date"], first["source"]) == (f"{TODAY}", "oura"), "the strap's was said anew, without it"


async def test_what_cannot_be_asked(athlete: Someone) -> None:
    refusals = {
        "": "type",
        "type=mood": "type",
        "type=weight&resolution=hour": "resolution",
        "type=weight&from=yesterday": "from",
        "type=weight&from=2026-02-02&to=2026-02-01": "",
        "type=weight&from=1926-02-02": "",
        "type=weight&cursor=abc": "",
    }
    for query, field in refusals.items():
        answer = await athlete.client.get(f"{PATH}?{query}")
        assert answer.status_code == (422 if field else 400), answer.text
        assert [one["field"] for one in answer.json().get("errors", [])] == ([field] if field else [])


async def test_a_coach_sees_what_was_granted_and_may_be_shared(
    team: Team, athlete: Someone, readings: Readings
) -> None:
    coach = await team.make("coach")
    whose = f"athlete_id={athlete.identity.account_id}"
    paths = (f"{PATH}?type=hrv_rmssd&sources=true&{whose}", f"{PATH}/latest?{whose}")
    await grant(athlete, coach)  # workouts alone
    for path in paths:
        assert data(await coach.client.get(path)) == []
    assert readings == []
    await grant(athlete, coach, permissions=["fitness.biometrics.read"])
    answer = (await coach.client.get(paths[0])).json()
    assert {row["source"] for row in answer["data"]} == {"whoop"}
    assert [row["alternatives"] for row in answer["data"]] == [[]] * DAYS
    assert answer["meta"]["withheld"] == []
    own = (await athlete.client.get(f"{PATH}?type=hrv_rmssd")).json()
    assert own["meta"]["withheld"] == ["oura"], "the athlete learns why"
    assert len(data(await coach.client.get(f"{PATH}?type=hrv_rmssd&resolution=raw&{whose}"))) == DAYS
    assert len(data(await coach.client.get(paths[1]))) == 2
    resource = f"fitness.athlete:{athlete.identity.account_id}"
    assert readings == [(coach.identity.account_id, resource, "GET /biometrics")]
    asked = {"permissions": ["fitness.biometrics.write"]}
    assert refused(await athlete.client.post("/api/v1/grants", json=asked))[0] == 422


async def test_what_goes_when_its_time_is_over(athlete: Someone, platform: Platform) -> None:
    later = now() + timedelta(minutes=1)
    async with open_context(platform, athlete.identity, HERE) as ctx:
        assert await expire(ctx, now() - timedelta(days=1), dry=True) == 0
        assert await expire(ctx, later, dry=True, provider="whoop") == DAYS
        assert await expire(ctx, later, dry=False, provider="oura") == 0, "no source of the API brought it"
        assert await forget_some(ctx, "whoop", 50) == 50
        assert await expire(ctx, later, dry=False, provider="whoop") == DAYS - 50
    rows = data(await athlete.client.get(f"{PATH}?type=hrv_rmssd"))
    assert {row["source"] for row in rows} == {"oura"}
    async with open_context(platform, athlete.identity, HERE) as ctx:
        assert await expire(ctx, later, dry=False) == DAYS + 2
        assert await expire(ctx, later, dry=False) == 0

"""What is computed from workouts, as others see it: of what they may see alone, by whatever way they ask."""

import base64
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import update

from rowhouse.apps.fitness.thresholds import service
from rowhouse.apps.fitness.workouts.listing import SORTS
from rowhouse.apps.fitness.workouts.models import Workout
from rowhouse.apps.fitness.workouts.schemas import WorkoutItem
from rowhouse.kernel.context import RequestInfo
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.redis import cache_key, health_reading
from rowhouse.kernel.work import open_context
from tests.apps.fitness.sharing import GRANTS, WORKOUTS, Readings, athlete, grant, listed, readings
from tests.generators.activities import START, activity
from tests.generators.fit import fit_file
from tests.isolation.tenants import Someone
from tests.kernel.access.members import Team, data, make_member, refused, team
from tests.services import Services

__all__ = ["athlete", "make_member", "readings", "team"]

DAY = START.date().isoformat()


async def test_what_is_withheld_is_neither_found_nor_put_in_order(
    team: Team, athlete: Someone, platform: Platform
) -> None:
    """Of two outings, one of which others see otherwise than it is: by no filter, order or cursor do they learn how."""
    files = [("files", ("run.fit", fit_file(activity(400, start=START + timedelta(days=1), seed=8))))]
    answer = await athlete.client.post("/api/v1/uploads", files=files)
    await run_job(platform, UUID(data(answer)["job_id"]), worker="test", stopping=lambda: False)
    [first] = athlete.ids["workout_id"]
    real = data(await athlete.client.get(f"{WORKOUTS}/{first}"))
    then = START + timedelta(days=9)
    seen: dict[str, Any] = {
        "sport": "hike",
        "sub_sport": None,
        "title": "",
        "sources": [],
        "start_time": then.isoformat(),
    }
    seen |= {"duration_s": 7.0, "moving_time_s": 7.0, "distance_m": None, "ascent_m": 7.0, "avg_hr_bpm": 7.0}
    async with open_context(platform, athlete.identity, RequestInfo("test")) as ctx:
        own = (Workout.organization_id == ctx.org, Workout.athlete_id == ctx.account)
        withhold = update(Workout).where(*own, Workout.id == UUID(first)).values(for_others=seen)
        await ctx.session.execute(withhold)
    coach = await team.make("coach")
    await grant(athlete, coach)

    async def found(one: Someone, query: str) -> bool:
        rows = data(await one.client.get(f"{listed(athlete)}&{query}"))
        return first in [row["id"] for row in rows]

    [source, *_], day = real["sources"], START.date() + timedelta(days=5)
    for query in (
        f"sport={real['sport']}", f"sub_sport={real['sub_sport']}", f"to={day}", f"q={real['title'][:4]}",
        "min_duration_s=8", "min_distance_m=1", "max_distance_m=1000000", f"source={source['provider']}",
    ):  # fmt: skip
        assert (await found(athlete, query), await found(coach, query)) == (True, False), query
    for query in ("sport=hike", f"from={day}", "max_duration_s=8"):
        assert (await found(athlete, query), await found(coach, query)) == (False, True), query
    for name in SORTS:
        for sort in (name, f"-{name}"):
            path = f"{listed(athlete)}&sort={sort}&limit=1"
            page = (await coach.client.get(path)).json()
            [row], cursor = page["data"], page["page"]["next"]
            _, key, _ = json.loads(base64.urlsafe_b64decode(cursor + "=="))
            shown = row[name] if row[name] is not None else -1.0
            assert key == shown or moment(key) == moment(shown), f"{sort} tells {key}"
            [after] = data(await coach.client.get(f"{path}&cursor={cursor}"))
            assert after["id"] != row["id"], sort


def moment(text: Any) -> datetime:
    return datetime.fromisoformat(text)


async def test_a_load_that_rests_on_what_is_withheld_is_not_seen(
    team: Team, athlete: Someone, platform: Platform, services: Services, database_name: str
) -> None:
    """Two devices recorded one ride, and only the one whose data is not for others saw a heart."""
    start = START + timedelta(days=2)
    with_heart = activity(start=start, seed=9, power=False)
    without = replace(with_heart, serial=77, product=1551, channels=dict(with_heart.channels))
    del without.channels["heart_rate_bpm"]
    for name, one in (("watch.fit", without), ("copy.fit", with_heart)):
        answer = await athlete.client.post("/api/v1/uploads", files=[("files", (name, fit_file(one)))])
        await run_job(platform, UUID(data(answer)["job_id"]), worker="test", stopping=lambda: False)
    [ride] = data(await athlete.client.get(f"{WORKOUTS}?from={start.date()}"))
    assert len(ride["sources"]) == 2
    for kind, value in {"sex": "male", "max_hr_bpm": 190, "resting_hr_bpm": 50}.items():
        body = {"value": value, "valid_from": "2020-01-01"}
        data(await athlete.client.put(f"/api/v1/thresholds/{kind}", json=body))
    coach = await team.make("coach")
    await grant(athlete, coach)
    page, load = f"{WORKOUTS}/{ride['id']}", f"/api/v1/analysis/load?athlete_id={athlete.identity.account_id}"
    load += f"&from={start.date()}&to={start.date()}&metrics=trimp"

    async def seen(one: Someone) -> list[Any]:
        shown = data(await one.client.get(page))
        [row] = [row for row in data(await one.client.get(listed(athlete))) if row["id"] == ride["id"]]
        [day] = data(await one.client.get(load))
        detail = shown["load_detail"] and shown["load_detail"]["trimp"]
        return [
            shown["load"] and shown["load"]["trimp"],
            detail,
            row["load"] and row["load"]["trimp"],
            day["trimp"],
        ]

    whole = await seen(athlete)
    assert all(whole)
    assert await seen(coach) == whole
    athletes = f"/api/v1/athletes?from={start.date()}&to={start.date()}"
    [one] = data(await coach.client.get(athletes))
    assert one["last_workout"]["load"]["trimp"] == whole[0]
    assert one["without_tss"] == 1, "what was known of it before it had a heart counts no more"
    copy = (athlete.identity.account_id, "copy.fit")
    with psycopg.connect(services.dsn("postgres", database_name)) as superuser:
        superuser.execute(
            "UPDATE fitness.files SET withheld = true WHERE athlete_id = %s AND name = %s", copy
        )
        of_copy = "SELECT id FROM fitness.files WHERE athlete_id = %s AND name = %s"
        superuser.execute(f"UPDATE fitness.records SET withheld = true WHERE file_id IN ({of_copy})", copy)
    data(await athlete.client.put(page, json={"title": "Round the lake"}))
    assert await seen(athlete) == whole
    assert await seen(coach) == [None, None, None, 0.0], "to others it is a day of rest"
    [one] = data(await coach.client.get(athletes))
    assert (one["last_workout"]["id"], one["last_workout"]["load"]) == (ride["id"], None)


async def test_loads_and_thresholds_are_read_by_grant(
    athlete: Someone, team: Team, readings: Readings, platform: Platform
) -> None:
    """The same grant as for workouts; before it, and once it has gone, another's analyses say nothing."""
    coach = await team.make("coach")
    for kind, value in {"max_hr_bpm": 190, "resting_hr_bpm": 50, "sex": "female", "lthr_bpm": 170}.items():
        answer = await athlete.client.put(
            f"/api/v1/thresholds/{kind}", json={"value": value, "valid_from": DAY}
        )
        assert answer.status_code == 200, answer.text
    assert refused(await coach.client.put("/api/v1/thresholds/ftp_w", json={"value": 250})) == (
        403,
        "forbidden",
    )
    async with open_context(platform, athlete.identity, RequestInfo("test")) as ctx:
        await platform.redis.delete(cache_key(ctx.org, service.REMEMBERED.name, str(ctx.account)))
    data(
        await athlete.client.get(f"/api/v1/thresholds/in-force?on={DAY}")
    )  # from here on they are remembered
    whose = f"athlete_id={athlete.identity.account_id}"
    seen: dict[str, Any] = {}
    paths = {
        f"/api/v1/analysis/load?from={DAY}&to={DAY}&{whose}": "GET /analysis/load",
        f"/api/v1/analysis/load?from={DAY}&to={DAY}&as_of=2100-01-01&{whose}": "GET /analysis/load",
        f"/api/v1/analysis/curves?from={DAY}&to={DAY}&{whose}": "GET /analysis/curves",
        f"/api/v1/analysis/zones?from={DAY}&to={DAY}&{whose}": "GET /analysis/zones",
        f"/api/v1/thresholds?{whose}": "GET /thresholds",
        f"/api/v1/thresholds/in-force?on={DAY}&{whose}": "GET /thresholds/in-force",
    }
    for path in paths:
        seen[path] = data(await coach.client.get(path))
    assert "170" not in str(list(seen.values()))  # not the paths: an id may hold any three digits
    assert readings == []
    given = await grant(athlete, coach)
    for path in paths:
        told = data(await coach.client.get(path))
        assert told == data(await athlete.client.get(path))
        assert told != seen[path]
    assert {route for _, _, route in readings} <= set(paths.values())
    assert readings
    await athlete.client.delete(f"{GRANTS}/{given['id']}")
    for path in paths:
        assert data(await coach.client.get(path)) == seen[path]


async def test_all_athletes_of_a_coach_in_one_answer(
    team: Team, athlete: Someone, readings: Readings, platform: Platform
) -> None:
    """Whoever grants their workouts, and nobody else; what each lets one see alone, and each sees who has looked."""
    coach, idle, closed = await team.make("coach"), await team.make("athlete"), await team.make("athlete")
    path = f"/api/v1/athletes?from={DAY}&to={DAY}"
    assert data(await coach.client.get(path)) == data(await athlete.client.get(path)) == []
    await grant(closed, coach, permissions=["fitness.biometrics.read"])
    for one in (athlete, idle):
        await grant(one, coach)
    answer = await athlete.client.put("/api/v1/thresholds/ftp_w", json={"value": 200, "valid_from": DAY})
    assert answer.status_code == 200, answer.text
    readings.clear()

    told = {one["athlete_id"]: one for one in data(await coach.client.get(path))}
    mine, idles = (told.pop(str(one.identity.account_id)) for one in (athlete, idle))
    assert told == {}, "a body is not a workout"
    [listed_one] = data(await coach.client.get(listed(athlete)))
    assert WorkoutItem.model_validate(mine["last_workout"]) == WorkoutItem.model_validate(listed_one)
    [day] = data(await coach.client.get(f"/api/v1/analysis/load?from={DAY}&to={DAY}&{whose(athlete)}"))
    assert mine["days"] == [{name: day[name] for name in ("date", "tss", "ctl", "atl", "tsb")}]
    assert day["tss"] > 0
    assert idles["last_workout"] is None
    assert [one["tss"] for one in idles["days"]] == [None]
    seen = {f"fitness.athlete:{one.identity.account_id}" for one in (athlete, idle)}
    assert {(reader, whom) for reader, whom, _ in readings} == {
        (coach.identity.account_id, one) for one in seen
    }
    assert [route for _, _, route in readings] == ["GET /athletes"] * 2, "once a minute"
    await coach.client.get(path)
    assert len(readings) == 2

    await platform.redis.delete(
        *(
            health_reading(
                *(UUID(str(i)) for i in (coach.identity.organization_id, coach.identity.account_id, a))
            )
            for a in (athlete.identity.account_id, idle.identity.account_id)
        )
    )
    first = (await coach.client.get(f"{path}&limit=1")).json()
    assert len(readings) == 3, "nobody was read who isn't shown"
    second = (await coach.client.get(f"{path}&limit=1&cursor={first['page']['next']}")).json()
    assert [one["athlete_id"] for one in first["data"] + second["data"]] == sorted(
        str(one.identity.account_id) for one in (athlete, idle)
    )
    assert second["page"]["next"] is None
    long = await coach.client.get("/api/v1/athletes?from=2025-01-01&to=2025-12-31")
    assert refused(long) == (400, "invalid_filter")


def whose(athlete: Someone) -> str:
    return f"athlete_id={athlete.identity.account_id}"

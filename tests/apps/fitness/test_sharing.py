"""A coach looks at an athlete's workouts, over HTTP: what was granted, as long as it is, and it leaves a record."""

import asyncio
import base64
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import update

from rowhouse.apps.fitness.thresholds import service
from rowhouse.apps.fitness.workouts import sharing
from rowhouse.apps.fitness.workouts.listing import SORTS
from rowhouse.apps.fitness.workouts.models import Workout
from rowhouse.apps.fitness.workouts.schemas import WorkoutItem
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx, RequestInfo
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.redis import cache_key, health_reading
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.generators.activities import START, activity
from tests.generators.fit import fit_file
from tests.isolation.tenants import Someone
from tests.kernel.access.members import Team, data, make_member, refused, team
from tests.services import Services

__all__ = ["make_member", "team"]

GRANTS = "/api/v1/grants"
WORKOUTS = "/api/v1/workouts"
DAY = START.date().isoformat()


class Readings(list[tuple[UUID, str, str]]):
    """What was recorded: who read, whose, by which route."""


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> Readings:
    found = Readings()

    async def keep(ctx: Ctx, action: str, **more: Any) -> None:
        assert action == "health_data.read"
        found.append((ctx.account, more["resource"], more["details"]["route"]))
        await record(ctx, action, **more)

    monkeypatch.setattr(sharing, "record", keep)
    return found


@pytest.fixture
async def athlete(team: Team, platform: Platform) -> Someone:
    """A member with one workout."""
    one = await team.make("athlete")
    files = [("files", ("ride.fit", fit_file(activity(seed=7))))]
    answer = await one.client.post("/api/v1/uploads", files=files)
    await run_job(platform, UUID(data(answer)["job_id"]), worker="test", stopping=lambda: False)
    [workout] = data(await one.client.get(WORKOUTS))
    one.ids["workout_id"] = [workout["id"]]
    [source] = data(await one.client.get(f"{WORKOUTS}/{workout['id']}"))["sources"]
    one.ids["file_id"] = [source["file"]["id"]]
    return one


async def grant(athlete: Someone, to: Someone, **more: Any) -> Any:
    return data(await athlete.client.post(GRANTS, json=asking(athlete, to) | more))


def asking(athlete: Someone, to: Someone) -> dict[str, Any]:
    return {
        "account_id": str(to.identity.account_id),
        "resource": {"kind": "fitness.athlete", "id": str(athlete.identity.account_id)},
        "permissions": ["fitness.workouts.read"],
    }


def paths(athlete: Someone) -> list[str]:
    [workout], [file] = athlete.ids["workout_id"], athlete.ids["file_id"]
    return [f"{WORKOUTS}/{workout}", f"{WORKOUTS}/{workout}/streams", f"/api/v1/files/{file}"]


def listed(athlete: Someone) -> str:
    return f"{WORKOUTS}?athlete_id={athlete.identity.account_id}"


async def test_a_coach_reads_what_was_granted(team: Team, athlete: Someone, readings: Readings) -> None:
    coach, other = await team.make("coach"), await team.make("coach")
    for path in paths(athlete):
        assert refused(await coach.client.get(path)) == (404, "not_found")
    assert data(await coach.client.get(listed(athlete))) == []
    assert readings == []

    made = await grant(athlete, coach)
    [workout] = data(await coach.client.get(listed(athlete)))
    assert workout["athlete_id"] == str(athlete.identity.account_id)
    mine = data(await athlete.client.get(paths(athlete)[0]))
    assert data(await coach.client.get(paths(athlete)[0])) == mine
    samples = data(await coach.client.get(paths(athlete)[1]))
    assert samples == data(await athlete.client.get(paths(athlete)[1]))
    assert len(samples["time_s"]) > 10
    assert (await coach.client.get(paths(athlete)[2])).content == (
        await athlete.client.get(paths(athlete)[2])
    ).content
    assert data(await coach.client.get(WORKOUTS)) == [], "one's own list stays one's own"
    for path in paths(athlete):
        assert refused(await other.client.get(path)) == (404, "not_found")

    assert (await athlete.client.delete(f"{GRANTS}/{made['id']}")).status_code == 204
    for path in paths(athlete):
        assert refused(await coach.client.get(path)) == (404, "not_found")
    assert data(await coach.client.get(listed(athlete))) == []


async def test_who_may_read_deletes_nothing(team: Team, athlete: Someone) -> None:
    """Nor does whoever may delete what is their own."""
    reader = await team.make("athlete")
    await grant(athlete, reader)
    [upload] = data(await athlete.client.get("/api/v1/uploads"))
    file = paths(athlete)[2]
    assert (await reader.client.get(file)).status_code == 200
    for path in (file, f"/api/v1/uploads/{upload['id']}"):
        assert (await reader.client.get(f"{path}/holdings")).status_code == 404
        assert (await reader.client.delete(path)).status_code == 404
    assert data(await reader.client.get("/api/v1/jobs")) == []


async def test_every_reading_is_recorded_once_a_minute(
    team: Team, athlete: Someone, readings: Readings, platform: Platform
) -> None:
    coach, second = await team.make("coach"), await team.make("coach")
    for one in (coach, second):
        await grant(athlete, one)
    for path in (*paths(athlete), listed(athlete)):
        await athlete.client.get(path)
    assert readings == [], "one's own is nobody's business"
    resource = f"fitness.athlete:{athlete.identity.account_id}"
    for path in (listed(athlete), *paths(athlete), listed(athlete)):
        assert (await coach.client.get(path)).status_code == 200
    assert readings == [(coach.identity.account_id, resource, "GET /workouts")]
    await second.client.get(paths(athlete)[2])
    assert readings[1:] == [(second.identity.account_id, resource, "GET /files/{file_id}")]
    key = health_reading(
        UUID(str(coach.identity.organization_id)),
        UUID(str(coach.identity.account_id)),
        UUID(str(athlete.identity.account_id)),
    )
    assert 0 < await platform.redis.ttl(key) <= 60
    await platform.redis.delete(key)
    await coach.client.get(paths(athlete)[1])
    assert readings[2][2] == "GET /workouts/{workout_id}/streams"


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


def moment(text: Any) -> datetime:
    return datetime.fromisoformat(text)


async def test_what_was_granted_is_not_written(team: Team, athlete: Someone) -> None:
    member = await team.make("member")
    await grant(athlete, member)
    [workout] = athlete.ids["workout_id"]
    for answer in (
        await member.client.put(f"{WORKOUTS}/{workout}", json={"title": "Mine"}),
        await member.client.delete(f"{WORKOUTS}/{workout}"),
        await member.client.post(f"{WORKOUTS}/{workout}/split"),
        await member.client.post(f"{WORKOUTS}/merge", json={"workout_ids": [workout, str(uuid7())]}),
    ):
        assert refused(answer) == (404, "not_found")
    asked = asking(athlete, member) | {"permissions": ["fitness.workouts.write"]}
    assert refused(await athlete.client.post(GRANTS, json=asked)) == (422, "invalid_input")


async def test_a_grant_ends_by_itself(
    team: Team, athlete: Someone, services: Services, database_name: str
) -> None:
    coach = await team.make("coach")
    made = await grant(athlete, coach, expires_at=(now() + timedelta(days=1)).isoformat())
    assert (await coach.client.get(paths(athlete)[0])).status_code == 200
    # As if the day were over: nothing but the clock ends it.
    with psycopg.connect(services.dsn("postgres", database_name)) as superuser:
        superuser.execute("UPDATE kernel.grants SET expires_at = now() WHERE id = %s", (made["id"],))
    assert refused(await coach.client.get(paths(athlete)[0])) == (404, "not_found")
    assert data(await coach.client.get(GRANTS)) == []
    me = data(await coach.client.get("/api/v1/auth/me"))
    assert {p["source"] for p in me["permissions"]} == {"role:coach"}


async def test_both_see_the_grant_and_either_ends_it(team: Team, athlete: Someone) -> None:
    coach, other = await team.make("coach"), await team.make("coach")
    made = await grant(athlete, coach)
    assert data(await athlete.client.get(GRANTS)) == data(await coach.client.get(GRANTS)) == [made]
    assert data(await other.client.get(GRANTS)) == []
    me = data(await coach.client.get("/api/v1/auth/me"))
    assert {"permission": "fitness.workouts.read", "source": f"grant:{made['id']}"} in me["permissions"]
    assert {"permission": "fitness.workouts.read", "source": "role:coach"} in me["permissions"]
    others = data(await other.client.get("/api/v1/auth/me"))["permissions"]
    assert {p["source"] for p in others} == {"role:coach"}, "a grant is its grantee's alone"
    assert refused(await other.client.delete(f"{GRANTS}/{made['id']}")) == (404, "not_found")
    again = await grant(athlete, coach, expires_at=(now() + timedelta(days=1)).isoformat())
    assert data(await athlete.client.get(GRANTS)) == [again], "a new grant takes the former's place"
    assert (await coach.client.delete(f"{GRANTS}/{again['id']}")).status_code == 204
    assert data(await athlete.client.get(GRANTS)) == []


@pytest.mark.parametrize("gone", ["athlete", "coach"])
async def test_grants_end_with_the_membership_of_either_side(
    team: Team, athlete: Someone, services: Services, database_name: str, gone: str
) -> None:
    """And rest while either is suspended, who could neither read nor take them back."""
    coach, other, second = await team.make("coach"), await team.make("coach"), await team.make("athlete")
    made = [await grant(athlete, coach), await grant(athlete, other), await grant(second, coach)]
    leaving = (athlete if gone == "athlete" else coach).identity.account_id
    member = f"/api/v1/organizations/{team.ada.identity.organization_id}/members/{leaving}"
    source = {"permission": "fitness.workouts.read", "source": f"grant:{made[0]['id']}"}

    async def reads() -> bool:
        return (await coach.client.get(paths(athlete)[0])).status_code == 200

    assert await reads()
    data(await team.ada.client.patch(member, json={"state": "suspended"}))
    assert not await reads()
    if gone == "athlete":
        assert source not in data(await coach.client.get("/api/v1/auth/me"))["permissions"]
        assert [one["id"] for one in data(await other.client.get(GRANTS))] == [made[1]["id"]]
    data(await team.ada.client.patch(member, json={"state": "active"}))
    assert await reads()
    assert source in data(await coach.client.get("/api/v1/auth/me"))["permissions"]

    assert (await team.ada.client.delete(member)).status_code == 204
    with psycopg.connect(services.dsn("postgres", database_name)) as superuser:
        superuser.execute("UPDATE kernel.accounts SET state = 'active' WHERE id = %s", (leaving,))
    ended = {made[0]["id"], made[1 if gone == "athlete" else 2]["id"]}
    stay = {one["id"] for one in made} - ended
    left = [data(await one.client.get(GRANTS)) for one in (athlete, coach, other, second)]
    assert {one["id"] for listed in left for one in listed} == stay
    assert not await reads()
    log = {"action": "access.grant_ended"}
    entries = data(await team.ada.client.get("/api/v1/audit", params=log))
    assert [one["details"]["because"] for one in entries] == ["member_removed"] * 2
    assert str(athlete.identity.account_id) in {one["resource"]["id"] for one in entries}
    told = [bool(await notices(one)) for one in (athlete, coach, other, second)]
    assert told == ([False] * 4 if gone == "athlete" else [True, False, False, True])


async def test_who_shared_is_told_once_that_the_other_has_left(
    team: Team, athlete: Someone, services: Services, database_name: str
) -> None:
    coach, second = await team.make("coach"), await team.make("athlete")
    for one in (athlete, second):
        await grant(one, coach)
    members = f"/api/v1/organizations/{team.ada.identity.organization_id}/members"
    over = "UPDATE kernel.grants SET expires_at = now() - interval '1 minute' WHERE granted_by = %s"
    with psycopg.connect(services.dsn("postgres", database_name)) as superuser:
        superuser.execute(over, (second.identity.account_id,))
    for _ in range(2):
        await team.ada.client.delete(f"{members}/{coach.identity.account_id}")
    left = "Somebody with whom you shared something of yours has left the organization, and sees nothing of it any more."
    assert await notices(athlete) == [("kernel.sharing_ended", left, "/settings/sharing")]
    assert await notices(second) == [], "it was over before"


async def notices(one: Someone) -> list[tuple[str, str, str]]:
    found = data(await one.client.get("/api/v1/notices"))
    return [(told["kind"], told["text"], told["href"]) for told in found]


@pytest.mark.parametrize("gone", ["athlete", "coach"])
async def test_who_is_being_removed_gives_no_grant_and_gets_none(
    team: Team, services: Services, database_name: str, gone: str
) -> None:
    one, coach = await team.make("athlete"), await team.make("coach")
    leaving = (one if gone == "athlete" else coach).identity.account_id
    with psycopg.connect(services.dsn("postgres", database_name)) as removing:
        removing.execute("UPDATE kernel.accounts SET state = 'removed' WHERE id = %s", (leaving,))
        asked = asyncio.create_task(one.client.post(GRANTS, json=asking(one, coach)))
        async with asyncio.timeout(20):
            while not _is_waited_for(removing):  # noqa: ASYNC110 - nothing tells when somebody waits
                await asyncio.sleep(0.01)
        removing.commit()
    assert refused(await asked) == (404, "not_found")


def _is_waited_for(connection: psycopg.Connection[Any]) -> bool:
    mine = "SELECT FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid"
    return bool(connection.execute(f"SELECT EXISTS ({mine})").fetchall()[0][0])


async def test_of_the_same_grants_at_once_one_stays(team: Team) -> None:
    one, coach = await team.make("athlete"), await team.make("coach")
    answers = await asyncio.gather(*(one.client.post(GRANTS, json=asking(one, coach)) for _ in range(5)))
    assert [answer.status_code for answer in answers] == [201] * 5
    [stays] = data(await one.client.get(GRANTS))
    assert stays["id"] in [data(answer)["id"] for answer in answers]


async def test_only_the_athlete_grants(team: Team, athlete: Someone) -> None:
    coach = await team.make("coach")
    for asker in (coach, team.ada):
        answer = await asker.client.post(GRANTS, json=asking(athlete, coach))
        unknown = asking(athlete, coach) | {"resource": {"kind": "fitness.athlete", "id": str(uuid7())}}
        nobodys = await asker.client.post(GRANTS, json=unknown)
        assert refused(answer) == refused(nobodys) == (404, "not_found")
        assert answer.json()["detail"] == nobodys.json()["detail"]


async def test_what_cannot_be_granted(team: Team, athlete: Someone, make_member: Any) -> None:
    coach, auditor, bob = await team.make("coach"), await team.make("auditor"), await make_member()
    for more, expected in (
        ({"account_id": str(bob.identity.account_id)}, (404, "not_found")),
        ({"account_id": str(uuid7())}, (404, "not_found")),
        ({"account_id": str(athlete.identity.account_id)}, (422, "invalid_input")),
        ({"account_id": str(auditor.identity.account_id)}, (422, "grantee_lacks_permission")),
        ({"resource": {"kind": "fitness.nothing", "id": str(uuid7())}}, (422, "invalid_input")),
        ({"permissions": ["fitness.*"]}, (422, "invalid_input")),
        ({"permissions": ["kernel.jobs.read"]}, (422, "invalid_input")),
        ({"permissions": []}, (422, "invalid_input")),
        ({"expires_at": "2020-01-01T00:00:00Z"}, (422, "invalid_input")),
        ({"expires_at": "2030-01-01T00:00:00"}, (422, "invalid_input")),
        ({"expires_at": "9999-12-31T23:59:59-14:00"}, (422, "invalid_input")),
    ):
        answer = await athlete.client.post(GRANTS, json=asking(athlete, coach) | more)
        assert refused(answer) == expected, more


async def test_a_key_of_the_coach_reads_it_only_within_its_scope(team: Team, athlete: Someone) -> None:
    coach = await team.make("coach")
    await grant(athlete, coach)
    for scope, status in (("fitness.workouts.read", 200), ("kernel.jobs.read", 403)):
        body = {"name": "x", "permissions": [scope]}
        key = data(await coach.client.post("/api/v1/api-keys", json=body))["key"]
        answer = await coach.client.get(paths(athlete)[0], headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == status


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

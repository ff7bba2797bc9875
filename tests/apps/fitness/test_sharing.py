"""A coach looks at an athlete's workouts, over HTTP: what was granted, as long as it is, and it leaves a record."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from rowhouse.kernel.platform import Platform
from rowhouse.kernel.redis import health_reading
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.apps.fitness.sharing import (
    GRANTS,
    WORKOUTS,
    Readings,
    asking,
    athlete,
    grant,
    listed,
    paths,
    readings,
)
from tests.isolation.tenants import Someone
from tests.kernel.access.members import Team, data, make_member, refused, team
from tests.locks import until_it_waits
from tests.services import Services

__all__ = ["athlete", "make_member", "readings", "team"]


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
        await until_it_waits(asked, removing)
        removing.commit()
    assert refused(await asked) == (404, "not_found")


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

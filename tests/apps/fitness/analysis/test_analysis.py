"""Training load over HTTP: from files and thresholds to days, as of any day, in whatever order they came."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import select, text

from rowhouse.apps.fitness.load import store
from rowhouse.apps.fitness.load.formulas import LOAD_FORMULAS
from rowhouse.apps.fitness.load.measuring import MEASURE
from rowhouse.apps.fitness.load.models import Effort
from rowhouse.apps.fitness.thresholds import service
from rowhouse.apps.fitness.workouts import loads
from rowhouse.apps.fitness.workouts.records import lock_athlete
from rowhouse.apps.fitness.workouts.rematch import members_of, rematch
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.redis import cache_key
from rowhouse.kit.time import now
from tests.apps.fitness.journey import RunJobs, upload, workouts
from tests.conftest import MakePerson, Person
from tests.generators.activities import START, Activity, activity
from tests.generators.fit import fit_file

OpenCtx = Callable[[Identity], AbstractAsyncContextManager[Ctx]]
DAY = START.date()
BEFORE = "2025-01-01"
RIDE = activity(700, seed=3)
RUN = activity(600, start=START + timedelta(days=1), sport="running", seed=4, power=False)
PROFILE = {"sex": "female", "birth_year": 1988, "max_hr_bpm": 190, "resting_hr_bpm": 50, "lthr_bpm": 168, "weight_kg": 62}  # fmt: skip


async def put(person: Person, kind: str, value: Any, valid_from: str | None = BEFORE) -> dict[str, Any]:
    answer = await person.client.put(
        f"/api/v1/thresholds/{kind}", json={"value": value, "valid_from": valid_from}
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


async def get(person: Person, path: str) -> Any:
    answer = await person.client.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def days(person: Person, query: str = "") -> list[dict[str, Any]]:
    path = f"analysis/load?from={DAY}&to={DAY + timedelta(days=9)}{query}"
    found: list[dict[str, Any]] = (await get(person, path))["data"]
    return found


def steady(watts: float, bpm: float, seconds: int = 3600) -> Activity:
    made = activity(seconds, seed=9)
    made.channels["power_w"] = np.full(seconds + 1, watts)
    made.channels["heart_rate_bpm"] = np.full(seconds + 1, bpm)
    return made


async def test_an_hour_at_the_threshold(person: Person, run_due_jobs: RunJobs) -> None:
    """From file to figures: nothing is told before there is something to judge by."""
    await upload(person, run_due_jobs, ("hour.fit", fit_file(steady(250, 168))))
    [workout] = await workouts(person)
    assert workout["load"] == {"trimp": None, "tss": None, "method": None}
    detail = (await get(person, f"workouts/{workout['id']}"))["data"]["load_detail"]
    assert (detail["reason"], detail["energy_method"]) == ("ftp_w_missing", "work")
    assert detail["energy_kcal"] == pytest.approx(250 * 3.6 / 0.24 / 4.184, rel=0.01)
    told = await days(person)
    assert (told[0]["tss"], told[1]["tss"], told[1]["ctl"]) == (None, 0, None)
    for kind, value in PROFILE.items():
        await put(person, kind, value)
    [by_heart] = await workouts(person)
    assert by_heart["load"]["method"] == "heart_rate"
    assert by_heart["load"]["tss"] == pytest.approx(100, abs=0.2)
    await put(person, "ftp_w", 250)
    [by_power] = await workouts(person)
    assert by_power["load"]["method"] == "power"
    assert by_power["load"]["tss"] == pytest.approx(100, abs=0.2)
    detail = await get(person, f"workouts/{by_power['id']}")
    assert detail["data"]["load"]["tss"] == by_power["load"]["tss"]
    answer = await get(person, f"analysis/load?from={DAY}&to={DAY + timedelta(days=41)}")
    assert set(answer["meta"]["formulas"]) == set(LOAD_FORMULAS)
    first, second, *_, last = answer["data"]
    assert set(first) == {"date", *LOAD_FORMULAS}
    assert (first["date"], first["tss"], first["tsb"]) == (str(DAY), by_power["load"]["tss"], 0)
    assert second["tss"] == 0
    assert last["ctl"] == pytest.approx(100 * (1 - np.exp(-1 / 42)) * np.exp(-41 / 42), abs=0.02)
    assert first["acwr_rolling"] is None
    assert last["acwr_rolling"] is None  # seven weeks ago: neither acute nor chronic
    assert answer["page"]["next"] is None


async def test_figures_do_not_depend_on_the_order_of_arrival(
    make_person: MakePerson, run_due_jobs: RunJobs
) -> None:
    """Two devices of one ride, a run, and thresholds, in every order."""
    other = activity(696, start=START + timedelta(seconds=4), seed=3, serial=77, product=3121, power=False)
    files = {"ride": RIDE, "watch": other, "run": RUN}
    seen = []
    orders = ("ride watch run thresholds", "thresholds run watch ride", "watch thresholds ride run")
    for order in orders:
        person = await make_person()
        for name in order.split():
            if name == "thresholds":
                for kind, value in (PROFILE | {"ftp_w": 240, "threshold_speed_mps": 4.5}).items():
                    await put(person, kind, value)
            else:
                await upload(person, run_due_jobs, (f"{name}.fit", fit_file(files[name])))
        loads = [workout["load"] for workout in await workouts(person)]
        curves = (await get(person, f"analysis/curves?from={DAY}&to={DAY + timedelta(days=9)}"))["data"]
        bests = {name: [(one["duration_s"], one["value"]) for one in curve] for name, curve in curves.items()}
        zones = (await get(person, f"analysis/zones?from={DAY}&to={DAY + timedelta(days=9)}"))["data"]
        seen.append((loads, await days(person), await days(person, f"&as_of={now().date()}"), bests, zones))
    assert all(one == seen[0] for one in seen)
    loads, now_told, told_as_of, bests, zones = seen[0]
    assert [load["method"] for load in loads] == ["pace", "power"]
    assert now_told == told_as_of
    assert bests["power_w"][0] == (1, RIDE.channels["power_w"].max())
    assert sum(zone["seconds"] for zone in zones["power_w"]) == pytest.approx(701, abs=2)
    assert sum(zone["seconds"] for zone in zones["heart_rate_bpm"]) == pytest.approx(1302, abs=4)


async def test_what_was_known_then_stays_known(
    person: Person, run_due_jobs: RunJobs, open_ctx: OpenCtx
) -> None:
    """Ten days ago: one ride, judged by one threshold. What comes after changes nothing of that."""
    await upload(person, run_due_jobs, ("ride.fit", fit_file(RIDE)))
    await put(person, "ftp_w", 200)
    async with open_ctx(person.identity) as ctx:
        for table in ("efforts", "thresholds"):
            await ctx.session.execute(
                text(
                    f"UPDATE fitness.{table} SET known_from = known_from - interval '10 days'"
                    " WHERE organization_id = :org AND athlete_id = :athlete"
                ),
                {"org": ctx.org, "athlete": ctx.account},
            )
        await ctx.session.commit()
    before = await days(person)
    then = f"&as_of={now().date() - timedelta(days=5)}"
    assert before[0]["tss"] > 0
    assert await days(person, then) == before
    assert {row["tss"] for row in await days(person, "&as_of=2025-12-01")} == {None}

    await put(person, "ftp_w", 250)
    assert (await days(person))[0]["tss"] == pytest.approx(before[0]["tss"] * 0.64, abs=0.02)
    assert await days(person, then) == before
    later = activity(900, start=START + timedelta(hours=8), seed=6)
    await upload(person, run_due_jobs, ("later.fit", fit_file(later)))
    both = (await days(person))[0]["tss"]
    assert both > before[0]["tss"] * 0.64
    for workout in await workouts(person):
        assert (await person.client.delete(f"/api/v1/workouts/{workout['id']}")).status_code == 204
    assert {row["tss"] for row in await days(person)} == {None}
    assert await days(person, then) == before
    async with open_ctx(person.identity) as ctx:  # as if it had been deleted three days ago
        await ctx.session.execute(
            text(
                "UPDATE fitness.efforts SET known_until = known_until - interval '3 days'"
                " WHERE organization_id = :org AND athlete_id = :athlete AND known_from < now() - interval '9 days'"
            ),
            {"org": ctx.org, "athlete": ctx.account},
        )
        await ctx.session.commit()
    assert await days(person, then) == before
    yesterday = f"&as_of={now().date() - timedelta(days=1)}"
    assert {row["tss"] for row in await days(person, yesterday)} == {None}
    await upload(person, run_due_jobs, ("ride.fit", fit_file(RIDE)), ("later.fit", fit_file(later)))
    assert (await days(person))[0]["tss"] == both
    assert await days(person, then) == before


async def test_what_was_measured_otherwise_is_measured_anew(
    person: Person, run_due_jobs: RunJobs, open_ctx: OpenCtx, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a newer release; also by the former one, where it is gone back to."""
    await upload(person, run_due_jobs, ("ride.fit", fit_file(RIDE)))
    [workout] = await workouts(person)
    for current in (MEASURE + 1, MEASURE):
        for module in (loads, store):
            monkeypatch.setattr(module, "MEASURE", current)
        async with open_ctx(person.identity) as ctx:
            await rematch(ctx, await lock_athlete(ctx), await members_of(ctx, [UUID(workout["id"])]))
            own = (Effort.organization_id == ctx.org, Effort.athlete_id == ctx.account)
            believed = select(Effort.measure).where(*own, Effort.known_until.is_(None))
            assert (await ctx.session.scalars(believed)).all() == [current]
            ended = select(Effort.known_until).where(*own, Effort.known_until.is_not(None))
            former = (await ctx.session.scalars(ended)).all()
            assert len(set(former)) == len(former) == (1 if current > MEASURE else 2), (
                "each when the next came"
            )
            await ctx.session.commit()


async def test_thresholds_hold_from_their_day_on(person: Person, run_due_jobs: RunJobs) -> None:
    rides = [activity(900, start=START + timedelta(days=n), seed=n + 20) for n in (0, 2)]
    await upload(person, run_due_jobs, *((f"{n}.fit", fit_file(ride)) for n, ride in enumerate(rides)))
    await put(person, "ftp_w", 220, str(DAY + timedelta(days=1)))
    first, _, third, *_ = await days(person, "&metrics=tss")
    assert (first["tss"], set(first)) == (None, {"date", "tss"})
    assert third["tss"] > 0
    assert [row["value"] for row in (await get(person, "thresholds"))["data"]] == [220]
    answer = await person.client.delete(f"/api/v1/thresholds/ftp_w/{DAY + timedelta(days=1)}")
    assert answer.status_code == 204
    assert (await days(person))[2]["tss"] is None
    assert (await get(person, "thresholds"))["data"] == []
    assert (await person.client.delete(f"/api/v1/thresholds/ftp_w/{DAY}")).status_code == 404


async def test_the_profile_is_remembered_and_forgotten_on_change(person: Person, open_ctx: OpenCtx) -> None:
    await put(person, "ftp_w", 200)
    path = f"thresholds/in-force?on={DAY}"
    first = (await get(person, path))["data"]
    assert (first["ftp_w"], first["sex"], first["zones"]["heart_rate_bpm"]) == (200, None, None)
    assert first["zones"]["power_w"] == [0, 110, 150, 180, 210, 240, 300]
    assert (await get(person, "thresholds/in-force?on=2024-01-01"))["data"]["ftp_w"] is None
    async with open_ctx(person.identity) as ctx:
        # The mark of the change stands a while: nothing is remembered before it goes.
        key = cache_key(ctx.org, "profiles", str(ctx.account))
        await ctx.platform.redis.delete(key)
        await get(person, path)
        assert 0 < await ctx.platform.redis.ttl(key) <= 600
    await put(person, "power_zones_w", [0, 150, 220])
    await put(person, "sex", "male", None)
    changed = (await get(person, path))["data"]
    assert (changed["sex"], changed["zones"]["power_w"]) == ("male", [0, 150, 220])
    await put(person, "power_zones_w", [], str(DAY))
    assert (await get(person, path))["data"]["zones"]["power_w"] == first["zones"]["power_w"]
    before = f"thresholds/in-force?on={DAY - timedelta(days=1)}"
    assert (await get(person, before))["data"]["zones"]["power_w"] == [0, 150, 220]


async def test_time_is_spent_in_zones_of_ones_own(person: Person, run_due_jobs: RunJobs) -> None:
    """Numbers of zones are compared between days with as many zones; no second is lost with those that are no more."""
    await upload(person, run_due_jobs, ("hour.fit", fit_file(steady(250, 168))))
    for kind, value in {"ftp_w": 250, "lthr_bpm": 168}.items():
        await put(person, kind, value)

    async def spent(last: int) -> Any:
        found = (await get(person, f"analysis/zones?from={DAY}&to={DAY + timedelta(days=last)}"))["data"]
        return {name: [zone["seconds"] for zone in zones or ()] for name, zones in found.items()}

    derived = await spent(0)
    assert [round(s, -2) for s in derived["power_w"]] == [0, 0, 0, 3600, 0, 0, 0]
    assert [round(s, -2) for s in derived["heart_rate_bpm"]] == [0, 0, 0, 0, 3600]
    await put(person, "heart_zones_bpm", [0, 120, 160, 165, 169])
    assert [round(s, -2) for s in (await spent(0))["heart_rate_bpm"]] == [0, 0, 0, 3600, 0]
    await put(person, "power_zones_w", [0, 200, 300], str(DAY + timedelta(days=3)))
    assert await spent(0) == await spent(2)
    assert [round(s, -2) for s in (await spent(3))["power_w"]] == [0, 3600, 0]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("ftp_w", 20), ("ftp_w", -1), ("ftp_w", "much"), ("ftp_w", [200.0]), ("sex", "other"), ("sex", 1),
        ("sex", [0]), ("birth_year", 1990.5), ("birth_year", 2099), ("power_zones_w", [0]), ("power_zones_w", [100, 50]),
        ("power_zones_w", 200), ("heart_zones_bpm", [0, 120, 300]), ("speed_zones_mps", [-1, 3]),
        ("heart_zones_bpm", list(range(0, 220, 20))), ("resting_hr_bpm", 300),
    ],
)  # fmt: skip
async def test_what_can_not_be_is_refused(person: Person, kind: str, value: Any) -> None:
    answer = await person.client.put(f"/api/v1/thresholds/{kind}", json={"value": value})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == "value"


async def test_there_are_so_many_thresholds_and_no_more(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST", 2)
    await put(person, "ftp_w", 200)
    await put(person, "ftp_w", 210, str(DAY))
    path = "/api/v1/thresholds/ftp_w"
    answer = await person.client.put(path, json={"value": 220, "valid_from": str(DAY + timedelta(days=1))})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_thresholds")
    # One in another's place is no more than there were.
    await put(person, "ftp_w", 220, str(DAY))
    assert sorted(row["value"] for row in (await get(person, "thresholds"))["data"]) == [200, 220]


async def test_windows_that_can_not_be_are_refused(person: Person) -> None:
    for query in ("from=2025-02-01&to=2025-01-01", "from=1990-01-01&to=2025-01-01"):
        assert (await person.client.get(f"/api/v1/analysis/load?{query}")).status_code == 400
    for query in ("metrics=ctl,luck", "from=yesterday", "as_of=then"):
        assert (await person.client.get(f"/api/v1/analysis/load?{query}")).status_code == 422
    assert len((await get(person, "analysis/load?to=0001-01-02"))["data"]) == 2


async def test_proposals_are_accepted_as_they_were_shown(person: Person, run_due_jobs: RunJobs) -> None:
    recent = now() - timedelta(days=3)
    made = activity(1500, start=recent.replace(microsecond=0), seed=12)
    made.channels["power_w"] = np.full(1501, 240.0)
    await upload(person, run_due_jobs, ("test.fit", fit_file(made)))
    proposed = {one["kind"]: one for one in (await get(person, "thresholds/proposals"))["data"]}
    assert set(proposed) == {"ftp_w", "lthr_bpm", "max_hr_bpm"}
    ftp = proposed["ftp_w"]
    assert (ftp["value"], ftp["in_force"]) == (228, None)
    assert ftp["workout_id"] == (await workouts(person))[0]["id"]
    path = "/api/v1/thresholds/proposals/ftp_w/acceptance"
    other = {"value": 300, "valid_from": ftp["valid_from"]}
    assert (await person.client.post(path, json=other)).json()["code"] == "proposal_changed"
    answer = await person.client.post(path, json={"value": 228, "valid_from": ftp["valid_from"]})
    assert answer.json()["data"]["origin"] == "accepted"
    assert "ftp_w" not in {one["kind"] for one in (await get(person, "thresholds/proposals"))["data"]}
    assert (await workouts(person))[0]["load"]["method"] == "power"

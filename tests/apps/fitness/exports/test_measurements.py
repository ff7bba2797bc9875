"""Exports of biometrics over HTTP: what the API shows is in them, read back by others' readers, and no more to others."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest

from rowhouse.apps.fitness.biometrics.keeping import Said, keep
from rowhouse.apps.fitness.biometrics.measurement import Measurement, Night, Stage
from rowhouse.apps.fitness.exports import measurements
from rowhouse.apps.fitness.recordings.recording import Converted
from rowhouse.apps.fitness.workouts.records import lock_athlete
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context
from tests.apps.fitness.exports.test_exports import EXPORT, EXPORTS, made, unpacked
from tests.apps.fitness.sharing import GRANTS, grant
from tests.isolation.tenants import HERE, Someone
from tests.kernel.access.members import Team, data, make_member, refused, team

__all__ = ["make_member", "team"]

FIRST = date(2026, 5, 1)
DAYS = 5
FORMULA = "=HYPERLINK(1)"
WITH = {"include": ["biometrics"]}


def morning(day: int) -> datetime:
    return datetime(2026, 5, 1 + day, 4, tzinfo=UTC)


def measured(kind: str, value: float, day: int, **more: Any) -> Measurement:
    return Measurement(kind, value, morning(day), FIRST + timedelta(days=day), "+02:00", **more)


@pytest.fixture
async def athlete(team: Team, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Someone:
    """Five nights, a weighing in pounds by a scale that calls itself a formula, and what nobody else may see; no workout.
    Pages are of two."""
    monkeypatch.setattr(measurements, "ROWS_AT_ONCE", 2)
    one = await team.make("athlete")
    stages = (Stage("deep", morning(0) - timedelta(hours=7), morning(0)),)
    night = Night(morning(0) - timedelta(hours=8), morning(0), 28_800, 25_200, deep_s=25_200, stages=stages)
    async with open_context(platform, one.identity, HERE) as ctx:
        await lock_athlete(ctx)
        nights = [measured("hrv_rmssd", 60.25 + day, day) for day in range(DAYS)]
        await keep(ctx, Said("whoop", "nights", [*nights, measured("sleep_stages", 25_200, 0, night=night)]))
        pounds = measured(
            "weight", 68.04, 2, original=Converted(150.0, "lb"), device=FORMULA, flags=("manual",)
        )
        await keep(ctx, Said("withings", "scale", [pounds]))
        await keep(ctx, Said("strava", "secret", [measured("weight", 70.0, 1)], withheld=True))
    return one


async def test_every_value_as_the_api_shows_it(platform: Platform, athlete: Someone) -> None:
    shown = {
        row["id"]: row
        for kind in ("hrv_rmssd", "weight", "sleep_stages")
        for row in data(
            await athlete.client.get(
                f"/api/v1/biometrics?type={kind}&resolution=raw&from=2026-05-01&to=2026-05-31"
            )
        )
    }
    assert len(shown) == DAYS + 3
    job, packed = await made(platform, athlete, format="csv", **WITH)
    assert (job["result"]["measurements"], job["result"]["workouts"]) == (DAYS + 3, 0)
    files = unpacked(packed)
    assert files.keys() == {"biometrics.csv", "workouts.csv", "manifest.json"}
    rows = list(csv.DictReader(io.StringIO(files["biometrics.csv"].decode())))
    assert {row["id"]: float(row["value"]) for row in rows} == {i: row["value"] for i, row in shown.items()}
    [scale] = [row for row in rows if row["source"] == "withings"]
    assert scale["device"] == f"'{FORMULA}", "no spreadsheet takes it for a formula"
    assert (scale["original_value"], scale["original_unit"], scale["flags"]) == ("150.0", "lb", "manual")

    _, packed = await made(platform, athlete, format="parquet", **WITH)
    table = pq.read_table(io.BytesIO(unpacked(packed)["biometrics.parquet"])).to_pylist()
    for row in table:
        own = shown[row["id"]]
        assert (row["type"], row["value"], row["unit"]) == (own["type"], own["value"], own["unit"])
        assert (f"{row['date']}", row["time"]) == (own["date"], datetime.fromisoformat(own["time"]))
    [slept] = [row for row in table if row["type"] == "sleep_stages"]
    assert (slept["deep_s"], slept["rem_s"], json.loads(slept["stages"])[0]["stage"]) == (
        25_200,
        None,
        "deep",
    )
    nights = [row["date"] for row in table if row["type"] == "hrv_rmssd"]
    assert nights == sorted(nights)

    _, packed = await made(
        platform, athlete, format="json", **WITH, **{"from": "2026-05-02", "to": "2026-05-03"}
    )
    files = unpacked(packed)
    assert json.loads(files["workouts.json"]) == []
    found = json.loads(files["biometrics.json"])
    assert {row["date"] for row in found} == {"2026-05-02", "2026-05-03"}
    for row in found:
        own = shown[row["id"]]
        assert row == {name: own[name] for name in row}


async def test_what_cannot_be_exported(athlete: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    for body, expected in (
        ({"format": "csv"}, (404, "nothing_to_export")),
        ({"format": "csv", **WITH, "from": "2031-01-01"}, (404, "nothing_to_export")),
        ({"format": "fit", **WITH}, (422, "invalid_input")),
        (
            {"format": "csv", **WITH, "workout_ids": [str(athlete.identity.account_id)]},
            (422, "invalid_input"),
        ),
    ):
        assert refused(await athlete.client.post(EXPORT, json=body)) == expected, body
    monkeypatch.setattr(measurements, "MOST", 2)
    assert refused(await athlete.client.post(EXPORT, json={"format": "csv", **WITH})) == (
        409,
        "export_too_large",
    )


async def test_a_coach_exports_what_was_granted_and_may_be_shared(
    platform: Platform, team: Team, athlete: Someone
) -> None:
    coach = await team.make("coach")
    asked = {"format": "csv", "athlete_id": str(athlete.identity.account_id), **WITH}
    await grant(athlete, coach)  # workouts alone
    assert refused(await coach.client.post(EXPORT, json=asked)) == (404, "not_found")
    await grant(athlete, coach, permissions=["fitness.workouts.read", "fitness.biometrics.read"])
    job, packed = await made(platform, coach, **asked)
    rows = list(csv.DictReader(io.StringIO(unpacked(packed)["biometrics.csv"].decode())))
    assert job["result"]["measurements"] == len(rows) == DAYS + 2
    assert {row["source"] for row in rows} == {"whoop", "withings"}, (
        "what is withheld stays the athlete's own"
    )
    [ready] = data(await coach.client.get(EXPORTS))
    assert ready["url"] is not None
    for one in ("workouts", "biometrics"):
        given = await grant(athlete, coach, permissions=[f"fitness.{one}.read"])
        assert data(await athlete.client.get(GRANTS)) == [given], "in the place of the other"
        assert [entry["url"] for entry in data(await coach.client.get(EXPORTS))] == [None], one


async def test_a_key_that_may_read_workouts_alone_gets_no_body(platform: Platform, athlete: Someone) -> None:
    await made(platform, athlete, format="csv", **WITH)
    wanted = {"name": "x", "permissions": ["fitness.workouts.read"]}
    key = data(await athlete.client.post("/api/v1/api-keys", json=wanted))["key"]
    shown = {"Authorization": f"Bearer {key}"}
    answer = await athlete.client.post(EXPORT, json={"format": "csv", **WITH}, headers=shown)
    assert refused(answer) == (403, "forbidden")
    assert [one["url"] for one in data(await athlete.client.get(EXPORTS, headers=shown))] == [None]
    [own] = data(await athlete.client.get(EXPORTS))
    assert own["url"] is not None

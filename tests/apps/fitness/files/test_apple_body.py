"""What an Apple Health export tells of the body, over HTTP: in our units, once however often it comes, gone with its file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from rowhouse.apps.fitness.biometrics.keeping import Said, keep
from rowhouse.apps.fitness.biometrics.measurement import Measurement
from rowhouse.apps.fitness.biometrics.models import Biometric, FileDay
from rowhouse.apps.fitness.files.decoding.apple.days import Covered
from rowhouse.apps.fitness.load.models import Effort
from rowhouse.apps.fitness.recordings.models import File
from rowhouse.apps.fitness.retention import expire_originals
from rowhouse.apps.fitness.workouts.records import lock_athlete
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from tests.apps.fitness.files.decoding.reading import decode_one
from tests.apps.fitness.journey import RunJobs, upload, workouts
from tests.conftest import Person
from tests.generators.activities import activity
from tests.generators.archives import zip_of
from tests.generators.xml import apple_export, apple_record
from tests.isolation.tenants import HERE

DAY, NEXT = "2025-05-03", "2025-05-04"


def sleep(stage: str, start: str, end: str, source: str = "Watch", **metadata: str) -> str:
    value = f"HKCategoryValueSleepAnalysis{stage}"
    return apple_record("SleepAnalysis", source, start, end, value, **metadata)


NIGHT = [
    sleep("InBed", "2025-05-02 22:30", f"{DAY} 06:40", "Phone"),
    sleep("AsleepCore", "2025-05-02 23:00", f"{DAY} 01:00"),
    sleep("AsleepDeep", f"{DAY} 01:00", f"{DAY} 02:30"),
    sleep("AsleepDeep", f"{DAY} 01:00", f"{DAY} 02:30"),
    sleep("Awake", f"{DAY} 02:30", f"{DAY} 02:40"),
    sleep("AsleepREM", f"{DAY} 02:40", f"{DAY} 04:10"),
    sleep("AsleepCore", f"{DAY} 04:10", f"{DAY} 06:30", HKTimeZone="Europe/Zurich"),
    sleep("AsleepUnspecified", f"{DAY} 14:00", f"{DAY} 14:40", "AutoSleep"),
]
POINTS = [
    apple_record("HeartRateVariabilitySDNN", "Watch", f"{DAY} 03:00", f"{DAY} 03:01", "40", "ms"),
    apple_record("HeartRateVariabilitySDNN", "Watch", f"{DAY} 05:00", f"{DAY} 05:01", "60", "ms"),
    apple_record("HeartRateVariabilitySDNN", "Ring", f"{DAY} 05:00", f"{DAY} 05:02", "99", "ms"),
    apple_record("RestingHeartRate", "Watch", f"{DAY} 00:00", f"{DAY} 20:00", "48", "count/min"),
    apple_record("BodyMass", "Scale", f"{DAY} 07:00", f"{DAY} 07:00", "150", "lb"),
    apple_record("BodyMass", "Health", f"{DAY} 21:00", f"{DAY} 21:00", "71", "kg", HKWasUserEntered="1"),
    apple_record("BodyFatPercentage", "Scale", f"{DAY} 07:00", f"{DAY} 07:00", "0.183", "%"),
    apple_record("OxygenSaturation", "Watch", f"{DAY} 01:00", f"{DAY} 01:00", "0.95", "%"),
    apple_record("OxygenSaturation", "Watch", f"{DAY} 02:00", f"{DAY} 02:00", "0.97", "%"),
    apple_record("RespiratoryRate", "Watch", f"{DAY} 02:00", f"{DAY} 02:00", "14.5", "count/min"),
    apple_record("BodyTemperature", "Thermometer", f"{DAY} 08:00", f"{DAY} 08:00", "98.6", "degF"),
    apple_record(
        "AppleSleepingWristTemperature", "Watch", "2025-05-02 23:00", f"{DAY} 06:30", "34.2", "degC"
    ),
    apple_record("VO2Max", "Watch", f"{DAY} 18:00", f"{DAY} 18:00", "51.2", "mL/min·kg"),
]
SUMS = [
    # The phone counted along for ten of these twenty minutes, and ten more on its own.
    apple_record("StepCount", "Phone", f"{DAY} 10:10", f"{DAY} 10:30", "1000", "count"),
    apple_record("StepCount", "Watch", f"{DAY} 10:00", f"{DAY} 10:20", "1800", "count"),
    apple_record("StepCount", "Pedometer", f"{DAY} 10:00", f"{DAY} 10:30", "9999", "count"),
    apple_record("ActiveEnergyBurned", "Watch", f"{DAY} 10:00", f"{DAY} 10:20", "418.4", "kJ"),
    apple_record("BasalEnergyBurned", "Watch", f"{DAY} 00:00", f"{DAY} 23:00", "1600", "kcal"),
]
BROKEN = [
    apple_record("BodyMass", "Scale", f"{DAY} 07:00", f"{DAY} 07:00", "heavy", "lb"),
    apple_record("BodyMass", "Scale", f"{DAY} 07:00", f"{DAY} 07:00", "9", "stone of old"),
    apple_record("StepCount", "Phone", f"{DAY} 10:30", f"{DAY} 10:10", "1000", "count"),
    apple_record("VO2Max", "Watch", "some day", f"{DAY} 18:00", "51.2", "mL/min·kg"),
    sleep("Dreaming", f"{DAY} 01:00", f"{DAY} 02:30"),
]
TWICE = f'<Correlation type="HKCorrelationTypeIdentifierFood">{POINTS[4]}</Correlation>\n'


def export(records: list[str], *, rides: int = 0, made: str = "2025-05-30 10:00:00 +0200") -> bytes:
    return "".join(apple_export([activity(120)] * rides, records=records, made=made)).encode()


async def values(person: Person, kind: str, resolution: str = "raw") -> list[dict[str, Any]]:
    path = f"/api/v1/biometrics?type={kind}&from=2025-05-01&to=2025-05-10&resolution={resolution}"
    answer = await person.client.get(path)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def count(platform: Platform, person: Person) -> int:
    async with open_context(platform, person.identity, HERE) as ctx:
        own = (Biometric.organization_id == ctx.org, Biometric.athlete_id == ctx.account)
        return await ctx.session.scalar(select(func.count()).select_from(Biometric).where(*own)) or 0


async def test_measurements_come_beside_the_workouts(
    platform: Platform, person: Person, run_due_jobs: RunJobs
) -> None:
    data = export([TWICE, *SUMS, *POINTS, *BROKEN, *NIGHT], rides=1)
    packed = zip_of({"apple_health_export/export.xml": data})
    [result] = await upload(person, run_due_jobs, ("export.zip", packed))
    assert (result["state"], result["code"]) == ("partial", "measurements_unreadable")
    assert "BodyMass: 2, StepCount: 1, VO2Max: 1, SleepAnalysis: 1" in result["detail"]
    assert len(result["workout_ids"]) == len(await workouts(person)) == 1
    assert result["measurements"] == await count(platform, person) == 18

    days = {
        kind: [(row["value"], row["device"], row["flags"]) for row in await values(person, kind, "day")]
        for kind in (
            "hrv_sdnn", "resting_hr", "weight", "body_fat", "spo2", "respiration", "body_temperature",
            "skin_temperature", "vo2max", "steps", "active_energy", "energy", "sleep_duration", "nap_duration",
        )
    }  # fmt: skip
    watch = "Apple Watch6,1"
    assert days == {
        "hrv_sdnn": [(50.0, watch, [])],
        "resting_hr": [(48.0, watch, [])],
        "weight": [(68.04, "Scale", [])],
        "body_fat": [(18.3, "Scale", [])],
        "spo2": [(96.0, watch, [])],
        "respiration": [(14.5, watch, [])],
        "body_temperature": [(37.0, "Thermometer", [])],
        "skin_temperature": [(34.2, watch, [])],
        "vo2max": [(51.2, watch, ["estimate"])],
        "steps": [(2300.0, watch, [])],
        "active_energy": [(100.0, watch, ["estimate"])],
        "energy": [(1700.0, watch, ["estimate"])],
        "sleep_duration": [(26_400.0, watch, [])],
        "nap_duration": [(2_400.0, "AutoSleep", ["another_source"])],
    }
    assert await values(person, "hrv_rmssd") == [], "SDNN is never RMSSD"
    typed, weighed = await values(person, "weight")
    assert (typed["flags"], typed["confidence"]) == (["manual"], 0.7)
    assert weighed["original"] == {"value": 150.0, "unit": "lb"}
    assert weighed["timezone"] == "+02:00"
    other = next(row for row in await values(person, "hrv_sdnn") if row["device"] == "Ring")
    assert (other["flags"], other["confidence"]) == (["another_source"], 0.5)
    [night] = await values(person, "sleep_stages")
    assert (night["date"], night["timezone"]) == (DAY, "Europe/Zurich")
    said = night["night"]
    assert {name: said[f"{name}_s"] for name in ("in_bed", "awake", "light", "deep", "rem")} == {
        "in_bed": 27_000, "awake": 600, "light": 15_600, "deep": 5_400, "rem": 5_400,
    }  # fmt: skip
    assert [one["stage"] for one in said["stages"]] == ["light", "deep", "awake", "rem", "light"]


async def test_the_same_twice_changes_nothing_and_a_newer_word_counts(
    platform: Platform, person: Person, run_due_jobs: RunJobs
) -> None:
    first = export(POINTS)
    [result] = await upload(person, run_due_jobs, ("export.xml", first))
    assert (result["state"], result["measurements"]) == ("imported", 12)
    before = {row["id"] for row in await values(person, "hrv_sdnn")}
    [again] = await upload(person, run_due_jobs, ("export.xml", first))
    assert (again["state"], "measurements" in again) == ("duplicate", False)
    assert {row["id"] for row in await values(person, "hrv_sdnn")} == before

    late = apple_record("HeartRateVariabilitySDNN", "Watch", f"{DAY} 23:00", f"{DAY} 23:01", "80", "ms")
    morning = apple_record("RestingHeartRate", "Watch", f"{NEXT} 00:00", f"{NEXT} 09:00", "50", "count/min")
    newer = export([*POINTS, late, morning], made="2025-06-30 10:00:00 +0200")
    [result] = await upload(person, run_due_jobs, ("export.xml", newer))
    assert (result["state"], result["measurements"]) == ("imported", 14)
    assert len(await values(person, "hrv_sdnn")) == 4
    [older] = await upload(person, run_due_jobs, ("export.xml", export(POINTS[:3])))
    assert older["state"] == "duplicate", "what was made before says nothing of what was made after"
    assert await count(platform, person) == 14


async def test_a_file_that_goes_takes_what_it_alone_has_brought(
    platform: Platform, person: Person, run_due_jobs: RunJobs
) -> None:
    morning = apple_record("RestingHeartRate", "Watch", f"{NEXT} 00:00", f"{NEXT} 09:00", "50", "count/min")
    await upload(person, run_due_jobs, ("a.xml", export([*POINTS, morning], rides=1)))
    await upload(person, run_due_jobs, ("b.xml", export(POINTS, made="2025-06-30 10:00:00 +0200")))
    assert await count(platform, person) == 13
    async with open_context(platform, person.identity, HERE) as ctx:
        await lock_athlete(ctx)
        told = select(FileDay.external_id).where(
            FileDay.organization_id == ctx.org, FileDay.athlete_id == ctx.account
        )
        for day in set((await ctx.session.scalars(told)).all()):  # a source that calls its days alike
            await keep(ctx, Said("polar", day, [Measurement("weight", 70.0, now(), now().date())]))
    async with open_context(platform, person.identity, HERE) as ctx:
        own = (File.organization_id == ctx.org, File.athlete_id == ctx.account)
        later = await ctx.session.scalar(select(func.max(File.created_at)).where(*own))
        assert later is not None
        efforts = select(Effort.id).where(Effort.organization_id == ctx.org, Effort.athlete_id == ctx.account)
        assert (await ctx.session.scalars(efforts)).all()
        assert await expire_originals(ctx, later, dry=False) == 1
        assert (await ctx.session.scalars(efforts)).all() == [], "nor does anybody know what it asked of them"
    assert await count(platform, person) == 14, "of the day that both told nothing goes"
    async with open_context(platform, person.identity, HERE) as ctx:
        assert await expire_originals(ctx, now(), dry=False) == 1
    assert await count(platform, person) == 2, "what a source has told stays"


@pytest.mark.parametrize("cut", [0, 1])
def test_a_cut_file_keeps_the_days_before(tmp_path: Path, cut: int) -> None:
    data = export([*POINTS, *SUMS])
    found = decode_one(tmp_path, data[: len(data) - 400] if cut else data)
    [day] = found.days
    assert len(day.measurements) == (13 if cut else 15)
    assert day.told_at == datetime(2025, 5, 30, 8, tzinfo=UTC)
    assert bool(found.notes) is bool(cut)


def test_time_is_covered_once() -> None:
    covered = Covered()
    shares = [covered.add(*one) for one in ((0, 10), (20, 30), (5, 25), (5, 25), (31, 31), (31, 31), (0, 40))]
    assert shares == pytest.approx([1, 1, 0.5, 0, 1, 0, 0.25], abs=0.001)

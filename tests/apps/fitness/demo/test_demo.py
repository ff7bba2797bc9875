"""The demo: the same season for the same day, and something of everything to look at."""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from rowhouse.apps.fitness.biometrics.measurement import judged
from rowhouse.apps.fitness.demo import load
from rowhouse.apps.fitness.demo.devices import history, indoors, recent
from rowhouse.apps.fitness.demo.nights import biometrics
from rowhouse.apps.fitness.demo.people import JONAS, LOGINS, MIRA, ROBIN
from rowhouse.apps.fitness.demo.season import HOME_ZONE, season
from rowhouse.apps.fitness.files.decoding.decode import decode, open_members
from rowhouse.apps.fitness.matching.score import compare
from rowhouse.apps.fitness.matching.trace import Trace, trace_of
from rowhouse.apps.fitness.recordings.recording import Recording
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.settings import Settings

UNTIL = date(2026, 5, 31)


def decoded(data: bytes, path: Path) -> Iterator[Recording]:
    path.write_bytes(data)
    received_at = datetime.combine(UNTIL, time(23), HOME_ZONE) + timedelta(days=1)
    with open_members(path, path.name) as members:
        for member in members:
            yield from decode(member, received_at=received_at).recordings


def test_a_season_is_the_same_again_and_plausible() -> None:
    weeks = range(6)
    sessions = list(season(ROBIN.body, UNTIL, weeks))
    assert [s.start for s in sessions] == [s.start for s in season(ROBIN.body, UNTIL, weeks)]
    assert [s.start for s in season(ROBIN.body, UNTIL, range(2, 4))] == [
        s.start for s in sessions if 2 <= (UNTIL - s.start.date()).days // 7 < 4
    ], "a week is the same, whatever other weeks are asked for"
    assert 4 * len(weeks) <= len(sessions) <= 5 * len(weeks)
    assert sessions == sorted(sessions, key=lambda s: s.start, reverse=True)
    for session in sessions:
        assert session.start.date() <= UNTIL
        assert session.heart_rate_bpm.max() <= 188
        assert session.distance_m[-1] > 3000


def test_nights_are_the_same_again_and_believable() -> None:
    """Nothing in them that would be flagged, and every night within itself."""
    said = list(biometrics(MIRA, UNTIL))
    assert said == list(biometrics(MIRA, UNTIL))
    assert said != list(biometrics(ROBIN, UNTIL))
    assert {one.provider for one in said} == {"oura", "whoop", "withings"}
    received_at = datetime.combine(UNTIL, time(23), HOME_ZONE)
    measured = [value for one in said for value in one.measurements]
    assert max(value.day for value in measured) == UNTIL
    assert {flag for value in measured for flag in judged(value, received_at).flags} == {"estimate"}
    for value in measured:
        if value.night is not None:
            stages = (value.night.awake_s, value.night.light_s, value.night.deep_s, value.night.rem_s)
            assert sum(stage or 0 for stage in stages) == pytest.approx(value.night.in_bed_s)


def test_the_indoor_pair_is_a_question(tmp_path: Path) -> None:
    traces: list[Trace] = []
    for number, data in enumerate(indoors(UNTIL)):
        [recording] = decoded(data, tmp_path / f"{number}.fit")
        traces.append(trace_of(recording, UUID(int=number)))
    assert compare(*traces).band == "ask"


def test_every_file_of_the_demo_is_sound(tmp_path: Path) -> None:
    outings: dict[str, list[Recording]] = {}
    for name, data in recent(JONAS.body, UNTIL, weeks=2).items():
        outings[name] = list(decoded(data, tmp_path / name))
        assert len(outings[name]) == len(zipfile.ZipFile(BytesIO(data)).namelist())
        assert {flag for r in outings[name] for flag in r.flags} <= {"derived"}
    ride, copy = outings["watch-export.zip"][0], outings["bike-computer-export.zip"][0]
    assert compare(trace_of(ride, UUID(int=1)), trace_of(copy, UUID(int=2))).band == "same"
    [(_, data)] = history(MIRA.body, UNTIL, range(5, 8)).items()
    before = list(decoded(data, tmp_path / "history.tcx"))
    assert 6 <= len(before) <= 9
    assert {flag for r in before for flag in r.flags} <= {"derived"}
    assert all(r.avg_hr_bpm and r.laps for r in before)


async def test_the_coach_may_read_the_athletes(platform: Platform, client: httpx.AsyncClient) -> None:
    people = await load._make_people(platform)
    athlete, identity = people[1]
    await load._describe(platform, athlete, identity, UNTIL)
    for login in LOGINS:
        said = {"email": login.email, "password": login.password}
        account = (await client.post("/api/v1/auth/login", json=said)).json()["data"]
        assert account["account"]["role"] == login.role
        assert account["account"]["organization_id"] == str(people[0][1].organization_id)
        client.headers["Authorization"] = f"Bearer {account['access_token']}"
        asked = (await client.get("/api/v1/onboarding/progress")).json()["data"]
        assert asked["stage"] == "completed", "nobody of the demo is asked to set up first"
    assert len((await client.get("/api/v1/grants")).json()["data"]) == 3
    found = await client.get("/api/v1/thresholds", params={"athlete_id": str(identity.account_id)})
    assert len(found.json()["data"]) == len(athlete.lasting) + 3 * len(athlete.dated)
    assert await load.load_demo(platform) == LOGINS, "once is enough"


async def test_the_demo_is_not_for_production(platform: Platform) -> None:
    settings = Settings.model_construct(**{**dict(platform.settings), "env": "production"})
    production = replace(platform, settings=settings)
    with pytest.raises(load.NotInProduction):
        await load.load_demo(production)

"""The demo: the same season for the same day, and something of everything to look at."""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest

from rowhouse.apps.fitness.demo import load
from rowhouse.apps.fitness.demo.devices import archives, indoors
from rowhouse.apps.fitness.demo.season import HOME_ZONE, WEEKS, season
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
    sessions = list(season(UNTIL))
    assert [s.start for s in sessions] == [s.start for s in season(UNTIL)]
    assert 4 * WEEKS <= len(sessions) <= 5 * WEEKS
    assert all(s.start.date() <= UNTIL for s in sessions)
    for session in sessions[:10]:
        assert session.heart_rate_bpm.max() <= 188
        assert session.distance_m[-1] > 3000


def test_the_indoor_pair_is_a_question(tmp_path: Path) -> None:
    traces: list[Trace] = []
    for number, data in enumerate(indoors(UNTIL)):
        [recording] = decoded(data, tmp_path / f"{number}.fit")
        traces.append(trace_of(recording, UUID(int=number)))
    assert compare(*traces).band == "ask"


def test_every_file_of_the_demo_is_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rowhouse.apps.fitness.demo.season.WEEKS", 2)
    for name, data in archives(UNTIL).items():
        recordings = list(decoded(data, tmp_path / name))
        assert len(recordings) == len(zipfile.ZipFile(BytesIO(data)).namelist())
        assert {flag for r in recordings for flag in r.flags} <= {"derived"}


async def test_the_demo_is_not_for_production(platform: Platform) -> None:
    settings = Settings.model_construct(**{**dict(platform.settings), "env": "production"})
    production = replace(platform, settings=settings)
    with pytest.raises(load.NotInProduction):
        await load.load_demo(production)

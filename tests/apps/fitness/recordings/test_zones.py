"""Zones from names, offsets and places."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, reset_tzpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rowhouse.apps.fitness.biometrics.measurement import zone_of
from rowhouse.apps.fitness.recordings.zones import (
    choose_zone,
    known_zone,
    local_time,
    offset_at,
    zone_at,
    zone_of_offset,
)
from rowhouse.kit.time import zone, zone_names

SUMMER = datetime(2025, 7, 1, 12, tzinfo=UTC)
LUCERNE = (47.05, 8.31)


def test_places() -> None:
    assert zone_at(*LUCERNE) == "Europe/Zurich"
    assert zone_at(27.7, 85.3) == "Asia/Kathmandu"


@given(st.integers(-14 * 4, 14 * 4), st.integers(-50, 50))
def test_a_zone_made_of_an_offset_has_that_offset(quarters: int, error_s: int) -> None:
    name = zone_of_offset(quarters * 900 + error_s, SUMMER)
    assert name is None or offset_at(name, SUMMER).total_seconds() == quarters * 900
    if quarters % 4 == 0 and quarters >= -12 * 4:
        assert name is not None


@pytest.mark.parametrize(
    ("offset_s", "name"), [(7200, "Etc/GMT-2"), (-25200, "Etc/GMT+7"), (20700, "Asia/Kathmandu")]
)
def test_offsets(offset_s: float, name: str) -> None:
    assert zone_of_offset(offset_s, SUMMER) == name


@pytest.mark.parametrize("offset_s", [7200 + 300, 15 * 3600, -1e12])
def test_insane_offsets_give_no_zone(offset_s: float) -> None:
    assert zone_of_offset(offset_s, SUMMER) is None


def test_the_files_own_zone_wins_then_the_place_that_agrees() -> None:
    assert choose_zone(SUMMER, "Asia/Tokyo", 0.0, LUCERNE) == "Asia/Tokyo"
    assert choose_zone(SUMMER, None, 7200.0, LUCERNE) == "Europe/Zurich"
    assert choose_zone(SUMMER, None, None, LUCERNE) == "Europe/Zurich"
    assert choose_zone(SUMMER, None, 0.0, LUCERNE) == "Europe/Zurich"
    assert choose_zone(SUMMER, None, 32400.0, LUCERNE) == "Etc/GMT-9"
    assert choose_zone(SUMMER, "Mars/Olympus", None, None) is None
    assert choose_zone(SUMMER, "../../etc/passwd", None, None) is None
    assert choose_zone(SUMMER, "Europe", None, None) is None


@pytest.mark.parametrize("name", ["localtime", "posix/Europe/Vienna", "right/Europe/Vienna", "posixrules"])
def test_what_a_machine_calls_a_zone_is_no_name_of_one(name: str, tmp_path: Path) -> None:
    """Wherever such a file lies among the zones of the machine."""
    vienna = next(Path(root, "Europe/Vienna") for root in TZPATH if Path(root, "Europe/Vienna").is_file())
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_bytes(vienna.read_bytes())
    (tmp_path / "Vienna").write_bytes(vienna.read_bytes())
    try:
        reset_tzpath([f"{tmp_path}"])
        zone_names.cache_clear()
        assert (known_zone(name), zone(name), zone_of(name)) == (None, None, None)
        assert known_zone("Vienna") == "Vienna"
    finally:
        reset_tzpath()
        zone_names.cache_clear()


def test_local_time() -> None:
    assert local_time(SUMMER, "Europe/Zurich") == SUMMER.astimezone(ZoneInfo("Europe/Zurich"))
    assert local_time(SUMMER, "Europe/Zurich").hour == 14
    assert local_time(SUMMER, None).hour == 12

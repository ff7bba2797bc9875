"""What a leg's load is made of: power or pace where they tell of the whole leg, else the heart rate."""

from datetime import date

import numpy as np
import pytest

from rowhouse.apps.fitness.load.judging import Load, judge
from rowhouse.apps.fitness.load.measuring import measure
from rowhouse.apps.fitness.load.profile import Thresholds
from rowhouse.apps.fitness.recordings.recording import Channel, Streams

DAY = date(2026, 5, 1)
WHO = {
    "sex": "male", "birth_year": 1986, "weight_kg": 70, "max_hr_bpm": 190, "resting_hr_bpm": 50, "lthr_bpm": 165,
    "ftp_w": 250, "threshold_speed_mps": 4.0,
}  # fmt: skip
HOUR = 3600


def held(value: float, seconds: int, of: int) -> Channel:
    """A value for the first seconds, of which alone it is known."""
    return np.where(np.arange(of) < seconds, value, np.nan)


def load(sport: str, seconds: int, moving_s: float | None = None, **channels: Channel) -> Load:
    streams = Streams(np.arange(float(seconds)), channels)
    measured = measure(streams, sport, None, moving_s if moving_s is not None else float(seconds))
    [found] = judge([(DAY, measured)], Thresholds.of((kind, date.min, value) for kind, value in WHO.items()))
    return found


def heart(seconds: int) -> Channel:
    return np.full(seconds, 165.0)


def test_a_meter_that_died_does_not_tell_of_the_ride() -> None:
    """Two hours at the threshold, of which the meter saw twenty minutes."""
    power_w = held(250, 1200, 2 * HOUR)
    found = load("ride", 2 * HOUR, power_w=power_w, heart_rate_bpm=heart(2 * HOUR))
    assert found.method == "heart_rate"
    assert found.tss == pytest.approx(200, abs=0.1)
    assert found.energy_method == "heart_rate"
    assert found.energy_kcal == load("ride", 2 * HOUR, heart_rate_bpm=heart(2 * HOUR)).energy_kcal
    nothing_else = load("ride", 2 * HOUR, power_w=power_w)
    assert (nothing_else.tss, nothing_else.method, nothing_else.reason) == (None, None, "samples_partial")
    assert (nothing_else.energy_kcal, nothing_else.energy_method) == (None, None)


def test_a_meter_of_zeros_tells_nothing() -> None:
    found = load("ride", HOUR, power_w=np.zeros(HOUR), heart_rate_bpm=heart(HOUR))
    assert found.method == "heart_rate"
    assert found.tss == pytest.approx(100, abs=0.1)
    assert found.energy_method == "heart_rate"
    assert load("ride", HOUR, power_w=np.zeros(HOUR)).reason == "samples_missing"


def test_who_coasts_is_still_measured() -> None:
    """Zeros are known: an hour of which the half was downhill."""
    power_w = np.where(np.arange(HOUR) < HOUR / 2, 250.0, 0.0)
    found = load("ride", HOUR, power_w=power_w, heart_rate_bpm=heart(HOUR))
    assert (found.method, found.energy_method) == ("power", "work")
    assert found.energy_kcal == pytest.approx(250 * 1.8 / 0.24 / 4.184, rel=0.001)


@pytest.mark.parametrize(("known_s", "method"), [(2900, "power"), (2800, "heart_rate")])
def test_four_fifths_are_the_whole(known_s: int, method: str) -> None:
    found = load("ride", HOUR, power_w=held(250, known_s, HOUR), heart_rate_bpm=heart(HOUR))
    assert found.method == method


def test_a_watch_that_went_on_over_coffee_takes_nothing_from_the_meter() -> None:
    """The head unit waited for an hour and a half; all of the time in motion has its power."""
    power_w = held(250, HOUR, 5 * HOUR // 2)
    found = load("ride", 5 * HOUR // 2, HOUR, power_w=power_w, heart_rate_bpm=heart(5 * HOUR // 2))
    assert (found.method, found.energy_method) == ("power", "work")
    assert found.tss == pytest.approx(100, abs=0.1)


def test_a_pace_that_was_lost_does_not_tell_of_the_run() -> None:
    found = load("run", HOUR, speed_mps=held(4.0, 900, HOUR), heart_rate_bpm=heart(HOUR))
    assert found.method == "heart_rate"
    assert found.tss == pytest.approx(100, abs=0.1)
    standing = load("run", HOUR, speed_mps=np.zeros(HOUR), heart_rate_bpm=heart(HOUR))
    assert standing.method == "heart_rate"
    assert load("run", HOUR, speed_mps=held(4.0, HOUR, HOUR), heart_rate_bpm=heart(HOUR)).method == "pace"

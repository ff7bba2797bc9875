"""Figures against those that the literature states, and what must hold of every figure."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rowhouse.apps.fitness.load import energy, power, series, trimp, zones
from rowhouse.apps.fitness.load.curves import DURATIONS_S, best_means
from rowhouse.apps.fitness.load.figures import Figure
from rowhouse.apps.fitness.load.formulas import LOAD_FORMULAS
from rowhouse.apps.fitness.load.sampling import Histogram, per_second, seconds_at
from rowhouse.apps.fitness.recordings.recording import Channel

laws = settings(max_examples=40, deadline=None)


def at(bpm: float, minutes: float) -> Histogram:
    return Histogram(bpm, 1, np.array([minutes * 60], dtype=np.float32))


def beside(*minutes: float) -> Histogram:
    """So many minutes each at 55, 65, … 95 % of a highest heart rate of 200."""
    seconds = np.zeros(100, dtype=np.float32)
    seconds[[10, 30, 50, 70, 90]] = [60 * m for m in minutes]
    return Histogram(100, 1, seconds)


daily_loads = arrays(np.float64, st.integers(1, 120), elements=st.floats(0, 500, width=16))
"""Half precision: from 0.00000006 up, as what is smaller loses its digits when it is multiplied."""
watts = arrays(np.float64, st.integers(1, 400), elements=st.floats(0, 1500))


# What the literature states


@pytest.mark.parametrize(("sex", "expected"), [("male", 31.80), ("female", 37.13)])
def test_banister(sex: trimp.Sex, expected: float) -> None:
    assert trimp.banister(at(130, 30), 40, 200, sex).value == pytest.approx(expected, abs=0.005)


def test_edwards() -> None:
    assert trimp.edwards(beside(10, 10, 10, 10, 10), 200).value == pytest.approx(150)
    assert trimp.edwards(at(99, 60), 200).value == 0  # below half of the highest
    assert trimp.edwards(at(180, 10), 200).value == pytest.approx(50)  # on the border: the upper zone


@pytest.mark.parametrize(("hours", "share", "expected"), [(1, 1.0, 100), (2, 0.75, 112.5)])
def test_coggan(hours: int, share: float, expected: float) -> None:
    held = np.full(hours * 3600, share * 250.0)
    factor = power.intensity(power.normalized(held), 250, "ftp_w")
    assert factor.value == pytest.approx(share)
    assert power.tss(len(held), factor).value == pytest.approx(expected)


def test_an_hour_at_the_threshold_is_a_hundred() -> None:
    hour = trimp.banister(at(165, 60), 50, 190, "female").value
    assert trimp.hr_tss(hour, 165, 50, 190, "female").value == pytest.approx(100, rel=1e-6)


def test_chronic_and_acute_load() -> None:
    load = np.full(42, 100.0)
    assert series.ctl(load)[-1] == pytest.approx(63.21, abs=0.005)
    assert series.atl(load)[-1] == pytest.approx(99.75, abs=0.005)
    assert series.tsb(load)[-1] == pytest.approx(series.ctl(load)[-2] - series.atl(load)[-2])


@pytest.mark.parametrize(
    ("week", "expected"),
    [([500.0] * 7, 1.25), ([350.0] * 4 + [700.0] * 3, 1.41), ([350.0] * 6 + [1400.0], 1.55)],
)
def test_ratios_of_menaspas_three_athletes(week: list[float], expected: float) -> None:
    """Three weeks of 300 a day and one of 3,500 in all, the later the more: what Williams' letter tells of them are the
    ratios, the days are such as give all three."""
    load = np.array([300.0] * 21 + week)
    assert series.acwr_ewma(load)[-1] == pytest.approx(expected, abs=0.005)
    assert series.acwr_rolling(load)[-1] == pytest.approx(1.43, abs=0.005)
    assert series.acwr_uncoupled(load)[-1] == pytest.approx(1.667, abs=0.001)


def test_monotony_and_strain() -> None:
    load = np.array([400.0, 0, 300, 500, 0, 600, 200])
    assert series.monotony(load)[-1] == pytest.approx(1.221, abs=0.0005)
    assert series.strain(load)[-1] == pytest.approx(2441.9, abs=0.05)


@pytest.mark.parametrize("week", [[0.0] * 7, [100.0] * 7, [100.0] * 6 + [101.0]])
def test_no_monotony_without_deviation(week: list[float]) -> None:
    assert math.isnan(series.monotony(np.array(week))[-1])


@pytest.mark.parametrize(
    ("sex", "weight_kg", "kj_min"),
    [
        ("male", 70, -55.0969 + 0.6309 * 150 + 0.1988 * 70 + 0.2017 * 42),
        ("female", 60, -20.4022 + 0.4472 * 150 - 0.1263 * 60 + 0.074 * 42),
    ],
)
def test_keytel(sex: trimp.Sex, weight_kg: float, kj_min: float) -> None:
    found = energy.from_heart_rate(at(150, 10), weight_kg, 42, sex).value
    assert found == pytest.approx(10 * kj_min / 4.184, rel=1e-6)


def test_energy_stays_within_what_bodies_do() -> None:
    asleep, racing = energy.from_heart_rate(at(45, 60), 70, 30, "male"), at(220, 60)
    assert asleep.value == pytest.approx(70)
    assert energy.from_heart_rate(racing, 30, 90, "male").value == pytest.approx(600)
    assert energy.from_work(1000).value == pytest.approx(996, abs=1)


def test_time_in_zones() -> None:
    heart = beside(1, 2, 3, 4, 5)
    assert zones.time_in_zones(heart, [100, 120, 140, 160, 180]) == [60, 120, 180, 240, 300]
    assert zones.time_in_zones(heart, [150]) == [720]  # what is below the first zone is in none


# Inputs that can't be


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (trimp.banister(at(130, 30), None, 200, "male"), "resting_hr_bpm_missing"),
        (trimp.banister(at(130, 30), 40, 900, "male"), "max_hr_bpm_absurd"),
        (trimp.banister(at(130, 30), 40, math.nan, "male"), "max_hr_bpm_absurd"),
        (trimp.banister(at(130, 30), 110, 120, "male"), "heart_rate_reserve_absurd"),
        (trimp.banister(at(130, 30), 40, 200, None), "sex_missing"),
        (trimp.edwards(at(130, 30), -1), "max_hr_bpm_absurd"),
        (trimp.hr_tss(50, None, 40, 200, "male"), "lthr_bpm_missing"),
        (trimp.hr_tss(50, 210, 40, 200, "male"), "lthr_bpm_absurd"),
        (trimp.hr_tss(-1, 170, 40, 200, "male"), "heart_rate_missing"),
        (power.intensity(200, 0, "ftp_w"), "ftp_w_absurd"),
        (power.intensity(None, 250, "ftp_w"), "samples_missing"),
        (power.intensity(1500, 250, "ftp_w"), "intensity_absurd"),
        (power.tss(-1, Figure(1.0)), "samples_missing"),
        (energy.from_heart_rate(at(130, 30), 70, None, "male"), "birth_year_missing"),
        (energy.from_heart_rate(at(130, 30), 700, 40, "male"), "weight_kg_absurd"),
        (energy.from_work(-5), "power_missing"),
    ],
)
def test_no_figure_from_what_can_not_be(found: Figure, reason: str) -> None:
    assert found == Figure(None, reason)


def test_no_norm_of_less_than_its_window() -> None:
    assert power.normalized(np.full(29, 250.0)) is None
    assert power.normalized(np.full(60, -1.0)) is None


# Laws


@given(daily_loads, daily_loads)
@laws
def test_a_day_does_not_depend_on_later_ones(load: Channel, later: Channel) -> None:
    for name, of in series.SERIES.items():
        both = of(np.concatenate((load, later)))[: len(load)]
        np.testing.assert_allclose(both, of(load), rtol=1e-9, atol=1e-9, err_msg=name)


@given(daily_loads, st.floats(0.1, 10))
@laws
def test_loads_are_linear_and_ratios_keep(load: Channel, times: float) -> None:
    for name in ("ctl", "atl", "tsb"):
        of = series.SERIES[name]
        np.testing.assert_allclose(of(load * times), of(load) * times, rtol=1e-6, atol=1e-6)
    for name in ("acwr_rolling", "acwr_ewma", "acwr_uncoupled"):
        of = series.SERIES[name]
        np.testing.assert_allclose(of(load * times), of(load), rtol=1e-6, atol=1e-6)


@given(daily_loads, st.integers(0, 119), st.floats(0, 500))
@laws
def test_a_workout_more_never_lowers_a_load(load: Channel, day: int, more: float) -> None:
    heavier = load.copy()
    heavier[day % len(load)] += more
    for name in ("ctl", "atl"):
        assert (series.SERIES[name](heavier) >= series.SERIES[name](load) - 1e-9).all()


@given(watts)
@laws
def test_the_norm_lies_between_mean_and_peak(values: Channel) -> None:
    found = power.normalized(values)
    assert (found is None) == (len(values) < 30)
    if found is not None:
        means = np.convolve(values, np.ones(30) / 30, "valid")
        assert means.mean() - 1e-6 <= found <= values.max() + 1e-6


@given(arrays(np.float64, st.integers(1, 200), elements=st.one_of(st.just(np.nan), st.floats(0, 1500))))
@settings(max_examples=12, deadline=None)
def test_curves_are_exact_and_never_rise(values: Channel) -> None:
    """Against every window, summed anew."""
    for gaps_are_zero in (True, False):
        found = best_means(values, gaps_are_zero=gaps_are_zero)
        filled = np.where(np.isnan(values), 0.0, values) if gaps_are_zero else values
        held = np.full(len(DURATIONS_S), np.nan)
        for n, d in enumerate(DURATIONS_S):
            windows = [filled[i : i + d] for i in range(len(values) - d + 1)]
            means = [float(w.mean()) for w in windows if not np.isnan(w).any()]
            held[n] = max(means, default=np.nan)
        for n in range(len(held)):
            longer = held[n:][~np.isnan(held[n:])]
            expected = longer.max() if len(longer) else np.nan
            np.testing.assert_allclose(found[n], expected, rtol=1e-9, atol=1e-6)
        shown = found[~np.isnan(found)]
        assert (np.diff(shown) <= 1e-6).all()


@given(st.lists(st.integers(1, 30), min_size=1, max_size=60), st.integers(0, 99))
@laws
def test_every_second_is_counted_once(gaps: list[int], seed: int) -> None:
    time_s = np.concatenate(([0.0], np.cumsum(gaps, dtype=np.float64)))
    values = np.random.default_rng(seed).integers(60, 200, len(time_s)).astype(np.float64)
    found, seconds = seconds_at(time_s, values, 1), per_second(time_s, values)
    assert found is not None
    known = np.isfinite(seconds)
    assert found.seconds.sum() == pytest.approx(known.sum(), abs=1.0)
    assert found.seconds.sum() <= time_s[-1] + np.median(gaps) + 1e-3
    assert float(found.seconds @ found.middles) == pytest.approx(np.nansum(seconds), rel=0.02)


def test_a_pause_is_nobodys_time() -> None:
    """Ten minutes, an hour of nothing, ten minutes."""
    time_s = np.concatenate((np.arange(600.0), 4200 + np.arange(600.0)))
    found = seconds_at(time_s, np.full(1200, 140.0), 1)
    assert found is not None
    assert found.seconds.sum() == 1200
    seconds = per_second(time_s, np.full(1200, 200.0))
    assert np.isfinite(seconds).sum() == 1200
    twenty_minutes = DURATIONS_S.index(1200)
    assert best_means(seconds, gaps_are_zero=True)[twenty_minutes] == pytest.approx(100)
    assert np.isnan(best_means(seconds, gaps_are_zero=False)[twenty_minutes])


def test_every_formula_names_inputs_and_source() -> None:
    assert set(series.SERIES) | {"trimp", "trimp_edwards", "tss"} == set(LOAD_FORMULAS)
    for metric, one in LOAD_FORMULAS.items():
        assert one.formula
        assert one.inputs
        assert one.source
        assert ("injury" in one.formula) == metric.startswith("acwr_")

"""Loads: what was measured, judged by the thresholds in force on its day. Many legs at once, as one matrix."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from rowhouse.apps.fitness.load import energy, power, trimp
from rowhouse.apps.fitness.load.figures import Figure, unusable
from rowhouse.apps.fitness.load.measuring import Measured
from rowhouse.apps.fitness.load.profile import Profile, Thresholds
from rowhouse.apps.fitness.load.sampling import Histogram
from rowhouse.apps.fitness.recordings.recording import Channel

LOWEST_BPM, HIGHEST_BPM = 20, 250
BPM = np.arange(LOWEST_BPM, HIGHEST_BPM + 1, dtype=np.float64)

WHOLE = 0.8
"""Share of a leg's moving time, or of that with a heart rate, of which power or speed must be known to tell of all of
it. Zeros are known, as one coasts; one device may also go on while the other waits with its rider."""


@dataclass(frozen=True, slots=True)
class Load:
    """`method` says what `tss` (where there is none, `trimp`) was made of; `reason` why there is no `tss`.
    `energy_method` is `work` (measured) or `heart_rate` (an estimate)."""

    trimp: float | None = None
    trimp_edwards: float | None = None
    tss: float | None = None
    method: str | None = None
    reason: str | None = None
    energy_kcal: float | None = None
    energy_method: str | None = None


def judge(legs: Sequence[tuple[date, Measured]], thresholds: Thresholds) -> list[Load]:
    """The load of each leg, in their order."""
    groups: dict[tuple[Profile, int], list[int]] = defaultdict(list)
    for n, (day, _) in enumerate(legs):
        groups[thresholds.on(day), day.year].append(n)
    found = [Load()] * len(legs)
    for (profile, year), places in groups.items():
        loads = _judge([legs[n][1] for n in places], profile, year)
        for n, load in zip(places, loads, strict=True):
            found[n] = load
    return found


def joined(loads: Sequence[Load]) -> Load:
    """The load of a workout: the sum of its legs' where there is one."""
    if len(loads) == 1:
        return loads[0]
    methods = sorted({one for load in loads if load.method for one in load.method.split("+")})
    energies = {load.energy_method for load in loads if load.energy_method}
    tss = _sum(load.tss for load in loads)
    return Load(
        _sum(load.trimp for load in loads),
        _sum(load.trimp_edwards for load in loads),
        tss,
        "+".join(methods) or None,
        next((load.reason for load in loads if load.reason), None) if tss is None else None,
        _sum(load.energy_kcal for load in loads),
        "heart_rate" if "heart_rate" in energies else next(iter(energies), None),
    )


def _judge(legs: Sequence[Measured], who: Profile, year: int) -> list[Load]:
    """Legs of one year under one profile."""
    hearts = np.zeros((len(legs), len(BPM)))
    for n, leg in enumerate(legs):
        _fill(hearts[n], leg)
    beating_s = hearts.sum(axis=1)
    beaten = beating_s > 0
    impulses = _weighed(hearts, _banister_weights(who))
    edwards = _weighed(hearts, _edwards_weights(who))
    burnt = _weighed(hearts, _keytel_weights(who, year))
    return [
        _load(
            leg,
            who,
            float(impulses[n]) if impulses is not None and beaten[n] else None,
            float(edwards[n]) if edwards is not None and beaten[n] else None,
            float(burnt[n]) if burnt is not None and beaten[n] else None,
            float(beating_s[n]),
        )
        for n, leg in enumerate(legs)
    ]


def _load(
    leg: Measured,
    who: Profile,
    impulse: float | None,
    edwards: float | None,
    burnt: float | None,
    beating_s: float,
) -> Load:
    by_norm = _by_norm(leg, who, beating_s)
    tss, method = _stress(leg, who, by_norm, impulse, beating_s)
    work = energy.from_work(leg.work_kj if by_norm and by_norm.method == "power" and by_norm.whole else None)
    kcal, by = (work.value, "work") if work.value is not None else (burnt, "heart_rate")
    nothing = tss.value is None and impulse is None and edwards is None
    return Load(
        _rounded(impulse),
        _rounded(edwards),
        _rounded(tss.value),
        None if nothing else method,
        tss.reason,
        _rounded(kcal),
        by if kcal is not None else None,
    )


class _ByNorm(NamedTuple):
    """TSS of a leg's normalised power or speed, and whether these are known of the `whole` leg."""

    tss: Figure
    method: str
    whole: bool


def _by_norm(leg: Measured, who: Profile, beating_s: float) -> _ByNorm | None:
    """By the power of rides and the speed of runs; None without any. A meter that tells zeros alone tells nothing."""
    if leg.sport == "ride" and leg.normalized_power_w:
        factor = power.intensity(leg.normalized_power_w, who.ftp_w, "ftp_w")
        known_s, method = leg.power_s, "power"
    elif leg.sport == "run" and leg.normalized_speed_mps:
        factor = power.intensity(leg.normalized_speed_mps, who.threshold_speed_mps, "threshold_speed_mps")
        known_s, method = leg.speed_s, "pace"
    else:
        return None
    leg_s = min((seconds for seconds in (beating_s, leg.moving_time_s) if seconds), default=0.0)
    return _ByNorm(power.tss(known_s, factor), method, (known_s or 0.0) >= WHOLE * leg_s)


def _stress(
    leg: Measured, who: Profile, by_norm: _ByNorm | None, impulse: float | None, beating_s: float
) -> tuple[Figure, str]:
    """TSS by what tells most: power of rides, speed of runs, else the heart rate. The reason is that of the best one
    that was recorded of the whole leg."""
    by_heart = "heart_rate" if leg.heart is not None else "heart_rate_average"
    told: list[tuple[Figure, str]] = []
    if by_norm and by_norm.whole:
        told.append((by_norm.tss, by_norm.method))
    if beating_s:
        by_pulse = trimp.hr_tss(impulse, who.lthr_bpm, who.resting_hr_bpm, who.max_hr_bpm, who.sex)
        told.append((by_pulse, by_heart))
    if not told:
        return Figure(None, "samples_partial" if by_norm else "samples_missing"), by_heart
    figure, method = next((one for one in told if one[0].value is not None), told[0])
    return figure, method if figure.value is not None else by_heart


def _fill(row: Channel, leg: Measured) -> None:
    """Seconds at each of `BPM`; the mean heart rate for the moving time where nothing was sampled."""
    heart = leg.heart
    if heart is None and leg.mean_hr_bpm is not None and leg.moving_time_s:
        heart = Histogram(round(leg.mean_hr_bpm), 1, np.array([leg.moving_time_s], dtype=np.float32))
    if heart is None:
        return
    first = round(heart.low) - LOWEST_BPM
    if first >= 0 and first + len(heart.seconds) <= len(row):
        row[first : first + len(heart.seconds)] = heart.seconds


def _weighed(hearts: Channel, weights: Channel | None) -> Channel | None:
    return None if weights is None else np.asarray(hearts @ weights) / 60


def _banister_weights(who: Profile) -> Channel | None:
    if trimp.why_no_reserve(who.resting_hr_bpm, who.max_hr_bpm, who.sex):
        return None
    assert who.resting_hr_bpm is not None
    assert who.max_hr_bpm is not None
    assert who.sex is not None
    return trimp.reserve_weights(BPM, who.resting_hr_bpm, who.max_hr_bpm, who.sex)


def _edwards_weights(who: Profile) -> Channel | None:
    if unusable("max_hr_bpm", who.max_hr_bpm) or who.max_hr_bpm is None:
        return None
    return trimp.edwards_weights(BPM, who.max_hr_bpm)


def _keytel_weights(who: Profile, year: int) -> Channel | None:
    age = None if who.birth_year is None else year - who.birth_year
    return energy.kcal_a_minute(BPM, who.weight_kg, age, who.sex)[0]


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return _rounded(sum(known)) if known else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)

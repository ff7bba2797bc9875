"""Energy: measured work where there is power, else an estimate from the heart rate."""

import numpy as np

from rowhouse.apps.fitness.load.figures import Figure, first_reason, unusable
from rowhouse.apps.fitness.load.sampling import Histogram
from rowhouse.apps.fitness.load.trimp import Sex
from rowhouse.apps.fitness.recordings.recording import Channel

KJ_PER_KCAL = 4.184
EFFICIENCY = 0.24
"""Share of the energy turned over that reaches the pedals: 0.20 to 0.25 in trained cyclists (Coyle et al. 1992)."""

KEYTEL: dict[Sex, tuple[float, float, float, float]] = {
    "male": (-55.0969, 0.6309, 0.1988, 0.2017),
    "female": (-20.4022, 0.4472, -0.1263, 0.074),
}
"""kJ a minute: constant, per beat a minute, per kilogram, per year of age (Keytel et al. 2005, without VO2max)."""

LEAST_MET, MOST_MET = 1.0, 20.0
"""Multiples of 1 kcal per kilogram and hour between which a body's turnover lies, from rest to the best trained."""
AGES = (10, 100)


def from_work(work_kj: float | None) -> Figure:
    """Kilocalories turned over for the work that a power meter measured."""
    if work_kj is None or not 0 <= work_kj <= 100_000:
        return Figure(None, "power_missing")
    return Figure(work_kj / EFFICIENCY / KJ_PER_KCAL)


def from_heart_rate(heart: Histogram, weight_kg: float | None, age: float | None, sex: Sex | None) -> Figure:
    """An estimate of kilocalories, minute by minute within physiological bounds."""
    weights, reason = kcal_a_minute(heart.middles, weight_kg, age, sex)
    return Figure(None, reason) if weights is None else Figure(float(heart.seconds @ weights) / 60)


def kcal_a_minute(
    bpm: Channel, weight_kg: float | None, age: float | None, sex: Sex | None
) -> tuple[Channel | None, str | None]:
    """What a minute at each heart rate takes, or why that can't be told."""
    reason = first_reason(
        unusable("weight_kg", weight_kg),
        "birth_year_missing" if age is None else None,
        None if sex in KEYTEL else "sex_missing",
    )
    if reason or weight_kg is None or age is None or sex is None:
        return None, reason
    if not AGES[0] <= age <= AGES[1]:
        return None, "birth_year_absurd"
    constant, beat, kilogram, year = KEYTEL[sex]
    kcal = (constant + beat * bpm + kilogram * weight_kg + year * age) / KJ_PER_KCAL
    return np.clip(kcal, LEAST_MET * weight_kg / 60, MOST_MET * weight_kg / 60), None

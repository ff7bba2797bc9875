"""The kinds of biometrics. Each is one quantity in one unit: what is measured differently is another kind, so that
nothing is ever put together that isn't the same (RMSSD and SDNN; a temperature and its deviation from the usual)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from rowhouse.apps.fitness.load.figures import Bounds

DayRule = Literal["mean", "latest", "longest", "total"]
KindName = Literal[
    "hrv_rmssd",
    "hrv_sdnn",
    "resting_hr",
    "sleep_duration",
    "sleep_stages",
    "nap_duration",
    "weight",
    "body_fat",
    "spo2",
    "body_temperature",
    "skin_temperature",
    "temperature_deviation",
    "respiration",
    "vo2max",
    "steps",
    "energy",
    "active_energy",
    "recovery_score",
]


@dataclass(frozen=True, slots=True)
class Kind:
    """`believed` are the bounds outside of which no living person is. `of_day` says how several values of one source
    become that of a day; those of several sources never do."""

    name: KindName
    title: str
    unit: str
    believed: Bounds
    of_day: DayRule = "mean"
    digits: int = 1


KINDS: Mapping[str, Kind] = {
    one.name: one
    for one in (
        Kind("hrv_rmssd", "Heart-rate variability (RMSSD)", "ms", Bounds(1, 400)),
        Kind("hrv_sdnn", "Heart-rate variability (SDNN)", "ms", Bounds(1, 500)),
        Kind("resting_hr", "Resting heart rate", "bpm", Bounds(20, 150)),
        Kind("sleep_duration", "Sleep", "s", Bounds(60, 72_000), "longest", 0),
        Kind("sleep_stages", "Sleep with its stages", "s", Bounds(60, 72_000), "longest", 0),
        Kind("nap_duration", "Naps", "s", Bounds(60, 43_200), "total", 0),
        Kind("weight", "Weight", "kg", Bounds(20, 400), "latest", 2),
        Kind("body_fat", "Body fat", "%", Bounds(2, 75), "latest"),
        Kind("spo2", "Blood oxygen", "%", Bounds(50, 100)),
        Kind("body_temperature", "Body temperature", "°C", Bounds(30, 44), digits=2),
        Kind("skin_temperature", "Skin temperature", "°C", Bounds(15, 44), digits=2),
        Kind(
            "temperature_deviation",
            "Temperature against the usual",
            "°C",
            Bounds(-10, 10),
            digits=2,
        ),
        Kind("respiration", "Respiration", "breaths/min", Bounds(4, 60)),
        Kind("vo2max", "VO2max (estimate)", "ml/kg/min", Bounds(10, 100), "latest"),
        Kind("steps", "Steps", "steps", Bounds(0, 150_000), "latest", 0),
        Kind("energy", "Energy of a day", "kcal", Bounds(300, 20_000), "latest", 0),
        Kind("active_energy", "Energy above rest", "kcal", Bounds(0, 15_000), "latest", 0),
        Kind(
            "recovery_score",
            "Recovery, as its source scores it",
            "points of 100",
            Bounds(0, 100),
            "latest",
            0,
        ),
    )
}

OF_DAY: Mapping[DayRule, str] = {
    "mean": "the mean of a source's values of that day",
    "latest": "a source's latest value of that day",
    "longest": "a source's longest of that day",
    "total": "the sum of a source's values of that day",
}

FLAGS: Mapping[str, float] = {
    "estimate": 0.7,
    "manual": 0.7,
    "low_battery": 0.7,
    "calibrating": 0.5,
    "another_source": 0.5,
    "perhaps_another_person": 0.5,
    "not_a_day": 0.0,
    "out_of_range": 0.0,
    "in_the_future": 0.0,
}
"""What is doubtful about a value → what is left of the confidence in it."""


def confidence_of(flags: Iterable[str]) -> float:
    """From 0 (kept, shown among raw values, and used nowhere) to 1 (measured, and nothing speaks against it)."""
    left = 1.0
    for flag in flags:
        left *= FLAGS[flag]
    return round(left, 2)

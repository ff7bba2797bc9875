"""Days, weeks and what is usual: of one source each, and of nothing that came later."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rowhouse.apps.fitness.biometrics.kinds import KINDS, KindName
from rowhouse.apps.fitness.biometrics.measurement import Measurement, judged, local_day
from rowhouse.apps.fitness.biometrics.precedence import chosen_for, in_order
from rowhouse.apps.fitness.biometrics.summing import LEAST_DAYS, History, monday, of_days, of_weeks

DAY = date(2026, 5, 4)


@dataclass
class Said:
    value: float
    day: date = DAY
    provider: str = "whoop"
    confidence: float = 1.0
    at: int = 6
    device: str | None = None
    flags: list[str] = field(default_factory=list)
    night: dict[str, Any] | None = None

    @property
    def measured_at(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, self.at, tzinfo=UTC)


def test_every_kind_has_a_name_of_the_api() -> None:
    assert set(KINDS) == set(get_args(KindName))


@pytest.mark.parametrize(
    ("kind", "day"),
    [("hrv_rmssd", 50.0), ("weight", 60.0), ("sleep_duration", 70.0), ("nap_duration", 150.0)],
)
def test_a_day_of_one_source(kind: str, day: float) -> None:
    """By each rule; what there is less confidence in gives way, and what there is none in counts nowhere."""
    said = [Said(30.0, at=5), Said(70.0, at=7), Said(60.0, at=9) if kind == "weight" else Said(50.0, at=8)]
    more = [Said(400.0, confidence=0.5), Said(1.0, DAY - timedelta(days=1), confidence=0.0)]
    found = of_days(KINDS[kind], [*said, *more])
    assert {one: list(by) for one, by in found.items()} == {DAY: ["whoop"]}
    assert found[DAY]["whoop"].value == day
    assert (found[DAY]["whoop"].at is None) == (kind in {"hrv_rmssd", "nap_duration"})


def test_sources_are_never_put_together() -> None:
    said = [Said(60.0 + n, DAY + timedelta(days=n)) for n in range(3)]
    said += [Said(100.0, DAY + timedelta(days=n), "oura") for n in range(7)]
    days = of_days(KINDS["hrv_rmssd"], said)
    [(week, by)] = of_weeks(KINDS["hrv_rmssd"], days).items()
    assert week == monday(DAY + timedelta(days=6)) == DAY
    assert {name: (one.value, one.days) for name, one in by.items()} == {
        "whoop": (61.0, 3),
        "oura": (100.0, 7),
    }


@given(
    before=st.lists(st.floats(10, 200), min_size=LEAST_DAYS, max_size=60),
    later=st.lists(st.floats(10, 200), max_size=30),
    others=st.lists(st.floats(10, 200), max_size=30),
)
def test_what_is_usual_rests_on_the_days_before_alone(
    before: list[float], later: list[float], others: list[float]
) -> None:
    said = [Said(value, DAY - timedelta(days=n + 1)) for n, value in enumerate(before)]
    kind = KINDS["hrv_rmssd"]
    known = History(kind, of_days(kind, said)).usual("whoop", DAY)
    assert known is not None
    assert known.low <= known.median <= known.high
    assert known.days == len(before)
    said += [Said(value, DAY + timedelta(days=n)) for n, value in enumerate(later)]
    said += [Said(value, DAY - timedelta(days=n + 1), "oura") for n, value in enumerate(others)]
    assert History(kind, of_days(kind, said)).usual("whoop", DAY) == known


def test_what_is_usual_of_a_known_row() -> None:
    """14 days 1…14: median 7.5, median absolute deviation 3.5. One day fewer says nothing."""
    kind = KINDS["temperature_deviation"]
    days = of_days(kind, [Said(float(n), DAY - timedelta(days=n)) for n in range(1, 15)])
    found = History(kind, days).usual("whoop", DAY)
    assert found is not None
    assert (found.low, found.median, found.high) == (2.31, 7.5, 12.69)
    assert History(kind, days).usual("whoop", DAY - timedelta(days=1)) is None
    assert History(kind, days).usual("whoop", DAY + timedelta(days=60)) is None


def test_who_counts_first() -> None:
    everybody = ["a scale", "withings", "polar", "garmin", "oura", "whoop", "healthkit"]
    usual = ["whoop", "oura", "garmin", "polar", "withings", "healthkit", "a scale"]
    assert in_order(everybody) == usual
    own = {"biometrics": ["oura"], "weight": ["withings"]}
    assert in_order(everybody, chosen_for("weight", own))[:2] == ["withings", "whoop"]
    assert in_order(everybody, chosen_for("hrv_rmssd", own))[:2] == ["oura", "whoop"]


@pytest.mark.parametrize(
    ("value", "ahead_h", "flags", "confidence"),
    [
        (60.0, 0, (), 1.0),
        (60.0, 25, ("in_the_future",), 0.0),
        (900.0, 0, ("out_of_range",), 0.0),
        (float("nan"), 0, ("out_of_range",), 0.0),
    ],
)
def test_what_cannot_be_is_kept_and_marked(
    value: float, ahead_h: int, flags: tuple[str, ...], confidence: float
) -> None:
    at = datetime(2026, 5, 4, 6, tzinfo=UTC)
    found = judged(Measurement("hrv_rmssd", value, at + timedelta(hours=ahead_h), DAY), at)
    assert (found.flags, found.confidence) == (flags, confidence)


def test_the_day_of_a_zone() -> None:
    at = datetime(2026, 5, 3, 23, 30, tzinfo=UTC)
    zones = {"Europe/Berlin": 4, "+02:00": 4, "-05:30": 3, "Z": 3, None: 3, "Nowhere/Land": 3, "+99:99": 3}
    assert {zone: local_day(at, zone).day for zone in zones} == zones

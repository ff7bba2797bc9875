"""Biometrics on the wire."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from rowhouse.apps.fitness.biometrics.kinds import KindName
from rowhouse.kernel.http.envelope import Many, View

SecondsOrNone = float | None


class StageView(View):
    stage: Literal["awake", "light", "deep", "rem"]
    start: datetime
    end: datetime


class NightView(View):
    """A night; of a week the means of its nights. `stages` is empty where a source tells the sums alone."""

    start: datetime | None
    end: datetime | None
    in_bed_s: SecondsOrNone
    asleep_s: SecondsOrNone
    awake_s: SecondsOrNone
    light_s: SecondsOrNone
    deep_s: SecondsOrNone
    rem_s: SecondsOrNone
    stages: list[StageView]


class OriginalView(View):
    value: float
    unit: str


class UsualView(View):
    """What is usual of this athlete by the same source: `meta.usual` says how it is told, from `days` days."""

    low: float
    median: float
    high: float
    days: int


class BiometricValue(View):
    """`time` is null where several values went into it. `confidence` goes from 0 to 1; `flags` say what speaks against
    the value."""

    time: datetime | None
    type: KindName
    value: float
    unit: str
    source: str = Field(examples=["whoop"])
    device: str | None
    confidence: float
    flags: list[str]
    night: NightView | None


class AlternativeView(BiometricValue):
    """What another source says of the same; `difference` is against the value that counts."""

    difference: float


class BiometricView(BiometricValue):
    """A day, a week from its Monday on (`days` of it have a value), or with `resolution=raw` one value as it came, which
    alone has `id`, `timezone` and, where it came in another unit, `original`."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "date": "2026-05-03",
                "time": "2026-05-03T04:52:00+00:00",
                "type": "hrv_rmssd",
                "value": 61.4,
                "unit": "ms",
                "source": "whoop",
                "device": None,
                "confidence": 1.0,
                "flags": [],
                "night": None,
                "days": 1,
                "usual": {"low": 52.1, "median": 60.3, "high": 68.5, "days": 58},
            }
        }
    )

    date: date
    days: int | None = None
    usual: UsualView | None = None
    alternatives: list[AlternativeView] | None = Field(
        None, description="with `sources=true`: every other source, by precedence"
    )
    id: UUID | None = None
    timezone: str | None = None
    original: OriginalView | None = None


class BiometricsMeta(View):
    """How to read the rows. `withheld` names one's own sources whose terms of use let nobody else see what they
    brought."""

    disclaimer: str
    usual: str
    precedence: list[str]
    withheld: list[str]


class KindMeta(BiometricsMeta):
    type: KindName
    title: str
    unit: str
    of_day: str = Field(description="how several values of one source become that of a day")


class BiometricsAnswer(Many[BiometricView]):
    meta: KindMeta


class LatestAnswer(Many[BiometricView]):
    meta: BiometricsMeta

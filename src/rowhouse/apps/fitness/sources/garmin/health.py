"""Garmin's summaries of the body into ours: nights, their variability, days, weighings, VO2max.

Its respiration and blood oxygen of whole days are left: other sources' values are of nights alone, and so are those that
stand in a night's own summary.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from rowhouse.apps.fitness.biometrics.kinds import KindName
from rowhouse.apps.fitness.biometrics.measurement import Measurement, Night, Stage, offset_of
from rowhouse.apps.fitness.recordings.recording import Converted
from rowhouse.apps.fitness.sources.shapes import as_model, as_shape
from rowhouse.apps.fitness.sources.told import Told, of_date, of_moment

LEVELS = {"deep": "deep", "light": "light", "rem": "rem", "awake": "awake"}
"""Of a night's map; there are others, such as `unmeasurable`."""
TENTATIVE = "TENTATIVE"
"""How the words for a night that is still looked through end; another summary follows."""
DEVICE = "Garmin"


class Said(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Summary(Said):
    summaryId: str  # noqa: N815 - Garmin's words, also below


class Dated(Summary):
    calendarDate: date  # noqa: N815
    startTimeInSeconds: int  # noqa: N815
    startTimeOffsetInSeconds: int = 0  # noqa: N815
    durationInSeconds: float  # noqa: N815

    def after(self, seconds: float) -> datetime:
        """So long after it began, on the clock of the place."""
        zone = timezone(timedelta(seconds=self.startTimeOffsetInSeconds))
        return datetime.fromtimestamp(self.startTimeInSeconds + seconds, zone)


class Level(Said):
    startTimeInSeconds: int  # noqa: N815
    endTimeInSeconds: int  # noqa: N815


class Sleep(Dated):
    """`durationInSeconds` is that of being asleep."""

    deepSleepDurationInSeconds: float | None = None  # noqa: N815
    lightSleepDurationInSeconds: float | None = None  # noqa: N815
    remSleepInSeconds: float | None = None  # noqa: N815
    awakeDurationInSeconds: float = 0  # noqa: N815
    unmeasurableSleepInSeconds: float = 0  # noqa: N815
    validation: str = ""
    sleepLevelsMap: dict[str, list[Level]] = Field(default_factory=dict)  # noqa: N815
    timeOffsetSleepSpo2: dict[str, float] = Field(default_factory=dict)  # noqa: N815
    timeOffsetSleepRespiration: dict[str, float] = Field(default_factory=dict)  # noqa: N815


class Variability(Dated):
    lastNightAvg: float | None = None  # noqa: N815


class Daily(Dated):
    steps: int | None = None
    activeKilocalories: float | None = None  # noqa: N815
    bmrKilocalories: float | None = None  # noqa: N815
    restingHeartRateInBeatsPerMinute: float | None = None  # noqa: N815


class Weighing(Summary):
    measurementTimeInSeconds: int  # noqa: N815
    measurementTimeOffsetInSeconds: int = 0  # noqa: N815
    weightInGrams: float | None = None  # noqa: N815
    bodyFatInPercent: float | None = None  # noqa: N815


class Metrics(Summary):
    calendarDate: date  # noqa: N815
    vo2Max: float | None = None  # noqa: N815


LIST = TypeAdapter(list[dict[str, Any]])


def summaries_of(said: Any) -> Sequence[tuple[str, Mapping[str, Any]]]:
    """Each by its id; whose they are is known."""
    rows = as_shape(LIST, said)
    return [
        (as_model(Summary, row).summaryId, {name: row[name] for name in row if name != "userId"})
        for row in rows
    ]


def read_sleep(raw: Mapping[str, Any]) -> Sequence[Measurement]:
    said = as_model(Sleep, raw)
    asleep = said.durationInSeconds
    if said.validation.endswith(TENTATIVE) or not asleep:
        return ()
    in_bed_s = asleep + said.awakeDurationInSeconds + said.unmeasurableSleepInSeconds
    start, end = said.after(0), said.after(in_bed_s)
    night = Night(
        start,
        end,
        in_bed_s=in_bed_s,
        asleep_s=asleep,
        awake_s=said.awakeDurationInSeconds,
        light_s=said.lightSleepDurationInSeconds,
        deep_s=said.deepSleepDurationInSeconds,
        rem_s=said.remSleepInSeconds,
        stages=_stages(said, end),
    )

    def of_night(kind: KindName, value: float, night: Night | None = None) -> Measurement:
        return Measurement(kind, value, end, said.calendarDate, offset_of(end), DEVICE, night=night)

    told: dict[KindName, Mapping[str, float]] = {
        "spo2": said.timeOffsetSleepSpo2,
        "respiration": said.timeOffsetSleepRespiration,
    }
    means = [of_night(kind, sum(some.values()) / len(some)) for kind, some in told.items() if some]
    return [of_night("sleep_duration", asleep), of_night("sleep_stages", asleep, night), *means]


def read_variability(raw: Mapping[str, Any]) -> Sequence[Measurement]:
    """Garmin's is RMSSD."""
    said = as_model(Variability, raw)
    return _of_day(said, {"hrv_rmssd": said.lastNightAvg})


def read_daily(raw: Mapping[str, Any]) -> Sequence[Measurement]:
    said = as_model(Daily, raw)
    active, resting = said.activeKilocalories, said.bmrKilocalories
    whole = active + resting if active is not None and resting is not None else None
    return [
        *_of_day(said, {"steps": said.steps, "resting_hr": said.restingHeartRateInBeatsPerMinute}),
        *_of_day(said, {"energy": whole, "active_energy": active}, flags=("estimate",)),
    ]


def read_weighing(raw: Mapping[str, Any]) -> Sequence[Measurement]:
    said = as_model(Weighing, raw)
    zone = timezone(timedelta(seconds=said.measurementTimeOffsetInSeconds))
    at, found = datetime.fromtimestamp(said.measurementTimeInSeconds, zone), list[Measurement]()
    where = (at, at.date(), offset_of(at), DEVICE)
    if said.weightInGrams is not None:
        grams = Converted(said.weightInGrams, "g")
        found.append(Measurement("weight", said.weightInGrams / 1000, *where, original=grams))
    if said.bodyFatInPercent is not None:
        found.append(Measurement("body_fat", said.bodyFatInPercent, *where))
    return found


def read_metrics(raw: Mapping[str, Any]) -> Sequence[Measurement]:
    said = as_model(Metrics, raw)
    return of_date(said.calendarDate, {"vo2max": said.vo2Max}, DEVICE, flags=("estimate",))


READERS: Mapping[str, Callable[[Mapping[str, Any]], Sequence[Measurement]]] = {
    "sleeps": read_sleep,
    "hrv": read_variability,
    "dailies": read_daily,
    "bodyComps": read_weighing,
    "userMetrics": read_metrics,
}
"""Kind of summary → what it says of the body."""


def _stages(sleep: Sleep, end: datetime) -> tuple[Stage, ...]:
    found = [
        Stage(LEVELS[name], *(sleep.after(at - sleep.startTimeInSeconds) for at in edges))
        for name, levels in sleep.sleepLevelsMap.items()
        for edges in ((one.startTimeInSeconds, one.endTimeInSeconds) for one in levels)
        if name in LEVELS
    ]
    return tuple(sorted((one for one in found if one.start < one.end <= end), key=lambda one: one.start))


def _of_day(said: Dated, told: Told, *, flags: tuple[str, ...] = ()) -> list[Measurement]:
    return of_moment(said.after(said.durationInSeconds), said.calendarDate, told, DEVICE, flags=flags)

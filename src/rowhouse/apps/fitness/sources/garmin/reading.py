"""Garmin's words into ours. The device's own file is read as soon as a ping has named it; until then, and of what was
typed in, the summary."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from rowhouse.apps.fitness.files.decoding.creators import origin_of_device
from rowhouse.apps.fitness.recordings.finish import Draft, finish
from rowhouse.apps.fitness.recordings.recording import Recording
from rowhouse.apps.fitness.recordings.words import activity_of_word
from rowhouse.apps.fitness.sources.shapes import as_model, as_shape

LONGEST_TITLE = 200


class Activity(BaseModel):
    """What a summary and the ping of a file have in common."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    activityId: int  # noqa: N815 - Garmin's words
    startTimeInSeconds: int  # noqa: N815
    activityName: str | None = None  # noqa: N815
    activityType: str | None = None  # noqa: N815
    deviceName: str | None = None  # noqa: N815
    manual: bool = False

    @property
    def title(self) -> str | None:
        return (self.activityName or "").strip()[:LONGEST_TITLE] or None


class Summary(Activity):
    """`durationInSeconds` is the timer's: pauses are not in it."""

    durationInSeconds: float  # noqa: N815
    startTimeOffsetInSeconds: int | None = None  # noqa: N815
    distanceInMeters: float | None = None  # noqa: N815
    totalElevationGainInMeters: float | None = None  # noqa: N815
    activeKilocalories: float | None = None  # noqa: N815
    averageHeartRateInBeatsPerMinute: float | None = None  # noqa: N815
    maxHeartRateInBeatsPerMinute: float | None = None  # noqa: N815
    averageSpeedInMetersPerSecond: float | None = None  # noqa: N815
    averageBikeCadenceInRoundsPerMinute: float | None = None  # noqa: N815


LIST = TypeAdapter(list[Summary])


def summaries_of(said: Any) -> list[Summary]:
    return as_shape(LIST, said)


def activity_of(said: Any) -> Activity:
    return as_model(Activity, said)


def read_summary(raw: Mapping[str, Any], received_at: datetime) -> list[Recording]:
    """One recording without samples."""
    said = summaries_of([raw])[0]
    sport = activity_of_word(said.activityType)
    origin = origin_of_device(said.deviceName)
    draft = Draft(
        sport.sport,
        {
            "sub_sport": sport.sub_sport,
            "source_sport": said.activityType,
            "title": said.title,
            "origin": replace(origin, provider="garmin", external_id=str(said.activityId)),
            "moving_time_s": said.durationInSeconds,
            "distance_m": said.distanceInMeters or None,
            "ascent_m": said.totalElevationGainInMeters,
            "energy_kcal": said.activeKilocalories or None,
            "avg_hr_bpm": said.averageHeartRateInBeatsPerMinute,
            "max_hr_bpm": said.maxHeartRateInBeatsPerMinute,
            "avg_cadence_rpm": said.averageBikeCadenceInRoundsPerMinute,
            "avg_speed_mps": said.averageSpeedInMetersPerSecond,
        },
        start=float(said.startTimeInSeconds),
        duration_s=said.durationInSeconds,
        offset_s=said.startTimeOffsetInSeconds,
    )
    found = finish(draft, received_at)
    return [found] if found is not None else []

"""Polar's words into ours. The watch's own file is read where Polar has one; else what the list says."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from rowhouse.apps.fitness.files.decoding.creators import origin_of_device
from rowhouse.apps.fitness.recordings.finish import Draft, finish
from rowhouse.apps.fitness.recordings.recording import Recording
from rowhouse.apps.fitness.recordings.words import OTHER, activity_of_word
from rowhouse.apps.fitness.sources.errors import ShapeUnknown
from rowhouse.apps.fitness.sources.shapes import as_model, as_shape

DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")


class Said(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class HeartRate(Said):
    average: float | None = None
    maximum: float | None = None


class Exercise(Said):
    """`start_time` is on the clock of the place, `start_time_utc_offset` in minutes."""

    id: str
    upload_time: AwareDatetime
    start_time: datetime
    start_time_utc_offset: int
    duration: str
    device: str | None = None
    calories: float | None = None
    distance: float | None = None
    heart_rate: HeartRate = Field(default_factory=HeartRate)
    sport: str
    detailed_sport_info: str | None = None

    @property
    def start(self) -> datetime:
        return self.start_time.replace(tzinfo=UTC) - timedelta(minutes=self.start_time_utc_offset)


LIST = TypeAdapter(list[Exercise])


def exercises_of(said: Any) -> list[Exercise]:
    return as_shape(LIST, said)


def exercise_of(said: Any) -> Exercise:
    return as_model(Exercise, said)


def read_summary(raw: Mapping[str, Any], received_at: datetime) -> list[Recording]:
    """One recording without samples."""
    said = exercise_of(raw)
    word = said.detailed_sport_info or said.sport
    sport = next((one for one in map(activity_of_word, (word, said.sport)) if one != OTHER), OTHER)
    draft = Draft(
        sport.sport,
        {
            "sub_sport": sport.sub_sport,
            "source_sport": word,
            "origin": replace(origin_of_device(said.device), provider="polar", external_id=said.id),
            "distance_m": said.distance or None,
            "energy_kcal": said.calories or None,
            "avg_hr_bpm": said.heart_rate.average,
            "max_hr_bpm": said.heart_rate.maximum,
        },
        start=said.start.timestamp(),
        duration_s=_seconds(said.duration),
        offset_s=said.start_time_utc_offset * 60.0,
    )
    found = finish(draft, received_at)
    return [found] if found is not None else []


def _seconds(text: str) -> float:
    """Of ISO 8601: PT2H44M1.5S."""
    found = DURATION.fullmatch(text)
    if found is None:
        raise ShapeUnknown("duration")
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds

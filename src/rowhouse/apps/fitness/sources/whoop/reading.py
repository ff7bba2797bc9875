"""WHOOP's words into ours."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict

from rowhouse.apps.fitness.recordings.finish import Draft, finish
from rowhouse.apps.fitness.recordings.recording import Converted, Origin, Recording
from rowhouse.apps.fitness.recordings.words import activity_of_word
from rowhouse.apps.fitness.sources.shapes import as_model

SCORED = "SCORED"
KILOJOULES_PER_KCAL = 4.184


class Said(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Score(Said):
    average_heart_rate: float
    max_heart_rate: float
    kilojoule: float
    distance_meter: float | None = None
    altitude_gain_meter: float | None = None


class Workout(Said):
    id: str
    updated_at: AwareDatetime
    start: AwareDatetime
    end: AwareDatetime
    timezone_offset: str
    sport_name: str
    score_state: str
    score: Score | None = None


class Listed(Said):
    records: tuple[Workout, ...]


def workouts_of(said: Any) -> tuple[Workout, ...]:
    return as_model(Listed, said).records


def workout_of(said: Any) -> Workout:
    return as_model(Workout, said)


def read(raw: Mapping[str, Any], received_at: datetime) -> list[Recording]:
    """One recording without samples, which WHOOP keeps to itself; none before it was scored."""
    workout = workout_of(raw)
    score = workout.score
    if score is None:
        return []
    sport = activity_of_word(workout.sport_name)
    draft = Draft(
        sport.sport,
        {
            "sub_sport": sport.sub_sport,
            "source_sport": workout.sport_name,
            "origin": Origin("whoop", manufacturer="whoop", external_id=workout.id),
            "distance_m": score.distance_meter or None,
            "ascent_m": score.altitude_gain_meter,
            "energy_kcal": round(score.kilojoule / KILOJOULES_PER_KCAL, 1),
            "avg_hr_bpm": score.average_heart_rate,
            "max_hr_bpm": score.max_heart_rate,
            "originals": {"energy_kcal": Converted(score.kilojoule, "kJ")},
        },
        start=workout.start.timestamp(),
        duration_s=(workout.end - workout.start).total_seconds(),
        offset_s=_offset_s(workout.timezone_offset),
    )
    found = finish(draft, received_at)
    return [found] if found is not None else []


def _offset_s(text: str) -> float | None:
    """`+02:00`, `-05:30` or `Z`."""
    if text == "Z":
        return 0.0
    try:
        hours, minutes = int(text[1:3]), int(text[4:6])
    except ValueError:
        return None
    return (hours * 3600 + minutes * 60) * (-1.0 if text.startswith("-") else 1.0)

"""Analyses on the wire."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from rowhouse.apps.fitness.workouts.schemas import WorkoutItem
from rowhouse.kernel.http.envelope import Many, One, View

FigureOrNone = float | None
ChannelName = Literal["heart_rate_bpm", "power_w", "speed_mps"]


class LoadDay(View):
    """The metrics asked for of one day; null where they can't be told."""

    model_config = ConfigDict(json_schema_extra={"example": {"date": "2026-05-03", "tss": 84.2, "ctl": 51.7}})

    date: date
    trimp: FigureOrNone = None
    trimp_edwards: FigureOrNone = None
    tss: FigureOrNone = None
    ctl: FigureOrNone = None
    atl: FigureOrNone = None
    tsb: FigureOrNone = None
    acwr_rolling: FigureOrNone = None
    acwr_ewma: FigureOrNone = None
    acwr_uncoupled: FigureOrNone = None
    monotony: FigureOrNone = None
    strain: FigureOrNone = None


class FormulaView(View):
    """How a figure is made, of which inputs, and where it was first published."""

    formula: str
    inputs: list[str]
    source: str


class LoadMeta(View):
    """`without_tss` counts workouts (legs) whose stress can't be told, for want of a threshold or of samples: they
    count as nothing in what is made of the TSS."""

    formulas: dict[str, FormulaView]
    as_of: date | None
    without_tss: int


class LoadAnswer(Many[LoadDay]):
    meta: LoadMeta


class AthleteDay(View):
    """One day of an athlete; null where it can't be told."""

    date: date
    tss: FigureOrNone
    ctl: FigureOrNone
    atl: FigureOrNone
    tsb: FigureOrNone


class AthleteView(View):
    """An athlete who lets one read their workouts, as far as a provider's terms let others see them. `without_tss`
    counts workouts (legs) of these days whose stress can't be told."""

    athlete_id: UUID
    last_workout: WorkoutItem | None
    days: list[AthleteDay]
    without_tss: int


class FormulasMeta(View):
    formulas: dict[str, FormulaView]


class BestEffort(View):
    """The highest mean over `duration_s` in the channel's unit, and the workout that it comes from."""

    duration_s: int
    value: float
    workout_id: UUID
    date: date


class CurvesAnswer(One[dict[ChannelName, list[BestEffort]]]):
    meta: FormulasMeta


class ZoneTime(View):
    """`to` is where the next zone begins; null in the last one."""

    zone: int
    from_: float = Field(alias="from")
    to: float | None
    seconds: float


class ZonesAnswer(One[dict[ChannelName, list[ZoneTime] | None]]):
    meta: FormulasMeta

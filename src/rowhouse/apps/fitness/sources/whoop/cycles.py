"""WHOOP's cycles: what was expended from one falling asleep to the next."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from pydantic import AwareDatetime

from rowhouse.apps.fitness.biometrics.measurement import Measurement, local_day
from rowhouse.apps.fitness.recordings.recording import Converted
from rowhouse.apps.fitness.sources.provider import Item, digest
from rowhouse.apps.fitness.sources.shapes import as_model
from rowhouse.apps.fitness.sources.whoop.reading import KILOJOULES_PER_KCAL, SCORED, Said

PREFIX = "cycle/"
SHORTEST, LONGEST = timedelta(hours=18), timedelta(hours=30)
"""A cycle of another length is no day: a night without sleep makes it two."""


class Score(Said):
    kilojoule: float


class Cycle(Said):
    id: int
    updated_at: AwareDatetime
    start: AwareDatetime
    end: AwareDatetime | None = None
    timezone_offset: str
    score_state: str
    score: Score | None = None

    @property
    def is_over(self) -> bool:
        return self.end is not None and self.score_state == SCORED


class Cycles(Said):
    records: tuple[Cycle, ...]


def cycles_of(said: Any) -> tuple[Cycle, ...]:
    return as_model(Cycles, said).records


def cycle_of(said: Any) -> Cycle:
    return as_model(Cycle, said)


def item(cycle: Cycle, raw: Mapping[str, Any]) -> Item:
    version = digest(cycle.updated_at.timestamp(), cycle.score_state, cycle.end and cycle.end.timestamp())
    return Item(f"{PREFIX}{cycle.id}", version, raw)


def read(raw: Mapping[str, Any]) -> Sequence[Measurement]:
    """The energy of the day in which the middle of the cycle lies: that of waking up, as for the night it begins with.
    None while one is in it."""
    cycle = cycle_of(raw)
    if cycle.end is None or cycle.score is None or not cycle.is_over:
        return ()
    zone, length = cycle.timezone_offset, cycle.end - cycle.start
    flags = ("estimate",) if SHORTEST <= length <= LONGEST else ("estimate", "not_a_day")
    return [
        Measurement(
            "energy",
            cycle.score.kilojoule / KILOJOULES_PER_KCAL,
            cycle.end,
            local_day(cycle.start + length / 2, zone),
            zone,
            "WHOOP",
            original=Converted(cycle.score.kilojoule, "kJ"),
            flags=flags,
        )
    ]

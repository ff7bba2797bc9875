"""Labelled recordings: seasons of athletes with copies of what they did, clean and adversarial.

`generate` is deterministic by its seed. Two recordings are of one event exactly if their `event` is equal.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

import numpy as np

from bench.simulated_copies import Way, Ways, around, number_of, pick
from bench.simulated_devices import garage, observe, through
from bench.simulated_events import (
    SPEED_MPS,
    Athlete,
    Motion,
    athlete_of,
    intervals,
    motion,
    stadium,
)
from rowhouse.apps.fitness.recordings.recording import Group, Recording

SEASON_START_S = 1_704_067_200
DAY_S = 86_400


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """`id` is stable for a seed; `source_id` and `origin_ids` are what an importer would know besides; `how` says
    what was done to it."""

    id: UUID
    athlete: int
    event: str
    how: str
    recording: Recording
    source_id: str | None = None
    origin_ids: tuple[str, ...] = ()


def generate(seed: int, *, athletes: int, days: int, hard: bool) -> Iterator[Labelled]:
    """Recordings of `athletes` over `days`, in random order within an athlete."""
    for number in range(athletes):
        season = _Season(seed, number, days)
        made = season.hard() if hard else season.clean()
        order = np.random.default_rng([seed, number, 9]).permutation(len(made))
        yield from (made[n] for n in order)


class _Season:
    def __init__(self, seed: int, number: int, days: int) -> None:
        self.rng = np.random.default_rng([seed, number, 1])
        self.athlete: Athlete = athlete_of(seed, number)
        self.devices = garage(number, self.rng)
        self.ways = Ways(self.rng, self.devices)
        self.days = days
        self.seed = seed
        self.made: list[Labelled] = []
        self.events = 0

    def clean(self) -> list[Labelled]:
        for day in range(self.days):
            for at_h in self._hours():
                self._copies(self._session(day, at_h), self.ways.clean())
        return self.made

    def hard(self) -> list[Labelled]:
        scenes: list[Callable[[int], None]] = [
            self._mistreated, self._mistreated, self._mistreated, self._commutes, self._back_to_back,
            self._stadium, self._rollers, self._in_pieces, self._triathlon, self._close_calls, self._loops,
        ]  # fmt: skip
        for day in range(self.days):
            scenes[(day + self.athlete.number) % len(scenes)](day)
        return self.made

    # What happens on a day

    def _hours(self) -> list[float]:
        return [pick(self.rng, [6.5, 7.25, 12.0]), pick(self.rng, [16.0, 17.75, 18.5])][
            : int(self.rng.integers(1, 3))
        ]

    def _session(self, day: int, at_h: float, sport: str | None = None, seconds: int | None = None) -> Motion:
        sport = sport or pick(self.rng, ["run", "run", "ride", "ride", "walk", "swim", "row"])
        terrain = "indoor" if sport in ("swim", "row") else "road"
        length = seconds or int(self.rng.integers(1_200, 5_400 if sport != "ride" else 9_000))
        return motion(
            self.rng, self.athlete, self._event(), self._at(day, at_h), sport,
            seconds=length, terrain="indoor" if terrain == "indoor" else "road",
        )  # fmt: skip

    def _commutes(self, day: int) -> None:
        """The same way at the same times every day, back along it or once more along it in the evening."""
        back = self.athlete.commute_m[:: -1 if self.rng.random() < 0.5 else 1]
        for at_h, way in ((8.0, self.athlete.commute_m), (17.0, back)):
            length = int(len(way) * 10.0 / (SPEED_MPS["ride"] * self.athlete.fitness))
            trip = motion(
                self.rng, self.athlete, self._event(), self._at(day, at_h), "ride",
                sub_sport="commuting", seconds=int(length * 1.3), way_m=way, stops=int(self.rng.integers(0, 4)),
            )  # fmt: skip
            arrived = int(np.searchsorted(np.cumsum(trip.speed_mps), len(way) * 10.0))
            self._copies(trip.cut(trip.event, 0, max(300, arrived)), self.ways.mixed())

    def _loops(self, day: int) -> None:
        """One loop twice a day, whole hours apart, at nearly one pace."""
        way = stadium(2_000.0) * float(self.rng.uniform(4.0, 8.0))
        way = np.column_stack(
            [np.interp(np.arange(0, 20_000, 10), np.arange(len(way)) * 60.0, way[:, a]) for a in (0, 1)]
        )
        for at_h in (7.0, 7.0 + int(self.rng.integers(2, 12))):
            lap = motion(
                self.rng, self.athlete, self._event(), self._at(day, at_h, spread_s=90), "run",
                seconds=2_700, way_m=way, stops=0,
            )  # fmt: skip
            self._copies(lap, self.ways.mixed())

    def _back_to_back(self, day: int) -> None:
        """The same intervals again and again, each a recording of its own."""
        length = pick(self.rng, [480, 600, 900, 1200])
        targets = intervals(length, 60, 60)
        start = self._at(day, 17.0)
        sport = pick(self.rng, ["run", "ride"])
        for _ in range(int(self.rng.integers(3, 6))):
            one = motion(
                self.rng, self.athlete, self._event(), start, sport, seconds=length, targets=targets, stops=0
            )
            start += length + pick(self.rng, [20, 120, 300, 420, 900])
            self._copies(one, self.ways.mixed())

    def _stadium(self, day: int) -> None:
        """Repeats on one track, by the watch, with copies."""
        start = self._at(day, 18.0)
        for _ in range(4):
            targets = intervals(720, 90, 90)
            one = motion(
                self.rng, self.athlete, self._event(), start, "run", sub_sport="track",
                seconds=720, terrain="stadium", targets=targets,
            )  # fmt: skip
            start += pick(self.rng, [760, 900, 1020])
            self._copies(one, self.ways.mixed())

    def _rollers(self, day: int) -> None:
        """The same ERG workout twice, a quarter or a whole hour apart by the start."""
        targets = intervals(1_800, 240, 120)
        for at_h in (6.0, 6.0 + pick(self.rng, [0.75, 1.0, 5.0, 12.0])):
            one = motion(
                self.rng, self.athlete, self._event(), self._at(day, at_h, spread_s=5), "ride", sub_sport="indoor",
                seconds=1_800, terrain="indoor", targets=targets,
            )  # fmt: skip
            self._copies(one, self.ways.mixed())

    def _in_pieces(self, day: int) -> None:
        """One ride in three files of one device, copies of each; sometimes another device has the whole."""
        whole = self._session(day, 9.0, "ride", 7_200)
        cuts = [0, int(self.rng.integers(1_500, 3_000)), int(self.rng.integers(4_000, 5_500)), len(whole)]
        for low, high in pairwise(cuts):
            piece = whole.cut(self._event(), low + (0 if low == 0 else int(self.rng.integers(10, 200))), high)
            original = observe(self.rng, piece, self.devices["bike"])
            self._add(piece, "piece", original)
            self._add(piece, "piece/strava", through("strava", original))
        if self.rng.random() < 0.5:
            self._add(
                whole, "whole", observe(self.rng, whole, self.devices["watch"], clock_s=around(self.rng, 3))
            )

    def _triathlon(self, day: int) -> None:
        start, key = self._at(day, 8.0), f"tri-{self.athlete.number}-{day}"
        for index, (sport, seconds) in enumerate(
            (("swim", 1_500), ("transition", 150), ("ride", 4_000), ("run", 2_400))
        ):
            moves = motion(
                self.rng, self.athlete, self._event(), start, "walk" if sport == "transition" else sport,
                seconds=seconds, stops=0,
            )  # fmt: skip
            start += seconds
            leg = observe(self.rng, moves, self.devices["watch"], group=Group(key, index, 4))
            self._add(moves, "leg", leg)
            if sport != "transition":
                self._add(moves, "leg/strava", through("strava", leg))

    def _close_calls(self, day: int) -> None:
        """Different events of two devices that overlap a little, and one athlete's days of many short walks."""
        first = self._session(day, 10.0, "ride", int(self.rng.integers(300, 2_400)))
        early = int(len(first) * self.rng.uniform(0.02, 0.14))
        second = self._session(
            day, 10.0, pick(self.rng, ["ride", "walk"]), int(len(first) * self.rng.uniform(0.9, 1.1))
        )
        later = motion(
            self.rng, self.athlete, second.event, first.start_s + len(first) - early, second.sport,
            seconds=len(second),
        )  # fmt: skip
        self._copies(first, [("watch", self.ways.by("watch"))])
        self._copies(later, [("bike", self.ways.by("bike")), ("strava", self.ways.served("strava"))])
        for at_h in (12.0, 12.5, 13.5, 15.0):
            walk = self._session(day, at_h, "walk", 900)
            self._copies(walk, [("apple", self.ways.by("apple")), ("summary", self.ways.summary())])

    def _mistreated(self, day: int) -> None:
        """Two or three recordings of one event, of which all but the first are spoilt."""
        self._copies(self._session(day, 7.0), self.ways.hard())
        if self.rng.random() < 0.5:
            self._copies(self._session(day, 17.5), self.ways.hard())

    # Bookkeeping

    def _copies(self, moves: Motion, ways: list[tuple[str, Way]]) -> None:
        original: Recording | None = None
        for how, way in ways:
            made = (
                way(original, moves)
                if original is not None
                else way(observe(self.rng, moves, self.devices["watch"]), moves)
            )
            original = original or made
            self._add(moves, how, made)

    def _add(self, moves: Motion, how: str, recording: Recording) -> None:
        number = (self.seed % 2**16) << 64 | self.athlete.number << 32 | len(self.made)
        own = f"garmin:{number_of(recording)}" if recording.origin.provider == "garmin" else None
        self.made.append(
            Labelled(
                UUID(int=number | 7 << 76 | 2 << 62), self.athlete.number, moves.event, how, recording, own
            )
        )

    def _event(self) -> str:
        self.events += 1
        return f"{self.seed}-{self.athlete.number}-{self.events}"

    def _at(self, day: int, hour: float, spread_s: int = 900) -> float:
        local = SEASON_START_S + day * DAY_S + hour * 3600 + float(self.rng.integers(-spread_s, spread_s))
        return local - self.athlete.zone_s

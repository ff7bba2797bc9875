"""Who records an event, and what happens to the recording on its way: clean copies, and spoilt ones."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from bench.simulated_devices import Device, observe, resaved, summary_of, through
from bench.simulated_events import Motion
from rowhouse.apps.fitness.recordings.recording import Recording

_T = TypeVar("_T")
Way = Callable[[Recording, Motion], Recording]
"""Makes one more recording, from the first one of the event or from the event itself."""


def pick(rng: np.random.Generator, choices: Sequence[_T]) -> _T:
    return choices[int(rng.integers(len(choices)))]


def around(rng: np.random.Generator, spread_s: float) -> float:
    """Whole seconds, at most `spread_s` to either side of none."""
    return float(round(rng.uniform(-spread_s, spread_s)))


def number_of(recording: Recording) -> int:
    """The number under which the maker's service keeps this recording."""
    return int(recording.payload_sha256[:9], 16)


class Ways:
    """One athlete's devices and services. Each list names its ways; the first is the device that was worn."""

    def __init__(self, rng: np.random.Generator, devices: Mapping[str, Device]) -> None:
        self.rng = rng
        self.devices = devices

    def clean(self) -> list[tuple[str, Way]]:
        first = pick(self.rng, ["watch", "bike", "smart", "polar", "wahoo"])
        further: list[tuple[str, Way]] = [
            ("strava", self.served("strava")),
            ("healthkit", self.served("healthkit", every_s=3)),
            ("push", self.served("strava", pushed=True)),
            ("again", lambda r, _: r),
            ("resaved", lambda r, _: resaved(r)),
            ("phone", self.by("phone", edges_s=45)),
            ("apple", self.by("apple", edges_s=45)),
            ("second", self.by("smart" if first != "smart" else "watch", edges_s=60)),
            ("band", self.by("band", edges_s=60)),
        ]
        chosen = self.rng.permutation(len(further))[: int(self.rng.choice([0, 1, 1, 2, 3]))]
        return [(first, self.by(first)), *(further[n] for n in chosen)]

    def mixed(self) -> list[tuple[str, Way]]:
        """Copies without faults beside decoys that are hard enough."""
        first = pick(self.rng, ["watch", "smart"])
        further = [
            ("strava", self.served("strava")),
            ("healthkit", self.served("healthkit", every_s=5)),
            (
                "apple",
                self.by("apple", edges_s=20, clock_s=pick(self.rng, [0.0, 0.0, 0.0, around(self.rng, 200)])),
            ),
        ]
        return [(first, self.by(first)), *(further[: int(self.rng.integers(0, 4))])]

    def hard(self) -> list[tuple[str, Way]]:
        first = pick(self.rng, ["watch", "bike", "smart", "polar", "wahoo"])
        hour = float(self.rng.choice([h for h in range(-11, 13) if h])) * 3600.0
        quarter = float(self.rng.choice([-1, 1])) * (
            float(self.rng.integers(0, 9)) * 3600 + pick(self.rng, [900, 1800, 2700])
        )
        second = "watch" if first != "watch" else "smart"
        further: list[tuple[str, Way]] = [
            ("zone", self.served("strava", clock_s=hour)),
            ("quarter", self.served("strava", clock_s=quarter)),
            ("zone/second", self.by("apple", edges_s=15, clock_s=hour)),
            ("clock", self.by(second, edges_s=30, clock_s=around(self.rng, 280))),
            ("clock/far", self.by(second, edges_s=10, clock_s=around(self.rng, 900))),
            ("shifted", lambda r, _: resaved(r, shift_s=around(self.rng, 250))),
            ("paused", self.by(second, edges_s=30, auto_pause=True)),
            ("trimmed", self.served("strava", trim=0.3)),
            ("timer", self._timer),
            ("sparse", self.by("phone", edges_s=60, every_s=20)),
            ("edited", self.served("strava", edit=True)),
            ("edited/second", self.by("polar" if first != "polar" else "wahoo", edges_s=60, edit=True)),
            ("three", self.served("healthkit", every_s=5, edit=True)),
            ("summary", self.summary()),
            ("band", self.by("band", edges_s=120)),
        ]
        chosen = self.rng.permutation(len(further))[: int(self.rng.choice([1, 1, 2, 3]))]
        return [(first, self.by(first)), *(further[n] for n in chosen)]

    def by(
        self, name: str, *, edges_s: int = 0, clock_s: float = 0.0, auto_pause: bool = False,
        every_s: int | None = None, edit: bool = False,
    ) -> Way:  # fmt: skip
        found = self.devices[name]
        device = Device(
            found.provider, found.manufacturer, found.product, found.serial, every_s or found.every_s, found.gps_m,
            found.heart_bpm, found.heart_lag_s, found.power_share, auto_pause or found.auto_pause, found.streams,
        )  # fmt: skip

        def record(_: Recording, moves: Motion) -> Recording:
            early, late = (int(self.rng.integers(0, min(edges_s, len(moves) // 20) + 1)) for _ in (0, 1))
            clock = clock_s + around(self.rng, 3)
            seen = observe(self.rng, moves, device, early_s=early, late_s=late, clock_s=clock)
            return self._relabelled(seen) if edit else seen

        return record

    def served(
        self, service: str, *, every_s: int = 1, clock_s: float = 0.0, trim: float = 0.0, edit: bool = False,
        pushed: bool = False,
    ) -> Way:  # fmt: skip
        def copy(original: Recording, _: Motion) -> Recording:
            low = self.rng.uniform(0, trim / 2) * original.duration_s
            high = (1 - self.rng.uniform(0, trim / 2)) * original.duration_s if trim else None
            number = f"garmin_push_{number_of(original)}" if pushed else None
            made = through(
                service,
                original,
                external_id=number,
                every_s=every_s,
                low_s=low,
                high_s=high,
                clock_s=clock_s,
            )
            return self._relabelled(made) if edit else made

        return copy

    def summary(self) -> Way:
        return lambda original, _: summary_of(through("healthkit", original))

    def _timer(self, original: Recording, _: Motion) -> Recording:
        """A service that calls the moving time elapsed, without streams."""
        made = summary_of(through("strava", original))
        return replace(made, duration_s=original.moving_time_s or original.duration_s)

    def _relabelled(self, recording: Recording) -> Recording:
        kin: dict[str, list[tuple[str, str | None]]] = {"run": [("run", "trail"), ("other", None), ("walk", None)], "walk": [("hike", None), ("other", None)],
               "ride": [("ride", "e_bike"), ("ride", "gravel"), ("other", None)]}  # fmt: skip
        choices = kin.get(recording.sport, [("other", None)])
        sport, sub_sport = pick(self.rng, choices)
        return replace(recording, sport=sport, sub_sport=sub_sport)

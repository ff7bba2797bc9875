"""Small recordings and traces for the tests of matching."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from rowhouse.apps.fitness.matching.trace import Trace, trace_of
from rowhouse.apps.fitness.recordings.recording import EMPTY_STREAMS, Origin, Recording, Streams

START = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)
WATCH = Origin("garmin", "garmin", "fenix5", "1001", START)
BIKE = Origin("garmin", "garmin", "edge_820", "1002", START)
STRAVA = Origin("strava", "Garmin", "fenix 5")
PHONE = Origin("strava", "Strava", "Strava App")
BAND = Origin("whoop", "WHOOP", "Strap")


def recording(
    *,
    start_s: float = 0.0,
    seconds: int = 3_600,
    origin: Origin = WATCH,
    seed: int | None = 1,
    noise_seed: int = 0,
    sport: str = "ride",
    every_s: int = 1,
    **changes: Any,
) -> Recording:
    """A recording that starts `start_s` after 2026-05-04 07:00 UTC. `seed` decides what was ridden (None: no
    streams), `noise_seed` what the device's sensors make of it."""
    start = START + timedelta(seconds=start_s)
    streams = EMPTY_STREAMS if seed is None else ride_streams(seed, noise_seed, seconds, every_s)
    digest = hashlib.sha256(
        f"{start} {seconds} {seed} {noise_seed} {every_s} {origin} {sport} {changes}".encode()
    )
    made = Recording(
        start_time=start,
        duration_s=float(seconds),
        moving_time_s=float(seconds),
        sport=sport,
        origin=origin,
        payload_sha256=digest.hexdigest(),
        streams=streams,
        distance_m=7.0 * seconds,
    )
    return replace(made, **changes)


def ride_streams(seed: int, noise_seed: int, seconds: int, every_s: int) -> Streams:
    rng, noise = np.random.default_rng(seed), np.random.default_rng(noise_seed)
    time_s = np.arange(0, seconds, every_s).astype(float)

    def smooth(every: float) -> np.ndarray:
        knots = rng.normal(size=int(seconds / every) + 3)
        return np.interp(time_s / every, np.arange(len(knots)), knots)

    heading = np.cumsum(smooth(60.0) * 0.02 * every_s)
    speed = np.maximum(1.0, 7.0 + 1.5 * smooth(40.0))
    east, north = np.cumsum(speed * np.cos(heading) * every_s), np.cumsum(speed * np.sin(heading) * every_s)
    return Streams(
        time_s,
        {
            "latitude_deg": 47.0 + (north + noise.normal(0, 2, len(time_s))) / 111_195.0,
            "longitude_deg": 8.0
            + (east + noise.normal(0, 2, len(time_s))) / (111_195.0 * np.cos(np.radians(47.0))),
            "speed_mps": speed,
            "heart_rate_bpm": np.round(140 + 15 * smooth(90.0) + noise.normal(0, 1, len(time_s))),
        },
    )


def trace(number: int, /, **given: Any) -> Trace:
    """The trace of `recording(**given)` with the id `number`."""
    return trace_of(recording(**given), UUID(int=number))

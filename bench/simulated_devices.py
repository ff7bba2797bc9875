"""What devices and services make of an event: recordings of it, copies of recordings, and what goes wrong."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from bench.simulated_events import M_PER_DEG, Floats, Motion, wander
from rowhouse.apps.fitness.recordings.recording import EMPTY_STREAMS, Group, Origin, Recording, Streams


@dataclass(frozen=True, slots=True)
class Device:
    """One thing that records. `every_s` is the time between samples, `gps_m` the spread of its position (None: no
    receiver), `heart_bpm` the noise of its sensor (None: none), `power_share` the scale of its power meter."""

    provider: str
    manufacturer: str
    product: str
    serial: str | None
    every_s: int = 1
    gps_m: float | None = 4.0
    heart_bpm: float | None = 1.0
    heart_lag_s: int = 0
    power_share: float | None = None
    auto_pause: bool = False
    streams: bool = True


def garage(number: int, rng: np.random.Generator) -> Mapping[str, Device]:
    """The devices of one athlete."""
    serial = str(3_900_000_000 + number * 17)
    meter = float(rng.normal(1.0, 0.01))
    return {
        "watch": Device("garmin", "garmin", "fenix5", serial, heart_bpm=2.5, heart_lag_s=6),
        "bike": Device("garmin", "garmin", "edge_820", serial + "1", power_share=meter),
        "smart": Device("garmin", "garmin", "fr935", serial + "2", every_s=6, heart_bpm=1.0),
        "polar": Device("polar", "polar_electro", "Vantage V", "A" + serial, gps_m=5.0, heart_bpm=1.5),
        "wahoo": Device("wahoo_fitness", "wahoo_fitness", "ELEMNT", "W" + serial, power_share=meter * 1.01),
        "phone": Device("strava", "Strava", "Strava App", None, every_s=3, gps_m=7.0, heart_bpm=None),
        "apple": Device(
            "healthkit", "Apple", "Watch", None, every_s=5, gps_m=5.0, heart_bpm=2.5, heart_lag_s=4
        ),
        "band": Device("whoop", "WHOOP", "Strap", None, gps_m=None, heart_bpm=2.0, streams=False),
    }


def observe(
    rng: np.random.Generator,
    motion: Motion,
    device: Device,
    *,
    early_s: int = 0,
    late_s: int = 0,
    clock_s: float = 0.0,
    group: Group | None = None,
) -> Recording:
    """The device's recording, started `early_s` after the event did, stopped `late_s` before its end, by a clock
    that is `clock_s` ahead."""
    count = len(motion)
    kept = np.arange(early_s, max(early_s + 30, count - late_s), device.every_s)
    kept = kept[kept < count]
    if device.every_s > 1:
        kept = np.unique(np.clip(kept + rng.integers(0, device.every_s, len(kept)), 0, count - 1))
    moving = motion.speed_mps[kept] > 0.25
    elapsed_s = float(kept[-1] - kept[0])
    if device.auto_pause and moving.sum() > 10:
        kept, moving = kept[moving], moving[moving]
    start_s = round(motion.start_s + float(kept[0]) + clock_s)
    channels = _channels(rng, motion, device, kept)
    whole = slice(int(kept[0]), int(kept[-1]) + 1)
    moving_s = float((motion.speed_mps[whole] > 0.25).sum())
    start = datetime.fromtimestamp(start_s, UTC)
    distance = channels["distance_m"]
    return finished(
        Recording(
            start_time=start,
            duration_s=max(elapsed_s, 1.0),
            moving_time_s=moving_s,
            sport=motion.sport,
            sub_sport=motion.sub_sport,
            source_sport=motion.sport,
            origin=Origin(device.provider, device.manufacturer, device.product, device.serial, start),
            payload_sha256="",
            streams=Streams((kept - kept[0]).astype(float), channels),
            distance_m=round(float(distance[-1] - distance[0]), 2),
            group=group,
        ),
        keep_streams=device.streams,
    )


def _channels(
    rng: np.random.Generator, motion: Motion, device: Device, kept: np.ndarray
) -> dict[str, Floats]:
    count = len(motion)
    channels: dict[str, Floats] = {}
    share = 1.0 + float(rng.normal(0, 0.006 if device.gps_m is not None else 0.02))
    if motion.place_m is not None and device.gps_m is not None:
        off = np.column_stack([wander(rng, count, 40.0), wander(rng, count, 40.0)]) * device.gps_m
        lat, lon = motion.athlete.home_deg
        place = (motion.place_m + off + rng.normal(0, device.gps_m / 3, 2))[kept]
        channels["latitude_deg"] = np.round(lat + place[:, 1] / M_PER_DEG, 6)
        channels["longitude_deg"] = np.round(lon + place[:, 0] / (M_PER_DEG * np.cos(np.radians(lat))), 6)
    channels["altitude_m"] = np.round(motion.altitude_m[kept] + rng.normal(0, 3), 1)
    channels["distance_m"] = np.round(np.cumsum(motion.speed_mps)[kept] * share, 2)
    channels["speed_mps"] = np.round(
        np.maximum(0, motion.speed_mps[kept] * share + rng.normal(0, 0.1, len(kept))), 3
    )
    if device.heart_bpm is not None:
        late = np.clip(kept - device.heart_lag_s, 0, count - 1)
        heart = motion.heart_rate_bpm[late] + device.heart_bpm * wander(rng, count, 12.0)[kept]
        channels["heart_rate_bpm"] = np.round(heart)
    if motion.power_w is not None and device.power_share is not None:
        noise = 1 + 0.02 * rng.normal(size=len(kept))
        channels["power_w"] = np.round(motion.power_w[kept] * device.power_share * noise)
    channels["cadence_rpm"] = np.round(motion.cadence_rpm[kept])
    return channels


def finished(recording: Recording, *, keep_streams: bool = True) -> Recording:
    """With summary figures and digest worked out from the streams, which a summary-only source then drops."""
    channels = recording.streams.channels

    def mean(name: str) -> float | None:
        return round(float(np.mean(channels[name])), 1) if name in channels else None

    def most(name: str) -> float | None:
        return round(float(np.max(channels[name])), 1) if name in channels else None

    streams = recording.streams if keep_streams else EMPTY_STREAMS
    measured = hashlib.sha256(
        f"{recording.start_time.isoformat()} {recording.duration_s} {recording.sport}".encode()
    )
    measured.update(recording.streams.time_s.tobytes())
    for name in sorted(channels):
        measured.update(channels[name].tobytes())
    return replace(
        recording,
        streams=streams,
        avg_hr_bpm=mean("heart_rate_bpm"),
        max_hr_bpm=most("heart_rate_bpm"),
        avg_power_w=mean("power_w"),
        max_power_w=most("power_w"),
        avg_speed_mps=(recording.distance_m or 0.0) / recording.duration_s,
        distance_m=recording.distance_m if keep_streams else None,
        payload_sha256=measured.hexdigest(),
    )


def through(
    service: str,
    recording: Recording,
    *,
    external_id: str | None = None,
    every_s: int = 1,
    sport: tuple[str, str | None] | None = None,
    low_s: float = 0.0,
    high_s: float | None = None,
    clock_s: float = 0.0,
) -> Recording:
    """A copy through a service: serial and digest lost, figures rounded; on demand thinned, relabelled, trimmed to
    seconds `low_s` to `high_s`, its clock moved."""
    time_s = recording.streams.time_s
    kept = np.ones(len(time_s), bool)
    if len(time_s):
        kept = (time_s >= low_s) & (time_s <= (time_s[-1] if high_s is None else high_s))
        kept &= np.arange(len(time_s)) % every_s == 0
    first = float(time_s[kept][0]) if kept.any() else 0.0
    last = float(time_s[kept][-1]) if kept.any() else recording.duration_s
    channels = {
        name: np.round(v[kept], 5 if name.endswith("deg") else 1)
        for name, v in recording.streams.channels.items()
    }
    trimmed = low_s > 0 or high_s is not None
    share = (last - first) / recording.duration_s if trimmed else 1.0
    distance = None if recording.distance_m is None else round(recording.distance_m * share, 1)
    duration = float(round((last - first) if trimmed else recording.duration_s))
    origin = replace(
        recording.origin, provider=service, serial=None, created_at=None, external_id=external_id
    )
    moved = replace(
        recording,
        start_time=recording.start_time + timedelta(seconds=first + clock_s),
        duration_s=duration,
        moving_time_s=None
        if recording.moving_time_s is None
        else min(duration, round(recording.moving_time_s * share)),
        distance_m=distance,
        sport=sport[0] if sport else recording.sport,
        sub_sport=sport[1] if sport else recording.sub_sport,
        origin=origin,
        streams=Streams(time_s[kept] - first, channels) if kept.any() else EMPTY_STREAMS,
        group=None,
    )
    return replace(finished(moved), distance_m=distance) if kept.any() else moved


def summary_of(recording: Recording) -> Recording:
    """What a service without streams shows of it."""
    digest = hashlib.sha256(f"summary {recording.payload_sha256}".encode()).hexdigest()
    return replace(recording, streams=EMPTY_STREAMS, payload_sha256=digest, moving_time_s=None)


def resaved(recording: Recording, *, shift_s: float = 0.0) -> Recording:
    """The same file written anew by another program: other bytes, and on demand another start."""
    streams = recording.streams
    channels = {name: values + 0.0 for name, values in streams.channels.items()}
    channels.pop("cadence_rpm", None)
    moved = replace(
        recording,
        start_time=recording.start_time + timedelta(seconds=shift_s),
        origin=replace(recording.origin, created_at=None, software="re-saved"),
        streams=Streams(streams.time_s, channels),
    )
    return finished(moved)

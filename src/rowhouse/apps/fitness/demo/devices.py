"""What devices and services wrote of a season: recordings, put into files by the product's own writers."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from rowhouse.apps.fitness.demo.season import HOME_ZONE, WEEKS, Body, Session, Values, season
from rowhouse.apps.fitness.exports.fit import write_fit
from rowhouse.apps.fitness.exports.gpx import write_gpx
from rowhouse.apps.fitness.exports.tcx import write_history
from rowhouse.apps.fitness.recordings.recording import Lap, Origin, Recording, Streams

Rows = npt.NDArray[np.int_]

WATCH = Origin("garmin", "garmin", "forerunner_245", "3312004711")
BIKE_COMPUTER = Origin("file", "wahoo", "Elemnt Bolt", "195297001")
PHONE, SERVICE = "Pocket Tracker 4", "StravaGPX"
WATCH_STEP_S, BIKE_STEP_S, COPY_STEP_S, HISTORY_STEP_S = 4, 2, 5, 30
COPY_EVERY = 3
"""The phone comes along on every third outing, and the service has copies of every third."""
RECENT_WEEKS = 4
WEEKS_A_FILE = 13
LAP_M = 5_000.0
ENERGY_KCAL_PER_H = 620.0


def recent(body: Body, until: date, weeks: int = RECENT_WEEKS) -> dict[str, bytes]:
    """The last weeks as the archives of several devices, name → ZIP: the watch has everything, the bike computer the
    rides, begun a few seconds later and with power; the phone some outings, started late and stopped early; a service
    passes on copies of the watch's."""
    rng = np.random.default_rng((body.seed, 11))
    watch: dict[str, bytes] = {}
    bike: dict[str, bytes] = {}
    phone: dict[str, bytes] = {}
    service: dict[str, bytes] = {}
    for n, session in enumerate(season(body, until, range(weeks))):
        stamp = f"{session.start:%Y-%m-%d-%H%M%S}"
        own = seen(session, WATCH, WATCH_STEP_S, rng, power=False)
        watch[f"{stamp}.fit"] = write_fit([own])
        if session.sport == "ride":
            late = int(rng.integers(3, 40))
            bike[f"{stamp}-ELEMNT.fit"] = write_fit(
                [seen(session, BIKE_COMPUTER, BIKE_STEP_S, rng, skip_s=late)]
            )
        if n % COPY_EVERY == 0:
            skip_s = int(rng.integers(5, 60))
            rough = bare(
                seen(session, Origin("file"), COPY_STEP_S, rng, skip_s=skip_s, both_ends=True, metres=4.0)
            )
            phone[f"activities/{stamp}.gpx"] = write_gpx([rough], creator=PHONE)
        if n % COPY_EVERY == 1:
            service[f"activities/{stamp}.gpx"] = write_gpx([own], creator=SERVICE)
    watch["indoors.fit"], bike["indoors-ELEMNT.fit"] = indoors(until)
    archives = {"watch": watch, "bike-computer": bike, "phone": phone, "service": service}
    return {f"{name}-export.zip": packed(members) for name, members in archives.items() if members}


def history(body: Body, until: date, weeks: range = range(RECENT_WEEKS, WEEKS)) -> dict[str, bytes]:
    """The time before, as training software kept it: a TCX for each quarter of a year, a sample each half minute. The
    newest first."""
    rng = np.random.default_rng((body.seed, 13))
    files = {}
    for first in range(weeks.start, weeks.stop, WEEKS_A_FILE):
        some = range(first, min(first + WEEKS_A_FILE, weeks.stop))
        outings = [
            seen(session, WATCH, HISTORY_STEP_S, rng) for session in season(body, until, some, HISTORY_STEP_S)
        ]
        if outings:
            files[f"history-{outings[-1].start_time:%Y-%m-%d}.tcx"] = write_history(outings)
    return files


def watch_archive(body: Body, until: date, newest: int) -> bytes:
    """The `newest` outings of a season, as the watch's archive alone."""
    rng = np.random.default_rng(body.seed)
    sessions = list(season(body, until, range(4)))[:newest]
    return packed(
        {
            f"{session.start:%Y-%m-%d-%H%M%S}.fit": write_fit(
                [seen(session, WATCH, WATCH_STEP_S, rng, power=False)]
            )
            for session in sessions
        }
    )


def indoors(until: date) -> tuple[bytes, bytes]:
    """Half an hour on the rollers, and what a bike computer without any sensor wrote of it: only the athlete can say
    whether that is the same, so the demo has a question."""
    start = datetime.combine(until, time(18, 5), HOME_ZONE).astimezone(UTC)
    beats = np.round(118 + 30 * np.sin(np.linspace(0, 3, 1800)))
    watch = {"heart_rate_bpm": beats, "temperature_c": np.full(1800, 21.0)}
    computer = {"temperature_c": np.full(1500, 21.0)}
    return _rollers(start, WATCH, watch), _rollers(start, BIKE_COMPUTER, computer)


def _rollers(start: datetime, device: Origin, channels: Mapping[str, Values]) -> bytes:
    times = np.arange(len(channels["temperature_c"]), dtype=np.float64)
    ride = Recording(
        start,
        float(times[-1]),
        "ride",
        replace(device, created_at=start),
        "",
        Streams(times, channels),
        sub_sport="indoor",
    )
    return write_fit([ride])


def seen(
    session: Session,
    device: Origin,
    step_s: int,
    rng: np.random.Generator,
    *,
    skip_s: int = 0,
    both_ends: bool = False,
    power: bool = True,
    metres: float = 1.5,
) -> Recording:
    """The session as a device records it: a sample every `step_s`, begun `skip_s` late (and ended as early), its
    position off by some metres."""
    end = len(session) - (skip_s // session.step_s if both_ends else 0)
    rows = np.arange(skip_s // session.step_s, end, max(1, step_s // session.step_s), dtype=np.int_)
    latitude, longitude = _with_noise(session, rows, rng, metres)
    channels = {
        "latitude_deg": latitude,
        "longitude_deg": longitude,
        "altitude_m": session.altitude_m[rows],
        "distance_m": session.distance_m[rows] - session.distance_m[rows[0]],
        "speed_mps": session.speed_mps[rows],
        "heart_rate_bpm": session.heart_rate_bpm[rows],
        "cadence_rpm": session.cadence_rpm[rows],
    }
    if power and session.power_w is not None:
        channels["power_w"] = session.power_w[rows]
    times = (rows - rows[0]) * float(session.step_s)
    start = session.start + timedelta(seconds=int(rows[0]) * session.step_s)
    recording = Recording(
        start,
        float(times[-1]),
        session.sport,
        replace(device, created_at=start),
        "",
        Streams(times, channels),
        title=session.name,
        timezone=HOME_ZONE.key,
    )
    return replace(recording, **_figures(recording.streams), laps=tuple(_laps(recording.streams)))


def bare(recording: Recording) -> Recording:
    """What a phone without any sensor has of it: place and time."""
    kept = ("latitude_deg", "longitude_deg", "altitude_m")
    channels = {name: recording.streams.channels[name] for name in kept}
    return replace(recording, streams=Streams(recording.streams.time_s, channels))


def packed(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _figures(streams: Streams) -> dict[str, Any]:
    """What a device sums up of some samples."""
    channels, elapsed = streams.channels, float(streams.time_s[-1] - streams.time_s[0])
    distance = channels["distance_m"]
    figures = {
        "moving_time_s": elapsed,
        "distance_m": round(float(distance[-1] - distance[0]), 2),
        "energy_kcal": round(elapsed / 3600 * ENERGY_KCAL_PER_H),
        "avg_hr_bpm": round(float(channels["heart_rate_bpm"].mean())),
        "max_hr_bpm": float(channels["heart_rate_bpm"].max()),
    }
    if "power_w" in channels:
        figures |= {
            "avg_power_w": round(float(channels["power_w"].mean())),
            "max_power_w": float(channels["power_w"].max()),
        }
    return figures


def _laps(streams: Streams) -> Iterable[Lap]:
    number = (streams.channels["distance_m"] // LAP_M).astype(int)
    edges = [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), len(streams)]
    for low, high in pairwise(edges):
        rows = slice(low, min(high + 1, len(streams)))
        own = Streams(streams.time_s[rows], {n: v[rows] for n, v in streams.channels.items()})
        figures = {name: value for name, value in _figures(own).items() if name != "max_power_w"}
        begin, end = float(own.time_s[0]), float(own.time_s[-1])
        yield Lap(begin, end - begin, trigger="distance", **figures)


def _with_noise(
    session: Session, rows: Rows, rng: np.random.Generator, metres: float
) -> tuple[Values, Values]:
    """Positions as a receiver sees them: off by a slowly changing error."""
    drift = np.cumsum(rng.normal(0, metres / 60, (2, len(rows))), axis=1)
    drift -= np.linspace(0, 1, len(rows)) * drift[:, -1:]
    degrees = np.clip(drift, -metres * 2, metres * 2) / 111_195.0
    return session.latitude_deg[rows] + degrees[0], session.longitude_deg[rows] + degrees[1] * 1.47

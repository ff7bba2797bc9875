"""Three devices that wrote the season down: a watch, a bike computer with a power meter, a phone."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from garmin_fit_sdk import Encoder, Profile

from rowhouse.apps.fitness.demo.season import HOME_ZONE, Session, Values, season

Rows = npt.NDArray[np.int_]

MESSAGES: Mapping[str, int] = Profile["mesg_num"]
SEMICIRCLES_PER_DEG = 2**31 / 180.0
FIT_SPORT = {"run": "running", "ride": "cycling"}
WATCH = {"manufacturer": "garmin", "product": 3113, "serial_number": 3_312_004_711}
BIKE_COMPUTER = {"manufacturer": "wahoo_fitness", "product": 28, "serial_number": 195_297_001}
WATCH_STEP_S, BIKE_STEP_S, PHONE_STEP_S = 4, 2, 5
PHONE_EVERY = 3
"""The phone comes along on every third outing."""


def archives(until: date) -> dict[str, bytes]:
    """The season as each device's archive: name → ZIP. The watch records everything, the bike computer the rides a
    few seconds apart and with power, the phone some outings, started late and stopped early."""
    rng = np.random.default_rng(11)
    watch, bike, phone = {}, {}, {}
    for n, session in enumerate(season(until)):
        stamp = f"{session.start:%Y-%m-%d-%H%M%S}"
        watch[f"{stamp}.fit"] = fit_file(session, WATCH, WATCH_STEP_S, rng, power=False)
        if session.sport == "ride":
            late = int(rng.integers(3, 40))
            bike[f"{stamp}-ELEMNT.fit"] = fit_file(session, BIKE_COMPUTER, BIKE_STEP_S, rng, skip_s=late)
        if n % PHONE_EVERY == 0:
            phone[f"activities/{stamp}.gpx"] = gpx_file(session, rng, skip_s=int(rng.integers(5, 60)))
    watch["indoors.fit"], bike["indoors-ELEMNT.fit"] = indoors(until)
    return {
        "watch-export.zip": _zip(watch),
        "bike-computer-export.zip": _zip(bike),
        "phone-export.zip": _zip(phone),
    }


def watch_archive(until: date, newest: int, seed: int) -> bytes:
    """The `newest` outings of a season, as the watch's archive alone."""
    rng = np.random.default_rng(seed)
    return _zip(
        {
            f"{session.start:%Y-%m-%d-%H%M%S}.fit": fit_file(session, WATCH, WATCH_STEP_S, rng, power=False)
            for session in list(season(until, seed))[-newest:]
        }
    )


def indoors(until: date) -> tuple[bytes, bytes]:
    """Half an hour on the rollers, and what a bike computer without any sensor wrote of it: only the athlete can say
    whether that is the same, so the demo has a question."""
    start = datetime.combine(until, time(18, 5), HOME_ZONE).astimezone(UTC)
    beats = (118 + 30 * np.sin(np.linspace(0, 3, 1800))).astype(int).tolist()
    watch = [{"heart_rate": beat, "temperature": 21} for beat in beats]
    return bare_fit(start, WATCH, watch), bare_fit(start, BIKE_COMPUTER, [{"temperature": 21}] * 1500)


def bare_fit(start: datetime, device: Mapping[str, Any], seconds: Sequence[Mapping[str, int]]) -> bytes:
    """A ride indoors of which the device wrote these values, one set a second, and no more."""
    end = start + timedelta(seconds=len(seconds) - 1)
    elapsed_s = float(len(seconds) - 1)
    encoder = Encoder()
    encoder.write_mesg(_message("file_id", type="activity", time_created=start, **device))
    for n, values in enumerate(seconds):
        encoder.write_mesg(_message("record", timestamp=start + timedelta(seconds=n), **values))
    encoder.write_mesg(
        _message(
            "session",
            start_time=start,
            timestamp=end,
            total_elapsed_time=elapsed_s,
            total_timer_time=elapsed_s,
            sport="cycling",
            sub_sport="indoor_cycling",
        )
    )
    return bytes(encoder.close())


def fit_file(
    session: Session,
    device: Mapping[str, Any],
    step_s: int,
    rng: np.random.Generator,
    *,
    skip_s: int = 0,
    power: bool = True,
) -> bytes:
    """The session as a FIT activity of `device`, a sample every `step_s`, begun `skip_s` late."""
    rows = np.arange(skip_s, len(session), step_s, dtype=np.int_)
    start = session.start + timedelta(seconds=int(rows[0]))
    end = session.start + timedelta(seconds=int(rows[-1]))
    encoder = Encoder()
    for message in (
        _message("file_id", type="activity", time_created=start, **device),
        *_records(session, rows, rng, power=power and session.power_w is not None),
        *_laps(session, rows),
        _summary("session", session, rows, start, end, power=power),
        _message(
            "activity", timestamp=end, num_sessions=1, type="manual", event="activity", event_type="stop"
        ),
    ):
        encoder.write_mesg(message)
    return bytes(encoder.close())


def gpx_file(session: Session, rng: np.random.Generator, *, skip_s: int) -> bytes:
    """The session as a phone's GPX track: no heart rate, a rougher position."""
    rows = np.arange(skip_s, len(session) - skip_s, PHONE_STEP_S, dtype=np.int_)
    latitude, longitude = _with_noise(session, rows, rng, 4.0)
    points = "".join(
        f'<trkpt lat="{lat:.6f}" lon="{lon:.6f}"><ele>{ele:.1f}</ele>'
        f"<time>{session.start + timedelta(seconds=int(row)):%Y-%m-%dT%H:%M:%SZ}</time></trkpt>"
        for row, lat, lon, ele in zip(rows, latitude, longitude, session.altitude_m[rows], strict=True)
    )
    kind = FIT_SPORT[session.sport]
    return (
        '<?xml version="1.0" encoding="UTF-8"?><gpx version="1.1" creator="Pocket Tracker 4"'
        ' xmlns="http://www.topografix.com/GPX/1/1">'
        f"<trk><name>{session.name}</name><type>{kind}</type><trkseg>{points}</trkseg></trk></gpx>"
    ).encode()


def _records(
    session: Session, rows: Rows, rng: np.random.Generator, *, power: bool
) -> Iterable[dict[str, Any]]:
    latitude, longitude = _with_noise(session, rows, rng, 1.5)
    columns: dict[str, list[Any]] = {
        "position_lat": np.round(latitude * SEMICIRCLES_PER_DEG).astype(int).tolist(),
        "position_long": np.round(longitude * SEMICIRCLES_PER_DEG).astype(int).tolist(),
        "altitude": np.round(session.altitude_m[rows], 1).tolist(),
        "distance": np.round(session.distance_m[rows] - session.distance_m[rows[0]], 2).tolist(),
        "speed": np.round(session.speed_mps[rows], 3).tolist(),
        "heart_rate": session.heart_rate_bpm[rows].astype(int).tolist(),
        "cadence": session.cadence_rpm[rows].astype(int).tolist(),
    }
    if power and session.power_w is not None:
        columns["power"] = session.power_w[rows].astype(int).tolist()
    begin = session.start.timestamp()
    for n, row in enumerate(rows.tolist()):
        at = datetime.fromtimestamp(begin + row, UTC)
        yield _message("record", timestamp=at, **{name: values[n] for name, values in columns.items()})


def _laps(session: Session, rows: Rows, metres: float = 5000.0) -> Iterable[dict[str, Any]]:
    lap_of = ((session.distance_m[rows] - session.distance_m[rows[0]]) // metres).astype(int)
    for lap in range(int(lap_of[-1]) + 1):
        own = rows[lap_of == lap]
        start = session.start + timedelta(seconds=int(own[0]))
        yield _summary(
            "lap", session, own, start, session.start + timedelta(seconds=int(own[-1])), power=True
        )


def _summary(
    kind: str, session: Session, rows: Rows, start: datetime, end: datetime, *, power: bool
) -> dict[str, Any]:
    duration_s = (end - start).total_seconds()
    heart = session.heart_rate_bpm[rows]
    found: dict[str, Any] = {
        "start_time": start,
        "timestamp": end,
        "total_elapsed_time": duration_s,
        "total_timer_time": duration_s,
        "total_distance": float(session.distance_m[rows[-1]] - session.distance_m[rows[0]]),
        "avg_heart_rate": round(float(heart.mean())),
        "max_heart_rate": int(heart.max()),
        "total_calories": round(duration_s / 3600 * 620),
        "sport": FIT_SPORT[session.sport],
    }
    if power and session.power_w is not None:
        found |= {
            "avg_power": round(float(session.power_w[rows].mean())),
            "max_power": int(session.power_w[rows].max()),
        }
    if kind == "session":
        found["sub_sport"] = "generic"
    return _message(kind, **found)


def _with_noise(
    session: Session, rows: Rows, rng: np.random.Generator, metres: float
) -> tuple[Values, Values]:
    """Positions as a receiver sees them: off by a slowly changing error."""
    drift = np.cumsum(rng.normal(0, metres / 60, (2, len(rows))), axis=1)
    drift -= np.linspace(0, 1, len(rows)) * drift[:, -1:]
    degrees = np.clip(drift, -metres * 2, metres * 2) / 111_195.0
    return session.latitude_deg[rows] + degrees[0], session.longitude_deg[rows] + degrees[1] * 1.47


def _message(kind: str, **values: Any) -> dict[str, Any]:
    return {"mesg_num": MESSAGES[kind.upper()], **values}


def _zip(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()

"""Athletes, activities, laps and streams as Strava writes them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.providers.strava.polyline import encoded
from sandbox.world.athletes import Athlete
from sandbox.world.copies import Copy, copy
from sandbox.world.streams import Values

SPORT_TYPES = {
    "ride": "Ride",
    "indoor_ride": "VirtualRide",
    "run": "Run",
    "trail_run": "TrailRun",
    "swim": "Swim",
    "walk": "Walk",
    "strength": "WeightTraining",
}
TYPES = {"TrailRun": "Run"}
"""The older, coarser word where it differs."""
LAP_S = 1800
STREAMS = {
    "time": "time_s",
    "distance": "distance_m",
    "latlng": "latitude_deg",
    "altitude": "altitude_m",
    "velocity_smooth": "speed_mps",
    "heartrate": "heart_rate_bpm",
    "cadence": "cadence_rpm",
    "watts": "power_w",
    "temp": "temperature_c",
    "moving": "time_s",
}
WHOLE = {"time", "heartrate", "cadence", "watts", "temp"}

Json = dict[str, Any]


def summary_athlete(athlete: Athlete) -> Json:
    first, _, last = athlete.name.partition(" ")
    return {
        "id": athlete.id_at("strava"),
        "username": athlete.id.replace("-", "_"),
        "resource_state": 2,
        "firstname": first,
        "lastname": last,
        "bio": None,
        "city": athlete.timezone.rpartition("/")[2].replace("_", " "),
        "state": None,
        "country": None,
        "sex": athlete.sex,
        "premium": True,
        "summit": True,
        "created_at": "2017-11-14T02:30:05Z",
        "updated_at": "2026-01-06T19:32:20Z",
        "badge_type_id": 1,
        "weight": athlete.weight_kg,
        "profile_medium": "avatar/athlete/medium.png",
        "profile": "avatar/athlete/large.png",
        "friend": None,
        "follower": None,
    }


def detailed_athlete(athlete: Athlete) -> Json:
    return {
        **summary_athlete(athlete),
        "resource_state": 3,
        "follower_count": 5,
        "friend_count": 5,
        "mutual_friend_count": 0,
        "athlete_type": 1,
        "date_preference": "%m/%d/%Y",
        "measurement_preference": "meters",
        "clubs": [],
        "ftp": 240,
        "bikes": [],
        "shoes": [],
    }


def summary_activity(one: Copy) -> Json:
    session, local = one.session, one.local_start
    sport = SPORT_TYPES[session.sport]
    power = session.avg_power_w
    here = list(one.athlete.home) if session.outside else []
    found: Json = {
        "resource_state": 2,
        "athlete": {"id": one.athlete.id_at("strava"), "resource_state": 1},
        "name": session.title,
        "distance": one.distance_m,
        "moving_time": one.moving_s,
        "elapsed_time": one.elapsed_s,
        "total_elevation_gain": session.ascent_m,
        "type": TYPES.get(sport, sport),
        "sport_type": sport,
        "workout_type": None,
        "id": one.number,
        "external_id": external_id(one),
        "upload_id": one.number + 1_000_000_000,
        "upload_id_str": str(one.number + 1_000_000_000),
        "start_date": f"{one.start:%Y-%m-%dT%H:%M:%SZ}",
        # Not in UTC, for all that Strava says so.
        "start_date_local": f"{local:%Y-%m-%dT%H:%M:%SZ}",
        "timezone": f"(GMT{_offset(one)}) {one.athlete.timezone}",
        "utc_offset": float(one.utc_offset_s),
        "start_latlng": here,
        "end_latlng": here,
        "location_city": None,
        "location_state": None,
        "location_country": None,
        "achievement_count": 0,
        "kudos_count": 3,
        "comment_count": 0,
        "athlete_count": 1,
        "photo_count": 0,
        "map": {"id": f"a{one.number}", "summary_polyline": "", "resource_state": 2},
        "device_name": one.device,
        "trainer": session.sport == "indoor_ride",
        "commute": False,
        "manual": False,
        "private": session.private,
        "visibility": "only_me" if session.private else "everyone",
        "flagged": False,
        "gear_id": None,
        "from_accepted_tag": False,
        "average_speed": round(one.distance_m / one.moving_s, 3),
        "max_speed": round(one.distance_m / one.moving_s * 1.35, 3),
        "has_heartrate": True,
        "average_heartrate": float(one.avg_hr_bpm),
        "max_heartrate": float(one.max_hr_bpm),
        "heartrate_opt_out": False,
        "display_hide_heartrate_option": True,
        "pr_count": 0,
        "total_photo_count": 0,
        "has_kudoed": False,
        "suffer_score": float(round(one.moving_s / 60 * (one.avg_hr_bpm - 90) / 50)),
        "device_watts": power is not None,
    }
    if session.avg_cadence_rpm:
        found["average_cadence"] = _cadence(one, session.avg_cadence_rpm)
    if session.outside:
        found |= {"elev_low": 60.0, "elev_high": round(60 + session.ascent_m, 1), "average_temp": 14}
    if power is not None:
        found |= {
            "average_watts": float(power),
            "weighted_average_watts": round(power * 1.06),
            "max_watts": round(power * 1.6),
            "kilojoules": round(power * one.moving_s / 1000, 1),
        }
    return found


def detailed_activity(one: Copy) -> Json:
    track = encoded(one.streams, every=30) if one.session.outside else ""
    found = summary_activity(one)
    return {
        **found,
        "resource_state": 3,
        "map": {"id": f"a{one.number}", "polyline": track, "summary_polyline": track, "resource_state": 3},
        "description": None,
        "calories": float(one.energy_kcal),
        "perceived_exertion": None,
        "segment_efforts": [],
        "splits_metric": [],
        "laps": laps(one),
        "gear": None,
        "photos": {"primary": None, "count": 0},
        "embed_token": f"{one.number:x}",
        "hide_from_home": False,
    }


def laps(one: Copy) -> list[Json]:
    """One for each half hour of the timer, and one for the rest."""
    streams = one.streams
    count = max(1, -(-len(streams["time_s"]) // LAP_S))
    return [_lap(one, streams, index, slice(index * LAP_S, (index + 1) * LAP_S)) for index in range(count)]


def _lap(one: Copy, streams: Mapping[str, Values], index: int, part: slice) -> Json:
    time = streams["time_s"][part]
    distance = streams["distance_m"][part] if "distance_m" in streams else time * 0
    start = one.start.timestamp() + float(time[0])
    moving_s, elapsed_s = len(time), int(time[-1] - time[0]) + 1
    begun = one.start.fromtimestamp(start, one.start.tzinfo)
    local = one.athlete.local(begun)
    metres = round(float(distance[-1] - distance[0]), 1)
    more: Json = {}
    if "cadence_rpm" in streams:
        more["average_cadence"] = _cadence(one, float(streams["cadence_rpm"][part].mean()))
    if "power_w" in streams:
        more["average_watts"] = round(float(streams["power_w"][part].mean()), 1)
    return {
        "id": one.number * 100 + index,
        "resource_state": 2,
        "name": f"Lap {index + 1}",
        "activity": {"id": one.number, "resource_state": 1},
        "athlete": {"id": one.athlete.id_at("strava"), "resource_state": 1},
        "elapsed_time": elapsed_s,
        "moving_time": moving_s,
        "start_date": f"{begun:%Y-%m-%dT%H:%M:%SZ}",
        "start_date_local": f"{local:%Y-%m-%dT%H:%M:%SZ}",
        "distance": metres,
        "start_index": part.start,
        "end_index": part.start + len(time) - 1,
        "total_elevation_gain": round(one.session.ascent_m * moving_s / max(one.session.timer_s, 1), 1),
        "average_speed": round(metres / moving_s, 2),
        "max_speed": round(metres / moving_s * 1.3, 2),
        "average_heartrate": round(float(streams["heart_rate_bpm"][part].mean()), 1),
        "max_heartrate": float(streams["heart_rate_bpm"][part].max()),
        "device_watts": one.session.avg_power_w is not None,
        "lap_index": index + 1,
        "split": index + 1,
        **more,
    }


def _cadence(one: Copy, per_minute: float) -> float:
    """Of steps Strava counts one foot."""
    on_foot = one.session.sport in {"run", "trail_run", "walk"}
    return round(per_minute / (2 if on_foot else 1), 1)


def stream_set(one: Copy, keys: Sequence[str]) -> Json:
    """Those of the wanted streams that there are; distance comes anyway, as at the real one. For QuickJSON."""
    streams = one.streams
    wanted = [key for key in (*keys, "distance") if STREAMS.get(key) in streams]
    return {
        key: {
            "data": _data(key, streams),
            "series_type": "distance" if "distance_m" in streams else "time",
            "original_size": len(streams["time_s"]),
            "resolution": "high",
        }
        for key in dict.fromkeys(wanted)
    }


def _data(key: str, streams: Mapping[str, Values]) -> NDArray[Any]:
    """C-contiguous, as the writer of JSON wants it."""
    if key == "latlng":
        return np.column_stack((streams["latitude_deg"], streams["longitude_deg"]))
    if key == "moving":
        return np.ones(len(streams["time_s"]), dtype=bool)
    values = streams[STREAMS[key]].round(1)
    return values.astype(np.int64) if key in WHOLE else values


def external_id(one: Copy) -> str:
    """The name of the file that came: by it Strava's copy can be traced to where it was recorded."""
    from_device = {
        "garmin": f"garmin_ping_{_origin_number(one)}",
        "polar": f"polarflow-{_origin_number(one)}.fit",
        "strava": f"{one.uuid}-activity.fit",
    }
    return from_device[one.origin]


def _origin_number(one: Copy) -> int:
    return copy(one.athlete, one.session, one.origin).number


def _offset(one: Copy) -> str:
    # The standard time's, whatever the season.
    winter = one.local_start.replace(month=1 if one.athlete.home[0] > 0 else 7, day=15).utcoffset()
    assert winter is not None
    minutes = int(winter.total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"

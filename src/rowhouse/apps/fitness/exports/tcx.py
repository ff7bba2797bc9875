"""A workout as TCX (Garmin Training Center), with the activity extensions v2 for speed, power and running cadence.

TCX has three sports and no temperature, breath or pool length; laps hold timer time. Heart rate and cadence are whole
numbers. Legs of one workout are activities of a multi-sport session.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from rowhouse.apps.fitness.exports.xml_text import DECLARATION, elements, moment, text
from rowhouse.apps.fitness.recordings.recording import Lap, Recording

_ROOT = (
    '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:x="http://www.garmin.com/xmlschemas/ActivityExtension/v2">'
)
_SPORTS = {"run": "Running", "ride": "Biking"}
_TRIGGERS = {
    "distance": "Distance",
    "time": "Time",
    "location": "Location",
    "position_lap": "Location",
    "heartrate": "HeartRate",
}
_MOST_CADENCE, _MOST_BYTE, _MOST_SHORT = 254, 255, 65_535
_POINT = {
    "altitude_m": "<AltitudeMeters>%.1f</AltitudeMeters>",
    "distance_m": "<DistanceMeters>%.2f</DistanceMeters>",
    "heart_rate_bpm": "<HeartRateBpm><Value>%.0f</Value></HeartRateBpm>",
}


def write_tcx(legs: Sequence[Recording]) -> bytes:
    activities = [_activity(leg) for leg in legs]
    if len(activities) == 1:
        inside = activities[0]
    else:
        begun = moment(legs[0].start_time.timestamp())
        first, *others = activities
        inside = (
            f"<MultiSportSession><Id>{begun}</Id><FirstSport>{first}</FirstSport>"
            + "".join(f"<NextSport>{one}</NextSport>" for one in others)
            + "</MultiSportSession>"
        )
    return _document(inside)


def write_history(outings: Sequence[Recording]) -> bytes:
    """Workouts that have nothing to do with each other, as one file."""
    return _document("".join(_activity(one) for one in outings))


def _document(inside: str) -> bytes:
    return f"{DECLARATION}{_ROOT}<Activities>{inside}</Activities></TrainingCenterDatabase>\n".encode()


def _activity(leg: Recording) -> str:
    begin = leg.start_time.timestamp()
    laps = leg.laps or (_whole(leg),)
    points = _points(leg, begin)
    inside = "".join(
        _lap(lap, begin, leg.sport, points[rows]) for lap, rows in zip(laps, _rows(leg, laps), strict=True)
    )
    notes = f"<Notes>{text(leg.title)}</Notes>" if leg.title else ""
    sport = _SPORTS.get(leg.sport, "Other")
    return f'<Activity Sport="{sport}"><Id>{moment(begin)}</Id>{inside}{notes}{_creator(leg)}</Activity>'


def _whole(leg: Recording) -> Lap:
    """A recording without laps has one."""
    return Lap(
        0.0,
        leg.duration_s,
        leg.moving_time_s,
        leg.distance_m,
        energy_kcal=leg.energy_kcal,
        avg_hr_bpm=leg.avg_hr_bpm,
        max_hr_bpm=leg.max_hr_bpm,
        avg_power_w=leg.avg_power_w,
        avg_cadence_rpm=leg.avg_cadence_rpm,
    )


def _rows(leg: Recording, laps: Sequence[Lap]) -> list[slice]:
    """The samples of each lap: from its start to the next one's, all that is before with the first."""
    starts = np.searchsorted(leg.streams.time_s, [lap.start_s for lap in laps[1:]])
    edges = [0, *starts.tolist(), len(leg.streams)]
    return [slice(low, high) for low, high in pairwise(edges)]


def _lap(lap: Lap, begin: float, sport: str, points: Sequence[str]) -> str:
    timer = lap.duration_s if lap.moving_time_s is None else lap.moving_time_s
    trigger = _TRIGGERS.get(lap.trigger or "", "Manual")
    running = sport == "run"
    further = _extension(
        "LX",
        _element("x:AvgRunCadence", lap.avg_cadence_rpm if running else None, _MOST_CADENCE)
        + _element("x:AvgWatts", lap.avg_power_w, _MOST_SHORT),
    )
    track = f"<Track>{''.join(points)}</Track>" if len(points) else ""
    return (
        f'<Lap StartTime="{moment(begin + lap.start_s)}"><TotalTimeSeconds>{timer:.3f}</TotalTimeSeconds>'
        f"<DistanceMeters>{lap.distance_m or 0.0:.2f}</DistanceMeters>"
        f"<Calories>{min(round(lap.energy_kcal or 0.0), _MOST_SHORT)}</Calories>"
        f"{_beats('AverageHeartRateBpm', lap.avg_hr_bpm)}{_beats('MaximumHeartRateBpm', lap.max_hr_bpm)}"
        "<Intensity>Active</Intensity>"
        f"{_element('Cadence', None if running else lap.avg_cadence_rpm, _MOST_CADENCE)}"
        f"<TriggerMethod>{trigger}</TriggerMethod>{track}{further}</Lap>"
    )


def _points(leg: Recording, begin: float) -> list[str]:
    streams = leg.streams
    count, running = len(streams), leg.sport == "run"
    channels = dict(streams.channels)
    if "latitude_deg" in channels and "longitude_deg" in channels:
        places = [
            f"<Position><LatitudeDegrees>{lat:.7f}</LatitudeDegrees>"
            f"<LongitudeDegrees>{lon:.7f}</LongitudeDegrees></Position>"
            if np.isfinite(lat) and np.isfinite(lon)
            else ""
            for lat, lon in zip(channels["latitude_deg"], channels["longitude_deg"], strict=True)
        ]
    else:
        places = [""] * count
    plain = elements(
        channels, _POINT | ({} if running else {"cadence_rpm": "<Cadence>%.0f</Cadence>"}), count
    )
    strides = {"cadence_rpm": "<x:RunCadence>%.0f</x:RunCadence>"} if running else {}
    more = elements(
        channels,
        {"speed_mps": "<x:Speed>%.3f</x:Speed>"} | strides | {"power_w": "<x:Watts>%.0f</x:Watts>"},
        count,
    )
    return [
        f"<Trackpoint><Time>{moment(begin + at)}</Time>{place}{own}{_extension('TPX', further)}</Trackpoint>"
        for at, place, own, further in zip(streams.time_s.tolist(), places, plain, more, strict=True)
    ]


def _beats(name: str, value: float | None) -> str:
    return f"<{name}>{_element('Value', value, _MOST_BYTE)}</{name}>" if value and round(value) else ""


def _element(name: str, value: float | None, most: int) -> str:
    """A whole number, if the schema has room for it."""
    return f"<{name}>{value:.0f}</{name}>" if value is not None and value <= most else ""


def _extension(kind: str, inside: str) -> str:
    return f"<Extensions><x:{kind}>{inside}</x:{kind}></Extensions>" if inside else ""


def _creator(leg: Recording) -> str:
    device, serial = leg.origin.device, leg.origin.serial
    if device is None:
        return ""
    unit = serial if serial and serial.isdecimal() else "0"
    return (
        f'<Creator xsi:type="Device_t"><Name>{text(device)}</Name><UnitId>{unit}</UnitId><ProductID>0</ProductID>'
        "<Version><VersionMajor>0</VersionMajor><VersionMinor>0</VersionMinor></Version></Creator>"
    )

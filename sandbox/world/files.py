"""A copy as a file of its device: TCX and GPX; FIT is in `fit.py`."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

from sandbox.world.copies import Copy
from sandbox.world.fit import fit, serial
from sandbox.world.streams import Values

__all__ = ["fit", "gpx", "serial", "tcx"]

TCX_SPORTS = {"ride": "Biking", "indoor_ride": "Biking", "run": "Running", "trail_run": "Running"}


def tcx(one: Copy) -> bytes:
    streams, sport = one.streams, TCX_SPORTS.get(one.session.sport, "Other")
    points = "".join(_trackpoint(one, streams, row) for row in range(len(streams["time_s"])))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2">'
        f'<Activities><Activity Sport="{sport}"><Id>{_stamp(one.start)}</Id><Lap StartTime="{_stamp(one.start)}">'
        f"<TotalTimeSeconds>{len(streams['time_s'])}.0</TotalTimeSeconds>"
        f"<DistanceMeters>{one.distance_m}</DistanceMeters><Calories>{one.energy_kcal}</Calories>"
        f"<AverageHeartRateBpm><Value>{one.avg_hr_bpm}</Value></AverageHeartRateBpm>"
        f"<MaximumHeartRateBpm><Value>{one.max_hr_bpm}</Value></MaximumHeartRateBpm>"
        "<Intensity>Active</Intensity><TriggerMethod>Manual</TriggerMethod>"
        f"<Track>{points}</Track></Lap>"
        '<Creator xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Device_t">'
        f"<Name>{escape(one.device)}</Name><UnitId>{serial(one)}</UnitId><ProductID>0</ProductID>"
        "<Version><VersionMajor>1</VersionMajor><VersionMinor>0</VersionMinor></Version>"
        "</Creator></Activity></Activities></TrainingCenterDatabase>"
    ).encode()


def gpx(one: Copy) -> bytes:
    """Empty of points where there is no track."""
    streams = one.streams
    rows = range(len(streams["time_s"])) if "latitude_deg" in streams else range(0)
    points = "".join(
        f'<trkpt lat="{streams["latitude_deg"][row]}" lon="{streams["longitude_deg"][row]}">'
        f"<ele>{streams['altitude_m'][row]}</ele><time>{_stamp(_at(one, streams, row))}</time></trkpt>"
        for row in rows
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<gpx version="1.1" creator="{escape(one.device)}" xmlns="http://www.topografix.com/GPX/1/1">'
        f"<metadata><time>{_stamp(one.start)}</time></metadata><trk><name>{escape(one.session.title)}</name>"
        f"<trkseg>{points}</trkseg></trk></gpx>"
    ).encode()


def _trackpoint(one: Copy, streams: Mapping[str, Values], row: int) -> str:
    place = (
        f"<Position><LatitudeDegrees>{streams['latitude_deg'][row]}</LatitudeDegrees>"
        f"<LongitudeDegrees>{streams['longitude_deg'][row]}</LongitudeDegrees></Position>"
        f"<AltitudeMeters>{streams['altitude_m'][row]}</AltitudeMeters>"
        if "latitude_deg" in streams
        else ""
    )
    way = (
        f"<DistanceMeters>{streams['distance_m'][row]:.1f}</DistanceMeters>"
        if "distance_m" in streams
        else ""
    )
    return (
        f"<Trackpoint><Time>{_stamp(_at(one, streams, row))}</Time>{place}{way}"
        f"<HeartRateBpm><Value>{int(streams['heart_rate_bpm'][row])}</Value></HeartRateBpm></Trackpoint>"
    )


def _at(one: Copy, streams: Mapping[str, Values], row: int) -> datetime:
    return one.start + timedelta(seconds=float(streams["time_s"][row]))


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

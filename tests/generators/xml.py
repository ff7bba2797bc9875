"""TCX, GPX and Apple Health exports as text."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from xml.sax.saxutils import quoteattr

from tests.generators.activities import Activity

_TPX = "http://www.garmin.com/xmlschemas/ActivityExtension/v2"
_GPXTPX = "http://www.garmin.com/xmlschemas/TrackPointExtension/v1"


def gpx_file(*tracks: Activity, kind: str | None = "cycling", creator: str = "Garmin Edge 530") -> str:
    """A GPX file with one track for each activity, heart rate, cadence and power as extensions."""
    body = "".join(_gpx_track(t, kind) for t in tracks)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator={quoteattr(creator)} '
        f'xmlns="http://www.topografix.com/GPX/1/1" xmlns:gpxtpx="{_GPXTPX}">{body}</gpx>'
    )


def tcx_file(*activities: Activity, sport: str = "Biking", multisport: bool = False) -> str:
    """A TCX file with these activities, their laps of equal length."""
    body = "".join(_tcx_activity(a, sport) for a in activities)
    if multisport:
        inner = "".join(
            f"<{'FirstSport' if i == 0 else 'NextSport'}>{_tcx_activity(a, sport)}</{'FirstSport' if i == 0 else 'NextSport'}>"
            for i, a in enumerate(activities)
        )
        body = f"<MultiSportSession><Id>{_iso(activities[0].start)}</Id>{inner}</MultiSportSession>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<TrainingCenterDatabase '
        'xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2" '
        f'xmlns:ns3="{_TPX}"><Activities>{body}</Activities></TrainingCenterDatabase>'
    )


def apple_export(
    workouts: Sequence[Activity],
    *,
    noise: int = 0,
    routes: bool = False,
    offset_h: int = 2,
    doctype: bool = True,
    records: Sequence[str] = (),
    made: str = "2025-05-30 10:00:00 +0200",
) -> Iterator[str]:
    """An Apple Health export in pieces: `noise` step records and other `records`, then heart rate, then the workouts in
    miles."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    if doctype:
        yield "<!DOCTYPE HealthData [\n<!ELEMENT HealthData (ExportDate,Me,(Record|Workout)*)>\n"
        yield "<!ATTLIST Record type CDATA #REQUIRED>\n]>\n"
    yield f'<HealthData locale="de_CH"><ExportDate value="{made}"/>\n'
    zone = timezone(timedelta(hours=offset_h))
    for index in range(noise):
        at = _apple(datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=index), zone)
        yield (
            f'<Record type="HKQuantityTypeIdentifierStepCount" sourceName="Phone" unit="count" creationDate="{at}" '
            f'startDate="{at}" endDate="{at}" value="{index % 90}"/>\n'
        )
    yield from records
    for workout in workouts:
        yield from _apple_heart_rate(workout, zone)
    for workout in workouts:
        yield _apple_workout(workout, zone, routes=routes)
    yield "</HealthData>\n"


APPLE_DEVICES = {
    "Watch": "name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,1, software:10.1",
    "Phone": "name:iPhone, manufacturer:Apple Inc., model:iPhone, hardware:iPhone14,2, software:17.1",
}


def apple_record(
    kind: str, source: str, start: str, end: str, value: str, unit: str = "", **metadata: str
) -> str:
    """A record of the body, its times local (`2025-05-03 07:00`), in Zurich's summer."""
    type_ = "HKCategoryTypeIdentifier" if kind == "SleepAnalysis" else "HKQuantityTypeIdentifier"
    device = (
        f'device="&lt;&lt;HKDevice: 0x2f&gt;, {APPLE_DEVICES[source]}&gt;"' if source in APPLE_DEVICES else ""
    )
    start, end = (f"{at}:00 +0200" for at in (start, end))
    within = "".join(f'<MetadataEntry key="{key}" value="{said}"/>' for key, said in metadata.items())
    return (
        f'<Record type="{type_}{kind}" sourceName="{source}" {device} unit="{unit}" creationDate="{end}" '
        f'startDate="{start}" endDate="{end}" value="{value}">{within}</Record>\n'
    )


def apple_route_name(activity: Activity) -> str:
    """Where the export puts the route of a workout."""
    return f"workout-routes/route_{activity.start:%Y-%m-%d_%H%M}.gpx"


def _gpx_track(activity: Activity, kind: str | None) -> str:
    points = []
    for row, at in enumerate(_times(activity)):
        c = {n: v[row] for n, v in activity.channels.items()}
        position = (
            f'lat="{c["latitude_deg"]:.7f}" lon="{c["longitude_deg"]:.7f}"' if "latitude_deg" in c else ""
        )
        power = f"<power>{c['power_w']:.0f}</power>" if "power_w" in c else ""
        points.append(
            f"<trkpt {position}><ele>{c['altitude_m']:.1f}</ele><time>{_iso(at)}</time><extensions>{power}"
            f"<gpxtpx:TrackPointExtension><gpxtpx:atemp>{c['temperature_c']:.0f}</gpxtpx:atemp>"
            f"<gpxtpx:hr>{c['heart_rate_bpm']:.0f}</gpxtpx:hr><gpxtpx:cad>{c['cadence_rpm']:.0f}</gpxtpx:cad>"
            "</gpxtpx:TrackPointExtension></extensions></trkpt>"
        )
    word = f"<type>{kind}</type>" if kind else ""
    return f"<trk><name>Morning</name>{word}<trkseg>{''.join(points)}</trkseg></trk>"


def _tcx_activity(activity: Activity, sport: str) -> str:
    length = activity.duration_s / activity.laps
    laps = []
    for index in range(activity.laps):
        low, high = index * length, (index + 1) * length
        rows = [
            r
            for r, t in enumerate(activity.time_s.tolist())
            if low <= t < high or (t == high and high == activity.duration_s)
        ]
        distance = activity.channels["distance_m"][rows[-1]] - activity.channels["distance_m"][rows[0]]
        laps.append(
            f'<Lap StartTime="{_iso(activity.start + timedelta(seconds=low))}"><TotalTimeSeconds>{length}</TotalTimeSeconds>'
            f"<DistanceMeters>{distance:.2f}</DistanceMeters><Calories>100</Calories>"
            "<AverageHeartRateBpm><Value>140</Value></AverageHeartRateBpm>"
            "<MaximumHeartRateBpm><Value>171</Value></MaximumHeartRateBpm><Intensity>Active</Intensity>"
            f"<TriggerMethod>Manual</TriggerMethod><Track>{''.join(_trackpoint(activity, r) for r in rows)}</Track></Lap>"
        )
    return (
        f'<Activity Sport="{sport}"><Id>{_iso(activity.start)}</Id>{"".join(laps)}<Creator><Name>Garmin Edge 530</Name>'
        f"<UnitId>{activity.serial}</UnitId><ProductID>3121</ProductID><Version><VersionMajor>9</VersionMajor>"
        "<VersionMinor>73</VersionMinor></Version></Creator></Activity>"
    )


def _trackpoint(activity: Activity, row: int) -> str:
    c = {n: v[row] for n, v in activity.channels.items()}
    at = activity.start + timedelta(seconds=float(activity.time_s[row]))
    position = (
        f"<Position><LatitudeDegrees>{c['latitude_deg']:.7f}</LatitudeDegrees>"
        f"<LongitudeDegrees>{c['longitude_deg']:.7f}</LongitudeDegrees></Position>"
        if "latitude_deg" in c
        else ""
    )
    return (
        f"<Trackpoint><Time>{_iso(at)}</Time>{position}<AltitudeMeters>{c['altitude_m']:.1f}</AltitudeMeters>"
        f"<DistanceMeters>{c['distance_m']:.2f}</DistanceMeters>"
        f"<HeartRateBpm><Value>{c['heart_rate_bpm']:.0f}</Value></HeartRateBpm><Cadence>{c['cadence_rpm']:.0f}</Cadence>"
        f"<Extensions><ns3:TPX><ns3:Speed>{c['speed_mps']:.3f}</ns3:Speed>"
        f"<ns3:Watts>{c.get('power_w', 0):.0f}</ns3:Watts></ns3:TPX></Extensions></Trackpoint>"
    )


def _apple_heart_rate(activity: Activity, zone: timezone) -> Iterable[str]:
    for row in range(0, len(activity.time_s), 5):
        at = _apple(activity.start + timedelta(seconds=float(activity.time_s[row])), zone)
        yield (
            f'<Record type="HKQuantityTypeIdentifierHeartRate" sourceName="Watch" unit="count/min" creationDate="{at}" '
            f'startDate="{at}" endDate="{at}" value="{activity.channels["heart_rate_bpm"][row]:.0f}"/>\n'
        )


def _apple_workout(activity: Activity, zone: timezone, *, routes: bool) -> str:
    start, end = activity.start, activity.start + timedelta(seconds=activity.duration_s)
    miles = activity.channels["distance_m"][-1] / 1609.344
    dates = f'startDate="{_apple(start, zone)}" endDate="{_apple(end, zone)}"'
    route = f'<WorkoutRoute sourceName="Watch"><FileReference path="/{apple_route_name(activity)}"/></WorkoutRoute>'
    return (
        '<Workout workoutActivityType="HKWorkoutActivityTypeCycling" duration="'
        f'{activity.duration_s / 60:.4f}" durationUnit="min" sourceName="Watch" sourceVersion="11" '
        'device="&lt;&lt;HKDevice: 0x28&gt;, name:Apple Watch, manufacturer:Apple Inc., model:Watch, '
        f'hardware:Watch6,1, software:11.0&gt;" creationDate="{_apple(end, zone)}" {dates}>'
        '<MetadataEntry key="HKTimeZone" value="Europe/Zurich"/><MetadataEntry key="HKElevationAscended" value="2500 cm"/>'
        f'<WorkoutStatistics type="HKQuantityTypeIdentifierDistanceCycling" {dates} sum="{miles:.6f}" unit="mi"/>'
        f'<WorkoutStatistics type="HKQuantityTypeIdentifierActiveEnergyBurned" {dates} sum="1000" unit="kJ"/>'
        f"{route if routes else ''}</Workout>\n"
    )


def _times(activity: Activity) -> list[datetime]:
    return [activity.start + timedelta(seconds=float(t)) for t in activity.time_s]


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _apple(at: datetime, zone: timezone) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %z")

"""The local zone of a recording: what the file says, checked against where it was recorded."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import tzfpy

from rowhouse.kit.time import zone_names

_ODD_OFFSETS = {
    -570: "Pacific/Marquesas",
    -210: "America/St_Johns",
    -150: "America/St_Johns",
    210: "Asia/Tehran",
    270: "Asia/Kabul",
    330: "Asia/Kolkata",
    345: "Asia/Kathmandu",
    390: "Asia/Yangon",
    525: "Australia/Eucla",
    570: "Australia/Darwin",
    630: "Australia/Adelaide",
    765: "Pacific/Chatham",
    825: "Pacific/Chatham",
}
"""Offsets in minutes that are no whole hours → a zone that has them."""

_LONGEST_OFFSET = timedelta(hours=14)
_QUARTER_S = 900


def zone_at(latitude_deg: float, longitude_deg: float) -> str | None:
    """The IANA zone at a place, None where there is none to be found."""
    return known_zone(tzfpy.get_tz(longitude_deg, latitude_deg))


def known_zone(name: str | None) -> str | None:
    """`name` if there is such a zone, else None."""
    return name if name in zone_names() else None


def zone_of_offset(offset_s: float, at: datetime) -> str | None:
    """An IANA zone that has this offset at this instant (`Etc/GMT-2` for +2 h), None for an insane offset.

    Devices write the difference with a few seconds of error: rounded to quarters of an hour, 60 s off at most.
    """
    quarters = round(offset_s / _QUARTER_S)
    offset = timedelta(seconds=quarters * _QUARTER_S)
    if abs(offset_s - offset.total_seconds()) > 60 or abs(offset) > _LONGEST_OFFSET:
        return None
    minutes = round(offset.total_seconds() / 60)
    if minutes % 60:
        name = known_zone(_ODD_OFFSETS.get(minutes))
        return name if name and offset_at(name, at) == offset else None
    return known_zone(f"Etc/GMT{-minutes // 60:+d}") if minutes else "Etc/UTC"


def offset_at(zone: str, at: datetime) -> timedelta:
    """The zone's distance from UTC at an instant."""
    return at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)


def local_time(at: datetime, zone: str | None) -> datetime:
    """The instant as the clock on the wall showed it (UTC where the zone is not known)."""
    return at.astimezone(ZoneInfo(zone) if zone else UTC)


def choose_zone(
    at: datetime, name: str | None, offset_s: float | None, place: tuple[float, float] | None
) -> str | None:
    """The zone the file names, else the place's when the file's offset agrees with it (or is none or zero,
    which devices without a notion of zones write), else a zone of the file's offset."""
    named = known_zone(name)
    if named:
        return named
    there = zone_at(*place) if place else None
    said = zone_of_offset(offset_s, at) if offset_s is not None else None
    if there and (said is None or said == "Etc/UTC" or offset_at(there, at) == offset_at(said, at)):
        return there
    return said or there

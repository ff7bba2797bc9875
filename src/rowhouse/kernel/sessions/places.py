"""Where an address is, as far as the operator's GeoIP database (MaxMind's format) knows. Without one: nowhere."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import maxminddb

from rowhouse.kernel.settings import Settings

EARTH_RADIUS_KM = 6371.0


@dataclass(frozen=True, slots=True)
class Place:
    """A country by its ISO code, with what else is known; degrees."""

    country: str
    city: str | None = None
    latitude: float | None = None
    longitude: float | None = None

    def __str__(self) -> str:
        return f"{self.city}, {self.country}" if self.city else self.country


def place_of(settings: Settings, address: str) -> Place | None:
    """Where `address` is; None for one that is unknown, private or none at all."""
    if settings.geoip_database is None:
        return None
    try:
        found = _reader(settings.geoip_database).get(ip_address(address))
    except ValueError:
        return None
    return _place(found) if isinstance(found, Mapping) else None


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Along the great circle between two (latitude, longitude) in degrees (haversine)."""
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(map(math.radians, one)) for one in (a, b))
    h = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, h)))


@cache
def _reader(path: Path) -> maxminddb.Reader:
    return maxminddb.open_database(path, maxminddb.MODE_MEMORY)


def _place(found: Mapping[str, Any]) -> Place | None:
    country = found.get("country", {}).get("iso_code")
    if not country:
        return None
    location = found.get("location", {})
    city = found.get("city", {}).get("names", {}).get("en")
    return Place(country, city, location.get("latitude"), location.get("longitude"))

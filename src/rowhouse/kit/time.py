"""Times are aware and in UTC; zones are names of the IANA database."""

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_NO_PLACES = {"Factory", "localtime"}
"""Names that systems keep beside the database's own: a clock that nobody has set, and the machine's."""


def now() -> datetime:
    return datetime.now(UTC)


@cache
def zone_names() -> frozenset[str]:
    """Every name of a zone. What a machine has under other names (`localtime`, `posix/…`, `right/…`) is not known
    everywhere, least of all to PostgreSQL."""
    return frozenset(available_timezones() - _NO_PLACES)


def zone(name: str | None) -> ZoneInfo | None:
    """The zone called `name`, or None when there is no such zone."""
    return ZoneInfo(name) if name in zone_names() else None

"""The days that an analysis is asked for, and the moment whose knowledge it rests on."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from rowhouse.kernel.errors import InvalidFilter
from rowhouse.kit.time import now

USUAL_DAYS = 90
MOST_DAYS = 3_660


@dataclass(frozen=True, slots=True)
class Window:
    """`first` to `last`, both included. `as_of` is None for what is known now. Of the days after `told_until` nothing
    can be said: they had not come."""

    first: date
    last: date
    as_of: datetime | None
    told_until: date

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


def window_of(
    first: date | None, last: date | None, as_of: date | None = None, *, most: int = MOST_DAYS
) -> Window:
    """The 90 days until `last`, which is today (UTC), where nothing else is asked for. With `as_of` only what was known
    at the end of that day (UTC) counts. Raises `InvalidFilter`, also where it would be more than `most` days."""
    today = now().date()
    last = last or max(today, first or today)
    first = first or last - timedelta(days=min(USUAL_DAYS - 1, (last - date.min).days))
    if first > last:
        raise InvalidFilter("from is later than to.")
    if (last - first).days >= most:
        raise InvalidFilter(f"from and to span at most {most} days.")
    # East of Greenwich tomorrow has begun.
    tomorrow = today + timedelta(days=1)
    if as_of is None or as_of >= today:
        return Window(first, last, None, tomorrow)
    return Window(first, last, datetime.combine(as_of + timedelta(days=1), time(), UTC), as_of)

"""How long things are kept, as data: a rule for each table that grows, or a function where rows hang together."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from rowhouse.kernel.organizations.settings import USUAL_RETENTION_DAYS
from rowhouse.kernel.settings import Settings

if TYPE_CHECKING:  # contexts stand on the registry, which holds rules
    from rowhouse.kernel.context import Ctx

USUAL_DAYS = USUAL_RETENTION_DAYS
SOON_DAYS = 30
"""Owners are told what goes within so many days."""

Expire = Callable[["Ctx", datetime, bool], Awaitable[int]]
"""Takes an account's context, the moment before which things are too old, and whether to count alone. Ends some of
them and answers how many; zero once there are no more."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of `table` go `days` after their `age`, or whatever `expire` does with an account's. Where `chosen` an
    organization may have them kept longer, up to `maximum`. A rule is never declared below `minimum`, and the wall keeps
    what is younger than it allows (`isolation/declared_erasing.py`), whatever a rule says. An `hourly` one is not the
    organization's to think better of: it runs by the hour, and what it ends waits for no count of a day before. Where
    there is a `limit`, the operator's settings say the days, or that nothing goes."""

    name: str
    what: str
    table: str | None = None
    age: str = "created_at"
    expire: Expire | None = None
    days: int = USUAL_DAYS
    minimum: int = 30
    maximum: int = 36_500
    chosen: bool = False
    hourly: bool = False
    limit: Callable[[Settings], int | None] | None = None

    def __post_init__(self) -> None:
        if (self.table is None) == (self.expire is None):
            raise ValueError(f"{self.name}: a rule has either a table or a function")
        if not self.minimum <= self.days <= self.maximum:
            raise ValueError(f"{self.name}: {self.days} days are not between its bounds")

    def under(self, settings: Settings) -> "Rule | None":
        """As it holds under these settings, if it does."""
        if self.limit is None:
            return self
        days = self.limit(settings)
        return None if days is None else replace(self, days=days)

    def days_for(self, wanted: int | None) -> int:
        """The days that hold for an organization that has chosen `wanted`."""
        if not self.chosen or wanted is None:
            return self.days
        return min(max(wanted, self.days), self.maximum)

"""A sandbox athlete: a seed, how much it made, and what was changed by hand since."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.world import chance
from sandbox.world.sessions import EVERY_DAYS, Session, Sport, session

HOMES = {
    "Europe/Berlin": (52.5163, 13.3777),
    "Europe/London": (51.5302, -0.1537),
    "America/Los_Angeles": (37.8044, -122.2712),
    "Asia/Kolkata": (28.5931, 77.2197),
    "Australia/Sydney": (-33.8915, 151.2767),
}
NAMES = ("Ada Byron", "Ben Okri", "Cleo Marsh", "Dario Vale", "Edda Lund", "Femi Adeyemi")


@dataclass
class Athlete:
    """Sessions are numbered from the oldest, 0; those added by hand follow. `until` is the end of what was made."""

    id: str
    seed: int
    name: str
    activities: int
    days: int
    until: datetime
    timezone: str = "Europe/Berlin"
    sex: str = "F"
    added: list[Session] = field(default_factory=list)
    edited: dict[int, Session] = field(default_factory=dict)
    deleted: dict[int, datetime] = field(default_factory=dict)
    more_days: int = 0
    """Of health, added by hand after `until`."""

    def __post_init__(self) -> None:
        # No fields: what can be made again is not kept in a file.
        self._made: dict[int, Session] = {}
        self.derived: dict[str, Any] = {}
        """What others made of the sessions; forgotten with every change."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def home(self) -> tuple[float, float]:
        """Where its sessions begin: latitude and longitude."""
        return HOMES.get(self.timezone, HOMES["Europe/Berlin"])

    @property
    def weight_kg(self) -> float:
        return round(58 + chance.number(self.seed, "weight", bits=12) / 4096 * 25, 1)

    def id_at(self, provider: str) -> int:
        """The number by which that provider knows the athlete."""
        return 10_000_000 + chance.number(self.id, self.seed, provider, bits=26)

    def uuid_at(self, provider: str) -> str:
        return chance.uuid(self.id, self.seed, provider)

    @property
    def personal_key(self) -> str:
        """What the athlete would copy from Garmin Connect's page of personal API keys."""
        return f"sandbox-key-{chance.number(self.id, self.seed, 'personal key', bits=96):024x}"

    def local(self, at: datetime) -> datetime:
        """The same moment by the athlete's clock."""
        return at.astimezone(self.zone)

    def sessions(self, provider: str | None = None) -> Sequence[Session]:
        """All that are not deleted, oldest first; those which that provider got to see."""
        numbers = [n for n in range(self.activities + len(self.added)) if n not in self.deleted]
        found = [self.session(number) for number in numbers]
        return sorted(
            (one for one in found if provider is None or provider in one.seen_by),
            key=lambda one: (one.start, one.number),
        )

    def find(self, provider: str, number: int) -> Session | None:
        """The session of that number as long as the provider has it."""
        if not 0 <= number < self.activities + len(self.added) or number in self.deleted:
            return None
        found = self.session(number)
        return found if provider in found.seen_by else None

    def session(self, number: int) -> Session:
        """Whether deleted or not. Raises IndexError."""
        found = self.edited.get(number) or self._made.get(number)
        if found is None:
            made = self._make(number) if number < self.activities else self.added[number - self.activities]
            found = self._made[number] = made
        return found

    def add(self, now: datetime, sport: Sport, start: datetime | None, changes: dict[str, Any]) -> Session:
        """A session that has just been uploaded; it ended a few minutes ago unless `start` says otherwise."""
        number = self.activities + len(self.added)
        midnight = self.local(start or now).replace(hour=0, minute=0, second=0, microsecond=0)
        made = replace(session(self.seed, number, midnight, evening=False, sport=sport), uploaded_at=now)
        made = replace(made, **changes)
        begun = start or now - timedelta(seconds=made.elapsed_s + 300)
        made = replace(made, start=begun.astimezone(UTC).replace(microsecond=0))
        self.added.append(made)
        self.derived.clear()
        return made

    def edit(self, now: datetime, number: int, changes: dict[str, Any]) -> Session:
        """Raises IndexError."""
        self.edited[number] = replace(self.session(number), **changes, changed_at=now)
        self.derived.clear()
        return self.edited[number]

    def delete(self, now: datetime, number: int) -> Session:
        """Raises IndexError."""
        gone = self.session(number)
        self.deleted[number] = now
        self.derived.clear()
        return gone

    def _make(self, number: int) -> Session:
        # Every sixth is a morning before the next one's evening: two sessions of one day.
        first_of_two = number % 6 == 5 and number + 1 < self.activities
        second_of_two = number % 6 == 0 and number > 0
        back = self.activities - 1 - (number + 1 if first_of_two else number)
        last = self.local(self.until - timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        evening = second_of_two or (not first_of_two and number % 2 == 1)
        return session(self.seed, number, last - timedelta(days=int(back * EVERY_DAYS)), evening=evening)


def named(seed: int) -> str:
    return NAMES[seed % len(NAMES)]

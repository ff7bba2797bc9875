"""What a kind of job is, and what happens by the clock: declared by features, listed in their app's declaration."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:  # contexts stand on the registry, which stands on this
    from rowhouse.kernel.context import Ctx
    from rowhouse.kernel.db.database import Database
    from rowhouse.kernel.jobs.run import JobRun
    from rowhouse.kernel.platform import Platform

QueueName = Literal["critical", "default", "bulk"]
QUEUE_NAMES: tuple[QueueName, ...] = ("critical", "default", "bulk")
"""The most urgent first."""

DAY_S = 24 * 3600
LONGEST_S = 6_600
"""No job may take longer in one attempt: the broker hands a message out again after two hours."""

Work = Callable[["JobRun"], Awaitable[dict[str, Any] | None]]
"""Returns the job's result, or None to keep what its progress has recorded."""

Failed = Callable[["Ctx", Mapping[str, Any], Mapping[str, str]], Awaitable[None]]
"""Takes the job's arguments and its error {code, detail}."""

Revived = Callable[["Ctx", Mapping[str, Any]], Awaitable[None]]
"""Takes the job's arguments."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job. `run` may be started again after a crash, so it goes on from what it has recorded (`JobRun.done`,
    `JobRun.result`). One attempt may take `time_limit_s`; attempts end after `max_attempts`. An `internal` kind is
    the platform's own errand and not shown among a person's jobs. A kind that `halts` waits while its organization
    is suspended and is cancelled when that is deleted, unless it `outlasts` the deletion and waits for the organization
    to be restored. `on_failure` runs in the transaction that marks the job as
    failed, `on_retry` in that which puts it back into the queue. A failed job can be tried again by who asked for it, unless the kind is not `retriable`."""

    name: str
    run: Work
    queue: QueueName = "default"
    time_limit_s: int = 600
    max_attempts: int = 5
    internal: bool = False
    halts: bool = True
    outlasts: bool = False
    on_failure: Failed | None = None
    on_retry: Revived | None = None
    retriable: bool = True

    @property
    def is_bounded(self) -> bool:
        """Whether it counts among the jobs that an organization runs at once."""
        return not self.internal and self.queue != "critical"

    @property
    def hard_limit_s(self) -> int:
        """When its process is killed: a job that can't be interrupted holds more than itself up."""
        return self.time_limit_s + min(30, 1 + self.time_limit_s // 2)

    def __post_init__(self) -> None:
        if not 0 < self.time_limit_s <= LONGEST_S:
            raise ValueError(f"{self.name}: a time limit is between 1 and {LONGEST_S} s")
        if self.max_attempts < 1:
            raise ValueError(f"{self.name}: a job is tried at least once")


@dataclass(frozen=True, slots=True)
class Every:
    """Due times by the clock of the database: each `seconds` from 1970 on, `offset_s` later. They are the same for
    every scheduler, whenever it started."""

    seconds: int
    offset_s: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.seconds <= 366 * DAY_S or not 0 <= self.offset_s < self.seconds:
            raise ValueError(f"{self.seconds} s from {self.offset_s} s on is no schedule")

    @property
    def period(self) -> timedelta:
        return timedelta(seconds=self.seconds)

    def latest(self, moment: datetime) -> datetime:
        """The last due time that is not after `moment`."""
        since = int(moment.timestamp()) - self.offset_s
        return datetime.fromtimestamp(since // self.seconds * self.seconds + self.offset_s, UTC)

    def following(self, moment: datetime) -> datetime:
        return self.latest(moment) + self.period


def daily(hour: int, minute: int = 0) -> Every:
    """Every day at this time, UTC."""
    return Every(DAY_S, hour * 3600 + minute * 60)


def weekly(weekday: int, hour: int, minute: int = 0) -> Every:
    """Every week on this day (0 is Monday) at this time, UTC."""
    thursday = 3  # 1970-01-01 was one
    return Every(7 * DAY_S, (weekday - thursday) % 7 * DAY_S + hour * 3600 + minute * 60)


@dataclass(frozen=True, slots=True)
class Chore:
    """What the scheduler does for the whole platform every `every_s` seconds, with its own way into the database.
    Several schedulers share it, and one that dies in the middle leaves it to the next: it may be done twice."""

    name: str
    every_s: int
    do: Callable[["Platform", "Database"], Awaitable[None]]

    @property
    def when(self) -> Every:
        return Every(self.every_s)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job for every active organization, by the clock: one for each due time, however many schedulers there are.

    Due times that passed while none ran are caught up by one job. `arguments` are JSON, the same for all. What nobody
    waits for is spread: each organization's job waits for a share of `spread_s` of its own.
    """

    name: str
    when: Every
    job: JobKind
    arguments: Mapping[str, Any] = field(default_factory=dict)
    spread_s: int = 1

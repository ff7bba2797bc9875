"""What a kind of job is: declared by its feature, listed in the app's declaration."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:  # contexts stand on the registry, which stands on this
    from rowhouse.kernel.context import Ctx
    from rowhouse.kernel.db.database import Database
    from rowhouse.kernel.jobs.run import JobRun
    from rowhouse.kernel.platform import Platform

QueueName = Literal["critical", "default", "bulk"]

LONGEST_S = 6_600
"""No job may take longer in one attempt: the broker hands a message out again after two hours."""

Work = Callable[["JobRun"], Awaitable[dict[str, Any] | None]]
"""Returns the job's result, or None to keep what its progress has recorded."""

Failed = Callable[["Ctx", Mapping[str, Any], Mapping[str, str]], Awaitable[None]]
"""Takes the job's arguments and its error {code, detail}."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job. `run` may be started again after a crash, so it goes on from what it has recorded (`JobRun.done`,
    `JobRun.result`). One attempt may take `time_limit_s`; attempts end after `max_attempts`. An `internal` kind is
    the platform's own errand and not shown among a person's jobs. A kind that `halts` waits while its organization
    is suspended and is cancelled when that is deleted. `on_failure` runs in the transaction that marks the job as
    failed."""

    name: str
    run: Work
    queue: QueueName = "default"
    time_limit_s: int = 600
    max_attempts: int = 5
    internal: bool = False
    halts: bool = True
    on_failure: Failed | None = None

    def __post_init__(self) -> None:
        if not 0 < self.time_limit_s <= LONGEST_S:
            raise ValueError(f"{self.name}: a time limit is between 1 and {LONGEST_S} s")
        if self.max_attempts < 1:
            raise ValueError(f"{self.name}: a job is tried at least once")


@dataclass(frozen=True, slots=True)
class Chore:
    """What the scheduler does for the whole platform every `every_s` seconds, with its own way into the database.
    Several schedulers share it, and one that dies in the middle leaves it to the next time: it may be done twice."""

    name: str
    every_s: int
    do: Callable[["Platform", "Database"], Awaitable[None]]

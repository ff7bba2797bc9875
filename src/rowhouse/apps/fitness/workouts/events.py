"""What happens to workouts, for those who listen."""

from dataclasses import dataclass
from typing import ClassVar

from rowhouse.apps.fitness.workouts.sharing import ATHLETE, READ
from rowhouse.kernel.events.events import Event
from rowhouse.kernel.webhooks.outgoing.published import publish


@dataclass(frozen=True)
class WorkoutsChanged(Event):
    """Workouts came, changed or went; ids alone, to be read through the API. `aggregate_id` is the athlete."""

    type: ClassVar[str] = "fitness.workouts_changed"
    changed: tuple[str, ...]
    removed: tuple[str, ...]


PUBLISHED = (
    publish(
        WorkoutsChanged,
        "An athlete's workouts came, changed or went: yours, or one's who granted you to read them.",
        READ,
        {
            "aggregate_id": "0198f7c2-0000-7000-8000-000000000001",
            "changed": ["0198f7c2-0000-7000-8000-000000000002"],
            "removed": [],
        },
        resource=(ATHLETE.name, "aggregate_id"),
    ),
)

"""The events that an organization can have sent to its endpoints, as their features declare them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import TypeAdapter

from rowhouse.kernel.events.event import Event

if TYPE_CHECKING:  # contexts stand on the registry, which knows these
    from rowhouse.kernel.registry import Registry

TEST = "webhook.test"
"""Sent when somebody asks for a test; nobody subscribes to it."""
AUDIT = "audit.entry"
"""The audit log, in the order of its chain; wanted by name alone, never by a pattern."""


EventClass = type[Event]


@dataclass(frozen=True, slots=True)
class Published:
    """A type of event that leaves the platform. It tells ids, and what anybody may know who holds `permission`.

    Who subscribes holds `permission`. Where an event is about a single thing (`resource`: its kind, and the event's field
    with its id), the endpoint's maker must besides hold it on that thing when it happens: an athlete's events go to
    endpoints of the athlete, and of those to whom the athlete granted it.
    """

    type: str
    title: str
    permission: str
    example: Mapping[str, Any]
    event: EventClass | None = None
    resource: tuple[str, str] | None = None
    by_name_only: bool = False

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the message's `data`."""
        if self.event is None:
            return {"type": "object"}
        return TypeAdapter(self.event).json_schema(mode="serialization")

    def subject(self, payload: Mapping[str, Any]) -> UUID | None:
        return UUID(payload[self.resource[1]]) if self.resource else None


def publish(
    event: type[Event],
    title: str,
    permission: str,
    example: Mapping[str, Any],
    *,
    resource: tuple[str, str] | None = None,
) -> Published:
    return Published(event.type, title, permission, example, event, resource)


AUDIT_ENTRY = Published(
    AUDIT,
    "Entries of the audit log, up to 200 at a time, in the order of its chain.",
    "kernel.audit.export",
    {
        "entries": [
            {
                "seq": 42,
                "hash": "9f…",
                "batch_id": "0198f7c2-0000-7000-8000-000000000000",
                "position": 1,
                "of": 1,
                "at": "2026-01-31T08:00:00.000000Z",
                "actor": {"account_id": None, "user_id": None, "operator_id": None},
                "action": "organization.member_removed",
                "outcome": "done",
                "resource": {"kind": "account", "id": "0198f7c2-0000-7000-8000-000000000001"},
                "changes": None,
                "details": None,
                "client_address": "203.0.113.7",
                "user_agent": "curl/8.9",
                "request_id": "0198f7c20000700080000000000000aa",
            }
        ]
    },
    by_name_only=True,
)


def matches(pattern: str, published: Published) -> bool:
    """`*` and `area.*` contain every type but those that are wanted by name alone."""
    if pattern == published.type:
        return True
    if published.by_name_only or not pattern.endswith("*"):
        return False
    return published.type.startswith(pattern[:-1])


def wanted_by(registry: "Registry", patterns: Iterable[str]) -> list[Published]:
    """The types that the patterns come to."""
    held = tuple(patterns)
    return [one for one in registry.published.values() if any(matches(pattern, one) for pattern in held)]

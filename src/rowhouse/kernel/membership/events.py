"""What happens to who belongs to an organization, for those who listen."""

from dataclasses import dataclass
from typing import ClassVar

from rowhouse.kernel.events.events import Event
from rowhouse.kernel.webhooks.outgoing.published import publish

ACCOUNT = "0198f7c2-0000-7000-8000-000000000001"


@dataclass(frozen=True)
class MemberJoined(Event):
    """`aggregate_id` is the account."""

    type: ClassVar[str] = "kernel.member_joined"
    role: str


@dataclass(frozen=True)
class MemberChanged(Event):
    type: ClassVar[str] = "kernel.member_changed"
    role: str
    state: str


@dataclass(frozen=True)
class MemberRemoved(Event):
    type: ClassVar[str] = "kernel.member_removed"


PUBLISHED = (
    publish(
        MemberJoined,
        "Somebody accepted an invitation.",
        "kernel.members.read",
        {"aggregate_id": ACCOUNT, "role": "member"},
    ),
    publish(
        MemberChanged,
        "A member got another role, was suspended or readmitted.",
        "kernel.members.read",
        {"aggregate_id": ACCOUNT, "role": "admin", "state": "active"},
    ),
    publish(MemberRemoved, "A member was removed.", "kernel.members.read", {"aggregate_id": ACCOUNT}),
)

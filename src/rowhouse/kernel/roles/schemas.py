"""What the routes of roles and grants take and give."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, JsonValue, StringConstraints

from rowhouse.kernel.access.permissions import PATTERN
from rowhouse.kernel.http.envelope import Payload, View

MOST_PATTERNS = 100

Pattern = Annotated[str, StringConstraints(pattern=PATTERN, max_length=100)]
Patterns = Annotated[
    list[Pattern],
    Field(min_length=1, max_length=MOST_PATTERNS, description="`area.resource.action`, `area.*`, …"),
]
Title = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*$")]

ROLE: dict[str, JsonValue] = {
    "name": "front-desk",
    "title": "Front desk",
    "holds": ["kernel.members.read", "kernel.invitations.manage"],
}


class PermissionInfo(View):
    permission: str = Field(examples=["fitness.workouts.read"])
    meaning: str = Field(examples=["See one's workouts, their samples and open questions."])
    area: str = Field(description="the app that it belongs to", examples=["fitness"])


class RoleRequest(Payload):
    model_config = ConfigDict(json_schema_extra={"examples": [ROLE]})

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,39}$")] = Field(
        description="never changes"
    )
    title: Title
    holds: Patterns


class RoleEdit(Payload):
    title: Title | None = None
    holds: Patterns | None = None


class RoleView(View):
    id: UUID | None = Field(description="null for a built-in role, which can't be changed")
    name: str = Field(examples=[ROLE["name"]])
    title: str = Field(examples=[ROLE["title"]])
    built_in: bool
    holds: list[str] = Field(examples=[ROLE["holds"]])
    permissions: list[str] = Field(description="what the patterns come to")
    members: int = Field(description="accounts that have it")


class Resource(View):
    """One thing; taken and given, so it refuses unknown fields as payloads do."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(max_length=100, examples=["fitness.athlete"])
    id: UUID


class GrantRequest(Payload):
    account_id: UUID = Field(description="who gets it: an account of the same organization")
    resource: Resource
    permissions: Annotated[list[Pattern], Field(min_length=1, max_length=MOST_PATTERNS)] = Field(
        examples=[["fitness.workouts.read"]]
    )
    expires_at: AwareDatetime | None = Field(None, description="when it ends; null: when it is taken back")


class GrantView(View):
    id: UUID
    account_id: UUID = Field(description="who has it")
    granted_by: UUID = Field(description="the account that gave it")
    resource: Resource
    permissions: list[str]
    expires_at: datetime | None
    created_at: datetime

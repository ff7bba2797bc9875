"""What the routes of API keys take and give."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from rowhouse.kernel.access.permissions import PATTERN
from rowhouse.kernel.http.envelope import Payload, View

Pattern = Annotated[str, StringConstraints(pattern=PATTERN, max_length=100)]


class ApiKeyRequest(Payload):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Nightly export", "permissions": ["fitness.workouts.read"]}]}
    )

    name: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*$")]
    permissions: Annotated[list[Pattern], Field(min_length=1, max_length=100)]
    expires_at: AwareDatetime | None = Field(
        None, description="within a year; 90 days from now where nothing is said"
    )


class RotateRequest(Payload):
    overlap_hours: Annotated[int, Field(ge=0, le=168)] = Field(
        24, description="how long the former key goes on working"
    )
    expires_at: AwareDatetime | None = Field(None, description="a new end; without it the end stays")


class ApiKeyView(View):
    """A key without its secret."""

    id: UUID
    name: str
    prefix: str = Field(description="how the key begins and ends", examples=["rh_live_…Kd0w"])
    permissions: list[str]
    expires_at: datetime | None
    former_until: datetime | None = Field(description="until when the key before the last rotation works")
    last_used_at: datetime | None = Field(description="to the minute")
    created_at: datetime
    state: Literal["active", "expired", "revoked"]


class NewApiKeyView(ApiKeyView):
    key: str = Field(description="shown once", examples=["rh_live_…"])

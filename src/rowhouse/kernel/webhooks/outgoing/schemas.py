"""What the routes of webhook endpoints take and give."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from rowhouse.kernel.http.envelope import Payload, View

Url = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Description = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
EventName = Annotated[
    str, StringConstraints(pattern=r"^(\*|[a-z][a-z0-9_]*\.(\*|[a-z][a-z0-9_]*))$", max_length=100)
]
Events = Annotated[
    list[EventName],
    Field(
        min_length=1,
        max_length=50,
        description="types of events; `*` and `area.*` contain what is below them",
    ),
]
DeliveryState = Literal["pending", "delivered", "failed"]


class EndpointRequest(Payload):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"url": "https://hooks.example.com/rowhouse", "events": ["kernel.*"], "description": "CRM"}
            ]
        }
    )

    url: Url
    events: Events
    description: Description = ""


class EndpointChange(Payload):
    """What is left out stays."""

    url: Url | None = None
    events: Events | None = None
    description: Description | None = None


class RotateSecretRequest(Payload):
    overlap_hours: Annotated[int, Field(ge=0, le=168)] = Field(
        24, description="how long messages are signed with the former secret too"
    )


class EndpointView(View):
    """An endpoint without its secret."""

    id: UUID
    url: str
    description: str
    events: list[str]
    state: Literal["active", "disabled"]
    disabled_reason: Literal["by_hand", "failing", "gone"] | None = Field(
        description="`failing`: nothing came through for 24 hours; `gone`: it answered 410"
    )
    disabled_at: datetime | None
    failing_since: datetime | None = Field(description="since when every delivery has failed")
    held_until: datetime | None = Field(description="nothing is tried before, since the last try failed")
    last_success_at: datetime | None = Field(description="to the minute")
    former_until: datetime | None = Field(
        description="until when messages carry the former secret's signature too"
    )
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime


class NewEndpointView(EndpointView):
    secret: str = Field(description="shown once", examples=["whsec_…"])


class DeliveryView(View):
    """One message for this endpoint."""

    id: UUID
    message_id: str = Field(description="the `webhook-id` header", examples=["msg_0198f7c2…"])
    type: str
    state: DeliveryState
    attempts: int
    status: int | None = Field(description="what the endpoint answered last")
    error: str | None = Field(description="why the last try failed", examples=["timeout"])
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    created_at: datetime


class AttemptView(View):
    number: int
    at: datetime
    duration_ms: int
    status: int | None
    error: str | None
    response: str | None = Field(description="the beginning of the answer, as text")


class DeliveryDetailView(DeliveryView):
    body: str | None = Field(description="as it was sent; null for who may not see what it tells")
    tries: list[AttemptView] = Field(description="the latest first")


class EventTypeView(View):
    type: str
    title: str
    permission: str = Field(description="what who subscribes must hold")
    available: bool = Field(description="whether you hold it")
    by_name_only: bool = Field(description="no pattern contains it")
    json_schema: dict[str, Any] = Field(description="of the message's `data`")
    example: dict[str, Any]

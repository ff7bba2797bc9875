"""What the list of security events gives."""

from datetime import datetime
from uuid import UUID

from pydantic import Field, JsonValue

from rowhouse.kernel.http.envelope import View


class SecurityEventView(View):
    id: UUID
    at: datetime
    kind: str = Field(examples=["new_device"])
    sentence: str = Field(examples=["The password of your account was changed."])
    details: dict[str, JsonValue]
    device: str = Field(examples=["Firefox on Linux"])
    client_address: str
    place: str | None

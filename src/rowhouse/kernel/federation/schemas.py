"""What federation's routes take and give."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from rowhouse.kernel.http.envelope import Payload, View

ProviderId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$", examples=["google"])]
ReturnTo = Annotated[str, Field(max_length=500, description="a path of this site", examples=["/workouts"])]


class ProviderView(View):
    id: ProviderId
    title: str = Field(examples=["Google"])


class LinkRequest(Payload):
    provider: ProviderId
    return_to: ReturnTo = "/settings/security"


class AuthorizeView(View):
    """Where the browser goes to prove the identity that is to be linked; good for ten minutes."""

    authorize_url: str


class IdentityView(View):
    id: UUID
    provider: str | None = Field(description="null where the provider is not configured any more")
    issuer: str
    email: str | None
    created_at: datetime
    last_used_at: datetime | None

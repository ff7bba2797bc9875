"""What operators' routes take and give."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, SecretStr, StringConstraints

from rowhouse.kernel.http.envelope import Payload, View
from rowhouse.kernel.identity.schemas import GivenPassword, NewPassword
from rowhouse.kernel.identity.texts import Email

TotpCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Reason = Annotated[
    str,
    Field(min_length=10, max_length=500, description="why; it stands in the audit log of the organization"),
]
OrganizationState = Literal["provisioning", "active", "suspended", "deleted", "erased"]


class ByCookie(Payload):
    model_config = ConfigDict(str_strip_whitespace=False)

    cookies: bool = Field(False, description="for browsers: the token comes only as a cookie")


class OperatorSignInRequest(ByCookie):
    email: Email
    password: GivenPassword
    code: TotpCode


class SetupRequest(Payload):
    token: SecretStr


class SetupConfirmRequest(ByCookie):
    token: SecretStr
    password: NewPassword
    code: TotpCode


class SetupView(View):
    email: str
    name: str
    secret: str
    uri: str


class OperatorTokenView(View):
    """The session's token; null where it came as a cookie."""

    token: str | None
    expires_in: int


class OperatorView(View):
    id: UUID
    email: str
    name: str
    role: Literal["operator", "support"]
    permissions: list[str]
    csrf_token: str = Field(description="for the X-CSRF-Token header of unsafe requests by cookie")


class PlatformOrganizationView(View):
    id: UUID
    name: str
    kind: Literal["personal", "team"]
    state: OrganizationState
    created_at: datetime
    members: int


class PlatformAccountView(View):
    id: UUID
    user_id: UUID
    name: str
    email: str
    role: str
    state: str


class ReasonRequest(Payload):
    reason: Reason


class ImpersonationRequest(ReasonRequest):
    account_id: UUID
    cookies: bool = Field(False, description="for browsers: the token comes only as a cookie")


class ImpersonationView(View):
    access_token: str | None
    session_id: UUID
    expires_at: datetime


class PartView(View):
    """A part of the platform; `without` is what does not work while it is away."""

    name: str = Field(examples=["database"])
    state: Literal["healthy", "degraded", "unhealthy"]
    essential: bool
    without: str
    cause: str | None
    since: datetime
    duration_ms: float


class FigureView(View):
    figure: str = Field(examples=["organizations"])
    of: str = Field(examples=["active"])
    count: int
    since: datetime | None = Field(
        description="where it counts what happened, from when on; null: as it is now"
    )

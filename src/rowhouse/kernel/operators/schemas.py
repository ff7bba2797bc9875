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


class UnfinishedStepView(View):
    """`attempts` that have ended, `error` of the last: the name of an exception, never what it says."""

    transition: Literal["provision", "suspend", "resume", "delete", "restore"]
    step: str = Field(examples=["kernel.cut_off"])
    state: Literal["pending", "failed", "compensated"]
    attempts: int
    error: str | None


class PlatformOrganizationDetailView(PlatformOrganizationView):
    unfinished_steps: list[UnfinishedStepView] = Field(description="of its changes of state, in their order")


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


Figure = Annotated[int, Field(ge=1, le=10_000_000)]


class QuotaEdit(Payload):
    """What is not named falls back to the plan's."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "plan": "large",
                "requests_a_minute": None,
                "actions": {"kernel.audit_exports": 50},
                "reason": "their contract of May",
            }
        }
    )

    plan: str = Field(max_length=40)
    requests_a_minute: Figure | None = None
    actions: dict[Annotated[str, Field(max_length=80)], Figure] = Field(default_factory=dict, max_length=100)
    reason: Reason


class QuotaView(View):
    """`version` is 0 where nobody has set anything; figures that are null or absent are the plan's."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "plan": "standard",
                "requests_a_minute": None,
                "actions": {},
                "reason": "",
                "version": 0,
            }
        }
    )

    plan: str
    requests_a_minute: int | None
    actions: dict[str, int]
    reason: str
    version: int


class PlanView(View):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {"name": "standard", "title": "Standard", "requests_a_minute": 3000, "times": 1}
        }
    )

    name: str
    title: str
    requests_a_minute: int
    times: int = Field(description="by this the limits of single actions are multiplied")


class ActionLimitView(View):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "kernel.audit_exports",
                "meaning": "Exports of the audit log by you in a day.",
                "most": 20,
                "window_s": 86400,
                "per": "account",
            }
        }
    )

    name: str
    meaning: str
    most: int
    window_s: int
    per: Literal["account", "organization", "thing"]


class PlansView(View):
    plans: list[PlanView]
    actions: list[ActionLimitView]


class RolloutRequest(Payload):
    model_config = ConfigDict(
        json_schema_extra={"example": {"percent": 25, "reason": "a quarter first, then all"}}
    )

    percent: int | None = Field(ge=0, le=100, description="null leaves it to environment and default")
    reason: Reason


class OverrideRequest(Payload):
    model_config = ConfigDict(
        json_schema_extra={"example": {"enabled": True, "reason": "they asked to try it first"}}
    )

    enabled: bool | None = Field(description="null takes back what was set for this organization")
    reason: Reason


class FlagView(View):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "manual_workout_edit",
                "meaning": "Athletes set fields of their workouts by hand.",
                "default": True,
                "locked": False,
                "shared": True,
                "environment": None,
                "percent": 25,
                "reason": "a quarter first, then all",
            }
        }
    )

    name: str
    meaning: str
    default: bool
    locked: bool = Field(description="it stays as it is")
    shared: bool = Field(description="it can be on for a share of the organizations")
    environment: bool | None
    percent: int | None
    reason: str


class OrganizationFlagView(View):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "manual_workout_edit",
                "meaning": "Athletes set fields of their workouts by hand.",
                "locked": False,
                "enabled": False,
                "override": False,
                "reason": "they asked for it",
            }
        }
    )

    name: str
    meaning: str
    locked: bool
    enabled: bool
    override: bool | None
    reason: str

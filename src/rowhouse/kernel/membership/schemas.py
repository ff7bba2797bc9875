"""What the routes about organizations, members and invitations take and give."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from rowhouse.kernel.http.envelope import Payload, View
from rowhouse.kernel.identity.texts import Email, Name
from rowhouse.kernel.organizations.settings import ArchiveDays, Domain, RetentionDays, SessionHours, Timezone

RoleName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,39}$")]
InvitationToken = Annotated[str, StringConstraints(min_length=1, max_length=100)]
LivingState = Literal["provisioning", "active", "suspended", "deleted"]


class NewOrganization(Payload):
    name: Name


class SettingsEdit(Payload):
    """What is left out stays as it is."""

    timezone: Timezone | None = Field(None, description="IANA name", examples=["Europe/Zurich"])
    units: Literal["metric", "imperial"] | None = None
    retention_days: RetentionDays | None = Field(
        None, description="days for which data is kept, longer than the usual 730, for which null keeps it"
    )
    archive_on_erasure: bool | None = Field(
        None, description="whether an encrypted archive outlives the organization, for operators alone"
    )
    archive_days: ArchiveDays | None = None
    mfa_required: bool | None = None
    session_hours: SessionHours | None = Field(None, description="null leaves sessions their usual life")
    allowed_email_domains: list[Domain] | None = Field(
        None, max_length=50, description="who may be invited; empty: everybody"
    )


class OrganizationEdit(Payload):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Otters", "settings": {"units": "metric"}}]}
    )

    name: Name | None = None
    settings: SettingsEdit | None = None


class MemberEdit(Payload):
    role: RoleName | None = Field(None, examples=["viewer"])
    state: Literal["active", "suspended"] | None = None

    @model_validator(mode="after")
    def _one_at_least(self) -> "MemberEdit":
        if self.role is None and self.state is None:
            raise ValueError("a role, a state, or both")
        return self


class MakeOwner(Payload):
    keep_as: RoleName | None = Field(None, description="the role that you go on with; null: an owner too")


class NewInvitation(Payload):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "somebody@example.org", "role": "member"}]}
    )

    email: Email
    role: RoleName


class PresentedInvitation(Payload):
    token: InvitationToken = Field(description="from the link's fragment")


class OwnOrganizationView(View):
    """One of one's own organizations, and the account there that holds most."""

    id: UUID
    name: str = Field(examples=["Otters"])
    kind: Literal["personal", "team"]
    state: LivingState
    role: str
    account_id: UUID
    deletable_until: datetime | None = Field(description="until when a deleted one can be restored")
    created_at: datetime


class SettingsView(View):
    timezone: str
    units: Literal["metric", "imperial"]
    retention_days: int | None
    archive_on_erasure: bool
    archive_days: int
    mfa_required: bool
    session_hours: int | None
    allowed_email_domains: list[str]


class OrganizationDetailView(View):
    id: UUID
    name: str
    kind: Literal["personal", "team"]
    state: LivingState
    settings: SettingsView
    version: int
    created_at: datetime


class MemberView(View):
    account_id: UUID
    user_id: UUID
    name: str
    email: str
    role: str
    state: Literal["active", "suspended"]
    mfa: bool = Field(description="whether they have signed in with a second factor")
    last_seen_at: datetime | None
    joined_at: datetime


class InvitationView(View):
    id: UUID
    email: str
    role: str
    state: Literal["pending", "accepted", "revoked", "expired"]
    invited_by: UUID = Field(description="the account")
    expires_at: datetime
    created_at: datetime


class InvitationPreview(View):
    """What the invited person is shown; it doesn't tell whether their address is known."""

    organization_name: str
    role: str
    email: str
    inviter: str


class AcceptedView(View):
    account_id: UUID
    organization_id: UUID


def changes(edit: Payload) -> dict[str, Any]:
    """What the caller has named, and nothing else."""
    return edit.model_dump(exclude_unset=True)

"""The settings of an organization: one validated document."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from rowhouse.kit.time import zone_names

SECURITY = frozenset({"mfa_required", "session_hours"})
"""Settings that sessions are judged by."""
EVERYWHERE = "UTC"
"""The time zone of an organization that has set none."""
USUAL_RETENTION_DAYS = 730
"""For how long data is kept unless an owner chooses longer."""


def _zone(name: str) -> str:
    if name not in zone_names():
        raise PydanticCustomError("timezone_unknown", "This is no time zone of the IANA database.")
    return name


def _domain(text: str) -> str:
    try:
        domain = text.strip().rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        domain = ""
    if "." not in domain or not all(part.replace("-", "").isalnum() for part in domain.split(".")):
        raise PydanticCustomError("domain_invalid", "This is no domain of email addresses.")
    return domain


Timezone = Annotated[str, Field(max_length=64), AfterValidator(_zone)]
KeptTimezone = Annotated[str, AfterValidator(lambda name: name if name in zone_names() else EVERYWHERE)]
"""As stored: a name that is none any more, such as `localtime` once was one, counts as none."""
RetentionDays = Annotated[int, Field(ge=USUAL_RETENTION_DAYS, le=36_500)]
KeptDays = Annotated[int, AfterValidator(lambda days: max(days, USUAL_RETENTION_DAYS))]
"""As stored: a choice of fewer days, from before it had to be longer or out of a backup, counts as the usual."""
ArchiveDays = Annotated[int, Field(ge=1, le=3_650)]
SessionHours = Annotated[int, Field(ge=1, le=2_160)]
Domain = Annotated[str, Field(min_length=1, max_length=253), AfterValidator(_domain)]


class OrganizationSettings(BaseModel):
    """What is stored; a key that it doesn't know belongs to a newer release and is kept out of sight."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    timezone: KeptTimezone = EVERYWHERE
    units: Literal["metric", "imperial"] = "metric"
    retention_days: KeptDays | None = None
    archive_on_erasure: bool = False
    archive_days: ArchiveDays = 365
    mfa_required: bool = False
    session_hours: SessionHours | None = None
    allowed_email_domains: list[Domain] = Field(default_factory=list, max_length=50)

    @property
    def own_timezone(self) -> str | None:
        return None if self.timezone == EVERYWHERE else self.timezone

    def admits(self, email: str) -> bool:
        """Whether an address may belong to a member."""
        return (
            not self.allowed_email_domains or email.rpartition("@")[2].lower() in self.allowed_email_domains
        )


def read_settings(stored: dict[str, Any]) -> OrganizationSettings:
    return OrganizationSettings.model_validate(stored)

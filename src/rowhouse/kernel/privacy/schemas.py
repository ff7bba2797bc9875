"""What the routes of privacy take and give."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from rowhouse.kernel.http.envelope import Payload, View
from rowhouse.kernel.identity.schemas import StepUpRequest
from rowhouse.kernel.jobs.schemas import JobState
from rowhouse.kernel.privacy.consents import Standing


class JobStartedView(View):
    job_id: UUID = Field(examples=["0199f3a0-0000-7000-8000-000000000004"])


class ExportView(View):
    """`url` is good for an hour and for this account alone; ask again for a new one."""

    id: UUID = Field(description="also that of its job")
    scope: Literal["person", "organization"]
    state: JobState
    done: int
    total: int | None
    bytes: int | None
    created_at: datetime
    expires_at: datetime
    url: str | None


class DeleteAccount(StepUpRequest):
    """What proves that it is the person, as for a step-up."""

    now: bool = Field(False, description="without the seven days in which it can be called off")


class KeepByLink(Payload):
    token: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(
        description="from the link's fragment"
    )


class DeletionView(View):
    job_id: UUID
    erased_at: datetime = Field(description="when the erasure begins")


class DeletionStartedView(DeletionView):
    certificate_url: str = Field(description="where the certificate will be, for who was given this")


class CertificateView(View):
    statement: dict[str, Any] = Field(description="what was erased: ids, counts and times")
    signature: str = Field(description="a JSON Web Signature (RS256) over the statement")


class ConsentSaid(Payload):
    given: bool
    version: Annotated[str, StringConstraints(min_length=1, max_length=40)] = Field(
        description="of the words that were read"
    )


class ConsentView(View):
    """`since` is null for what was presumed and never spoken of."""

    purpose: str = Field(examples=["fitness.health_data"])
    title: str
    text: str
    version: str
    given: bool
    since: datetime | None

    @classmethod
    def of(cls, standing: Standing) -> "ConsentView":
        purpose = standing.purpose
        return cls(
            purpose=purpose.name,
            title=purpose.title,
            text=purpose.text,
            version=purpose.version,
            given=standing.given,
            since=standing.since,
        )


class RuleView(View):
    """A rule of retention. Counts are of the last run, null before the first."""

    rule: str = Field(examples=["kernel.jobs"])
    what: str
    days: int
    chosen: bool = Field(description="whether the organization's setting retention_days sets the days")
    minimum: int
    maximum: int
    due: int | None = Field(description="what would go now")
    soon: int | None = Field(description="what goes within 30 days")
    gone: int | None = Field(description="what went the last time")
    counted_at: datetime | None

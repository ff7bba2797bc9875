"""Sources over the wire."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, SecretStr

from rowhouse.kernel.http.envelope import Payload, View


class SourceQuotaView(View):
    used: int
    limit: int
    resets_at: datetime


class SourceView(View):
    id: UUID
    provider: str = Field(examples=["strava"])
    status: Literal["connected", "syncing", "needs_reauth", "failing", "paused", "expired"]
    last_sync: datetime | None
    cursor: str | None = Field(
        description="how far everything is imported; only the provider's adapter reads it"
    )
    quota: SourceQuotaView | None = Field(
        description="how much of the provider's limit is used, where it tells"
    )
    error: str | None


class SourceDetail(SourceView):
    """With how it goes on, and what it has brought: `workouts` hold a recording of it, `alone` of them no other's, so
    that they go when it is disconnected."""

    error_code: str | None = Field(examples=["quota"])
    next_sync: datetime | None = Field(
        description="when it goes on by itself, unless something happens before; null while it can't"
    )
    job_id: UUID | None = Field(description="the sync that waits or runs")
    workouts: int
    alone: int


class ProviderTermsView(View):
    """What a provider's terms of use let us do with what its API gave."""

    retention_days: int | None = Field(description="null: for as long as the organization keeps it")
    model_input: bool
    share_with_others: bool
    combine_and_analyse: bool
    why: str | None


class OfferView(View):
    provider: str = Field(examples=["strava"])
    title: str = Field(examples=["Strava"])
    way: Literal["page", "key"] | None = Field(
        description="`page`: POST …/connect says where one allows it; `key`: POST …/key takes a key of one's own"
    )
    supported: bool
    offered: bool = Field(description="whether it can be connected here and now")
    connected: bool
    reason: str | None = Field(description="why it can't be connected")
    terms: ProviderTermsView | None


class ConnectSource(Payload):
    return_to: Annotated[str, Field(max_length=500, examples=["/sources"])] = "/sources"


class SourceKey(Payload):
    """A key that one has made at the provider for oneself; never a password. It is kept encrypted and shown to nobody."""

    key: Annotated[SecretStr, Field(min_length=8, max_length=2_000)]
    ends_on: Annotated[
        date | None,
        Field(description="the day on which it ends, as the provider says: one is reminded before"),
    ] = None


class ConnectView(View):
    """Where the browser goes to allow it; good for ten minutes."""

    authorize_url: str


class SyncStarted(View):
    job_id: UUID

"""The audit log as callers see it."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from rowhouse.kernel.http.envelope import Payload, View

Outcome = Literal["done", "refused"]


class ActorView(View):
    """Who did it; `name` is None for somebody who is no member any more."""

    account_id: UUID | None
    user_id: UUID | None
    name: str | None


class ResourceView(View):
    kind: str = Field(examples=["kernel.accounts"])
    id: str | None


class ChangeView(View):
    """A column before and after. `hidden` says why values are not shown: `masked` for secrets and bulky data,
    `personal` for values that are kept under the person's own key."""

    old: Any = None
    new: Any = None
    hidden: Literal["masked", "personal"] | None = None


class EntryView(View):
    id: str
    at: datetime
    actor: ActorView | None
    operator_id: UUID | None
    action: str = Field(examples=["kernel.accounts.update", "auth.sign_in"])
    resource: ResourceView | None
    outcome: Outcome
    changes: dict[str, ChangeView] | None
    details: dict[str, Any] | None
    client_address: str
    user_agent: str
    request_id: str


class StateView(View):
    """How many entries there are, and what the last verification found; `ok` is None before the first one."""

    entries: int
    verified_at: datetime | None
    ok: bool | None
    problem: str | None
    head_hash: str | None


class JobStartedView(View):
    job_id: UUID


class ExportRequest(Payload):
    """What to export; without a filter, everything."""

    format: Literal["csv", "jsonl"]
    actor: UUID | None = None
    action: str | None = Field(default=None, max_length=200)
    resource: str | None = Field(default=None, max_length=200)
    from_: AwareDatetime | None = Field(default=None, alias="from")
    to: AwareDatetime | None = None
    outcome: Outcome | None = None
    q: str | None = Field(default=None, max_length=100)

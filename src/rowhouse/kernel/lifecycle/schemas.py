"""What the routes of the life cycle take and give."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from rowhouse.kernel.http.envelope import Payload, View


class DeleteOrganization(Payload):
    confirm: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(
        description="the organization's name", examples=["Otters"]
    )


class RestoreByLink(Payload):
    token: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(
        description="from the link's fragment"
    )


class DeletionView(View):
    job_id: UUID
    restorable_until: datetime


class RestoredView(View):
    organization_id: UUID

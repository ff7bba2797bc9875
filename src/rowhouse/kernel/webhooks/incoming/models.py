"""What providers have told us: that each event counts once, and what waits to be worked on."""

from datetime import datetime

from sqlalchemy import FetchedValue, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from rowhouse.kernel.db.models import Model, Stamps, Tenant


class ProviderEvent(Stamps, Model):
    """The id of one event of a provider, kept so that it counts once; nothing of anybody's is in it."""

    __tablename__ = "provider_events"
    __table_args__ = ({"schema": "kernel"},)

    provider: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    outcome: Mapped[str]


class ReceivedWebhook(Tenant, Stamps, Model):
    """A webhook that was proved, under the id of its job: `received`, then `processed`, or `failed` (its job's dead
    letter). The body goes as soon as it was processed. One for no organization is seen by its job alone."""

    __tablename__ = "received_webhooks"
    __table_args__ = ({"schema": "kernel"},)

    provider: Mapped[str]
    event_id: Mapped[str]
    type: Mapped[str]
    bound: Mapped[bool]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(default="received")
    outcome: Mapped[str | None]
    received_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    processed_at: Mapped[datetime | None]

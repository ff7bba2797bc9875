"""An athlete's sources: seen, connected, synced by hand, disconnected."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any, Literal, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Uuid, bindparam, select

from rowhouse.apps.fitness.consents import HEALTH_DATA
from rowhouse.apps.fitness.sources.errors import SourceUnknown
from rowhouse.apps.fitness.sources.holdings import count_brought
from rowhouse.apps.fitness.sources.models import Source
from rowhouse.apps.fitness.sources.providers import PROVIDERS, UNSUPPORTED
from rowhouse.apps.fitness.sources.syncing import FORGET_JOB, SYNC_JOB
from rowhouse.apps.fitness.terms import terms_of
from rowhouse.kernel.connections import connecting
from rowhouse.kernel.connections.models import Connection
from rowhouse.kernel.connections.revoking import disconnect as end_connection
from rowhouse.kernel.connections.service_kinds import is_offered
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.database import CompiledQuery
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.jobs.service import enqueue, hasten
from rowhouse.kernel.limits.declared import ActionLimit
from rowhouse.kernel.privacy.consents import check_consent
from rowhouse.kernel.quotas.actions import spend
from rowhouse.kernel.sessions.acting import apart
from rowhouse.kit.time import now

MANUAL_SYNCS = ActionLimit(
    "fitness.syncs", "Syncs of one source that you start by hand in an hour.", 10, 3_600, per="thing"
)
KEYS = ActionLimit("fitness.keys", "Keys of your own at providers that you enter in an hour.", 20, 3_600)
UNDER_WAY = ("queued", "running")
ORG, ATHLETE = bindparam("org", type_=Uuid), bindparam("athlete", type_=Uuid)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a source stands, as the API shows it."""

    id: UUID
    provider: str
    status: str
    last_sync: datetime | None
    cursor: str | None
    quota: dict[str, Any] | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Offer:
    """A provider, whether it can be connected, how (`page`: on its own page, `key`: with a key of one's own), and why not;
    `terms` bind what it brings."""

    provider: str
    title: str
    way: Literal["page", "key"] | None
    supported: bool
    offered: bool
    connected: bool
    reason: str | None
    terms: dict[str, Any] | None


class _Known(NamedTuple):
    """A source, its connection if it has one still, and the sync that has it in hand, if any."""

    id: UUID
    provider: str
    state: str
    cursor: dict[str, Any] | None
    last_sync_at: datetime | None
    next_sync_at: datetime
    quota: dict[str, Any] | None
    error_code: str | None
    error: str | None
    connection_state: str | None
    access_until: datetime | None
    refreshable: bool | None
    job_id: UUID | None
    job_state: str | None
    run_at: datetime | None

    @property
    def under_way(self) -> bool:
        return self.job_state in UNDER_WAY


async def list_sources(ctx: Ctx) -> Sequence[Standing]:
    """The athlete's own, in the order in which they were connected; there are fewer than providers."""
    return [_standing(known) for known in await _known(ctx)]


async def get_source(ctx: Ctx, source_id: UUID) -> dict[str, Any]:
    """One of the athlete's own, with how it goes on and what it has brought. Raises `SourceUnknown`."""
    found = next((known for known in await _known(ctx) if known.id == source_id), None)
    if found is None:
        raise SourceUnknown
    standing = _standing(found)
    return {
        **asdict(standing),
        "error_code": found.error_code,
        "next_sync": _next(found, standing.status),
        "job_id": found.job_id if found.under_way else None,
        **asdict(await count_brought(ctx, source_id)),
    }


async def list_offers(ctx: Ctx) -> Sequence[Offer]:
    """Every provider, also those that can't be connected."""
    own = select(Source.provider).where(
        Source.organization_id == ctx.org, Source.athlete_id == ctx.account, Source.state != "ended"
    )
    connected = set((await ctx.session.scalars(own)).all())
    found = []
    for one in PROVIDERS.values():
        offered = await is_offered(ctx.platform, ctx.org, one.service)
        reason = None if offered else f"{one.title} has no credentials here, or is switched off."
        said = terms_of(ctx.platform.settings, one.name)
        terms = asdict(said) | {"why": said.why or None}
        way: Literal["page", "key"] = "key" if one.service.key_scheme else "page"
        found.append(Offer(one.name, one.title, way, True, offered, one.name in connected, reason, terms))
    unsupported = [
        Offer(name, title, None, False, False, False, why, None) for name, (title, why) in UNSUPPORTED.items()
    ]
    return [*found, *unsupported]


async def connect(ctx: Ctx, provider: str, *, return_to: str, cookie: str | None) -> connecting.Begun:
    """Where the athlete goes to allow it. Raises `ServiceUnknown`, `KeyNeeded`, `SessionNeeded`, `ConsentWithdrawn`."""
    await check_consent(ctx, HEALTH_DATA)
    return await connecting.begin(ctx, provider, return_to=return_to, cookie=cookie)


async def connect_by_key(ctx: Ctx, provider: str, key: str, ends_on: date | None) -> UUID:
    """The first sync of what the athlete has connected with a key of their own. Raises `ServiceUnknown`, `KeyRefused`,
    `ProviderAway`, `ConnectedAsAnother`, `ConsentWithdrawn`, `LimitReached`. No transaction is open while the provider is
    asked: the session has not begun."""
    async with apart(ctx, ctx.identity) as own:
        await check_consent(own, HEALTH_DATA)
        await spend(own, KEYS)
    ends_at = datetime.combine(ends_on, time(), UTC) if ends_on else None
    connection = await connecting.connect_by_key(ctx, provider, key, ends_at=ends_at)
    query = select(Source.job_id).where(
        Source.organization_id == ctx.org,
        Source.athlete_id == ctx.account,
        Source.connection_id == connection.id,
    )
    job_id = await ctx.session.scalar(query)
    if job_id is None:
        raise SourceUnknown  # disconnected since
    return job_id


async def sync(ctx: Ctx, source_id: UUID) -> UUID:
    """The job that syncs: the one that waits or runs already, or a new one. Raises `SourceUnknown`, `LimitReached`."""
    source = await _own(ctx, source_id)
    await check_consent(ctx, HEALTH_DATA)
    await spend(ctx, MANUAL_SYNCS, str(source_id))
    if source.state != "active":
        source.state, source.tries = "active", 0
    if source.job_id is not None and await hasten(ctx, source.job_id):
        return source.job_id
    source.job_id = await enqueue(ctx, SYNC_JOB, {"source_id": str(source_id), "by_hand": True})
    await ctx.session.flush()
    return source.job_id


async def disconnect(ctx: Ctx, source_id: UUID) -> UUID:
    """Ends the grant at the provider and begins to remove what the source alone has brought; the job that does."""
    source = await _own(ctx, source_id)
    connection_id = source.connection_id
    source.state, source.job_id, source.error, source.error_code = "ended", None, None, None
    await ctx.session.flush()
    if connection_id is not None:
        await end_connection(ctx, connection_id)
    return await enqueue(ctx, FORGET_JOB, {"source_id": str(source_id)})


async def _own(ctx: Ctx, source_id: UUID) -> Source:
    query = select(Source).where(
        Source.organization_id == ctx.org,
        Source.athlete_id == ctx.account,
        Source.id == source_id,
        Source.state != "ended",
    )
    found = await ctx.session.scalar(query.with_for_update())
    if found is None:
        raise SourceUnknown
    return found


async def _known(ctx: Ctx) -> list[_Known]:
    rows = await ctx.read(_query(), {"org": ctx.org, "athlete": ctx.account})
    return [_Known(*row) for row in rows]


@cache
def _query() -> CompiledQuery:
    return CompiledQuery(
        select(
            Source.id, Source.provider, Source.state, Source.cursor, Source.last_sync_at, Source.next_sync_at,
            Source.quota, Source.error_code, Source.error, Connection.state, Connection.access_until,
            Connection.refreshable, Job.id, Job.state, Job.run_at,
        )
        .outerjoin(Connection, (Connection.organization_id == ORG) & (Connection.id == Source.connection_id))
        .outerjoin(Job, (Job.organization_id == ORG) & (Job.id == Source.job_id))
        .where(
            Source.organization_id == ORG,
            Source.athlete_id == ATHLETE,
            Source.state != "ended",
        )
        .order_by(Source.id)
    )  # fmt: skip


def _standing(known: _Known) -> Standing:
    cursor = orjson.dumps(known.cursor).decode() if known.cursor else None
    return Standing(
        known.id, known.provider, _status(known), known.last_sync_at, cursor, known.quota, known.error
    )


def _next(known: _Known, status: str) -> datetime | None:
    """When something is asked of the provider next without anybody's doing: by the sync that waits, else by the clock."""
    if status in ("needs_reauth", "expired", "paused"):
        return None
    return known.run_at if known.under_way else known.next_sync_at


def _status(known: _Known) -> str:
    if known.connection_state != "connected":
        return "needs_reauth"
    if known.access_until is not None and known.access_until <= now() and not known.refreshable:
        return "expired"
    if known.state != "active":
        return known.state
    due = known.run_at is not None and known.run_at <= now()
    # One that waits for nothing that its error would tell waits for its turn.
    waits = known.error_code is not None and not due
    busy = known.job_state == "running" or (known.job_state == "queued" and not waits)
    return "syncing" if busy else "connected"

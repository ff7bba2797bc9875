"""Delivering events once more, by type and time: batch by batch, and from where it was when it is taken up again.

Each event gets a delivery of its own for the replay (its id is part of the key), so that a handler does its work again
because an operator asked for that, and however often a batch is repeated, once. The scheduler's role finds which
events there were and for whom; the deliveries are written as the accounts that caused the events.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, select, update

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import NOBODY, Identity, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.events.delivery import hand_over
from rowhouse.kernel.events.errors import NoSuchReplay, NothingSubscribes
from rowhouse.kernel.events.models import Replay, StoredEvent
from rowhouse.kernel.organizations.models import Organization
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7

if TYPE_CHECKING:  # contexts stand on the registry, which stands on events
    from rowhouse.kernel.platform import Platform

BATCH = 200
BEFORE = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events, `from_at` included and `to_at` not, and for whom; no subscription means all of the type."""

    type: str
    from_at: datetime
    to_at: datetime
    subscription: str | None = None
    organization_id: UUID | None = None


def subscriptions_for(platform: "Platform", wanted: Wanted) -> list[str]:
    """Their names; raises `NothingSubscribes`."""
    handlers = platform.registry.handlers.values()
    names = [one.name for one in handlers if one.event.type == wanted.type]
    found = [name for name in names if wanted.subscription in (None, name)]
    if not found:
        raise NothingSubscribes(
            f"{wanted.subscription or 'Nothing'} does not listen to {wanted.type}; these do: {', '.join(names) or 'none'}."
        )
    return found


async def count_events(admin: Database, wanted: Wanted) -> int:
    """How many there are to replay."""
    query = select(func.count()).select_from(StoredEvent).where(*_within(wanted))
    async with admin.session(Binding()) as session:
        return int(await session.scalar(query) or 0)


async def begin_replay(platform: "Platform", admin: Database, wanted: Wanted, reason: str) -> UUID:
    """Writes down what is to be replayed and why, also in the audit log; nothing is delivered yet."""
    subscriptions, made = subscriptions_for(platform, wanted), uuid7()
    async with admin.session(Binding()) as session, session.begin():
        session.add(
            Replay(
                id=made,
                type=wanted.type,
                from_at=wanted.from_at,
                to_at=wanted.to_at,
                subscriptions=subscriptions,
                only_organization=wanted.organization_id,
                reason=reason,
            )
        )
    details = {
        "type": wanted.type,
        "from": wanted.from_at.isoformat(),
        "to": wanted.to_at.isoformat(),
        "subscriptions": subscriptions,
        "reason": reason,
    }
    async with open_context(platform, NOBODY, RequestInfo(made.hex)) as ctx:
        await record(ctx, "platform.events_replayed", resource=f"replay:{made}", details=details)
    return made


async def replay(
    platform: "Platform",
    admin: Database,
    replay_id: UUID,
    *,
    told: Callable[[int, int], None] = lambda _events, _deliveries: None,
) -> Replay:
    """Writes the deliveries that are missing, organization by organization, and answers what it came to. Dies and is
    taken up again at any point; raises `NoSuchReplay`."""
    while True:
        state = await _load(admin, replay_id)
        if state.finished_at is not None:
            return state
        organization_id = await _organization(admin, state)
        if organization_id is None:
            await _advance(admin, state, finished_at=func.now())
            continue
        position = state.at_position if organization_id == state.at_organization else 0
        events = await _batch(admin, state, organization_id, position)
        written = await _hand_over(platform, state, events)
        # An organization that is through is passed by the greatest position there is.
        reached = events[-1].position if len(events) == BATCH else 2**63 - 1
        await _advance(
            admin,
            state,
            at_organization=organization_id,
            at_position=reached,
            events=state.events + len(events),
            deliveries=state.deliveries + written,
        )
        told(state.events + len(events), state.deliveries + written)


async def _load(admin: Database, replay_id: UUID) -> Replay:
    async with admin.session(Binding()) as session:
        found = await session.get(Replay, replay_id)
    if found is None:
        raise NoSuchReplay
    return found


async def _organization(admin: Database, state: Replay) -> UUID | None:
    """The one to go on with; deleted and suspended ones too, whose deliveries wait like all their jobs."""
    through = state.at_position == 2**63 - 1
    if state.only_organization is not None:
        return None if through else state.only_organization
    if state.at_organization is not None and not through:
        return state.at_organization
    query = select(Organization.id).where(Organization.id > (state.at_organization or BEFORE))
    async with admin.session(Binding()) as session:
        found: UUID | None = await session.scalar(query.order_by(Organization.id).limit(1))
    return found


async def _batch(admin: Database, state: Replay, organization_id: UUID, position: int) -> Sequence[Any]:
    wanted = Wanted(state.type, state.from_at, state.to_at, organization_id=organization_id)
    query = select(
        StoredEvent.organization_id,
        StoredEvent.id,
        StoredEvent.position,
        StoredEvent.aggregate_id,
        StoredEvent.account_id,
        StoredEvent.user_id,
    ).where(*_within(wanted), StoredEvent.position > position)
    async with admin.session(Binding()) as session:
        return (await session.execute(query.order_by(StoredEvent.position).limit(BATCH))).all()


async def _hand_over(platform: "Platform", state: Replay, events: Sequence[Any]) -> int:
    """In the order of the events, so that none is handed over while an earlier one of the same thing is missing."""
    written = 0
    for (organization_id, account_id, user_id), own in groupby(
        events, lambda event: (event.organization_id, event.account_id, event.user_id)
    ):
        identity = Identity(organization_id, user_id, account_id)
        async with open_context(platform, identity, RequestInfo(state.id.hex)) as ctx:
            for event in own:
                for name in state.subscriptions:
                    written += await hand_over(
                        ctx, event.id, event.position, event.aggregate_id, name, state.id
                    )
    return written


async def _advance(admin: Database, state: Replay, **values: Any) -> None:
    async with admin.session(Binding()) as session, session.begin():
        await session.execute(update(Replay).where(Replay.id == state.id).values(**values))


def _within(wanted: Wanted) -> list[Any]:
    found = [
        StoredEvent.type == wanted.type,
        StoredEvent.created_at >= wanted.from_at,
        StoredEvent.created_at < wanted.to_at,
    ]
    if wanted.organization_id is not None:
        found.append(StoredEvent.organization_id == wanted.organization_id)
    return found

"""A person's own sessions: where they are signed in, and ending them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.organizations.service import list_own_accounts
from rowhouse.kernel.sessions.agents import device_name
from rowhouse.kernel.sessions.models import Session
from rowhouse.kernel.sessions.places import place_of
from rowhouse.kernel.sessions.service import EndReason, end_session, end_sessions
from rowhouse.kit.time import now

MOST_SESSIONS = 100


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One session as its person sees it. `last_seen_at` is when its tokens were last renewed, which they are every
    quarter of an hour of use; `place` is a guess by its address."""

    id: UUID
    current: bool
    device: str
    client_address: str
    place: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    organization_name: str | None


async def list_sessions(ctx: Ctx) -> Sequence[OwnSession]:
    """The living ones of the context's person, the last used first, a hundred at most."""
    rows = await ctx.session.scalars(
        select(Session).where(*_living(ctx)).order_by(Session.renewed_at.desc()).limit(MOST_SESSIONS)
    )
    organizations = {one.organization_id: one.organization_name for one in await list_own_accounts(ctx)}
    return [
        OwnSession(
            id=row.id,
            current=row.id == ctx.identity.session_id,
            device=device_name(row.user_agent),
            client_address=row.client_address,
            place=_place(ctx, row.client_address),
            created_at=row.created_at,
            last_seen_at=row.renewed_at,
            expires_at=row.expires_at,
            organization_name=organizations.get(row.organization_id),
        )
        for row in rows
    ]


async def end_one(ctx: Ctx, session_id: UUID) -> None:
    """Ends a session of the context's person; raises `NotFound` for one that is not theirs, or not living."""
    found = await ctx.session.scalar(
        select(Session.id).where(*_living(ctx), Session.id == session_id).with_for_update()
    )
    if found is None:
        raise NotFound
    await end_session(ctx, session_id, "ended_by_person")


async def end_others(ctx: Ctx, reason: EndReason) -> None:
    """Ends every session of the context's person but the present one; all of them where there is none."""
    others = await ctx.session.scalars(
        select(Session.id)
        .where(*_living(ctx), Session.id.is_distinct_from(ctx.identity.session_id))
        .with_for_update()
    )
    await end_sessions(ctx, others.all(), reason)


def _living(ctx: Ctx) -> tuple[ColumnElement[bool], ...]:
    """Operators' looks through a person's eyes are theirs to end, and are not listed here."""
    return (
        Session.user_id == ctx.user,
        Session.ended_at.is_(None),
        Session.expires_at > now(),
        Session.operator_id.is_(None),
    )


def _place(ctx: Ctx, address: str) -> str | None:
    place = place_of(ctx.platform.settings, address)
    return str(place) if place else None

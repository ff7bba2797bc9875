"""The live state of a session or an API key, asked on every request: Redis first, PostgreSQL when Redis has forgotten.

A state is written to Redis only where there is none (`SET NX`), and every change overwrites it *before* it is
committed: with the end where it ends, with a mark where it must be read anew. While the mark stands nothing is
remembered, so that whoever reads during the change reads again after it. Whatever crashes in between, an ended
session is never served, and a role that was taken away holds for no request that begins after the commit.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import Row, text

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.errors import Unavailable
from rowhouse.kernel.flags.kernel_flags import MFA_REQUIRED
from rowhouse.kernel.flags.service import read_override
from rowhouse.kernel.limits.plans import STANDARD, read_quota
from rowhouse.kernel.redis import session_key

STATE_TTL_S = 5 * 60
"""The role and what it holds are remembered so long. When a state is forgotten, PostgreSQL is asked again. A session's end in time needs no care here: no access token
outlives its session."""

CHANGING = b"?"
CHANGING_TTL_S = 60
"""Longer than any statement or transaction may take."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """What only an API key has: the hashes of its secrets, each with the moment until which it counts (epoch s, None
    for ever), and the patterns that it is scoped to."""

    hashes: tuple[tuple[str, float | None], ...]
    scope: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SessionState:
    """Whom a session or key acts as; `active` is false for an ended, expired or unknown one. `holds` are the patterns
    of an organization's own role, None for a built-in one; times are epoch seconds; `requests_a_minute` are those of the
    whole organization, `mfa_flag` is what operators have set of MFA_REQUIRED for it."""

    active: bool
    user_id: UUID | None = None
    organization_id: UUID | None = None
    account_id: UUID | None = None
    role: str | None = None
    holds: tuple[str, ...] | None = None
    methods: tuple[str, ...] = ()
    authenticated_at: float | None = None
    mfa_required: bool = False
    operator_id: UUID | None = None
    key: KeyState | None = None
    requests_a_minute: int = STANDARD.requests_a_minute
    mfa_flag: bool | None = None


ENDED = SessionState(active=False)
Load = Callable[[Database, UUID], Awaitable[SessionState]]


def parse_state(stored: bytes) -> SessionState:
    found = orjson.loads(stored)
    if found is None:
        return ENDED
    # A release before or after this one may have written less or more at the end.
    (
        user,
        organization,
        account,
        role,
        holds,
        methods,
        authenticated_at,
        mfa_required,
        operator,
        key,
        *set_,
    ) = found
    return SessionState(
        True,
        UUID(user),
        UUID(organization),
        UUID(account),
        role,
        None if holds is None else tuple(holds),
        tuple(methods),
        authenticated_at,
        mfa_required,
        UUID(operator) if operator else None,
        KeyState(tuple((h, until) for h, until in key[0]), tuple(key[1])) if key else None,
        *set_[:2],
    )


def serialize_state(state: SessionState) -> bytes:
    if not state.active:
        return b"null"
    key = None if state.key is None else [state.key.hashes, state.key.scope]
    return orjson.dumps(
        [
            state.user_id,
            state.organization_id,
            state.account_id,
            state.role,
            state.holds,
            state.methods,
            state.authenticated_at,
            state.mfa_required,
            state.operator_id,
            key,
            state.requests_a_minute,
            state.mfa_flag,
        ]
    )


async def read_session(database: Database, session_id: UUID) -> SessionState:
    """A session's state as PostgreSQL has it."""
    row = await _one(database, "SELECT * FROM resolve.session(:id)", session_id)
    if row is None:
        return ENDED
    return SessionState(
        True,
        row.user_id,
        row.organization_id,
        row.account_id,
        row.role,
        _texts(row.holds),
        tuple(row.methods),
        row.authenticated_at.timestamp() if row.authenticated_at else None,
        row.mfa_required,
        row.operator_id,
    )


async def read_api_key(database: Database, key_id: UUID) -> SessionState:
    """An API key's state as PostgreSQL has it."""
    row = await _one(database, "SELECT * FROM resolve.api_key(:id)", key_id)
    if row is None:
        return ENDED
    hashes = [(row.secret_hash.hex(), row.expires_at.timestamp() if row.expires_at else None)]
    if row.former_hash is not None:
        ends = [moment.timestamp() for moment in (row.former_until, row.expires_at) if moment is not None]
        hashes.append((row.former_hash.hex(), min(ends)))
    return SessionState(
        True,
        row.user_id,
        row.organization_id,
        row.account_id,
        row.role,
        _texts(row.holds),
        key=KeyState(tuple(hashes), tuple(row.scope)),
    )


async def load_state(
    database: Database, redis: Redis, presence_id: UUID, read: Load = read_session
) -> SessionState:
    """Reads the state from PostgreSQL and remembers it, unless it is being changed or was ended meanwhile."""
    state = await read_state(database, presence_id, read)
    try:
        kept = await redis.set(
            session_key(presence_id), serialize_state(state), ex=STATE_TTL_S, nx=True, get=True
        )
    except (RedisError, OSError) as error:
        raise Unavailable("Sign-in state can't be checked just now; try again in a moment.") from error
    return parse_state(kept) if isinstance(kept, bytes) and kept != CHANGING else state


async def read_state(database: Database, presence_id: UUID, read: Load) -> SessionState:
    """The state as PostgreSQL has it, with what operators have set for its organization; remembered
    nowhere."""
    state = await read(database, presence_id)
    if state.organization_id is None:
        return state
    quota = await read_quota(database, state.organization_id)
    mfa_flag = await read_override(database, state.organization_id, MFA_REQUIRED)
    return replace(state, requests_a_minute=quota.requests_a_minute, mfa_flag=mfa_flag)


async def end_presence(redis: Redis, *presence_ids: UUID) -> None:
    """Makes sessions and keys refuse from the next request on; called before their ending is committed."""
    await _overwrite(redis, presence_ids, serialize_state(ENDED), STATE_TTL_S)


async def renew_presence(redis: Redis, *presence_ids: UUID) -> None:
    """Has states read anew; called before the commit of whatever changes them: a role, what it holds, the state of an
    account or organization, the methods of a session."""
    await _overwrite(redis, presence_ids, CHANGING, CHANGING_TTL_S)


async def presences_of_account(ctx: Ctx, account_id: UUID) -> list[UUID]:
    """Living sessions and API keys that act as an account of the context's organization."""
    statement = text("SELECT id FROM resolve.presences() WHERE account_id = :account")
    return list(await ctx.session.scalars(statement, {"account": account_id}))


async def presences_of_organization(ctx: Ctx) -> list[UUID]:
    """Living sessions and API keys of the context's organization."""
    return list(await ctx.session.scalars(text("SELECT id FROM resolve.presences()")))


async def _overwrite(redis: Redis, presence_ids: tuple[UUID, ...], value: bytes, ttl_s: int) -> None:
    if not presence_ids:
        return
    try:
        async with redis.pipeline(transaction=True) as pipeline:
            for presence_id in presence_ids:
                pipeline.set(session_key(presence_id), value, ex=ttl_s)
            await pipeline.execute()
    except (RedisError, OSError) as error:
        raise Unavailable("Sessions can't be changed just now; try again in a moment.") from error


async def _one(database: Database, statement: str, presence_id: UUID) -> Row[Any] | None:
    async with database.session(Binding()) as session:
        return (await session.execute(text(statement), {"id": presence_id})).one_or_none()


def _texts(value: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)

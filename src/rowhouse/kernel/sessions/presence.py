"""The live state of a session, asked on every request: Redis first, PostgreSQL when Redis has forgotten.

A state is written to Redis only where there is none (`SET NX`), and ending a session overwrites it *before* the
ending is committed: whatever crashes in between, an ended session is never served.
"""

from dataclasses import dataclass
from uuid import UUID

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text

from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.errors import Unavailable
from rowhouse.kernel.redis import session_key

STATE_TTL_S = 15 * 60
"""When a state is forgotten, PostgreSQL is asked again. A session's end in time needs no care here: no access token
outlives its session."""


@dataclass(frozen=True, slots=True)
class SessionState:
    """Whom a session acts as; `active` is false for an ended, expired or unknown one."""

    active: bool
    user_id: UUID | None = None
    organization_id: UUID | None = None
    account_id: UUID | None = None
    role: str | None = None


ENDED = SessionState(active=False)


def parse_state(stored: bytes) -> SessionState:
    user, organization, account, role = orjson.loads(stored) or (None,) * 4
    if user is None:
        return ENDED
    return SessionState(True, UUID(user), UUID(organization), UUID(account), role)


def serialize_state(state: SessionState) -> bytes:
    if not state.active:
        return b"null"
    return orjson.dumps([state.user_id, state.organization_id, state.account_id, state.role])


async def load_state(database: Database, redis: Redis, session_id: UUID) -> SessionState:
    """Reads the session from PostgreSQL and remembers it, unless it was ended meanwhile."""
    async with database.session(Binding()) as session:
        row = (
            await session.execute(text("SELECT * FROM resolve.session(:id)"), {"id": session_id})
        ).one_or_none()
    state = (
        SessionState(True, row.user_id, row.organization_id, row.account_id, row.role)
        if row is not None
        else ENDED
    )
    try:
        kept = await redis.set(
            session_key(session_id), serialize_state(state), ex=STATE_TTL_S, nx=True, get=True
        )
    except (RedisError, OSError) as error:
        raise Unavailable("Sign-in state can't be checked just now; try again in a moment.") from error
    return parse_state(kept) if isinstance(kept, bytes) else state


async def end_presence(redis: Redis, *session_ids: UUID) -> None:
    """Makes sessions refuse from the next request on; called before their ending is committed."""
    if not session_ids:
        return
    try:
        async with redis.pipeline(transaction=True) as pipeline:
            for session_id in session_ids:
                pipeline.set(session_key(session_id), serialize_state(ENDED), ex=STATE_TTL_S)
            await pipeline.execute()
    except (RedisError, OSError) as error:
        raise Unavailable("The session can't be ended just now; try again in a moment.") from error

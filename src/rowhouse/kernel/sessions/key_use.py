"""When an API key was last used, to the minute: each process writes it at most once in that time for each key, in a
transaction of its own, so that a request that is refused counts as well."""

import time
from collections import OrderedDict
from uuid import UUID

import structlog
from sqlalchemy import func, or_, update
from sqlalchemy.exc import SQLAlchemyError

from rowhouse.kernel.access.models import ApiKey
from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now

log = structlog.get_logger(__name__)

PRECISION_S = 60.0
KEYS_KEPT = 10_000

_written: OrderedDict[UUID, float] = OrderedDict()
"""When this process last wrote of each key, the longest ago first."""


async def note_use(platform: Platform, identity: Identity, request: RequestInfo) -> None:
    """Writes that the identity's key was used, unless that was written a moment ago. Never fails a request."""
    key_id, moment = identity.api_key_id, time.monotonic()
    if key_id is None or moment - _written.get(key_id, -PRECISION_S) < PRECISION_S:
        return
    _written[key_id] = moment
    _written.move_to_end(key_id)
    if len(_written) > KEYS_KEPT:
        _written.popitem(last=False)
    try:
        async with open_context(platform, identity, request) as ctx:
            stale = or_(
                ApiKey.last_used_at.is_(None),
                ApiKey.last_used_at < func.now() - func.make_interval(0, 0, 0, 0, 0, 0, PRECISION_S),
            )
            await ctx.session.execute(
                update(ApiKey)
                .where(
                    ApiKey.organization_id == ctx.org,
                    ApiKey.account_id == ctx.account,
                    ApiKey.id == key_id,
                    stale,
                )
                .values(last_used_at=now())
            )
    except SQLAlchemyError:
        log.warning("key_use_not_written", key_id=str(key_id))

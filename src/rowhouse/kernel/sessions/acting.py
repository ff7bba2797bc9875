"""Taking an identity inside a request that came without one, as signing in does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.db.binding import BIND_SQL
from rowhouse.kernel.work import binding_of, open_context


async def acting_as(ctx: Ctx, identity: Identity) -> Ctx:
    """The same request in the same transaction, from here on bound to `identity`. The caller has proved it. One that
    has not begun yet will begin so bound, and takes no connection before."""
    binding = binding_of(identity, ctx.request)
    ctx.session.info["binding"] = binding
    if ctx.session.in_transaction():
        connection = await ctx.session.connection()
        await connection.exec_driver_sql(BIND_SQL, binding.values())
    return replace(ctx, identity=identity)


@asynccontextmanager
async def apart(ctx: Ctx, identity: Identity) -> AsyncIterator[Ctx]:
    """A transaction of its own, for what must outlive a refusal: a counted try, a session ended for safety.

    The request's own transaction must not have begun, or each request would hold two connections.
    """
    async with open_context(ctx.platform, identity, ctx.request) as own:
        yield own

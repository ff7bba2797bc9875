"""Opening a context outside a request: for jobs, commands, the demo and tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rowhouse.kernel.context import Ctx, Identity, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.platform import Platform


def binding_of(identity: Identity, request: RequestInfo) -> Binding:
    """What PostgreSQL is told of an identity and a request."""
    return Binding(
        organization_id=identity.organization_id,
        user_id=identity.user_id,
        account_id=identity.account_id,
        request_id=request.id,
        client_address=request.client_address,
        user_agent="".join(filter(str.isprintable, request.user_agent)),
        operator_id=identity.operator_id,
    )


@asynccontextmanager
async def open_context(platform: Platform, identity: Identity, request: RequestInfo) -> AsyncIterator[Ctx]:
    """One transaction on behalf of `identity`: committed when the block ends well, rolled back when it raises."""
    transaction = platform.database.transaction(binding_of(identity, request))
    ctx = Ctx(identity, request, transaction, platform)
    try:
        yield ctx
        await transaction.commit()
    except BaseException:
        await transaction.rollback()
        raise
    finally:
        await transaction.close()
    for call in ctx.after_commit:
        await call()

"""Ending connections: at the service first, by a job that tries again, then here.

    disconnect → revoking → (the service has ended it, or has been asked for an hour in vain) → the row is gone

Tokens that nobody needs any more are not kept for a service that stays away, or that refuses to end the grant.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import delete, select

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.connections.asking import asking
from rowhouse.kernel.connections.counting import count
from rowhouse.kernel.connections.errors import ReauthorizationNeeded, ServiceUnknown
from rowhouse.kernel.connections.models import Connection
from rowhouse.kernel.connections.renewing import Keeper, find
from rowhouse.kernel.connections.service_kinds import find_service
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.errors import NotFound, Unavailable
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.lifecycle.steps import LifecycleStep
from rowhouse.kernel.oauth.errors import ProviderAway
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kernel.sessions.acting import acting_as, apart
from rowhouse.kernel.vault.vault import KeyGone

if TYPE_CHECKING:
    from rowhouse.kernel.jobs.run import JobRun


async def disconnect(ctx: Ctx, connection_id: UUID) -> None:
    """Begins to end a connection of the context's own: nothing is asked with its tokens from here on but to end it.
    Raises `NotFound`."""
    found = await find(ctx, connection_id, lock=True)
    if found is None:
        raise NotFound("There is no such connection.")
    await _begin(ctx, found)


async def revoke(run: "JobRun") -> None:
    """Ends the grant at the service and forgets the tokens."""
    connection_id = UUID(str(run.arguments["connection_id"]))
    async with run.transaction() as ctx:
        found = await find(ctx, connection_id)
        if found is None or found.state != "revoking":
            return
        name, generation, who = found.service, found.generation, found.external_id
    keeper = Keeper(run.platform, run.identity, run.request, connection_id, "revoking")
    generation = await _end(keeper, name, who) or generation
    count(name, "revoke", "revoked")
    async with run.transaction() as ctx:
        await _forget(ctx, connection_id, generation)


async def give_up(ctx: Ctx, arguments: Mapping[str, Any], error: Mapping[str, str]) -> None:
    """The service stayed away, or refused: its side of the grant stays until the person ends it there; ours is forgotten."""
    connection_id = UUID(str(arguments["connection_id"]))
    found = await find(ctx, connection_id, lock=True)
    if found is None or found.state != "revoking":
        return
    count(found.service, "revoke", "given_up")
    details = {"service": found.service, "code": error["code"]}
    await record(ctx, "connections.not_revoked", resource=f"connection:{connection_id}", details=details)
    await _forget(ctx, connection_id, found.generation)


REVOKE = JobKind(
    "kernel.revoke_connection",
    revoke,
    time_limit_s=60,
    max_attempts=14,
    internal=True,
    halts=False,
    on_failure=give_up,
    retriable=False,
)
"""Doesn't halt: what a deleted organization has connected is ended too."""


async def revoke_all(ctx: Ctx) -> None:
    """Ends every connection of the organization, its people's one by one, each behind its own wall."""
    accounts = await ctx.session.execute(
        select(Account.id, Account.user_id).where(Account.organization_id == ctx.org)
    )
    whose = [(None, None), *((row.id, row.user_id) for row in accounts.all())]
    for account_id, user_id in whose:
        own = await acting_as(ctx, Identity(ctx.org, user_id, account_id))
        for found in await _all(own):
            await _begin(own, found)
    await acting_as(ctx, ctx.identity)


async def leave(ctx: Ctx) -> None:
    """Ends what an account has connected before it is erased, once: an erasure waits for no service."""
    async with apart(ctx, ctx.identity) as own:
        found = [(one.id, one.service, one.state, one.external_id) for one in await _all(own)]
    for connection_id, name, state, who in found:
        try:
            await _end(Keeper(ctx.platform, ctx.identity, ctx.request, connection_id, state), name, who)
        except Unavailable:
            count(name, "revoke", "given_up")


STEPS = (LifecycleStep("kernel.connections", "delete", revoke_all),)


async def _all(ctx: Ctx) -> list[Connection]:
    own = select(Connection).where(
        Connection.organization_id == ctx.org,
        Connection.account_id.is_not_distinct_from(ctx.identity.account_id),
    )
    return list((await ctx.session.scalars(own.order_by(Connection.id).with_for_update())).all())


async def _begin(ctx: Ctx, found: Connection) -> None:
    if found.state == "revoking":
        return
    found.state, found.lease_id, found.lease_until = "revoking", None, None
    await ctx.session.flush()
    resource = f"connection:{found.id}"
    await record(ctx, "connections.ended", resource=resource, details={"service": found.service})
    await enqueue(ctx, REVOKE, {"connection_id": str(found.id)})


async def _end(keeper: Keeper, name: str, who: str) -> int | None:
    """Asks the service to end the grant; the generation of the token that was shown. Raises `ProviderAway`. A service
    without credentials here any more, or that takes our tokens no more, leaves nothing to ask with."""
    try:
        service = find_service(keeper.platform, name)
        token = await keeper.token()
    except (ServiceUnknown, KeyGone, ReauthorizationNeeded, NotFound):
        return None
    if service.kind.revoke is not None:
        async with asking(service, who) as asker:
            answer = await service.kind.revoke(asker, token.value)
        if not (200 <= answer.status < 300 or answer.status in service.kind.ended):
            count(name, "revoke", "refused" if 400 <= answer.status < 500 else "away")
            raise ProviderAway
    return token.generation


async def _forget(ctx: Ctx, connection_id: UUID, generation: int) -> None:
    """Unless it was connected anew meanwhile."""
    await ctx.session.execute(
        delete(Connection).where(
            Connection.organization_id == ctx.org,
            Connection.id == connection_id,
            Connection.state == "revoking",
            Connection.generation == generation,
        )
    )

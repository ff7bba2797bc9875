"""A connection that its service refuses: its person is told, once, and syncs wait."""

from uuid import UUID

from sqlalchemy import update

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.connections.models import Connection
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.notices.kernel_kinds import CONNECTION
from rowhouse.kernel.notices.posting import Told, post
from rowhouse.kernel.organizations.service import list_owners


async def need_reauth(ctx: Ctx, connection_id: UUID, generation: int, word: str) -> bool:
    """Marks the connection, unless its tokens have changed since `generation`; whether it did."""
    service = await ctx.session.scalar(
        update(Connection)
        .where(
            Connection.organization_id == ctx.org,
            Connection.id == connection_id,
            Connection.generation == generation,
            Connection.state == "connected",
        )
        .values(state="needs_reauth", refusal=word, lease_id=None, lease_until=None)
        .returning(Connection.service)
        .execution_options(synchronize_session=False)
    )
    if service is None:
        return False
    resource = f"connection:{connection_id}"
    details = {"service": service, "word": word}
    await record(ctx, "connections.reauthorization_needed", resource=resource, details=details)
    await tell(
        ctx,
        service,
        "{title} does not let us in any more, so nothing new comes from there. Connect it again to go on.",
        f"{connection_id}/{generation}",
    )
    return True


async def tell(ctx: Ctx, service: str, text: str, occasion: str) -> None:
    """Tells whose connection it is; of one that is the organization's, its owners."""
    kind = ctx.platform.registry.services.get(service)
    title, page = (kind.title, kind.page) if kind else (service, "/settings")
    account = ctx.identity.account_id
    accounts = [account] if account else [owner.account_id for owner in await list_owners(ctx)]
    await post(ctx, CONNECTION, accounts, Told(text.format(title=title), page, occasion))

"""A person's keys in all their organizations at once: which go on when the password changes, and ending them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from rowhouse.kernel.access.models import ApiKey
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.organizations.service import OwnAccount, list_own_accounts
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kernel.sessions.presence import renew_presence
from rowhouse.kit.time import now


@dataclass(frozen=True, slots=True)
class LivingKey:
    """A key that works, with the organization it works in."""

    name: str
    organization_name: str


async def list_living_keys(ctx: Ctx) -> Sequence[LivingKey]:
    """Those of the context's person, whatever account they are of."""
    return [
        LivingKey(key.name, account.organization_name)
        async for own, account in _in_each_account(ctx)
        for key in await _living(own)
    ]


async def end_own_keys(ctx: Ctx) -> int:
    """Ends them all, from the next request on, and says how many there were. Each organization's log has its own."""
    ended = 0
    async for own, _ in _in_each_account(ctx):
        # Held as when a key is made: one that is being made just now is seen, or is refused.
        account = select(Account.id).where(Account.organization_id == own.org, Account.id == own.account)
        await own.session.execute(account.with_for_update(key_share=True))
        for key in await _living(own):
            key.revoked_at = now()
            await own.session.flush()
            details = {"name": key.name, "because": "password"}
            await record(own, "access.api_key_revoked", resource=f"api_key:{key.id}", details=details)
            await renew_presence(own.platform.redis, key.id)
            ended += 1
    return ended


async def _in_each_account(ctx: Ctx) -> AsyncIterator[tuple[Ctx, OwnAccount]]:
    """The context as each account of its person, one after the other; keys are behind the organizations' walls."""
    await ctx.session.flush()
    for account in await list_own_accounts(ctx):
        identity = Identity(account.organization_id, ctx.user, account.id, role=account.role)
        yield await acting_as(ctx, identity), account
    await acting_as(ctx, ctx.identity)


async def _living(ctx: Ctx) -> Sequence[ApiKey]:
    query = select(ApiKey).where(
        ApiKey.organization_id == ctx.org,
        ApiKey.account_id == ctx.account,
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now()),
    )
    return (await ctx.session.scalars(query.order_by(ApiKey.id))).all()

"""Why the caller may do what it may: every permission with where it comes from."""

from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from rowhouse.kernel.access.models import Grant

if TYPE_CHECKING:  # contexts stand on the registry, which stands on permissions
    from rowhouse.kernel.context import Ctx


async def explain_permissions(ctx: "Ctx") -> list[dict[str, str]]:
    """`permission` and `source`, by permission: `role:<name>`, or `key:<id>` for a caller that came by a key; besides
    these `grant:<id>` for what another has granted the account on one thing of theirs."""
    identity = ctx.identity
    source = f"role:{identity.role}" if identity.api_key_id is None else f"key:{identity.api_key_id}"
    query = select(Grant.id, Grant.permissions).where(
        Grant.organization_id == ctx.org,
        Grant.account_id == ctx.account,
        or_(Grant.expires_at.is_(None), Grant.expires_at > func.now()),
    )
    # A grant opens a thing; whether the caller may do that at all, its role and key say.
    granted = [
        (permission, f"grant:{id_}")
        for id_, permissions in await ctx.session.execute(query)
        for permission in permissions
        if permission in identity.permissions
    ]
    held = [(permission, source) for permission in identity.permissions]
    return [{"permission": name, "source": where} for name, where in sorted(held + granted)]

"""Limits of single actions: so many exports a day, so many syncs an hour of a source."""

from typing import TYPE_CHECKING

from rowhouse.kernel.audit.recording import record_refusal
from rowhouse.kernel.errors import TooManyRequests
from rowhouse.kernel.limits.declared import ActionLimit
from rowhouse.kernel.limits.limits import Policy, Subject, Usage, count
from rowhouse.kernel.limits.plans import quota_of
from rowhouse.kernel.observability.metrics import limit_exceeded

if TYPE_CHECKING:  # only named
    from rowhouse.kernel.context import Ctx


class LimitReached(TooManyRequests):
    code, title = "limit_reached", "You have done this as often as is allowed for now."


async def spend(ctx: "Ctx", limit: ActionLimit, thing: str = "") -> Usage:
    """Counts one, just before it is done. Raises `LimitReached`; while Redis is away `Unavailable`, for what changes
    something is never done uncounted."""
    subject = await _subject(ctx, limit, thing)
    [usage] = (await count(ctx.platform.redis, None, [subject])).usages
    if usage.exceeded_now:
        details = {"policy": limit.name, "limit": usage.policy.limit}
        await record_refusal(ctx.platform, ctx.identity, ctx.request, "limits.exceeded", details=details)
    if usage.exceeded:
        limit_exceeded(limit.name)
        raise LimitReached(max(1, usage.resets_in_s), limit=limit.name)
    return usage


async def look_at(ctx: "Ctx", limit: ActionLimit, thing: str = "") -> Usage:
    """How much is used, without counting."""
    subject = await _subject(ctx, limit, thing)
    [usage] = (await count(ctx.platform.redis, None, [subject], peek=True)).usages
    return usage


async def _subject(ctx: "Ctx", limit: ActionLimit, thing: str) -> Subject:
    whose = {"account": str(ctx.account), "organization": "", "thing": thing}[limit.per]
    most = (await quota_of(ctx)).allows(limit.name, limit.most)
    return Policy(limit.name, most, limit.window_s), f"{ctx.org} {whose}"

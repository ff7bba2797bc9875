"""What athletes are told of their sources."""

from rowhouse.apps.fitness.sources.models import Source
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.notices.kinds import NoticeKind
from rowhouse.kernel.notices.posting import Told, post

PAGE = "/sources"

FAILING = NoticeKind(
    "fitness.source_failing",
    "Failing sources",
    "When nothing comes from a source any more, with the reason.",
    mailed=True,
)
SLOWED = NoticeKind(
    "fitness.quota",
    "Slowed syncs",
    "When a provider's limit, or your organization's share of it, is nearly used up, and what is older waits.",
)
STOPPED = NoticeKind(
    "fitness.quota_used",
    "Stopped syncs",
    "When a provider's limit or a month's budget is used up, and everything waits until it is reset.",
    mailed=True,
)
KINDS = (FAILING, SLOWED, STOPPED)


async def tell_failing(ctx: Ctx, source: Source, title: str, reason: str) -> None:
    """Once for each time of failing, which the last sync that went well begins."""
    since = source.last_sync_at or source.created_at
    await _post(ctx, FAILING, f"Nothing comes from {title} any more. {reason}", f"{source.id}/{since}")


async def tell_slowed(ctx: Ctx, source: Source, title: str, until: str, day: str) -> None:
    """Once a day, as of all limits: some are reset every quarter of an hour, and a history outlasts many."""
    text = f"{title} lets us ask only so often. What is new still comes; what is older goes on after {until}."
    await _post(ctx, SLOWED, text, f"{source.id}/{day}")


async def tell_stopped(ctx: Ctx, source: Source, title: str, until: str, day: str) -> None:
    text = f"{title}'s limit is used up. Syncing goes on by itself after {until}."
    await _post(ctx, STOPPED, text, f"{source.id}/{day}")


async def tell_budget(ctx: Ctx, source: Source, title: str, until: str, day: str) -> None:
    text = f"This month's budget for calls to {title} is used up. Syncing goes on by itself on {until}."
    await _post(ctx, STOPPED, text, f"{source.id}/{day}")


async def _post(ctx: Ctx, kind: NoticeKind, text: str, occasion: str) -> None:
    await post(ctx, kind, [ctx.account], Told(text[:500], PAGE, occasion))

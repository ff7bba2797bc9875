"""What an athlete's calls to providers cost in a month, where a provider asks a price: its declaration says which."""

from math import floor

from sqlalchemy import select

from rowhouse.apps.fitness.sources.calls import this_month
from rowhouse.apps.fitness.sources.models import Source
from rowhouse.apps.fitness.sources.provider import Provider
from rowhouse.apps.fitness.sources.providers import PROVIDERS
from rowhouse.kernel.context import Ctx

BUDGET_USD = 0.10
PAUSED_AT = 0.8
"""Of an athlete's budget for a calendar month (UTC), over all of their sources."""


async def calls_left(ctx: Ctx, provider: Provider) -> int | None:
    """How many more the athlete's budget has for this provider until the month ends; None where a call costs nothing."""
    if not provider.price_usd:
        return None
    counted = select(Source.provider, Source.calls).where(
        Source.organization_id == ctx.org,
        Source.athlete_id == ctx.account,
        Source.calls_month == this_month(),
    )
    rows = (await ctx.session.execute(counted)).all()
    spent = sum(PROVIDERS[name].price_usd * calls for name, calls in rows if name in PROVIDERS)
    return max(0, floor((BUDGET_USD * PAUSED_AT - spent) / provider.price_usd + 1e-9))


def count_calls(source: Source, provider: Provider, calls: int) -> None:
    """Adds calls that were made to what the source has cost in this month."""
    if not provider.price_usd or not calls:
        return
    month = this_month()
    source.calls = calls + (source.calls if source.calls_month == month else 0)
    source.calls_month = month

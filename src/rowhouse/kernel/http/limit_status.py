"""What a caller has left."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import ConfigDict

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import Unavailable
from rowhouse.kernel.http.counting import told
from rowhouse.kernel.http.edge import signed_in
from rowhouse.kernel.http.envelope import Many, View, whole
from rowhouse.kernel.limits.limits import Usage
from rowhouse.kernel.quotas.actions import look_at

router = APIRouter()

MEANINGS = {
    "user": "Requests of yours, or of one API key, in a minute.",
    "organization": "Requests of everybody in your organization in a minute.",
}


class LimitStatus(View):
    """One limit's state for the caller. A window opens with the first thing counted in it; `resets_in_s` is 0 where
    none is open."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "policy": "user",
                "meaning": "Requests of yours, or of one API key, in a minute.",
                "limit": 100,
                "remaining": 97,
                "window_s": 60,
                "resets_in_s": 41,
            }
        }
    )

    policy: str
    meaning: str
    limit: int
    remaining: int
    window_s: int
    resets_in_s: int


@router.get("/rate-limit-status", response_model=Many[LimitStatus])
async def get_rate_limit_status(
    request: Request, ctx: Annotated[Ctx, signed_in(keys=True, peek=True)]
) -> object:
    """All limits that apply to the caller and what is left of each. Asking is counted in none of them. While Redis is
    away the limits of single actions are not told: whatever they bound is refused then."""
    found = [_status(usage, MEANINGS[usage.policy.name]) for usage in told(request)]
    for limit in ctx.platform.registry.limits:
        if limit.per == "thing":  # told with each thing
            continue
        try:
            found.append(_status(await look_at(ctx, limit), limit.meaning))
        except Unavailable:
            break
    return whole(found)


def _status(usage: Usage, meaning: str) -> LimitStatus:
    return LimitStatus(
        policy=usage.policy.name,
        meaning=meaning,
        limit=usage.policy.limit,
        remaining=usage.remaining,
        window_s=usage.policy.window_s,
        resets_in_s=usage.resets_in_s,
    )

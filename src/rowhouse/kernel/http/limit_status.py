"""What a caller has left."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import signed_in
from rowhouse.kernel.http.envelope import One
from rowhouse.kernel.limits.limits import WINDOW_MS, Usage

router = APIRouter()


class LimitStatus(BaseModel):
    """One policy's state for the caller; this request is counted in it."""

    policy: str
    limit: int
    remaining: int
    window_s: int
    resets_in_s: int


@router.get("/rate-limit-status", response_model=One[list[LimitStatus]])
async def get_rate_limit_status(request: Request, _ctx: Annotated[Ctx, signed_in()]) -> object:
    """The caller's limits and what is left of them."""
    usage: Usage = request.scope["rowhouse.limit"]
    return {
        "data": [
            LimitStatus(
                policy=usage.policy.name,
                limit=usage.policy.limit,
                remaining=usage.remaining,
                window_s=WINDOW_MS // 1000,
                resets_in_s=usage.resets_in_s,
            )
        ]
    }

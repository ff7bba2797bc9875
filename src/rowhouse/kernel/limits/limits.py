"""Policies, their counters, and what the caller is told of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from rowhouse.kernel.errors import TooManyRequests, Unavailable
from rowhouse.kernel.limits.edge_calls import ASK_STATE, EdgeCalls
from rowhouse.kernel.redis import limit_key, session_key

WINDOW_MS = 60_000


@dataclass(frozen=True, slots=True)
class Policy:
    """At most `limit` requests in a window of a minute that opens with the first of them."""

    name: str
    limit: int


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a policy one subject has used; `resets_in_s` is rounded up."""

    policy: Policy
    count: int
    resets_in_s: int

    @property
    def remaining(self) -> int:
        return max(0, self.policy.limit - self.count)

    @property
    def exceeded(self) -> bool:
        return self.count > self.policy.limit

    def headers(self, now_s: int) -> Sequence[tuple[bytes, bytes]]:
        """The customary `X-RateLimit-…` fields and the IETF draft's `RateLimit` fields."""
        name, limit = self.policy.name, self.policy.limit
        return (
            (b"x-ratelimit-limit", b"%d" % limit),
            (b"x-ratelimit-remaining", b"%d" % self.remaining),
            (b"x-ratelimit-reset", b"%d" % (now_s + self.resets_in_s)),
            (b"ratelimit-policy", f'"{name}";q={limit};w={WINDOW_MS // 1000}'.encode()),
            (b"ratelimit", f'"{name}";r={self.remaining};t={self.resets_in_s}'.encode()),
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """The answer of one edge call: the session's stored state, and each limit's usage."""

    session_state: bytes | None
    usages: tuple[Usage, ...]

    @property
    def tightest(self) -> Usage | None:
        return min(self.usages, key=lambda u: u.policy.limit - u.count, default=None)

    def enforce(self) -> None:
        """Raises `TooManyRequests` when any limit is exceeded, with the longest wait."""
        waits = [u.resets_in_s for u in self.usages if u.exceeded]
        if waits:
            raise TooManyRequests(max(1, *waits))


async def count(
    redis: Redis,
    session_id: UUID | None,
    subjects: Sequence[tuple[Policy, str]],
    *,
    peek: bool = False,
) -> Counted:
    """Asks for the session and counts the request in every limit, in one round trip.

    Redis away raises `Unavailable`: neither revocation nor a limit may be skipped because its store is gone.
    """
    window = -WINDOW_MS if peek else WINDOW_MS
    asked = [(limit_key(policy.name, subject), window) for policy, subject in subjects]
    if session_id:
        asked.append((session_key(session_id), ASK_STATE))
    try:
        answers = await _edge_calls(redis).ask(asked)
    except (RedisError, OSError, TimeoutError) as error:
        raise Unavailable("Sign-in state can't be checked just now; try again in a moment.") from error
    usages = tuple(
        Usage(policy, used, -(-left_ms // 1000))
        for (policy, _), (used, left_ms) in zip(subjects, answers, strict=False)
    )
    return Counted(answers[-1] if session_id else None, usages)


@cache
def _edge_calls(redis: Redis) -> EdgeCalls:
    return EdgeCalls(redis)

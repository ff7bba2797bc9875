"""Policies, their counters, and what the caller is told of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from rowhouse.kernel.errors import TooManyRequests, Unavailable
from rowhouse.kernel.limits.away import LOCAL, note_away
from rowhouse.kernel.limits.edge_calls import ASK_STATE, EdgeCalls
from rowhouse.kernel.redis import limit_key, session_key

WINDOW_S = 60
UNBOUNDED = 2**53
"""Where a limit is not known before the answer: nothing comes after it in its question."""


@dataclass(frozen=True, slots=True)
class Policy:
    """At most `limit` requests in a window that opens with the first of them.

    `away` says what happens while Redis can't be asked: `refuse`, or `local`, a count of this process's own by which
    reading may go on. docs/limits.md has the table.
    """

    name: str
    limit: int
    window_s: int = WINDOW_S
    away: Literal["refuse", "local"] = "refuse"


Subject = tuple[Policy, str]


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a policy one subject has used; `resets_in_s` is rounded up. `counted` is false where it was only
    looked at."""

    policy: Policy
    count: int
    resets_in_s: int
    counted: bool = True

    @property
    def remaining(self) -> int:
        return max(0, self.policy.limit - self.count)

    @property
    def exceeded(self) -> bool:
        return self.count > self.policy.limit

    @property
    def exceeded_now(self) -> bool:
        """Whether this was the first request past the limit."""
        return self.counted and self.count == self.policy.limit + 1

    def headers(self, now_s: int) -> Sequence[tuple[bytes, bytes]]:
        """The customary `X-RateLimit-…` fields and the IETF draft's `RateLimit` fields."""
        name, limit = self.policy.name, self.policy.limit
        return (
            (b"x-ratelimit-limit", b"%d" % limit),
            (b"x-ratelimit-remaining", b"%d" % self.remaining),
            (b"x-ratelimit-reset", b"%d" % (now_s + self.resets_in_s)),
            (b"ratelimit-policy", f'"{name}";q={limit};w={self.policy.window_s}'.encode()),
            (b"ratelimit", f'"{name}";r={self.remaining};t={self.resets_in_s}'.encode()),
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """The answer of one edge call: the session's stored state, and each limit's usage. `away`: Redis was not asked,
    the session's state is to be read from PostgreSQL, and only reading may go on."""

    session_state: bytes | None
    usages: tuple[Usage, ...]
    away: bool = False

    def enforce(self) -> None:
        """Raises `TooManyRequests` when any limit is exceeded, with the longest wait."""
        waits = [u.resets_in_s for u in self.usages if u.exceeded]
        if waits:
            raise TooManyRequests(max(1, *waits))


def tightest(usages: Sequence[Usage]) -> Usage | None:
    """The limit that will be met first: what headers tell."""
    return min(usages, key=lambda u: u.policy.limit - u.count, default=None)


async def count(
    redis: Redis,
    session_id: UUID | None,
    subjects: Sequence[Subject],
    *,
    peek: bool = False,
    reading: bool = False,
) -> Counted:
    """Asks for the session and counts the request in every limit, in one round trip; past a limit nothing is counted
    in those after it. `peek` looks without counting.

    Redis away raises `Unavailable`: neither revocation nor a limit may be skipped because its store is gone. Only
    where the caller is `reading`, and every policy allows it, this process's own counters stand in.
    """
    asked = [
        (
            limit_key(policy.name, subject),
            (-policy.window_s if peek else policy.window_s) * 1000,
            policy.limit,
        )
        for policy, subject in subjects
    ]
    if session_id:
        asked.insert(0, (session_key(session_id), ASK_STATE, 0))
    try:
        answers = await _edge_calls(redis).ask(asked)
    except (RedisError, OSError, TimeoutError) as error:
        note_away(error)
        if not reading or any(policy.away == "refuse" for policy, _ in subjects):
            raise Unavailable("Sign-in state can't be checked just now; try again in a moment.") from error
        return Counted(None, tuple(_locally(subjects, peek)), away=True)
    state = answers[0] if session_id else None
    counters = answers[1:] if session_id else answers
    usages = tuple(
        Usage(policy, used, -(-left_ms // 1000), bool(was_counted))
        for (policy, _), (used, left_ms, was_counted) in zip(subjects, counters, strict=True)
    )
    return Counted(state, usages)


def _locally(subjects: Sequence[Subject], peek: bool) -> list[Usage]:
    usages: list[Usage] = []
    for policy, subject in subjects:
        counted = not peek and not any(usage.exceeded for usage in usages)
        used, left_s = LOCAL.count(limit_key(policy.name, subject), policy.window_s, add=counted)
        usages.append(Usage(policy, used, left_s, counted))
    return usages


@cache
def _edge_calls(redis: Redis) -> EdgeCalls:
    return EdgeCalls(redis)

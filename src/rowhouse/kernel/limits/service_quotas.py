"""How much of a service's limits is used: what its answers tell, shared by all organizations whose calls count alike.

Redis holds it until it is reset. It only grows until then, so that of two answers which overtake each other the one that
tells more counts. Nobody waits for Redis: while it is away, everybody goes by what they were told themselves.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from rowhouse.kernel.redis import service_calls_key, service_quota_key
from rowhouse.kit.time import now

LOOKED_AT_S = 1.0
SILENCE_S = 5.0
"""How long a Redis that has failed is left alone: each call would wait as long as that one did."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of one limit is used. `own` are those calls of the organization that asks, where all share the limit."""

    used: int
    limit: int
    resets_at: datetime
    own: int = 0

    @property
    def share(self) -> float:
        return self.used / self.limit if self.limit else 1.0

    @classmethod
    def from_json(cls, known: Mapping[str, Any] | None) -> "Quota | None":
        """What was kept of it, while that says anything."""
        if known is None:
            return None
        found = cls(known["used"], known["limit"], datetime.fromisoformat(known["resets_at"]))
        return found if found.resets_at > now() else None

    def as_json(self) -> dict[str, Any]:
        return {"used": self.used, "limit": self.limit, "resets_at": self.resets_at.isoformat()}


@dataclass(slots=True)
class SharedQuotas:
    """A service's limits, as one organization sees them: `known` is what was found last, a second ago at most wherever
    somebody looks. A limit is told from another by its size."""

    redis: Redis
    service: str
    organization_id: UUID
    known: Sequence[Quota] = ()
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _looks_at: float = 0.0
    _silent_until: float = 0.0

    async def look(self) -> None:
        """Never fails."""
        async with self._turn:
            if asyncio.get_running_loop().time() >= self._looks_at:
                await self._ask(())

    async def tell(self, told: Sequence[Quota]) -> None:
        """Counts a call of the organization, whose answer has told this. Never fails."""
        await self._ask(told)

    async def _ask(self, told: Sequence[Quota]) -> None:
        clock = asyncio.get_running_loop().time
        if clock() < self._silent_until:
            return
        keys = [service_quota_key(self.service), service_calls_key(self.organization_id, self.service)]
        numbers = [_ms(now())]
        for one in told:
            numbers += (one.limit, one.used, _ms(one.resets_at))
        try:
            rows = await _script(self.redis)(keys, numbers)
        except (RedisError, OSError, TimeoutError) as error:
            self._silent_until = clock() + SILENCE_S
            log.warning("quotas_not_shared", service=self.service, reason=type(error).__name__)
            return
        self._looks_at = clock() + LOOKED_AT_S
        self.known = [Quota(used, limit, _moment(ends), own) for limit, used, ends, own in rows]


async def shares_used(redis: Redis, services: Sequence[str]) -> Mapping[str, float]:
    """How much of each service's limits is used, of the fullest where there are several. Raises what Redis raises."""
    async with redis.pipeline(transaction=False) as pipeline:
        for service in services:
            pipeline.hgetall(service_quota_key(service))
        found: list[dict[bytes, bytes]] = await pipeline.execute()
    return {name: max(_shares(limits), default=0.0) for name, limits in zip(services, found, strict=True)}


def _shares(limits: Mapping[bytes, bytes]) -> Sequence[float]:
    said = [(int(limit), *map(int, value.split())) for limit, value in limits.items()]
    found = [Quota(used, limit, _moment(ends)) for limit, used, ends in said]
    return [one.share for one in found if one.resets_at > now()]


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


@cache
def _script(redis: Redis) -> AsyncScript:
    return redis.register_script(
        files(__package__).joinpath("service_quotas.lua").read_text(encoding="utf-8")
    )

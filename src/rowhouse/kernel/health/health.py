"""Health of each part. A part that is away is named; the answer says what still works."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal

from pydantic import BaseModel
from redis.asyncio import Redis

from rowhouse.kernel.health.checks import HealthCheck
from rowhouse.kernel.platform import Platform
from rowhouse.kit.time import now

State = Literal["healthy", "degraded", "unhealthy"]
CHECK_TIMEOUT_S = 3.0
KEPT_S = 2.0
"""How long an answer is given again: whoever asks without end does not have the parts asked without end."""


class Part(BaseModel):
    """One part's state; `detail` says what does not work without it."""

    state: State
    detail: str | None = None
    duration_ms: float = 0.0


class Health(BaseModel):
    """The worst of its parts: without an essential one nothing works, without another some things wait."""

    status: State
    parts: dict[str, Part]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check has found. `cause` may name addresses and versions: it is for operators. `since` is when this
    process first saw the part as it is now."""

    check: HealthCheck
    cause: str | None
    duration_ms: float
    since: datetime
    asked_at: float

    @property
    def state(self) -> State:
        if self.cause is None:
            return "healthy"
        return "unhealthy" if self.check.essential else "degraded"


class Watch:
    """What one process knows of the parts, each asked once at a time, however many want to know."""

    def __init__(self) -> None:
        self._found: dict[str, Finding] = {}
        self._asking: dict[str, asyncio.Task[str | None]] = {}

    async def ask(self, platform: Platform, check: HealthCheck) -> Finding:
        known = self._found.get(check.name)
        if known is not None and time.monotonic() - known.asked_at < KEPT_S:
            return known
        started = time.monotonic()
        cause = await self._cause(platform, check)
        well = known is not None and (known.cause is None) == (cause is None)
        finding = Finding(
            check=check,
            cause=cause,
            duration_ms=round((time.monotonic() - started) * 1000, 1),
            since=known.since if known is not None and well else now(),
            asked_at=time.monotonic(),
        )
        self._found[check.name] = finding
        return finding

    async def _cause(self, platform: Platform, check: HealthCheck) -> str | None:
        """Never waits for a check that does not end: one of a part that hangs may take long even to be cancelled."""
        task = self._asking.get(check.name)
        if task is None or task.done():
            task = self._asking[check.name] = asyncio.create_task(_caught(platform, check))
        await asyncio.wait({task}, timeout=CHECK_TIMEOUT_S)
        if task.done() and not task.cancelled():
            return task.result()
        task.cancel()
        return f"no answer within {CHECK_TIMEOUT_S:.0f} s"


async def look(platform: Platform) -> list[Finding]:
    """Asks every part at once; the answer is there within three seconds."""
    return await _findings(platform, platform.registry.health)


async def health(platform: Platform) -> Health:
    """What everybody may know."""
    findings = await look(platform)
    states = {finding.state for finding in findings}
    status: State = (
        "unhealthy" if "unhealthy" in states else "degraded" if "degraded" in states else "healthy"
    )
    parts = {
        finding.check.name: Part(
            state=finding.state,
            detail=None if finding.cause is None else finding.check.without,
            duration_ms=finding.duration_ms,
        )
        for finding in findings
    }
    return Health(status=status, parts=parts)


async def ready(platform: Platform) -> bool:
    """Whether requests can be served: every essential part is well."""
    essential = [check for check in platform.registry.health if check.essential]
    return all(finding.cause is None for finding in await _findings(platform, essential))


async def _findings(
    platform: Platform, checks: "list[HealthCheck] | tuple[HealthCheck, ...]"
) -> list[Finding]:
    watch = _watch(platform.redis)
    return list(await asyncio.gather(*(watch.ask(platform, check) for check in checks)))


async def _caught(platform: Platform, check: HealthCheck) -> str | None:
    try:
        return await check.ask(platform)
    except Exception as error:  # noqa: BLE001 - whatever a part fails with is what this reports
        return type(error).__name__


@cache
def _watch(_redis: Redis) -> Watch:
    """The process's one, or a test's own."""
    return Watch()

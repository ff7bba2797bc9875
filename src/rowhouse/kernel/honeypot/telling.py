"""Telling of touched decoys, apart from the requests that touched them."""

import time

from rowhouse.kernel.audit.recording import record_refusal
from rowhouse.kernel.context import NOBODY
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.watch.decoys import Touch, decoys

LOADED_EVERY_S = 60.0


class HoneypotRound:
    """Learns the decoys once a minute, and puts each touch into the platform's own chain of the audit log: not into
    that of whoever touched it, whose owner could read there that it was noticed."""

    def __init__(self) -> None:
        self._load_at = 0.0

    async def __call__(self, platform: Platform) -> None:
        if time.monotonic() >= self._load_at:
            await decoys.load(platform.database)
            self._load_at = time.monotonic() + LOADED_EVERY_S
        for touch in decoys.take():
            await record_touch(platform, touch)


async def record_touch(platform: Platform, touch: Touch) -> None:
    who = touch.identity
    details = {
        "decoy": touch.kind,
        "method": touch.method,
        "route": touch.route,
        "status": touch.status,
        "organization_id": who.organization_id,
        "account_id": who.account_id,
        "api_key_id": who.api_key_id,
        "operator_id": who.operator_id,
    }
    told = {name: value if isinstance(value, int) else str(value) for name, value in details.items() if value}
    await record_refusal(
        platform,
        NOBODY,
        touch.request,
        "security.honeypot_touched",
        resource=f"{touch.kind}:{touch.decoy}",
        details=told,
    )

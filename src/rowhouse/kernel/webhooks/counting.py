"""What becomes of webhooks, counted for metrics and told in the log."""

from typing import Literal

import structlog

from rowhouse.kernel.observability.metrics import WEBHOOKS

log = structlog.get_logger(__name__)


def count(direction: Literal["in", "out"], name: str, outcome: str) -> None:
    """`name` is a declared provider or a published type, never what a stranger wrote; `outcome` one of our words."""
    WEBHOOKS.labels(direction, name, outcome).inc()
    log.info("webhook", direction=direction, name=name, outcome=outcome)

"""What becomes of connections, counted for metrics and told in the log."""

from typing import Literal

import structlog

from rowhouse.kernel.observability.metrics import CONNECTIONS

log = structlog.get_logger(__name__)


def count(
    service: str,
    what: Literal["connect", "refresh", "revoke"],
    outcome: Literal["made", "renewed", "refused", "away", "revoked", "given_up"],
) -> None:
    CONNECTIONS.labels(service, what, outcome).inc()
    log.info("connection", service=service, what=what, outcome=outcome)

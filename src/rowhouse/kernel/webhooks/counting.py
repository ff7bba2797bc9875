"""What became of webhooks, counted since this process began; metrics read it."""

from collections import Counter
from collections.abc import Mapping
from typing import Literal

import structlog

Direction = Literal["in", "out"]

_counts: Counter[tuple[Direction, str, str]] = Counter()

log = structlog.get_logger(__name__)


def count(direction: Direction, name: str, outcome: str) -> None:
    """`name` is a declared provider or a published type, never what a stranger wrote; `outcome` one of our words."""
    _counts[direction, name, outcome] += 1
    log.info("webhook", direction=direction, name=name, outcome=outcome)


def readings() -> Mapping[tuple[Direction, str, str], int]:
    """(direction, name, outcome) → how many."""
    return dict(_counts)

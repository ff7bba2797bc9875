"""Which source counts first where several speak of the same night or day (F5, for recovery)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

PROVIDERS = ("whoop", "oura", "garmin", "polar", "withings", "healthkit")
"""Best first. Others come after them, by name."""
EVERY_KIND = "biometrics"
"""Beside the names of kinds in an athlete's own precedence, for all of them."""


def chosen_for(kind: str, precedence: Mapping[str, Any]) -> Sequence[str]:
    """The providers that the athlete puts first for a kind, best first."""
    return list(precedence.get(kind) or precedence.get(EVERY_KIND) or ())


def in_order(providers: Iterable[str], chosen: Sequence[str] = ()) -> list[str]:
    order = [*chosen, *(one for one in PROVIDERS if one not in chosen)]
    return sorted(providers, key=lambda one: (order.index(one) if one in order else len(order), one))

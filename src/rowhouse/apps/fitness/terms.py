"""Providers' terms of use, as they bind us: data, which an operator may replace by what a provider has told them
(`ROWHOUSE_PROVIDER_TERMS`). What came before a change keeps the terms under which it came, but for how long it is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from rowhouse.kernel.settings import Settings


@dataclass(frozen=True, slots=True)
class Terms:
    """For how long what a provider's API gave may be kept (None: for ever), and whether it may reach a model, others such
    as a coach, or be analysed and combined with other data."""

    retention_days: int | None = None
    model_input: bool = True
    share_with_others: bool = True
    combine_and_analyse: bool = True
    why: str = ""


DECLARED: Mapping[str, Terms] = {
    # The policy of June 2026, read strictly, forbids combining too; that we do is for the operator to settle with Strava.
    "strava": Terms(
        retention_days=7,
        model_input=False,
        share_with_others=False,
        combine_and_analyse=True,
        why="Strava's API policy lets what its API gave be kept for seven days, and shown to the athlete alone.",
    ),
}
"""By provider; whoever is not here has terms that limit nothing."""


def terms_of(settings: Settings, provider: str) -> Terms:
    said = (settings.provider_terms or {}).get(provider)
    declared = DECLARED.get(provider, Terms())
    return replace(declared, **said.model_dump(exclude_unset=True)) if said is not None else declared


def kept_apart(settings: Settings) -> frozenset[str]:
    """The providers whose records are neither combined with others nor analysed."""
    known = {*DECLARED, *(settings.provider_terms or {})}
    return frozenset(name for name in known if not terms_of(settings, name).combine_and_analyse)

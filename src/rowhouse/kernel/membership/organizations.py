"""A person's organizations, and what an organization has set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.errors import FieldError, InvalidInput, PreconditionFailed
from rowhouse.kernel.http.edge import STRONG, check_recent
from rowhouse.kernel.lifecycle.transitions import provision
from rowhouse.kernel.membership.errors import SecondFactorFirst, TooManyOrganizations
from rowhouse.kernel.organizations.models import Organization
from rowhouse.kernel.organizations.service import (
    OWNER,
    OwnOrganization,
    found_organization,
    get_organization,
    list_own_organizations,
    lock_organization,
    open_account,
)
from rowhouse.kernel.organizations.settings import SECURITY, OrganizationSettings, read_settings
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kernel.sessions.presence import presences_of_organization, renew_presence
from rowhouse.kit.ids import uuid7

MOST_OWNED = 50
NEVER = inf
"""Hours after which a sign-in ends by an organization that says nothing."""


@dataclass(frozen=True, slots=True)
class Belonging:
    """One of a person's organizations, and their account there that holds most."""

    id: UUID
    name: str
    kind: str
    state: str
    role: str
    account_id: UUID
    deletable_until: datetime | None
    created_at: datetime


async def list_organizations(ctx: Ctx) -> Sequence[Belonging]:
    """The context's person's organizations, the oldest first; a deleted one is shown to its owners alone."""
    held: dict[UUID, tuple[int, OwnOrganization]] = {}
    for one in await list_own_organizations(ctx):
        if one.state == "deleted" and one.role != OWNER:
            continue
        weight = len(ctx.platform.registry.permissions_held(one.role, one.holds))
        if one.id not in held or weight > held[one.id][0]:
            held[one.id] = weight, one
    return [_belonging(one) for _, one in held.values()]


async def create_organization(ctx: Ctx, name: str) -> Belonging:
    """Makes a team that the context's person owns, provisioned. Raises `TooManyOrganizations`."""
    owned = [one for one in await list_own_organizations(ctx) if one.role == OWNER]
    if len(owned) >= MOST_OWNED:
        raise TooManyOrganizations
    there = await acting_as(ctx, Identity(uuid7(), ctx.user, uuid7(), role=OWNER))
    await found_organization(there, "team", name)
    await open_account(there, OWNER)
    await provision(there)
    await record(there, "organization.created", resource=f"organization:{there.org}")
    return next(_belonging(one) for one in await list_own_organizations(there) if one.id == there.org)


async def get(ctx: Ctx) -> Organization:
    return await get_organization(ctx)


async def edit(
    ctx: Ctx, *, name: str | None, settings: Mapping[str, Any], version: int | None
) -> Organization:
    """Changes what is named; a setting that is null falls back to its default. Raises `PreconditionFailed` when the
    organization is past `version`, `InvalidInput`, `SecondFactorFirst`, `StepUpRequired`, `ApiKeyNotAllowed`."""
    organization = await lock_organization(ctx)
    if version is not None and version != organization.version:
        raise PreconditionFailed(organization.version)
    before = read_settings(organization.settings)
    after = _merged(organization.settings, settings)
    _check_mfa(ctx, before, after)
    if _opens(before, after) or _deletes_sooner(ctx, before, after):
        check_recent(ctx.identity)
    organization.name = name or organization.name
    if after != before:
        organization.settings = organization.settings | after.model_dump(mode="json")
    if ctx.session.is_modified(organization):
        organization.version += 1
    await ctx.session.flush()
    await ctx.session.refresh(organization)
    if any(getattr(before, key) != getattr(after, key) for key in SECURITY):
        await renew_presence(ctx.platform.redis, *await presences_of_organization(ctx))
    return organization


def _merged(stored: Mapping[str, Any], edit: Mapping[str, Any]) -> OrganizationSettings:
    kept = {key: value for key, value in stored.items() if key not in edit}
    named = {key: value for key, value in edit.items() if value is not None}
    try:
        return read_settings(kept | named)
    except ValidationError as error:
        raise InvalidInput(
            errors=[
                FieldError(f"settings.{'.'.join(map(str, one['loc']))}", one["type"], one["msg"])
                for one in error.errors()
            ]
        ) from error


def _check_mfa(ctx: Ctx, before: OrganizationSettings, after: OrganizationSettings) -> None:
    """Nobody locks out everybody, themselves first."""
    if after.mfa_required and not before.mfa_required and STRONG.isdisjoint(ctx.identity.methods):
        raise SecondFactorFirst


def _opens(before: OrganizationSettings, after: OrganizationSettings) -> bool:
    """Whether anybody gets in, or stays in, who would not have: no door is opened with a session left alone."""
    domains, admitted = set(before.allowed_email_domains), set(after.allowed_email_domains)
    return (
        (before.mfa_required and not after.mfa_required)
        or (after.session_hours or NEVER) > (before.session_hours or NEVER)
        or (bool(domains) and (not admitted or not admitted <= domains))
    )


def _deletes_sooner(ctx: Ctx, before: OrganizationSettings, after: OrganizationSettings) -> bool:
    """Whether the next round of any rule takes, for good, what was to be kept longer."""
    return any(
        rule.days_for(after.retention_days) < rule.days_for(before.retention_days)
        for rule in ctx.platform.registry.retention
    )


def _belonging(one: OwnOrganization) -> Belonging:
    return Belonging(
        one.id, one.name, one.kind, one.state, one.role, one.account_id, one.erase_at, one.created_at
    )

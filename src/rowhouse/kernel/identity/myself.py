"""What a person sees of themselves, in one round trip: every page of the web begins with it."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, literal_column, select

from rowhouse.kernel.access.models import Grant
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.database import CompiledQuery
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.organizations.granted import counts
from rowhouse.kernel.organizations.models import Organization

OWN_ACCOUNTS: Any = literal_column("(SELECT json_agg(a) FROM resolve.own_accounts() a)")


@dataclass(frozen=True, slots=True)
class Myself:
    """A person, the organization of the account they act as, their accounts that can be used (for an API key the one
    it acts for), and what others have granted that account, by grant: as JSON, ids as texts."""

    user: dict[str, Any]
    organization: dict[str, Any]
    accounts: list[dict[str, Any]]
    grants: dict[str, list[str]]


async def get_myself(ctx: Ctx) -> Myself:
    """The context's person. Raises `NotFound` where they or their organization have just gone."""
    values = {"user": ctx.user, "org": ctx.org, "account": ctx.account}
    rows = await ctx.read(_query(), values)
    if not rows:
        raise NotFound
    [(user, organization, accounts, grants)] = rows
    usable = [one for one in accounts or () if one["state"] == one["organization_state"] == "active"]
    if ctx.identity.api_key_id is not None:
        usable = [one for one in usable if UUID(one["id"]) == ctx.account]
    return Myself(user, organization, usable, dict(grants or ()))


@cache
def _query() -> CompiledQuery:
    user = func.json_build_object(
        "id", User.id, "email", User.email, "name", User.name,
        "email_verified", User.email_verified_at.is_not(None),
    )  # fmt: skip
    organization = func.json_build_object(
        "id", Organization.id, "name", Organization.name, "kind", Organization.kind, "state", Organization.state
    )  # fmt: skip
    granted = (
        select(func.json_agg(func.json_build_array(Grant.id, Grant.permissions)))
        .where(
            Grant.organization_id == bindparam("org", type_=Uuid),
            Grant.account_id == bindparam("account", type_=Uuid),
            counts(bindparam("org", type_=Uuid)),
        )
        .scalar_subquery()
    )
    return CompiledQuery(
        select(user, organization, OWN_ACCOUNTS, granted)
        .select_from(User)
        .join(Organization, Organization.id == bindparam("org", type_=Uuid))
        .where(User.id == bindparam("user", type_=Uuid))
    )

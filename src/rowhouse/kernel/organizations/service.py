"""Founding organizations, and the accounts a person can act as."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    String,
    Uuid,
    column,
    func,
    literal_column,
    select,
    text,
    update,
)

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.paging import Place
from rowhouse.kernel.organizations.models import Account, Organization

OWNER = "owner"


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """One of a person's accounts, with what they need to know of its organization."""

    id: UUID
    organization_id: UUID
    organization_name: str
    organization_kind: str
    organization_state: str
    role: str
    state: str
    holds: Sequence[str] | None = None
    mfa_required: bool = False

    @property
    def usable(self) -> bool:
        return self.state == "active" and self.organization_state == "active"

    @property
    def awaited(self) -> bool:
        """Usable as soon as its organization is set up."""
        return self.state == "active" and self.organization_state == "provisioning"


@dataclass(frozen=True, slots=True)
class OwnOrganization:
    """An organization that a person belongs to, as one account of theirs there."""

    account_id: UUID
    role: str
    holds: Sequence[str] | None
    id: UUID
    name: str
    kind: str
    state: str
    erase_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """An account of the context's organization, with whose it is. `mfa`: they have signed in with a second factor."""

    account_id: UUID
    user_id: UUID
    name: str
    email: str
    role: str
    state: str
    mfa: bool
    last_seen_at: datetime | None
    joined_at: datetime


MEMBERS = func.resolve.members().table_valued(
    *(column(name, Uuid) for name in ("account_id", "user_id")),
    *(column(name, String) for name in ("name", "email", "role", "state")),
    column("mfa", Boolean),
    *(column(name, DateTime(timezone=True)) for name in ("last_seen_at", "joined_at")),
)
MEMBERS_BY: Mapping[str, Callable[[ColumnElement[Any]], ColumnElement[Any]]] = {
    "name": func.lower,
    "role": lambda role: role,
    "last_seen_at": lambda seen: func.coalesce(seen, literal_column("'-infinity'::timestamptz")),
}
"""What members can be sorted by besides the order in which they came."""
MEMBERS_SORTS: Mapping[str, tuple[Any, ...]] = {
    "joined_at": (UUID,),
    "name": (str, UUID),
    "role": (str, UUID),
    "last_seen_at": (datetime | None, UUID),
}
"""The names that members can be sorted by, with the types of their keys."""


def naming(person: str, organization: str | None) -> tuple[Literal["personal", "team"], str]:
    """Kind and name of the organization someone signs up with: named by them a team, otherwise their own."""
    return ("team", organization) if organization else ("personal", person)


async def found_organization(ctx: Ctx, kind: Literal["personal", "team"], name: str) -> None:
    """Creates the context's organization, in which nobody acts until it is provisioned."""
    ctx.session.add(Organization(id=ctx.org, kind=kind, name=name, state="provisioning"))
    await ctx.session.flush()


async def open_account(ctx: Ctx, role: str) -> None:
    """Makes the context's person, as the context's account, a member of its organization."""
    ctx.session.add(Account(organization_id=ctx.org, id=ctx.account, user_id=ctx.user, role=role))
    await ctx.session.flush()


async def rename_founded(ctx: Ctx, kind: Literal["personal", "team"], name: str) -> None:
    """Gives the context's organization another name and kind, if the context's account founded it."""
    await ctx.session.execute(
        update(Organization)
        .where(Organization.id == ctx.org, Organization.created_by == ctx.account)
        .values(kind=kind, name=name)
    )


async def get_organization(ctx: Ctx) -> Organization:
    """The context's organization."""
    return (await ctx.session.execute(select(Organization).where(Organization.id == ctx.org))).scalar_one()


async def list_own_accounts(ctx: Ctx) -> Sequence[OwnAccount]:
    """All accounts of the context's person in all organizations, the oldest first."""
    rows = await ctx.session.execute(text("SELECT * FROM resolve.own_accounts()"))
    return [OwnAccount(**row) for row in rows.mappings()]


async def lock_organization(ctx: Ctx) -> Organization:
    """The context's organization, held until the transaction ends: whatever changes who belongs to it, or its state,
    does so one after the other."""
    return (
        await ctx.session.execute(
            select(Organization)
            .where(Organization.id == ctx.org)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).scalar_one()


async def hold_membership(ctx: Ctx) -> bool:
    """Whether the context's account and its organization are both active. Until the transaction ends they stay what
    they are: whoever changes them, under `lock_organization`, waits, and then finds the session or key that was begun
    meanwhile. Called before any other row of the organization is locked."""
    held = select(Organization.state).where(Organization.id == ctx.org).with_for_update(read=True)
    if await ctx.session.scalar(held) != "active":
        return False
    # A statement of its own: it sees what was committed while the first one waited.
    account = select(Account.state).where(Account.organization_id == ctx.org, Account.id == ctx.account)
    return await ctx.session.scalar(account) == "active"


async def list_own_organizations(ctx: Ctx) -> Sequence[OwnOrganization]:
    """Every active account of the context's person, with its organization whatever that one's state."""
    rows = await ctx.session.execute(
        text("SELECT * FROM resolve.own_organizations() ORDER BY id, account_id")
    )
    return [OwnOrganization(**row) for row in rows.mappings()]


async def list_members(ctx: Ctx, place: Place) -> Sequence[Member]:
    """Who belongs to the context's organization, in one of `MEMBERS_SORTS`."""
    name = place.sort.removeprefix("-")
    by = MEMBERS_BY.get(name)
    columns = (MEMBERS.c[name], MEMBERS.c.account_id) if by else (MEMBERS.c.account_id,)
    rows = await ctx.session.execute(place.of(select(MEMBERS), *columns, by=by))
    return [Member(**row) for row in rows.mappings()]


async def get_member(ctx: Ctx, account_id: UUID) -> Member:
    """One of them, who must be there."""
    rows = await ctx.session.execute(select(MEMBERS).where(MEMBERS.c.account_id == account_id))
    return Member(**rows.mappings().one())


async def find_members(ctx: Ctx, email_key: str) -> Sequence[Member]:
    """The members of the context's organization behind one address: several, if they have several roles."""
    rows = await ctx.session.execute(
        text("SELECT * FROM resolve.members() WHERE lower(email) = lower(:key)"), {"key": email_key}
    )
    return [Member(**row) for row in rows.mappings()]


async def list_owners(ctx: Ctx) -> Sequence[Member]:
    """The active owners of the context's organization."""
    rows = await ctx.session.execute(
        text("SELECT * FROM resolve.members() WHERE role = :owner AND state = 'active' ORDER BY account_id"),
        {"owner": OWNER},
    )
    return [Member(**row) for row in rows.mappings()]

"""Founding organizations, and the accounts a person can act as."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import select, text, update

from rowhouse.kernel.context import Ctx
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


def naming(person: str, organization: str | None) -> tuple[Literal["personal", "team"], str]:
    """Kind and name of the organization someone signs up with: named by them a team, otherwise their own."""
    return ("team", organization) if organization else ("personal", person)


async def found_organization(ctx: Ctx, kind: Literal["personal", "team"], name: str) -> None:
    """Creates the context's organization."""
    ctx.session.add(Organization(id=ctx.org, kind=kind, name=name, state="active"))
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

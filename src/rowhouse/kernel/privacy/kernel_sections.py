"""What the kernel adds to exports besides its tables: who belongs to an organization, and what the audit log says."""

from sqlalchemy import ColumnElement, select

from rowhouse.kernel.audit.models import Batch, Entry
from rowhouse.kernel.audit.personal import list_values
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.paging import Place
from rowhouse.kernel.inspection.search import Filters, position, read_actors, read_page, read_rows
from rowhouse.kernel.inspection.search import view as entry_view
from rowhouse.kernel.organizations.models import Organization
from rowhouse.kernel.organizations.service import list_members, list_own_accounts
from rowhouse.kernel.privacy.sections import PAGE, After, Row, Rows, Section


async def read_memberships(ctx: Ctx, _after: After) -> Rows:
    """In which organizations the person is, by name; a person has few."""
    own = await list_own_accounts(ctx)
    return [
        {
            "account_id": one.id,
            "organization_id": one.organization_id,
            "organization": one.organization_name,
            "role": one.role,
            "state": one.state,
        }
        for one in own
    ], None


async def read_organization(ctx: Ctx, _after: After) -> Rows:
    """The organization that the export is made in, for whoever exports their own data there."""
    found = (
        await ctx.session.execute(
            select(Organization.id, Organization.name, Organization.kind, Organization.created_at).where(
                Organization.id == ctx.org
            )
        )
    ).mappings()
    return [dict(row) for row in found], None


async def read_members(ctx: Ctx, after: After) -> Rows:
    """Who belongs to the organization."""
    page = await list_members(ctx, Place(PAGE, after, "joined_at"))
    rows: list[Row] = [
        {
            "account_id": one.account_id,
            "name": one.name,
            "email": one.email,
            "role": one.role,
            "state": one.state,
            "joined_at": one.joined_at,
        }
        for one in page
    ]
    return rows, (page[-1].account_id,) if len(page) == PAGE else None


async def read_log(ctx: Ctx, after: After) -> Rows:
    """The organization's audit log, the newest first."""
    actors = await read_actors(ctx)
    found = await read_page(ctx, Filters(), actors, Place(PAGE, after))
    rows = [entry_view(row, actors) for row in found]
    return rows, position(found[-1]) if len(found) == PAGE else None


async def read_acts(ctx: Ctx, after: After) -> Rows:
    """What the audit log of the organization says that this account did."""
    return await _entries(ctx, after, Batch.actor_account_id == ctx.account)


async def read_mentions(ctx: Ctx, after: After) -> Rows:
    """What it says was done to this account or person, by whomever."""
    about = [str(ctx.account), str(ctx.user)]
    return await _entries(
        ctx, after, Entry.resource_id.in_(about), Batch.actor_account_id.is_distinct_from(ctx.account)
    )


async def read_values(ctx: Ctx, after: After) -> Rows:
    """The personal values that the log keeps of the person, under their key."""
    found = await list_values(ctx, after, PAGE)
    rows: list[Row] = [
        {"organization_id": row.organization_id, "at": row.at, "batch_id": row.batch_id, "values": values}
        for row, values in found.opened
    ]
    return rows, found.following


async def _entries(ctx: Ctx, after: After, *conditions: ColumnElement[bool]) -> Rows:
    found = await read_rows(ctx, conditions, Place(PAGE, after))
    rows = [entry_view(row, {}) for row in found]
    return rows, position(found[-1]) if len(found) == PAGE else None


SECTIONS = (
    Section("kernel/memberships", "person", read_memberships),
    Section("kernel/organization", "person", read_organization),
    Section("audit/acts", "person", read_acts),
    Section("audit/mentions", "person", read_mentions),
    Section("audit/values", "person", read_values),
    Section("kernel/members", "organization", read_members),
    Section("audit/log", "organization", read_log),
)

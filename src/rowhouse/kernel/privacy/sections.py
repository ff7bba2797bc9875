"""What an export is made of: sections of rows, and attachments as they are, each read a page at a time.

Every table becomes a section by itself, for its owner. An app adds what no table says alone: files in storage,
samples, what others wrote about somebody.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import ColumnElement, Table, or_, select, tuple_

from rowhouse.kernel.privacy.holdings import Holding, is_credential, owner_columns, tables, whose

if TYPE_CHECKING:  # contexts stand on the registry, which holds sections
    from rowhouse.kernel.context import Ctx
    from rowhouse.kernel.registry import Registry

Scope = Literal["person", "organization"]
After = tuple[Any, ...] | None
Row = Mapping[str, Any]
Rows = tuple[Sequence[Row], After]
"""A page, and where the next begins; None after the last."""

PAGE = 500
ATTACHMENTS_PAGE = 50


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one kind: written as JSON and as CSV. `of_account` where they belong to an account in an organization, not
    to its person in all of them."""

    name: str
    scope: Scope
    read: Callable[["Ctx", After], Awaitable[Rows]]
    of_account: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of an export: its bytes, or the key under which storage has them."""

    name: str
    data: bytes | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Attachments:
    """Files of one kind, put into the export as they are."""

    name: str
    scope: Scope
    read: Callable[["Ctx", After], Awaitable[tuple[Sequence[Attachment], After]]]


def sections_of(registry: "Registry", scope: Scope) -> list[Section]:
    """All sections of an export, always in the same order."""
    own = [_of_table(table, registry.holdings.get(str(table))) for table in tables()]
    added = [one for one in registry.exports if isinstance(one, Section)]
    return [section for section in (*own, *added) if section is not None and section.scope == scope]


def attachments_of(registry: "Registry", scope: Scope) -> list[Attachments]:
    return [one for one in registry.exports if isinstance(one, Attachments) and one.scope == scope]


def _of_table(table: Table, holding: Holding | None) -> Section | None:
    """The section of one table; none for what nobody owns, and for the audit log, which has sections of its own."""
    owner = whose(table)
    if owner == "platform" or table.schema == "audit" or (holding is not None and not holding.exported):
        return None
    omitted = holding.omitted if holding is not None else ()
    columns = [c for c in table.columns if c.name not in omitted and not is_credential(c)]
    keys = list(table.primary_key.columns)

    async def read(ctx: "Ctx", after: After) -> Rows:
        query = select(*columns, *(key.label(f"_{key.name}") for key in keys))
        query = query.where(*_owned(ctx, table)).order_by(*keys).limit(PAGE)
        if after is not None:
            query = query.where(tuple_(*keys) > tuple_(*after))
        found = (await ctx.session.execute(query)).mappings().all()
        page = [{column.name: row[column.name] for column in columns} for row in found]
        return page, tuple(found[-1][f"_{key.name}"] for key in keys) if len(found) == PAGE else None

    scope: Scope = "organization" if owner == "organization" else "person"
    return Section(str(table).replace(".", "/"), scope, read, of_account=owner == "account")


def _owned(ctx: "Ctx", table: Table) -> list[ColumnElement[bool]]:
    """The rows that are the context's own: the policies say the same."""
    owner = whose(table)
    if owner == "organization":
        column = "id" if str(table) == "kernel.organizations" else "organization_id"
        return [table.columns[column] == ctx.org]
    if owner == "person":
        return [owner_columns(table)[0] == ctx.user]
    return [
        table.columns["organization_id"] == ctx.org,
        or_(*(column == ctx.account for column in owner_columns(table))),
    ]

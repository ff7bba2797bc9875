"""Searching the audit log, page by page: by actor, action, resource, time, outcome, and words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, and_, func, or_, select, text, tuple_
from sqlalchemy.orm import aliased
from sqlalchemy.orm.util import AliasedClass
from sqlalchemy.sql.util import find_tables

from rowhouse.kernel.audit.models import Batch, Entry
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.paging import Place
from rowhouse.kernel.errors import InvalidFilter

SORTS = {"at": (datetime, UUID, int)}
ACTORS = text("SELECT account_id, user_id, name FROM resolve.actors()")
# One look into the index for each name, however many entries there are.
ACTIONS = text(
    """
    WITH RECURSIVE found (action) AS (
        (SELECT min(action) FROM audit.batches WHERE audit.batches.organization_id = :org)
        UNION ALL
        SELECT (SELECT min(audit.batches.action) FROM audit.batches
                WHERE audit.batches.organization_id = :org AND audit.batches.action > found.action)
        FROM found WHERE found.action IS NOT NULL
    )
    SELECT action FROM found WHERE action IS NOT NULL
    """
)


@dataclass(frozen=True, slots=True)
class Actor:
    """A member, as entries name them."""

    account_id: UUID
    user_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What to look for; all that are given must hold. `actor` is an account or a person, `action` a name or a
    beginning with `*`, `resource` a kind, `kind:id` or an id; `to` is excluded."""

    actor: UUID | None = None
    action: str | None = None
    resource: str | None = None
    from_: datetime | None = None
    to: datetime | None = None
    outcome: str | None = None
    q: str | None = None


async def list_entries(ctx: Ctx, filters: Filters, place: Place) -> list[dict[str, Any]]:
    """A page of entries as callers see them."""
    actors = await read_actors(ctx)
    return [view(row, actors) for row in await read_page(ctx, filters, actors, place)]


async def read_actors(ctx: Ctx) -> Mapping[UUID, Actor]:
    """The organization's members, former ones too, by account."""
    return {row.account_id: Actor(*row) for row in await ctx.session.execute(ACTORS)}


async def read_page(
    ctx: Ctx, filters: Filters, actors: Mapping[UUID, Actor], place: Place
) -> Sequence[Row[Batch, Entry]]:
    return await read_rows(ctx, await _conditions(ctx, filters, actors), place)


async def read_rows(
    ctx: Ctx, conditions: Sequence[ColumnElement[bool]], place: Place
) -> Sequence[Row[Batch, Entry]]:
    """A page of what fits the conditions. Where they are about batches alone, no more of these are read than the page
    can need (each has an entry): the planner takes a join by several columns to give one row, and would rather sort
    the whole log than follow its index."""
    conditions = [Batch.organization_id == ctx.org, *conditions]
    source: type[Batch] | AliasedClass[Batch] = Batch
    if not _looks_at_entries(conditions):
        source = aliased(Batch, _few(conditions, place).subquery())
        conditions = []
    query = (
        select(source, Entry)
        .join(Entry, and_(Entry.at == source.at, Entry.batch_id == source.id))
        .where(Entry.organization_id == ctx.org, *conditions)
    )
    return (await ctx.session.execute(place.of(query, source.at, source.id, Entry.position))).all()


def _few(conditions: Iterable[ColumnElement[bool]], place: Place) -> Select[Batch]:
    """The batches of a page, and the one that it begins in."""
    query = select(Batch).where(*conditions)
    if place.after is not None:
        here, first = tuple_(Batch.at, Batch.id), tuple_(*place.after[:2])
        query = query.where(here <= first if place.descending else here >= first)
    return Place(place.most + 1, sort=place.sort).of(query, Batch.at, Batch.id)


def _looks_at_entries(conditions: Iterable[ColumnElement[bool]]) -> bool:
    return any(Entry.__table__ in find_tables(one, check_columns=True) for one in conditions)


def position(row: Any) -> tuple[Any, ...]:
    """Where a row stands in the list."""
    batch, entry = row
    return batch.at, batch.id, entry.position


def position_of(seen: Mapping[str, Any]) -> tuple[Any, ...]:
    """The same of an entry as callers see it."""
    batch, _, number = seen["id"].partition(".")
    return seen["at"], batch, int(number)


def view(row: Any, actors: Mapping[UUID, Actor]) -> dict[str, Any]:
    """An entry as callers see it."""
    batch, entry = row
    return {
        "id": f"{batch.id}.{entry.position}",
        "at": batch.at,
        "actor": _actor(batch, actors),
        "operator_id": batch.operator_id,
        "action": batch.action,
        "resource": {"kind": batch.resource_kind, "id": entry.resource_id} if batch.resource_kind else None,
        "outcome": batch.outcome,
        "changes": {name: _change(change) for name, change in entry.changes.items()}
        if entry.changes
        else None,
        "details": batch.details,
        "client_address": batch.client_address,
        "user_agent": batch.user_agent,
        "request_id": batch.request_id,
    }


def moment(name: str, written: str | None) -> datetime | None:
    """A date (`2026-01-31`: the whole day in UTC) or a time with offset, as a bound; None stays None."""
    if written is None:
        return None
    try:
        found = datetime.fromisoformat(written)
        if len(written) == len("2026-01-31"):
            day = datetime.combine(found.date(), time(), UTC)
            return day + timedelta(days=1) if name == "to" else day
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidFilter(
            f"{name} is a date (2026-01-31) or a time with offset (2026-01-31T08:00:00Z)."
        ) from error


async def _conditions(ctx: Ctx, filters: Filters, actors: Mapping[UUID, Actor]) -> list[ColumnElement[bool]]:
    found = _within(Batch.at, filters)
    if filters.actor is not None:
        found.append(Batch.actor_account_id.in_(_accounts_of(filters.actor, actors)))
    if filters.action is not None:
        found.append(Batch.action.in_(await _actions(ctx, filters.action)))
    if filters.resource is not None:
        found += _about(filters.resource)
    if filters.outcome is not None:
        found.append(Batch.outcome == filters.outcome)
    if filters.q is not None:
        found.append(await _mentions(ctx, filters.q, actors))
    if _looks_at_entries(found):
        found += _within(Entry.at, filters)  # so that months outside are not looked at
    return found


def _within(at: SQLColumnExpression[datetime], filters: Filters) -> list[ColumnElement[bool]]:
    after = [at >= filters.from_] if filters.from_ is not None else []
    return after + ([at < filters.to] if filters.to is not None else [])


def _accounts_of(actor: UUID, actors: Mapping[UUID, Actor]) -> list[UUID]:
    return [actor, *(one.account_id for one in actors.values() if one.user_id == actor)]


async def _actions(ctx: Ctx, wanted: str) -> list[str]:
    if not wanted.endswith("*"):
        return [wanted]
    return [name for name in await _known_actions(ctx) if name.startswith(wanted[:-1])]


async def _known_actions(ctx: Ctx) -> Sequence[str]:
    return (await ctx.session.scalars(ACTIONS, {"org": ctx.org})).all()


def _about(resource: str) -> list[ColumnElement[bool]]:
    kind, colon, id_ = resource.partition(":")
    if colon:
        return [Batch.resource_kind == kind, Entry.resource_id == id_]
    return [Entry.resource_id == resource if _is_id(resource) else Batch.resource_kind == resource]


def _is_id(resource: str) -> bool:
    """Rows are known by UUIDs (and what follows), kinds by words."""
    try:
        UUID(resource.partition("/")[0])
    except ValueError:
        return False
    return True


async def _mentions(ctx: Ctx, words: str, actors: Mapping[UUID, Actor]) -> ColumnElement[bool]:
    """Names are few and matched here; the log itself is asked by index alone."""
    sought = words.casefold()
    names = [name for name in await _known_actions(ctx) if sought in name.casefold()]
    people = [one.account_id for one in actors.values() if sought in one.name.casefold()]
    return or_(
        Batch.action.in_(names),
        Batch.actor_account_id.in_(people),
        Entry.resource_id == words,
        func.lower(Batch.resource_kind) == sought,
    )


def _actor(batch: Batch, actors: Mapping[UUID, Actor]) -> dict[str, Any] | None:
    if batch.actor_account_id is None and batch.actor_user_id is None:
        return None
    known = actors.get(batch.actor_account_id) if batch.actor_account_id else None
    return {
        "account_id": batch.actor_account_id,
        "user_id": batch.actor_user_id,
        "name": known.name if known else None,
    }


def _change(change: Mapping[str, Any]) -> dict[str, Any]:
    for why in ("masked", "personal"):
        if why in change:
            return {"old": None, "new": None, "hidden": why}
    return {"old": change.get("old"), "new": change.get("new"), "hidden": None}

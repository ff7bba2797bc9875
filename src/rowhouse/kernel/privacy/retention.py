"""Ending what was kept long enough: every rule, every organization, every day; counted first, and recorded.

In an organization a rule ends something only after a run of a day before has counted by the same days or fewer: with
a rule or a choice that is new, the first run is a dry one, whatever it was asked for. Rules that are `hourly` run every
hour, and wait for none. Rows go as `app_admin`, which the walls let delete nothing younger than they say; what hangs
together goes as its own account. An organization sees what went of it and what will go soon; operators see the sums.
"""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from psycopg import Error as DatabaseError
from sqlalchemy import ColumnElement, Table, delete, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import SQLAlchemyError

from rowhouse.kernel.audit.beginnings import drop_months
from rowhouse.kernel.audit.heads import remove_heads
from rowhouse.kernel.audit.models import Head, PersonalValues
from rowhouse.kernel.context import Ctx, Identity, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.db.models import Model
from rowhouse.kernel.jobs.models import NO_ORGANIZATION, Job
from rowhouse.kernel.organizations.models import Account, Organization
from rowhouse.kernel.organizations.service import get_organization
from rowhouse.kernel.organizations.settings import read_settings
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.privacy.models import Retention, RetentionRun
from rowhouse.kernel.privacy.rules import SOON_DAYS, Rule
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

BATCH = 2_000
ORGANIZATIONS_AT_ONCE = 500
ERRANDS_DAYS = 7
"""Jobs of nobody's organization: mails from before sign-in."""
COUNTED_FOR = timedelta(hours=12)
"""How long before it must have been counted: runs are a day apart, but for what each organization's part takes."""
HERE = RequestInfo("retention")
NOBODYS = Binding(organization_id=NO_ORGANIZATION, request_id="retention")
"""The rows of tenants' tables that are of no organization: what a provider sent for the platform itself."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Tally:
    """How much of a rule is due and will be soon; `gone` is None where it was only counted."""

    due: int
    soon: int
    gone: int | None = None


async def run_retention(platform: Platform, admin: Database, *, dry: bool) -> dict[str, int]:
    """One run over everything; answers what went by rule, or would have gone. One organization's trouble doesn't keep
    the others."""
    run_id, counts = uuid7(), Counter[str]()
    async with admin.session(Binding()) as session, session.begin():
        await session.execute(insert(RetentionRun).values(id=run_id, dry=dry, started_at=now()))
    rules = _in_force(platform)
    for rule in rules:
        if rule.table is not None:
            binding = NOBODYS if _is_tenants(_table(rule)) else Binding()
            counts[rule.name] += await _end_rows(admin, binding, rule, rule.days, dry=dry)
    counts.update(await _run_for_all(platform, admin, rules, dry=dry))
    counts.update(await _end_errands(admin, dry=dry))
    counts.update(await _end_audit(platform, admin, dry=dry))
    async with admin.session(Binding()) as session, session.begin():
        await session.execute(
            update(RetentionRun).where(RetentionRun.id == run_id).values(ended_at=now(), counts=dict(counts))
        )
    log.info("retention", dry=dry, counts=dict(counts))
    return dict(counts)


async def run_hourly(platform: Platform, admin: Database) -> None:
    """The rules that don't wait for the day's run. One that ended nothing is not recorded."""
    started_at = now()
    rules = [rule for rule in _in_force(platform) if rule.hourly]
    counts = await _run_for_all(platform, admin, rules, dry=False)
    if counts.total():
        run = RetentionRun(started_at=started_at, ended_at=now(), dry=False, counts=dict(counts))
        async with admin.session(Binding()) as session, session.begin():
            session.add(run)
        log.info("retention", dry=False, counts=dict(counts))


async def _run_for_all(
    platform: Platform, admin: Database, rules: Sequence[Rule], *, dry: bool
) -> Counter[str]:
    counts = Counter[str]()
    async for organization_id in _organizations(admin):
        try:
            counts.update(await run_for(platform, admin, organization_id, dry=dry, rules=rules))
        except (SQLAlchemyError, DatabaseError, OSError):
            log.exception("retention failed", organization_id=str(organization_id))
    return counts


async def run_for(
    platform: Platform,
    admin: Database,
    organization_id: UUID,
    *,
    dry: bool,
    rules: Sequence[Rule] | None = None,
) -> dict[str, int]:
    """Every rule, or these, for one organization, by what it has chosen; what was not counted before is only counted."""
    rules = _in_force(platform) if rules is None else rules
    there = Identity(organization_id=organization_id)
    async with open_context(platform, there, HERE) as ctx:
        chosen = read_settings((await get_organization(ctx)).settings).retention_days
        noted = await _noted(ctx)
        accounts = (
            await ctx.session.execute(
                select(Account.id, Account.user_id).where(
                    Account.organization_id == ctx.org, Account.state != "removed"
                )
            )
        ).all()
    identities = [Identity(organization_id, one.user_id, one.id) for one in accounts]
    binding = Binding(organization_id=organization_id, request_id="retention")
    tallies = await _count_rows(rules, admin, binding, chosen)
    for rule in rules:
        days = rule.days_for(chosen)
        ends = not dry and (rule.hourly or _was_counted(noted.get(rule.name), days))
        if rule.expire is not None:
            due = await _expire(platform, identities, rule, days, dry=not ends)
            soon = await _expire(platform, identities, rule, days - SOON_DAYS, dry=True)
            # Of what runs every hour one sees what went last, not that an hour had nothing.
            gone = None if rule.hourly and not due else due
            tallies[rule] = Tally(0, soon, gone) if ends else Tally(due, soon)
        elif ends and rule in tallies:
            found = tallies[rule]
            gone = await _end_rows(admin, binding, rule, days, dry=False) if found.due else 0
            tallies[rule] = Tally(0, found.soon - found.due, gone)
    async with open_context(platform, there, HERE) as ctx:
        await _note(ctx, tallies, noted, chosen)
    return {rule.name: tally.due if dry else tally.gone or 0 for rule, tally in tallies.items()}


def _was_counted(noted: Retention | None, days: int) -> bool:
    """Whether everything that goes by these days has been among what an earlier day's run counted."""
    return noted is not None and noted.days <= days and noted.counted_since <= now() - COUNTED_FOR


async def _count_rows(
    rules: Sequence[Rule], admin: Database, binding: Binding, chosen: int | None
) -> dict[Rule, Tally]:
    """How many rows of the organization are due and how many will be soon, by every rule for a tenant's table."""
    counted: dict[Rule, Tally] = {}
    async with admin.session(binding) as session:
        for rule in rules:
            if rule.table is None or not _is_tenants(_table(rule)):
                continue
            table, days = _table(rule), rule.days_for(chosen)
            age = table.columns[rule.age]
            due, soon = now() - timedelta(days=days), now() - timedelta(days=days - SOON_DAYS)
            query = select(func.count().filter(age < due), func.count()).where(
                table.c.organization_id == binding.organization_id, age < soon
            )
            are_due, will_be = (await session.execute(query)).one()
            counted[rule] = Tally(are_due, will_be)
    return counted


async def _expire(platform: Platform, identities: list[Identity], rule: Rule, days: int, *, dry: bool) -> int:
    """Some at a time, each time in a transaction of its own."""
    assert rule.expire is not None
    before, total = now() - timedelta(days=days), 0
    for identity in identities:
        while True:
            async with open_context(platform, identity, HERE) as ctx:
                ended = await rule.expire(ctx, before, dry)
            total += ended
            if dry or not ended:
                break
    return total


async def _end_rows(admin: Database, binding: Binding, rule: Rule, days: int, *, dry: bool) -> int:
    table = _table(rule)
    conditions = [table.columns[rule.age] < now() - timedelta(days=days)]
    if _is_tenants(table):
        conditions.append(table.c.organization_id == binding.organization_id)
    return await _end(admin, binding, table, conditions, dry=dry)


async def _end(
    admin: Database, binding: Binding, table: Table, conditions: list[ColumnElement[bool]], *, dry: bool
) -> int:
    if dry:
        async with admin.session(binding) as session:
            return await session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0
    keys, total = list(table.primary_key.columns), 0
    some = select(*keys).where(*conditions).limit(BATCH)
    while True:
        async with admin.session(binding) as session, session.begin():
            result = await session.execute(delete(table).where(*conditions, tuple_(*keys).in_(some)))
        gone: int = result.rowcount  # type: ignore[attr-defined]  # a DELETE's result is a CursorResult
        total += gone
        if gone < BATCH:
            return total


async def _end_errands(admin: Database, *, dry: bool) -> dict[str, int]:
    table = Model.metadata.tables[str(Job.__table__)]
    conditions = [
        table.c.organization_id == NO_ORGANIZATION,
        table.c.finished_at < now() - timedelta(days=ERRANDS_DAYS),
    ]
    return {"kernel.errands": await _end(admin, NOBODYS, table, conditions, dry=dry)}


async def _end_audit(platform: Platform, admin: Database, *, dry: bool) -> dict[str, int]:
    """The months of the audit log that lie before its days, the personal values of before, the signed heads."""
    days = platform.settings.audit_retention_days
    before = audit_begins(now(), days)
    values = Model.metadata.tables[str(PersonalValues.__table__)]
    gone = {"audit.personal": await _end(admin, Binding(), values, [values.c.at < before], dry=dry)}
    if dry:
        return gone
    gone["audit.months"] = await drop_months(platform.storage, platform.sealer, admin, before)
    if gone["audit.months"]:
        async with admin.session(Binding()) as session:
            chains = (await session.scalars(select(Head.organization_id))).all()
        for organization_id in chains:
            await remove_heads(platform.storage, organization_id, before.date())
    return gone


def audit_begins(moment: datetime, days: int) -> datetime:
    """The first of the month of so many days ago: whatever lies before goes by whole months."""
    return (moment - timedelta(days=days)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


async def _organizations(admin: Database) -> AsyncIterator[UUID]:
    after: UUID | None = None
    while True:
        query = select(Organization.id).where(Organization.state.in_(("active", "suspended")))
        if after is not None:
            query = query.where(Organization.id > after)
        async with admin.session(Binding()) as session:
            page = (await session.scalars(query.order_by(Organization.id).limit(ORGANIZATIONS_AT_ONCE))).all()
        for organization_id in page:
            yield organization_id
        if len(page) < ORGANIZATIONS_AT_ONCE:
            return
        after = page[-1]


async def _note(
    ctx: Ctx, tallies: dict[Rule, Tally], noted: dict[str, Retention], chosen: int | None
) -> None:
    """`gone` stays what it was where nothing was ended."""
    at = now()
    rows = []
    for rule, tally in tallies.items():
        days, former = rule.days_for(chosen), noted.get(rule.name)
        rows.append(
            {
                "organization_id": ctx.org,
                "rule": rule.name,
                "days": days,
                "due": tally.due,
                "soon": tally.soon,
                "gone": tally.gone,
                "counted_at": at,
                "counted_since": former.counted_since if former and former.days <= days else at,
                "ended_at": None if tally.gone is None else at,
            }
        )
    insertion = upsert(Retention).values(rows)
    new = insertion.excluded
    stays = {name: func.coalesce(new[name], Retention.__table__.c[name]) for name in ("gone", "ended_at")}
    renewed = {name: new[name] for name in ("days", "due", "soon", "counted_at", "counted_since")}
    await ctx.session.execute(
        insertion.on_conflict_do_update(index_elements=["organization_id", "rule"], set_={**renewed, **stays})
    )


async def _noted(ctx: Ctx) -> dict[str, Retention]:
    rows = await ctx.session.scalars(select(Retention).where(Retention.organization_id == ctx.org))
    return {row.rule: row for row in rows}


async def list_retention(ctx: Ctx) -> list[dict[str, Any]]:
    """Every rule, what holds for the context's organization, and what it has come to of late."""
    chosen = read_settings((await get_organization(ctx)).settings).retention_days
    noted = await _noted(ctx)
    return [
        {
            "rule": rule.name,
            "what": rule.what,
            "days": rule.days_for(chosen),
            "chosen": rule.chosen,
            "minimum": rule.days if rule.chosen else rule.minimum,
            "maximum": rule.maximum,
            "due": noted[rule.name].due if rule.name in noted else None,
            "soon": noted[rule.name].soon if rule.name in noted else None,
            "gone": noted[rule.name].gone if rule.name in noted else None,
            "counted_at": noted[rule.name].counted_at if rule.name in noted else None,
        }
        for rule in _in_force(ctx.platform)
    ]


def _in_force(platform: Platform) -> list[Rule]:
    rules = (rule.under(platform.settings) for rule in platform.registry.retention)
    return [rule for rule in rules if rule is not None]


def _table(rule: Rule) -> Table:
    assert rule.table is not None
    return Model.metadata.tables[rule.table]


def _is_tenants(table: Table) -> bool:
    """Whether rows are found by organization; a person's are found for all at once."""
    return next(iter(table.primary_key.columns)).name == "organization_id"

"""Erasing organizations whose days of grace are over, and proving it.

Runs where the scheduler does, as `app_admin` bound to one organization: policies let that role delete its rows, and
read no more of them than their keys, only once it is due (`app.erasing()`). Each batch commits by itself; after a crash the
next round goes on with what is left. The organization's own row goes last, together with the report; the foreign keys
that lead to it see to it that nothing was forgotten.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

import structlog
from psycopg import Error as DatabaseError
from redis.exceptions import RedisError
from sqlalchemy import Table, delete, func, insert, select, text, tuple_
from sqlalchemy.exc import SQLAlchemyError

from rowhouse.kernel.audit.beginnings import forget_log
from rowhouse.kernel.audit.models import PersonalValues
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.db.models import Model
from rowhouse.kernel.errors import AppError
from rowhouse.kernel.ledger.ledger import Entry as LedgerEntry
from rowhouse.kernel.ledger.ledger import write_entry
from rowhouse.kernel.organizations.models import Erasure, Organization
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.redis import organization_keys
from rowhouse.kernel.storage.storage import organization_key, platform_key
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

BATCH = 2_000
LOOK_EVERY_S = 60.0
AT_ONCE = 20
REASON = "erase organizations whose days of grace are over; reads the keys of their rows"
GRACE_OVER = "the days of grace were over"

DUE = text(
    "SELECT id FROM kernel.organizations WHERE state = 'deleted' AND erase_at <= now() ORDER BY erase_at LIMIT :most"
)

log = structlog.get_logger(__name__)


class NotDue(LookupError):
    """There is no such organization, or its grace is not over."""


class NotErased(RuntimeError):
    """Something was written while everything was deleted; the next round takes it."""


async def erase_when_due(platform: Platform, admin: Database, stop: asyncio.Event) -> None:
    """Looks every minute until `stop` is set; one organization's trouble doesn't keep the others."""
    log.info("admin access", role="app_admin", reason=REASON)
    while not stop.is_set():
        with contextlib.suppress(SQLAlchemyError, DatabaseError, OSError, TimeoutError):
            for organization_id in await find_due(admin):
                await _try(platform, admin, organization_id)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_EVERY_S)


async def find_due(admin: Database) -> list[UUID]:
    async with admin.session(Binding()) as session:
        return list(await session.scalars(DUE, {"most": AT_ONCE}))


async def erase(platform: Platform, admin: Database, organization_id: UUID, reason: str) -> Mapping[str, Any]:
    """Erases the organization and answers the report, which is kept. Raises `NotDue`, `NotErased`."""
    binding = Binding(organization_id=organization_id, request_id=f"erasure {organization_id}")
    deleted_at = await _check_due(admin, binding)
    await _run_steps(platform, organization_id)
    for table in erased_tables():
        await _empty(admin, binding, table)
    prefix, pattern = organization_key(organization_id), organization_keys(organization_id)
    async for stored in platform.storage.list(prefix):
        await platform.storage.delete(stored.key)
    # First, since backups keep a key that is missing and that no entry speaks of.
    entry = LedgerEntry("organization", organization_id, organization_id, now())
    await write_entry(platform.storage, platform.sealer, entry)
    # Without it whatever the organization had sealed is unreadable, in backups too.
    await platform.vault.destroy(organization_id)
    async for key in platform.redis.scan_iter(pattern, count=1_000):
        await platform.redis.delete(key)
    report: dict[str, Any] = {
        "tables": {str(table): await _count(admin, binding, table) for table in erased_tables()},
        "storage": {prefix: len([stored async for stored in platform.storage.list(prefix)])},
        "redis": {pattern: len([key async for key in platform.redis.scan_iter(pattern, count=1_000)])},
    }
    if any(count for part in report.values() for count in part.values()):
        raise NotErased(str(report))
    archives = platform_key("archives", str(organization_id))
    report["archives"] = {stored.key: stored.size_bytes async for stored in platform.storage.list(archives)}
    await _record(platform, organization_id, reason, report)
    await forget_log(platform.storage, platform.sealer, admin, organization_id)
    return await _conclude(admin, binding, reason, deleted_at, report)


def erased_tables() -> list[Table]:
    """Every table with an organization's rows but its own, each before those that it refers to. The audit log is not
    among them: it goes last, all but the entry that tells of the erasure."""
    tables = reversed(Model.metadata.sorted_tables)
    kept = {Erasure.__table__, Organization.__table__}
    rows = [t for t in tables if "organization_id" in t.columns and t.schema != "audit" and t not in kept]
    return [*rows, cast(Table, PersonalValues.__table__)]


async def _try(platform: Platform, admin: Database, organization_id: UUID) -> None:
    try:
        await erase(platform, admin, organization_id, GRACE_OVER)
    except (
        AppError,
        SQLAlchemyError,
        DatabaseError,
        RedisError,
        OSError,
        LookupError,
        RuntimeError,
    ):
        log.exception("erasure failed", organization_id=str(organization_id))
    else:
        log.info("organization erased", organization_id=str(organization_id))


async def _check_due(admin: Database, binding: Binding) -> Any:
    async with admin.session(binding) as session:
        deleted_at = await session.scalar(
            select(Organization.deleted_at).where(Organization.id == func.app.erasing())
        )
    if deleted_at is None:
        raise NotDue(str(binding.organization_id))
    return deleted_at


async def _run_steps(platform: Platform, organization_id: UUID) -> None:
    """What apps have to undo outside of rows, files and keys. All of them again after a crash: they can take it."""
    identity = Identity(organization_id=organization_id)
    for step in platform.registry.lifecycle:
        if step.transition == "erase":
            async with open_context(platform, identity, RequestInfo(uuid7().hex)) as ctx:
                await step.run(ctx)


async def _empty(admin: Database, binding: Binding, table: Table) -> None:
    keys = tuple_(*table.primary_key.columns)
    batch = (
        select(*table.primary_key.columns)
        .where(table.c.organization_id == binding.organization_id)
        .limit(BATCH)
    )
    while True:
        async with admin.session(binding) as session, session.begin():
            gone = await session.execute(
                delete(table).where(table.c.organization_id == binding.organization_id, keys.in_(batch))
            )
        if gone.rowcount < BATCH:  # type: ignore[attr-defined]  # a DELETE's result is a CursorResult
            return


async def _count(admin: Database, binding: Binding, table: Table) -> int:
    async with admin.session(binding) as session:
        counted = await session.scalar(
            select(func.count()).select_from(table).where(table.c.organization_id == binding.organization_id)
        )
    return counted or 0


async def _record(platform: Platform, organization_id: UUID, reason: str, report: dict[str, Any]) -> None:
    """The last entry of the organization's audit log, whose chain stays until its retention is over."""
    identity = Identity(organization_id=organization_id)
    async with open_context(platform, identity, RequestInfo(uuid7().hex)) as ctx:
        resource = f"organization:{organization_id}"
        await record(ctx, "organization.erased", resource=resource, details={"reason": reason} | report)


async def _conclude(
    admin: Database, binding: Binding, reason: str, deleted_at: Any, report: dict[str, Any]
) -> Mapping[str, Any]:
    """The organization's row goes and the report comes, both or neither."""
    async with admin.session(binding) as session, session.begin():
        gone = await session.execute(delete(Organization).where(Organization.id == binding.organization_id))
        if gone.rowcount != 1:  # type: ignore[attr-defined]  # as above
            raise NotDue(str(binding.organization_id))
        report["tables"][str(Organization.__table__)] = 0
        await session.execute(
            insert(Erasure).values(
                organization_id=binding.organization_id,
                deleted_at=deleted_at,
                erased_at=now(),
                reason=reason,
                report=report,
            )
        )
    return report

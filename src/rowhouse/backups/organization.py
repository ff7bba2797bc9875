"""One organization: kept, and brought back into a living system beside all others."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from rowhouse.backups import rows
from rowhouse.backups.catalog import (
    Manifest,
    ObjectEntry,
    find_backup,
    finish,
    get_objects,
    new_name,
    put_objects,
)
from rowhouse.backups.errors import NotThere, SchemaDiffers
from rowhouse.backups.keys import forget_key
from rowhouse.backups.objects import bring_back, keep_objects, remove_others, verify
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx, Identity, RequestInfo
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.ledger.ledger import is_entered, withdraw_entry
from rowhouse.kernel.lifecycle import transitions
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.privacy.reapplying import reapply_people
from rowhouse.kernel.redis import organization_keys
from rowhouse.kernel.sessions.presence import end_presence
from rowhouse.kernel.storage.storage import Storage, organization_key
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

PRESENCES = b"""
    SELECT id FROM kernel.sessions WHERE organization_id = %(org)s
    UNION ALL SELECT id FROM kernel.api_keys WHERE organization_id = %(org)s
"""
"""Read past the policies: of an organization that is gone, nobody could ask."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back: rows by table, objects written and objects removed; and who was erased again, because
    they were erased after the backup was made."""

    rows: Mapping[str, int]
    objects_written: int
    objects_removed: int
    erased_again: Sequence[UUID]


async def back_up(dsn: str, storage: Storage, place: Storage, organization_id: UUID) -> Manifest:
    """Rows as of one moment, and the objects that they name: those are looked for before the moment and after it, so
    that neither a new one nor one that is being deleted is missed. Raises `NotThere`."""
    name, known = new_name(organization_id), dict[str, ObjectEntry]()
    prefix = organization_key(organization_id)
    await keep_objects(storage, place, prefix, known)
    async with await rows.Connection.connect(
        dsn, autocommit=True, application_name="rowhouse-backup"
    ) as server:
        tables = await rows.dump(server, place, name, organization_id)
        revision, version = await revision_of(server), str(server.info.server_version)
    if not tables["kernel.organizations"].rows:
        raise NotThere(f"There is no organization {organization_id}.")
    await keep_objects(storage, place, prefix, known)
    entries = sorted(known.values(), key=lambda entry: entry.key)
    manifest = Manifest(
        name=name,
        kind="organization",
        organization_id=organization_id,
        made_at=now(),
        revision=revision,
        server=version,
        tables=tables,
        objects=await put_objects(place, name, entries),
        object_count=len(entries),
        object_bytes=sum(entry.size_bytes for entry in entries),
    )
    await finish(place, manifest)
    return manifest


async def restore(
    platform: Platform, admin: Database, dsn: str, place: Storage, name: str, reason: str
) -> Restored:
    """Makes the organization what it was when it was kept, and touches no other.

    Everybody is shut out while it goes on, and signs in again afterwards. Objects come first, rows in one
    transaction, and what was added since goes last: whatever breaks off in between, doing it again finishes it.
    API keys come back as ended as they are here: a key that was revoked since must not open anything again. Nor does
    what was a person's who was erased since.
    """
    manifest = await find_backup(place, name)
    organization_id = manifest.organization_id
    if organization_id is None:
        raise NotThere(f"{name} is a backup of everything: name the organization to take out of it.")
    entries = await get_objects(place, manifest)
    async with await rows.Connection.connect(
        dsn, autocommit=True, application_name="rowhouse-restore"
    ) as server:
        if await revision_of(server) != manifest.revision:
            raise SchemaDiffers(
                f"The backup's schema is {manifest.revision}, this database's is {await revision_of(server)}:"
                " restore it with the version of Rowhouse that made it, then migrate."
            )
        # A damaged backup is found before anybody is shut out.
        await verify(place, manifest)
        await _shut(platform, server, organization_id, f"restored from {name}: {reason}")
        written = await bring_back(place, platform.storage, entries)
        async with server.transaction():
            await end_presence(platform.redis, *await _presences(server, organization_id))
            alive = await _living_keys(server, organization_id)
            loaded = await rows.load(server, place, organization_id, manifest.tables)
            await _end_other_keys(server, organization_id, alive)
            # Nobody acts in it, so nothing is remembered of what was before.
            async for key in platform.redis.scan_iter(organization_keys(organization_id), count=1_000):
                await platform.redis.delete(key)
        people = await _people(server, organization_id)
    removed = await remove_others(
        platform.storage, organization_key(organization_id), {entry.key for entry in entries}
    )
    erased = await reapply_people(platform, admin, people)
    if await is_entered(platform.storage, platform.sealer, "organization", organization_id):
        await forget_key(place, organization_id)
    for ledger in (place, platform.storage):
        await withdraw_entry(ledger, "organization", organization_id)
    done = Restored(loaded, written, removed, erased)
    await _tell(platform, manifest, reason, done)
    return done


async def revision_of(server: rows.Connection) -> str:
    row = await (await server.execute(b"SELECT version_num FROM public.alembic_version")).fetchone()
    return str(row[0]) if row else "none"


async def _shut(platform: Platform, server: rows.Connection, organization_id: UUID, reason: str) -> None:
    """Nobody acts in it from here on; one that is being set up, suspended, deleted or gone stays so."""
    found = await server.execute(b"SELECT state FROM kernel.organizations WHERE id = %s", (organization_id,))
    row = await found.fetchone()
    if row is not None and row[0] == "active":
        async with _acting(platform, organization_id) as ctx:
            await transitions.suspend(ctx, reason)


async def _presences(server: rows.Connection, organization_id: UUID) -> list[UUID]:
    found = await server.execute(PRESENCES, {"org": organization_id})
    return [row[0] for row in await found.fetchall()]


async def _living_keys(server: rows.Connection, organization_id: UUID) -> list[UUID]:
    found = await server.execute(
        b"SELECT id FROM kernel.api_keys WHERE organization_id = %s AND revoked_at IS NULL",
        (organization_id,),
    )
    return [row[0] for row in await found.fetchall()]


async def _people(server: rows.Connection, organization_id: UUID) -> set[UUID]:
    found = await server.execute(
        b"SELECT user_id FROM kernel.accounts WHERE organization_id = %s", (organization_id,)
    )
    return {row[0] for row in await found.fetchall()}


async def _end_other_keys(server: rows.Connection, organization_id: UUID, alive: list[UUID]) -> None:
    await server.execute(
        b"UPDATE kernel.api_keys SET revoked_at = now()"
        b" WHERE organization_id = %s AND revoked_at IS NULL AND id <> ALL (%s)",
        (organization_id, alive),
    )


async def _tell(platform: Platform, manifest: Manifest, reason: str, done: Restored) -> None:
    """Into the organization's audit log, which went on meanwhile: its chain is the living one."""
    assert manifest.organization_id is not None, "restore has looked"
    async with _acting(platform, manifest.organization_id) as ctx:
        await record(
            ctx,
            "organization.restored_from_backup",
            resource=f"organization:{ctx.org}",
            details={
                "backup": manifest.name,
                "made_at": manifest.made_at.isoformat(),
                "reason": reason,
                "rows": dict(done.rows),
                "objects_written": done.objects_written,
                "objects_removed": done.objects_removed,
                "erased_again": [str(user_id) for user_id in done.erased_again],
            },
        )


@asynccontextmanager
async def _acting(platform: Platform, organization_id: UUID) -> AsyncIterator[Ctx]:
    async with open_context(
        platform, Identity(organization_id=organization_id), RequestInfo(uuid7().hex)
    ) as ctx:
        yield ctx

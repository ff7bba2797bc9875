"""Everything: PostgreSQL's base backup and all stored objects, and the way back into an empty place.

Valkey is not kept: what is in it is made again. Neither are secrets (the master key, passwords): whoever restores
brings them, and a backup alone opens nothing that they seal.
"""

import asyncio
import tarfile
import tempfile
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import IO
from uuid import UUID

from rowhouse.backups import programs, rows
from rowhouse.backups.catalog import (
    Manifest,
    ObjectEntry,
    Part,
    find_backup,
    finish,
    get_compressed,
    get_objects,
    new_name,
    put_compressed,
    put_objects,
)
from rowhouse.backups.errors import NotThere, WouldMix
from rowhouse.backups.keys import bring_keys, mirror_keys
from rowhouse.backups.objects import bring_back, keep_objects
from rowhouse.backups.organization import revision_of
from rowhouse.backups.wal import bring_segments, find_chain, segment_of
from rowhouse.kernel.secrets.sealing import Sealer
from rowhouse.kernel.storage.storage import Storage, organization_key
from rowhouse.kit.time import now

ARCHIVE = "wal_archive"
"""Where restored WAL lies inside the data folder; PostgreSQL passes unknown folders over."""


async def back_up(dsn: str, storage: Storage, place: Storage, master: Sealer) -> Manifest:
    """Objects are looked for before the database and after it, so that neither a new one nor one that is being
    deleted is missed. Raises `KeysLost`."""
    name, known = new_name(), dict[str, ObjectEntry]()
    # Before anything is copied: the backup of a storage that was lost would push a whole one out.
    await mirror_keys(storage, place, master)
    await keep_objects(storage, place, "", known)
    async with await rows.Connection.connect(
        dsn, autocommit=True, application_name="rowhouse-backup"
    ) as server:
        revision, version = await revision_of(server), str(server.info.server_version)
        begins_with = await segment_of(server)
    base = await put_compressed(place, f"{name}/base.tar.gz", _base(dsn, name))
    await keep_objects(storage, place, "", known)
    await mirror_keys(storage, place, master)
    entries = sorted(known.values(), key=lambda entry: entry.key)
    manifest = Manifest(
        name=name,
        kind="everything",
        made_at=now(),
        revision=revision,
        server=version,
        base=base,
        begins_with=begins_with,
        objects=await put_objects(place, name, entries),
        object_count=len(entries),
        object_bytes=sum(entry.size_bytes for entry in entries),
    )
    await finish(place, manifest)
    return manifest


async def restore(
    place: Storage, name: str, folder: Path, storage: Storage | None, until: datetime | None
) -> Manifest:
    """Lays PostgreSQL's data folder out in `folder` and, where given, the objects into an empty `storage`.

    With `until`, the server that starts there goes on through the archived WAL to that moment; without, it is the
    moment of the backup. Raises `WouldMix` where something is there already, `NotReached` where the WAL that was kept
    does not lead to the moment.
    """
    manifest = await find_backup(place, name)
    if manifest.base is None:
        raise NotThere(f"{name} is one organization's: restore it with --organization into a running system.")
    if await asyncio.to_thread(_has_something, folder):
        raise WouldMix(f"{folder} is not empty: name a new folder.")
    if storage is not None and [found async for found in storage.list("")]:
        raise WouldMix("The storage is not empty: name a new folder or prefix by ROWHOUSE_STORAGE_URL.")
    assert manifest.begins_with is not None, "written with every base"
    chain = await find_chain(place, manifest.begins_with, until) if until is not None else None
    await _unpack(place, manifest.base, folder)
    # The WAL inside is read at the start; here it is the files that are compared.
    await programs.run([programs.find("pg_verifybackup"), "-q", "-n", folder], {})
    if until is not None and chain is not None:
        await bring_segments(place, folder / ARCHIVE, chain)
        await asyncio.to_thread(_recover, folder, until)
    if storage is not None:
        await bring_back(place, storage, await get_objects(place, manifest))
        await bring_keys(place, storage)
    return manifest


async def take_out(dsn: str, place: Storage, manifest: Manifest, organization_id: UUID) -> Manifest:
    """Writes one organization's backup from a server that was restored from one of everything: rows from the
    server, objects from those that are kept already."""
    name = f"{new_name(organization_id)}-of-{manifest.made_at:%Y%m%dT%H%M%S}Z"
    async with await rows.Connection.connect(dsn, autocommit=True) as server:
        tables = await rows.dump(server, place, name, organization_id)
        revision, version = await revision_of(server), str(server.info.server_version)
    if not tables["kernel.organizations"].rows:
        raise NotThere(f"There was no organization {organization_id} when {manifest.name} was made.")
    prefix = f"{organization_key(organization_id)}/"
    entries = [entry for entry in await get_objects(place, manifest) if entry.key.startswith(prefix)]
    one = Manifest(
        name=name,
        kind="organization",
        organization_id=organization_id,
        made_at=manifest.made_at,
        revision=revision,
        server=version,
        tables=tables,
        objects=await put_objects(place, name, entries),
        object_count=len(entries),
        object_bytes=sum(entry.size_bytes for entry in entries),
    )
    await finish(place, one)
    return one


async def _base(dsn: str, name: str) -> AsyncIterator[bytes]:
    arguments, environment = programs.connection(dsn)
    # One stream, WAL and manifest inside: `wal_keep_size` keeps what was written while it ran.
    command: list[str | Path] = [
        programs.find("pg_basebackup"),
        *("-D", "-", "-F", "tar", "-X", "fetch", "-c", "fast", "-l", name),
        "--manifest-checksums=SHA256",
        "--no-estimate-size",
        *arguments,
    ]
    async for piece in programs.output_of(command, environment):
        yield piece


async def _unpack(place: Storage, base: Part, folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder.parent) as file:
        async for piece in get_compressed(place, base):
            await asyncio.to_thread(file.write, piece)
        file.seek(0)
        await asyncio.to_thread(_extract, file, folder)


def _extract(file: IO[bytes], folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    with tarfile.open(fileobj=file) as archive:
        archive.extractall(folder, filter="data")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _has_something(folder: Path) -> bool:
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder.exists() and any(folder.iterdir())


def _recover(folder: Path, until: datetime) -> None:
    """Has the next start fetch archived WAL up to the moment, and then be a server like any other."""
    (folder / "recovery.signal").touch(mode=0o600)
    with (folder / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
        settings.write(
            f'restore_command = \'cp "{ARCHIVE}/%f" "%p"\'\n'
            f"recovery_target_time = '{until.isoformat()}'\n"
            "recovery_target_action = 'promote'\n"
        )

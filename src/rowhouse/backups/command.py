"""`rowhouse backup` and `rowhouse restore`."""

import asyncio
import sys
from collections.abc import Awaitable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar
from uuid import UUID

import typer
from psycopg import Error as DatabaseError

from rowhouse.backups import everything, organization, programs
from rowhouse.backups.catalog import Manifest, find_backup, list_backups
from rowhouse.backups.errors import BackupError
from rowhouse.backups.keeping import keep as keep_backups
from rowhouse.backups.objects import verify as verify_all
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.errors import AppError
from rowhouse.kernel.jobs.scheduling import stopped_by_signal
from rowhouse.kernel.observability import exporting
from rowhouse.kernel.secrets.sealing import Sealer
from rowhouse.kernel.settings import Settings, get_settings
from rowhouse.kernel.storage.storage import Storage

T = TypeVar("T")


def backup(
    of: Annotated[UUID | None, typer.Option("--organization", help="of this one alone")] = None,
    list_: Annotated[bool, typer.Option("--list", help="show what there is, and make none")] = False,
    verify: Annotated[str | None, typer.Option(help="read all of this one, and make none")] = None,
    keep: Annotated[
        int | None, typer.Option(min=1, help="go on: one a day and WAL meanwhile, this many kept")
    ] = None,
) -> None:
    """Back up everything (or one organization) to the place that ROWHOUSE_BACKUP_URL names.

    Needs ROWHOUSE_BACKUP_DATABASE_URL: PostgreSQL as rowhouse_backup.
    """
    settings = get_settings()
    place = _place(settings)
    if list_:
        for made in _run(list_backups(place)):
            typer.echo(_line(made))
    elif verify is not None:
        typer.echo(f"{_line(_run(_verify(place, verify)))}  whole")
    elif keep is not None:
        _run(_keep(settings, place, keep))
    elif of is not None:
        typer.echo(_line(_run(organization.back_up(_dsn(settings), _storage(settings), place, of))))
    else:
        whole = everything.back_up(_dsn(settings), _storage(settings), place, _master(settings))
        typer.echo(_line(_run(whole)))


def restore(
    name: Annotated[str, typer.Argument(help="as `rowhouse backup --list` shows it")],
    into: Annotated[
        Path | None, typer.Option(help="a new data folder for PostgreSQL; objects go to ROWHOUSE_STORAGE_URL")
    ] = None,
    until: Annotated[datetime | None, typer.Option(help="go on through the WAL to this moment (UTC)")] = None,
    of: Annotated[
        UUID | None, typer.Option("--organization", help="of this one alone, into the running system")
    ] = None,
    reason: Annotated[str, typer.Option(help="why; it is kept in the audit log")] = "restored by an operator",
) -> None:
    """Bring back everything into an empty place, or one organization beside all others into a running system."""
    settings = get_settings()
    place = _place(settings)
    if (into is None) == (of is None):
        _fail("Say either --into a new data folder, or --organization.")
    if into is not None:
        moment = until.replace(tzinfo=UTC) if until and until.tzinfo is None else until
        made = _run(everything.restore(place, name, into, _storage(settings), moment))
        typer.echo(
            f"{_line(made)}\nPostgreSQL's data is in {into}: give it to the server's user, and start it there."
        )
    elif of is not None:
        _run(_restore_one(settings, place, name, of, reason))


async def _verify(place: Storage, name: str) -> Manifest:
    manifest = await find_backup(place, name)
    await verify_all(place, manifest)
    return manifest


async def _keep(settings: Settings, place: Storage, newest: int) -> None:
    exporting.begin("backup", host=settings.metrics_host, port=settings.metrics_port)
    await keep_backups(
        _dsn(settings),
        _storage(settings),
        place,
        _master(settings),
        settings.home / "wal",
        newest,
        stopped_by_signal(),
    )


async def _restore_one(settings: Settings, place: Storage, name: str, of: UUID, reason: str) -> None:
    from rowhouse.installed import registry
    from rowhouse.kernel.platform import running
    from rowhouse.local.scratch import serving

    if settings.admin_database_url is None:
        _fail("This needs ROWHOUSE_ADMIN_DATABASE_URL: who was erased since is erased again.")
    manifest = await find_backup(place, name)
    if manifest.kind == "everything":
        with serving() as scratch:
            await everything.restore(place, name, scratch.folder, None, None)
            there = scratch.start(programs.database_of(_dsn(settings)))
            manifest = await everything.take_out(there, place, manifest, of)
            typer.echo(_line(manifest))
    if manifest.organization_id != of:
        _fail(f"{name} is of {manifest.organization_id}, not of {of}.")
    admin = Database(
        settings.admin_database_url.get_secret_value(), pool_size=2, application="rowhouse-restore"
    )
    try:
        async with running(settings, registry, application="rowhouse-restore") as platform:
            done = await organization.restore(platform, admin, _dsn(settings), place, manifest.name, reason)
    finally:
        await admin.close()
    for table, count in done.rows.items():
        if count:
            typer.echo(f"{count:>9}  {table}")
    typer.echo(f"{done.objects_written:>9}  objects written, {done.objects_removed} of later removed")
    for user_id in done.erased_again:
        typer.echo(f"erased again: {user_id}")


def _line(made: Manifest) -> str:
    rows = sum(part.rows for part in made.tables.values())
    what = f"{rows} rows" if made.kind == "organization" else f"schema {made.revision}"
    return f"{made.name}  {what}, {made.object_count} objects of {made.object_bytes} bytes"


def _place(settings: Settings) -> Storage:
    if settings.backup_url is None:
        _fail("This needs ROWHOUSE_BACKUP_URL, a folder or bucket of its own.")
    return Storage(settings.backup_url)


def _storage(settings: Settings) -> Storage:
    return Storage(settings.storage_url)


def _master(settings: Settings) -> Sealer:
    return Sealer(settings.master_key.get_secret_value())


def _dsn(settings: Settings) -> str:
    if settings.backup_database_url is None:
        _fail("This needs ROWHOUSE_BACKUP_DATABASE_URL.")
    return settings.backup_database_url.get_secret_value()


def _run(work: Awaitable[T]) -> T:
    async def all_of_it() -> T:
        return await work

    try:
        return asyncio.run(all_of_it())
    except (BackupError, AppError, DatabaseError) as error:
        _fail(error.detail if isinstance(error, AppError) else str(error))


def _fail(message: str) -> NoReturn:
    typer.secho(message, fg="red", err=True)
    sys.exit(1)

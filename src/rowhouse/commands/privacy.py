"""`rowhouse privacy`: retention, certificates of erasure, and erasures done again after a backup was restored."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from rowhouse.installed import registry
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.platform import Platform, running
from rowhouse.kernel.privacy import reapplying
from rowhouse.kernel.privacy.archives import open_archive
from rowhouse.kernel.privacy.certificates import (
    CertificateInvalid,
    keys_of_jwks,
    known_keys,
    verify_certificate,
)
from rowhouse.kernel.privacy.retention import run_retention
from rowhouse.kernel.settings import get_settings
from rowhouse.kernel.storage.storage import Storage

app = typer.Typer(no_args_is_help=True, help=__doc__)


@app.command()
def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="count alone, end nothing")] = False,
) -> None:
    """End what was kept long enough, by every rule, and say how much went. Of an organization's nothing goes that was
    not counted by a run of a day before, but for what others' terms limit."""

    async def run() -> dict[str, int]:
        async with _standing() as (platform, admin):
            return await run_retention(platform, admin, dry=dry_run)

    for rule, count in sorted(asyncio.run(run()).items()):
        typer.echo(f"{rule:<28} {count:>10}{' would go' if dry_run else ''}")


@app.command("verify-certificate")
def verify(
    file: Annotated[Path, typer.Argument(help="the certificate as JSON")],
    jwks: Annotated[
        Path | None, typer.Option(help="public keys, as /.well-known/jwks.json has them; else the database's")
    ] = None,
) -> None:
    """Say what a certificate of erasure states, if we have signed it and nobody has altered it since."""
    certificate = json.loads(file.read_text(encoding="utf-8"))
    if jwks is not None:
        keys = keys_of_jwks(json.loads(jwks.read_text(encoding="utf-8")))
    else:
        keys = asyncio.run(_known_keys())
    try:
        typer.echo(json.dumps(verify_certificate(certificate, keys), indent=2))
    except CertificateInvalid as error:
        _fail(f"The certificate does not hold: {error}.")


@app.command()
def reapply(
    ledger: Annotated[
        str | None, typer.Option(help="the storage whose ledger to read; else the installation's own")
    ] = None,
) -> None:
    """After a backup was restored: erase again everybody whom the ledger names."""

    async def run() -> list[str]:
        async with _standing() as (platform, admin):
            place = Storage(ledger) if ledger is not None else platform.storage
            return [said async for said in reapplying.reapply(platform, admin, place)]

    said = asyncio.run(run())
    for line in said:
        typer.echo(line)
    typer.echo(f"{len(said)} erased again.")


@app.command("open-archive")
def open_(
    key: Annotated[str, typer.Argument(help="as the report of the erasure names it")],
    into: Annotated[Path, typer.Argument(help="the file to write")],
    reason: Annotated[str, typer.Option(help="why; it is kept in the audit log", prompt=True)],
) -> None:
    """Decrypt what was kept of an erased organization."""

    async def run() -> int:
        async with _standing() as (platform, _admin):
            return await open_archive(platform, key, into, reason)

    try:
        typer.echo(f"{asyncio.run(run())} bytes in {into}.")
    except FileNotFoundError:
        _fail("There is no such archive.")


async def _known_keys() -> dict[str, object]:
    async with _standing() as (_platform, admin):
        return await known_keys(admin)


@asynccontextmanager
async def _standing() -> AsyncIterator[tuple[Platform, Database]]:
    settings = get_settings()
    if settings.admin_database_url is None:
        _fail("This needs ROWHOUSE_ADMIN_DATABASE_URL.")
    admin = Database(
        settings.admin_database_url.get_secret_value(), pool_size=2, application="rowhouse-privacy"
    )
    try:
        async with running(settings, registry, application="rowhouse-privacy") as platform:
            yield platform, admin
    finally:
        await admin.close()


def _fail(message: str) -> NoReturn:
    typer.secho(message, fg="red", err=True)
    raise typer.Exit(1)

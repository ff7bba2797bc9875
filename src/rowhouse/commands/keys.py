"""`rowhouse keys …`: keys that sign and keys that seal."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, NoReturn

import typer

from rowhouse.kernel.settings import Settings, get_settings

app = typer.Typer(no_args_is_help=True, help="Keys.")


@app.callback()
def group() -> None:
    """Keys."""


@app.command()
def rotate(
    signing_only: Annotated[
        bool, typer.Option("--signing-only", help="leave the keys that seal as they are")
    ] = False,
) -> None:
    """New keys for everything from now on, and what is sealed sealed anew. Nobody is signed out, nothing is lost.

    Tokens of the present signing key stay good for an hour. To change the master key, put the new one in front in
    ROWHOUSE_MASTER_KEY first, and take the old one out a day later.
    """
    settings = get_settings()
    if settings.admin_database_url is None:
        _fail("keys rotate needs ROWHOUSE_ADMIN_DATABASE_URL")
    typer.echo(asyncio.run(_rotate(settings, settings.admin_database_url.get_secret_value())))
    if signing_only:
        return
    if settings.backup_database_url is None:
        _fail("keys rotate needs ROWHOUSE_BACKUP_DATABASE_URL to seal anew, or --signing-only")
    for what, count in asyncio.run(
        _reseal(settings, settings.backup_database_url.get_secret_value())
    ).items():
        typer.echo(f"{count:>9}  {what}")


async def _rotate(settings: Settings, admin_url: str) -> str:
    from rowhouse.kernel.db.database import Database
    from rowhouse.kernel.secrets.sealing import Sealer
    from rowhouse.kernel.tokens.keys import rotate_signing_key

    admin = Database(admin_url, pool_size=1, application="rowhouse-keys")
    try:
        return await rotate_signing_key(admin, Sealer(settings.master_key.get_secret_value()))
    finally:
        await admin.close()


async def _reseal(settings: Settings, url: str) -> Mapping[str, int]:
    from rowhouse.installed import registry
    from rowhouse.kernel.audit.recording import record
    from rowhouse.kernel.context import NOBODY, RequestInfo
    from rowhouse.kernel.platform import running
    from rowhouse.kernel.vault.resealing import Connection, reseal_all
    from rowhouse.kernel.work import open_context
    from rowhouse.kit.ids import uuid7

    async with (
        running(settings, registry, application="rowhouse-keys") as platform,
        await Connection.connect(url, autocommit=True, application_name="rowhouse-keys") as connection,
    ):
        for organization_id in await platform.vault.organizations():
            await platform.vault.rotate(organization_id)
        done = await reseal_all(connection, platform.vault, platform.sealer)
        async with open_context(platform, NOBODY, RequestInfo(uuid7().hex)) as ctx:
            await record(ctx, "keys.rotated", details=dict(done))
    return done


def _fail(message: str) -> NoReturn:
    typer.secho(message, fg="red", err=True)
    raise typer.Exit(1)

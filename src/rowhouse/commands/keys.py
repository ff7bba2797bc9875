"""`rowhouse keys …`: the keys that sign access tokens."""

import asyncio

import typer

from rowhouse.kernel.settings import Settings, get_settings

app = typer.Typer(no_args_is_help=True, help="Keys.")


@app.callback()
def group() -> None:
    """Keys."""


@app.command()
def rotate() -> None:
    """Sign with a new key from now on. Tokens of the present one stay good for an hour: nobody is signed out."""
    settings = get_settings()
    if settings.admin_database_url is None:
        typer.secho("keys rotate needs ROWHOUSE_ADMIN_DATABASE_URL", fg="red", err=True)
        raise typer.Exit(1)
    typer.echo(asyncio.run(_rotate(settings, settings.admin_database_url.get_secret_value())))


async def _rotate(settings: Settings, admin_url: str) -> str:
    from rowhouse.kernel.db.database import Database
    from rowhouse.kernel.secrets.sealing import Sealer
    from rowhouse.kernel.tokens.keys import rotate_signing_key

    admin = Database(admin_url, pool_size=1, application="rowhouse-keys")
    try:
        return await rotate_signing_key(admin, Sealer(settings.master_key.get_secret_value()))
    finally:
        await admin.close()

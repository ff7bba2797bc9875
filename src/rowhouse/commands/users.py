"""`rowhouse user …`: people, as an operator brings them."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from rowhouse.kernel.settings import get_settings

app = typer.Typer(no_args_is_help=True, help="People.")


@app.callback()
def group() -> None:
    """People."""


@app.command("import")
def import_file(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV: email,hash,role,organization")
    ],
) -> None:
    """Bring people from elsewhere: they keep their passwords (bcrypt, Argon2) and get their accounts."""
    from rowhouse.kernel.identity.importing import BadImport

    try:
        people, accounts = asyncio.run(_import(file))
    except BadImport as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{people} people and {accounts} accounts are new.")


async def _import(file: Path) -> tuple[int, int]:
    from rowhouse.installed import registry
    from rowhouse.kernel.identity.importing import import_people
    from rowhouse.kernel.platform import running

    async with running(get_settings(), registry, application="rowhouse-import") as platform:
        done = await import_people(platform, file)
    return done.people, done.accounts

"""`rowhouse honeypot`: an organization that nobody has a reason to touch; any touch of it raises a critical alert."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from rowhouse.commands.installation import fail, installation
from rowhouse.kernel.errors import AppError

if TYPE_CHECKING:  # each command loads what it needs when it runs
    from rowhouse.kernel.honeypot.planting import Honeypot

app = typer.Typer(no_args_is_help=True, help=__doc__)


@app.command()
def create(
    email: Annotated[str, typer.Option(help="of its person; an address of yours, which mails go to")],
    organization: Annotated[str, typer.Option(help="its name: one that looks worth stealing")],
    person: Annotated[str, typer.Option(help="the name of its person")],
) -> None:
    """Plant an organization with a person, an API key and rows, and print the credentials once.

    They work. Leave them where only a thief would look: a wiki, a former configuration, a laptop's notes. Every
    process of the API knows the new decoys within a minute.
    """
    try:
        planted = asyncio.run(_plant(email, person, organization))
    except (AppError, ValueError) as error:
        fail(error.detail if isinstance(error, AppError) else str(error))
    typer.echo(f"organization  {planted.organization_id}  ({planted.rows} rows)")
    typer.echo(f"email         {planted.email}")
    typer.echo(f"password      {planted.password}")
    typer.echo(f"API key       {planted.api_key}")


async def _plant(email: str, person: str, organization: str) -> "Honeypot":
    from rowhouse.kernel.honeypot.planting import plant

    async with installation("rowhouse-honeypot") as (platform, admin):
        return await plant(platform, admin, email=email, person=person, organization=organization)

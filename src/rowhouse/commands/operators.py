"""`rowhouse operator`: who runs the platform. Only whoever has the administrator's database address can do this."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from rowhouse.kernel.settings import get_settings

if TYPE_CHECKING:  # each command loads what it needs when it runs
    from rowhouse.kernel.db.database import Database

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="Who runs the platform.")


@app.command()
def create(
    email: str,
    name: Annotated[str, typer.Option(help="as it stands in audit logs")] = "Operator",
    support: Annotated[bool, typer.Option(help="may look, but not suspend or restore")] = False,
) -> None:
    """Make an operator, and print the link by which they set password and second factor within a day.

    For one that exists: their password and factor are void, and the new link sets others.
    """
    from rowhouse.kernel.operators.service import invite

    role: Literal["operator", "support"] = "support" if support else "operator"
    try:
        token = asyncio.run(_with_admin(lambda admin: invite(admin, email, name, role)))
    except ValueError as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{get_settings().public_url}/operator/set-up#token={token}")


@app.command()
def disable(email: str) -> None:
    """Let an operator in no more, from the next request on."""
    from rowhouse.kernel.operators.service import disable as disable_operator

    found = asyncio.run(_with_admin(lambda admin: disable_operator(admin, email)))
    typer.echo("Disabled." if found else "There is no operator with this email.")
    if not found:
        raise typer.Exit(1)


@app.command()
def unlock(email: str) -> None:
    """Let an operator try again at once, wherever they are, while failures of others have unknown devices wait."""
    try:
        asyncio.run(_unlock(email))
    except ValueError as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(1) from error
    typer.echo("Unlocked.")


async def _unlock(email: str) -> None:
    from rowhouse.installed import registry
    from rowhouse.kernel.context import NOBODY, RequestInfo
    from rowhouse.kernel.operators.service import let_strangers_in
    from rowhouse.kernel.platform import running
    from rowhouse.kernel.work import open_context
    from rowhouse.kit.ids import uuid7

    async with (
        running(get_settings(), registry, application="rowhouse-operator") as platform,
        open_context(platform, NOBODY, RequestInfo(uuid7().hex)) as ctx,
    ):
        await let_strangers_in(ctx, email)


async def _with_admin(act: Callable[["Database"], Awaitable[T]]) -> T:
    from rowhouse.kernel.db.database import Database

    settings = get_settings()
    if settings.admin_database_url is None:
        typer.secho("operator needs ROWHOUSE_ADMIN_DATABASE_URL", fg="red", err=True)
        raise typer.Exit(1)
    admin = Database(
        settings.admin_database_url.get_secret_value(), pool_size=1, application="rowhouse-operator"
    )
    try:
        return await act(admin)
    finally:
        await admin.close()

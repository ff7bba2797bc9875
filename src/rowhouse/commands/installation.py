"""The installation that the environment names, as commands of operators need it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, NoReturn

import typer

from rowhouse.installed import registry
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.platform import Platform, running
from rowhouse.kernel.settings import get_settings

REASON_CHARACTERS = 500

Reason = Annotated[str, typer.Option(help="why; it is kept in the audit log", prompt=True)]


@asynccontextmanager
async def installation(application: str) -> AsyncIterator[tuple[Platform, Database]]:
    """The platform, and the scheduler's way into the database."""
    settings = get_settings()
    if settings.admin_database_url is None:
        fail("This needs ROWHOUSE_ADMIN_DATABASE_URL.")
    admin = Database(settings.admin_database_url.get_secret_value(), pool_size=2, application=application)
    try:
        async with running(settings, registry, application=application) as platform:
            yield platform, admin
    finally:
        await admin.close()


def checked(reason: str) -> str:
    if not 1 <= len(reason.strip()) <= REASON_CHARACTERS:
        fail(f"A reason has 1 to {REASON_CHARACTERS} characters.")
    return reason.strip()


def fail(message: str) -> NoReturn:
    typer.secho(message, fg="red", err=True)
    raise typer.Exit(1)

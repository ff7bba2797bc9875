"""`rowhouse audit`: whether anybody has altered the audit log."""

import asyncio
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer

from rowhouse.kernel.audit.verify import Verdict
from rowhouse.kernel.settings import Settings, get_settings

app = typer.Typer(no_args_is_help=True, help="The audit log and its chains.")


@app.callback()
def main() -> None:
    """Keeps `verify` a command of its own while it is the only one."""


@app.command()
def verify(
    organization: Annotated[UUID | None, typer.Option(help="one organization's chain (default: all)")] = None,
) -> None:
    """Recompute the chains and name the first wrong place of each; fails when there is one.

    Needs the environment of a running installation: database, master key and storage, where the signed heads are.
    """
    settings = get_settings()
    if organization is None and settings.admin_database_url is None:
        typer.secho("audit verify needs ROWHOUSE_ADMIN_DATABASE_URL, or --organization", fg="red", err=True)
        raise typer.Exit(2)
    verdicts = asyncio.run(_verify(settings, organization))
    for verdict in verdicts:
        found = verdict.problem or f"whole, {verdict.batches} batches, {verdict.entries} entries"
        typer.echo(f"{verdict.organization_id}: {found}")
    if not all(verdict.ok for verdict in verdicts):
        raise typer.Exit(1)


async def _verify(settings: Settings, organization: UUID | None) -> Sequence[Verdict]:
    from rowhouse.installed import registry
    from rowhouse.kernel.audit.verify import verify as verify_chain
    from rowhouse.kernel.context import Identity, RequestInfo
    from rowhouse.kernel.platform import running
    from rowhouse.kernel.work import open_context

    verdicts = []
    async with running(settings, registry, application="rowhouse-audit") as platform:
        for id_ in [organization] if organization else await _chains(settings):
            async with open_context(
                platform, Identity(organization_id=id_), RequestInfo("audit verify")
            ) as ctx:
                verdicts.append(await verify_chain(ctx))
    return verdicts


async def _chains(settings: Settings) -> Sequence[UUID]:
    from rowhouse.kernel.audit.chains import list_chains
    from rowhouse.kernel.db.database import Database

    assert settings.admin_database_url is not None  # verify has looked
    admin = Database(
        settings.admin_database_url.get_secret_value(), pool_size=1, application="rowhouse-audit"
    )
    try:
        return await list_chains(admin)
    finally:
        await admin.close()

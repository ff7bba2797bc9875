"""`rowhouse org`: an operator's acts on organizations. Each that changes something asks for a reason and records it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any, NoReturn
from uuid import UUID

import typer
from sqlalchemy import select

from rowhouse.installed import registry
from rowhouse.kernel.context import Ctx, Identity, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.errors import AppError
from rowhouse.kernel.lifecycle import erasure, transitions
from rowhouse.kernel.lifecycle.running import list_unfinished
from rowhouse.kernel.membership.appointing import appoint_owner
from rowhouse.kernel.organizations.models import Organization
from rowhouse.kernel.organizations.service import get_organization
from rowhouse.kernel.platform import running
from rowhouse.kernel.settings import get_settings
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7

MOST = 1_000

app = typer.Typer(no_args_is_help=True, help=__doc__)
Which = Annotated[UUID, typer.Argument(help="the organization's id")]
Reason = Annotated[str, typer.Option(help="why; it is kept in the audit log", prompt=True)]
Verb = Callable[[Ctx], Awaitable[object]]


@app.command("list")
def list_(
    state: Annotated[str | None, typer.Option(help="provisioning, active, suspended, deleted")] = None,
) -> None:
    """Show the newest thousand organizations."""
    for row in asyncio.run(_list(state)):
        until = f"  until {row.erase_at:%Y-%m-%d}" if row.erase_at else ""
        typer.echo(f"{row.id}  {row.state:<12} {row.kind:<8} {row.name}{until}")


@app.command()
def show(organization: Which) -> None:
    """Show one, and the steps of its life that are not finished."""
    found, steps = asyncio.run(_look_at(organization))
    typer.echo(f"{found.id}  {found.state:<12} {found.kind:<8} {found.name}")
    for one in steps:
        tried = f"{one.attempts} tried  {one.error or ''}"
        typer.echo(f"  {one.transition:<12} {one.step:<30} {one.state:<12} {tried}")


@app.command()
def provision(organization: Which, reason: Reason) -> None:
    """Begin anew to set up one whose steps could not be finished."""
    _act(organization, reason, lambda ctx: transitions.provision_anew(ctx, reason))


@app.command()
def suspend(organization: Which, reason: Reason) -> None:
    """Shut everybody of it out, and hold its jobs."""
    _act(organization, reason, lambda ctx: transitions.suspend(ctx, reason))


@app.command()
def resume(organization: Which, reason: Reason) -> None:
    """Let everybody of a suspended one in again."""
    _act(organization, reason, lambda ctx: transitions.resume(ctx, reason))


@app.command()
def make_owner(
    organization: Which,
    email: Annotated[str, typer.Argument(help="the address of an active member")],
    reason: Reason,
) -> None:
    """Make a member an owner, where nobody is who could."""
    _act(organization, reason, lambda ctx: appoint_owner(ctx, email, reason))


@app.command()
def delete(organization: Which, reason: Reason) -> None:
    """Delete it softly: its owners are told, and can restore it for 30 days."""
    _act(organization, reason, lambda ctx: transitions.delete(ctx, reason=reason))


@app.command()
def restore(organization: Which, reason: Reason) -> None:
    """Bring a deleted one back."""
    _act(organization, reason, lambda ctx: transitions.restore(ctx, reason=reason))


@app.command()
def erase(organization: Which, reason: Reason) -> None:
    """Erase a deleted one now and for good, whatever is left of its 30 days; print the report."""
    _act(organization, reason, lambda ctx: transitions.expire(ctx, reason))
    typer.echo(json.dumps(asyncio.run(_erase(organization, reason)), indent=2))


async def _list(state: str | None) -> list[Any]:
    columns = (
        Organization.id,
        Organization.state,
        Organization.kind,
        Organization.name,
        Organization.erase_at,
    )
    query = select(*columns).order_by(Organization.id.desc()).limit(MOST)
    if state is not None:
        query = query.where(Organization.state == state)
    async with _admin() as admin, admin.session(Binding()) as session:
        return list((await session.execute(query)).all())


async def _erase(organization_id: UUID, reason: str) -> Any:
    async with _admin() as admin, running(get_settings(), registry, application="rowhouse-org") as platform:
        return await erasure.erase(platform, admin, organization_id, reason)


def _act(organization_id: UUID, reason: str, verb: Verb) -> None:
    if not 1 <= len(reason.strip()) <= 500:
        _fail("A reason has 1 to 500 characters.")
    try:
        asyncio.run(_transact(organization_id, verb))
    except AppError as error:
        _fail(error.detail)


async def _look_at(organization_id: UUID) -> Any:
    looked: list[Any] = []

    async def look(ctx: Ctx) -> None:
        looked.extend((await get_organization(ctx), await list_unfinished(ctx)))

    await _transact(organization_id, look)
    return looked


async def _transact(organization_id: UUID, verb: Verb) -> None:
    if organization_id not in {row.id for row in await _find(organization_id)}:
        _fail("There is no such organization.")
    async with running(get_settings(), registry, application="rowhouse-org") as platform:
        identity = Identity(organization_id=organization_id)
        async with open_context(platform, identity, RequestInfo(uuid7().hex)) as ctx:
            await verb(ctx)


async def _find(organization_id: UUID) -> list[Any]:
    async with _admin() as admin, admin.session(Binding()) as session:
        found = await session.execute(select(Organization.id).where(Organization.id == organization_id))
        return list(found.all())


@asynccontextmanager
async def _admin() -> AsyncIterator[Database]:
    url = get_settings().admin_database_url
    if url is None:
        _fail("This needs ROWHOUSE_ADMIN_DATABASE_URL.")
    admin = Database(url.get_secret_value(), pool_size=1, application="rowhouse-org")
    try:
        yield admin
    finally:
        await admin.close()


def _fail(message: str) -> NoReturn:
    typer.secho(message, fg="red", err=True)
    raise typer.Exit(1)

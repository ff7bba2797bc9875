"""`rowhouse events`: delivering what has happened once more."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy import select

from rowhouse.commands.installation import checked, fail, installation
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.errors import AppError
from rowhouse.kernel.events import replaying
from rowhouse.kernel.events.models import Replay
from rowhouse.kernel.events.replaying import Wanted

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]

app = typer.Typer(no_args_is_help=True, help=__doc__)


@app.command()
def replay(
    type_: Annotated[str | None, typer.Option("--type", help="such as fitness.workout_changed")] = None,
    from_: Annotated[datetime | None, typer.Option("--from", formats=FORMATS, help="UTC, included")] = None,
    to: Annotated[datetime | None, typer.Option(formats=FORMATS, help="UTC, not included")] = None,
    subscription: Annotated[str | None, typer.Option(help="to this one alone (default: to all)")] = None,
    organization: Annotated[UUID | None, typer.Option(help="of this one alone (default: of all)")] = None,
    reason: Annotated[str | None, typer.Option(help="why; it is kept in the audit log")] = None,
    dry_run: Annotated[bool, typer.Option(help="count and do nothing")] = False,
    resume: Annotated[UUID | None, typer.Option(help="go on with a replay that was interrupted")] = None,
) -> None:
    """Have handlers do their work again for events of a type and time.

    Each is delivered once for this replay, in the order of what it happened to. Killed in the middle, it goes on with
    --resume and its id.
    """
    try:
        if resume is not None:
            asyncio.run(_go_on(resume))
            return
        if type_ is None or from_ is None or to is None:
            fail("Say which: --type, --from and --to; or --resume with a replay's id.")
        wanted = Wanted(type_, from_.replace(tzinfo=UTC), to.replace(tzinfo=UTC), subscription, organization)
        if wanted.from_at >= wanted.to_at:
            fail("--from must be before --to.")
        asyncio.run(_dry_run(wanted) if dry_run else _begin(wanted, checked(reason or "")))
    except AppError as error:
        fail(error.detail)


@app.command("list")
def list_() -> None:
    """Show the newest hundred replays."""
    for row in asyncio.run(_list()):
        how_far = "done" if row.finished_at else "not finished"
        typer.echo(
            f"{row.id}  {row.type}  {row.from_at:%Y-%m-%dT%H:%M} to {row.to_at:%Y-%m-%dT%H:%M}"
            f"  {row.events} events, {row.deliveries} deliveries, {how_far}  ({row.reason})"
        )


async def _dry_run(wanted: Wanted) -> None:
    async with installation("rowhouse-events") as (platform, admin):
        subscriptions = replaying.subscriptions_for(platform, wanted)
        events = await replaying.count_events(admin, wanted)
    typer.echo(f"{events} events would be delivered to {', '.join(subscriptions)}. Nothing was done.")


async def _begin(wanted: Wanted, reason: str) -> None:
    async with installation("rowhouse-events") as (platform, admin):
        made = await replaying.begin_replay(platform, admin, wanted, reason)
    typer.echo(f"Replay {made}")
    await _go_on(made)


async def _go_on(replay_id: UUID) -> None:
    def tell(events: int, deliveries: int) -> None:
        typer.echo(f"{events} events, {deliveries} deliveries", err=True)

    async with installation("rowhouse-events") as (platform, admin):
        done = await replaying.replay(platform, admin, replay_id, told=tell)
    typer.echo(f"{done.events} events, {done.deliveries} deliveries wait for their workers.")


async def _list() -> Sequence[Replay]:
    async with installation("rowhouse-events") as (_, admin), admin.session(Binding()) as session:
        return (await session.scalars(select(Replay).order_by(Replay.id.desc()).limit(100))).all()

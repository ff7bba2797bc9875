"""Kinds of jobs and handlers that tests run in real workers: `celery -A tests.kernel.jobs.workshop worker`.

Each leaves a row in `workshop.effects` for every step, in the transaction of the step.
"""

import asyncio
import os
import signal
import time
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import text

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.errors import Conflict, Unavailable
from rowhouse.kernel.events.delivery import DELIVER_EVENT
from rowhouse.kernel.events.events import Event, on
from rowhouse.kernel.jobs.run import JobRun
from rowhouse.kernel.jobs.worker import make_worker
from rowhouse.kernel.mail.jobs import SEND_MAIL
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import Chore, JobKind
from rowhouse.kernel.registry import App, Registry
from rowhouse.kernel.settings import get_settings
from rowhouse.kit.ids import uuid7

TABLE = """
    CREATE SCHEMA IF NOT EXISTS workshop;
    CREATE TABLE IF NOT EXISTS workshop.effects (
        position bigint GENERATED ALWAYS AS IDENTITY, of uuid, step integer, pid integer, organization_id uuid,
        role text, told text
    );
    CREATE TABLE IF NOT EXISTS workshop.promises (
        id integer PRIMARY KEY,
        kept_by integer REFERENCES workshop.promises (id) DEFERRABLE INITIALLY DEFERRED
    );
    GRANT USAGE ON SCHEMA workshop TO app_user;
    GRANT SELECT, INSERT ON workshop.effects, workshop.promises TO app_user;
"""
FORBIDDEN = text(
    "INSERT INTO kernel.roles (organization_id, id, name, title, holds)"
    " VALUES (:org, gen_random_uuid(), 'forbidden', 'Forbidden', '[]')"
)


async def leave_effect(ctx: Ctx, of: UUID, step: int) -> None:
    """`organization_id` is what PostgreSQL has been told, not what Python believes."""
    await ctx.session.execute(
        text(
            "INSERT INTO workshop.effects (of, step, pid, organization_id, role) VALUES (:of, :step, :pid, app.org(), :role)"
        ),
        {"of": of, "step": step, "pid": os.getpid(), "role": ctx.identity.role},
    )


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def count(run: JobRun) -> dict[str, Any]:
    """`steps` steps of `pause_s` each; goes on from where an earlier attempt was. Dies before the commit of step
    `die_at`, in the first attempt."""
    steps, pause_s = int(run.arguments["steps"]), float(run.arguments.get("pause_s", 0))
    for step in range(run.done, steps):
        await asyncio.sleep(pause_s)
        async with run.transaction() as ctx:
            await run.check_cancelled(ctx)
            await leave_effect(ctx, run.job_id, step)
            await run.progress(ctx, done=step + 1, total=steps, result={"steps": list(range(step + 1))})
            if run.attempt == 1 and run.arguments.get("die_at") == step:
                die()
    return {"steps": list(range(steps)), "attempt": run.attempt}


async def fail_twice(run: JobRun) -> dict[str, Any]:
    async with run.transaction() as ctx:
        await leave_effect(ctx, run.job_id, run.attempt)
    if run.attempt < 3:
        raise RuntimeError("the database password is hunter2")
    return {"attempt": run.attempt}


async def always_fail(run: JobRun) -> None:
    raise RuntimeError("the database password is hunter2")


class TooOld(Conflict):
    code, title = "workshop_too_old", "It is too old."


async def refuse(run: JobRun) -> None:
    raise TooOld


async def be_away(run: JobRun) -> None:
    raise Unavailable(retry_after_s=40)


async def reach_across(run: JobRun) -> None:
    """Writes into an organization that is not its own."""
    async with run.transaction() as ctx:
        await ctx.session.execute(FORBIDDEN, {"org": uuid7()})


async def always_die(run: JobRun) -> None:
    die()


async def never_end(run: JobRun) -> None:
    await asyncio.sleep(60)


async def block(run: JobRun) -> None:
    """Holds the event loop, as decoding does."""
    time.sleep(float(run.arguments["seconds"]))  # noqa: ASYNC251 - what is tested
    async with run.transaction() as ctx:
        await leave_effect(ctx, run.job_id, 0)


COUNT = JobKind("workshop.count", count)
FAIL_TWICE = JobKind("workshop.fail_twice", fail_twice)
ALWAYS_FAIL = JobKind("workshop.always_fail", always_fail, max_attempts=1)
REFUSE = JobKind("workshop.refuse", refuse)
BE_AWAY = JobKind("workshop.be_away", be_away, max_attempts=2)
REACH_ACROSS = JobKind("workshop.reach_across", reach_across, max_attempts=1)
ALWAYS_DIE = JobKind("workshop.always_die", always_die, max_attempts=1)
NEVER_END = JobKind("workshop.never_end", never_end, time_limit_s=1, max_attempts=1)
BULK = JobKind("workshop.bulk", count, queue="bulk")
CRITICAL = JobKind("workshop.critical", count, queue="critical")
HANG = JobKind("workshop.hang", block, time_limit_s=1, max_attempts=1)
BLOCK = JobKind("workshop.block", block)
HIDDEN = JobKind("workshop.hidden", count, internal=True)


@dataclass(frozen=True)
class ThingChanged(Event):
    type: ClassVar[str] = "workshop.thing_changed"
    number: int
    trouble: str = ""
    """`die`: the first handling kills its worker after its effect; `raise`: every handling fails."""


@on(ThingChanged, "workshop.follow")
async def follow(ctx: Ctx, event: ThingChanged) -> None:
    seen = await ctx.session.scalar(
        text("SELECT count(*) FROM workshop.effects WHERE of = :of AND told = 'tried'"),
        {"of": event.aggregate_id},
    )
    await leave_effect(ctx, event.aggregate_id, event.number)
    if event.trouble == "die" and not seen:
        async with ctx.platform.database.engine.begin() as apart:
            await apart.execute(
                text("INSERT INTO workshop.effects (of, told) VALUES (:of, 'tried')"),
                {"of": event.aggregate_id},
            )
        die()
    if event.trouble == "raise":
        raise RuntimeError("the database password is hunter2")


async def tick(platform: Platform, _admin: Database) -> None:
    async with platform.database.engine.begin() as apart:
        await apart.execute(text("INSERT INTO workshop.effects (told) VALUES ('tick')"))


workshop = App(
    name="workshop",
    title="Workshop",
    schema="workshop",
    jobs=(
        COUNT,
        FAIL_TWICE,
        ALWAYS_FAIL,
        REFUSE,
        BE_AWAY,
        REACH_ACROSS,
        ALWAYS_DIE,
        NEVER_END,
        BLOCK,
        BULK,
        CRITICAL,
        HANG,
        HIDDEN,
        DELIVER_EVENT,
        SEND_MAIL,
    ),
    chores=(Chore("workshop.tick", 1, tick),),
    handlers=(follow,),
)
registry = Registry(apps=(workshop,))
app = make_worker(registry, get_settings)

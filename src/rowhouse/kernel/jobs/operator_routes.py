"""Jobs for operators, over HTTP: dead letters, schedules, workers. Nothing of what a job holds is shown."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query
from sqlalchemy import text

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import operates
from rowhouse.kernel.http.envelope import Many, One, whole
from rowhouse.kernel.http.lists import Asked, paged
from rowhouse.kernel.jobs import dead_letters
from rowhouse.kernel.jobs.dead_letters import Wanted
from rowhouse.kernel.jobs.depth import depths
from rowhouse.kernel.jobs.schemas import (
    DeadLetterKindView,
    DeadLettersRequest,
    DeadLettersView,
    DeadLetterView,
    ScheduleView,
    WorkView,
)
from rowhouse.kernel.queue.kinds import Schedule
from rowhouse.kernel.redis import SCHEDULER_HEARTBEAT, WORKER_HEARTBEATS
from rowhouse.kit.time import now

router = APIRouter(prefix="/admin")

READ, WRITE = "platform.jobs.read", "platform.jobs.write"
Name = Annotated[str | None, Query(max_length=200)]


@router.get("/dead-letters", response_model=Many[DeadLetterView])
async def list_dead_letters(
    ctx: Annotated[Ctx, operates(READ)],
    asked: Annotated[Asked, paged(DeadLetterView, sorts={})],
    kind: Name = None,
    subject: Name = None,
    code: Name = None,
) -> object:
    """Jobs that have failed for good and deliveries of events among them, the newest first."""
    wanted = Wanted(kind=kind, subject=subject, code=code)
    return asked.page(await dead_letters.list_dead(ctx, wanted, asked.place))


@router.get("/dead-letters/kinds", response_model=Many[DeadLetterKindView])
async def sum_up_dead_letters(ctx: Annotated[Ctx, operates(READ)]) -> object:
    """How many have failed alike, the most frequent first."""
    return whole(await dead_letters.sum_up(ctx))


@router.post("/dead-letters/replays", response_model=One[DeadLettersView])
async def replay_dead_letters(body: DeadLettersRequest, ctx: Annotated[Ctx, operates(WRITE)]) -> object:
    """Tries them again, with all their attempts before them."""
    return {"data": await dead_letters.settle(ctx, _wanted(body), "replayed", body.reason)}


@router.post("/dead-letters/discards", response_model=One[DeadLettersView])
async def discard_dead_letters(body: DeadLettersRequest, ctx: Annotated[Ctx, operates(WRITE)]) -> object:
    """Takes them off the list. For who asked for them they have failed all the same, and can be tried again."""
    return {"data": await dead_letters.settle(ctx, _wanted(body), "discarded", body.reason)}


@router.get("/schedules", response_model=Many[ScheduleView])
async def list_schedules(ctx: Annotated[Ctx, operates(READ)]) -> object:
    """All that happens by the clock: the last run of each, how it ended, when the next is due."""
    rows = await ctx.session.execute(text("SELECT * FROM resolve.scheduled_runs()"))
    runs, moment = {row["schedule"]: row for row in rows.mappings()}, now()
    unrun = dict.fromkeys(("due_at", "started_at", "finished_at", "attempts", "outcome", "error_code"))
    found = [
        {
            **unrun,
            **runs.get(name, {}),
            "name": name,
            "every_s": timed.when.seconds,
            "for_organizations": isinstance(timed, Schedule),
            "kind": timed.job.name if isinstance(timed, Schedule) else None,
            "next_due_at": timed.when.following(moment),
        }
        for name, timed in sorted(ctx.platform.registry.timed.items())
    ]
    return whole(found)


@router.get("/workers", response_model=One[WorkView])
async def get_work(ctx: Annotated[Ctx, operates(READ)]) -> object:
    """Who works, what waits and since when, what runs just now."""
    redis = ctx.platform.redis
    keys = [key async for key in redis.scan_iter(match=WORKER_HEARTBEATS, count=100)]
    beats = [orjson.loads(beat) for beat in (await redis.mget(keys) if keys else ()) if beat]
    under_way = await ctx.session.execute(text("SELECT * FROM resolve.jobs_under_way()"))
    return {
        "data": {
            "workers": sorted(beats, key=lambda beat: str(beat["name"])),
            "scheduler": bool(await redis.exists(SCHEDULER_HEARTBEAT)),
            "queues": await depths(ctx.platform.database, ctx.platform.registry),
            "under_way": under_way.mappings().all(),
        }
    }


def _wanted(body: DeadLettersRequest) -> Wanted:
    return Wanted(tuple(body.ids) if body.ids is not None else None, body.kind, body.subject, body.code)

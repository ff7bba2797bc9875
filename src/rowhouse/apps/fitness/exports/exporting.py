"""Asking for an export, the job that makes it, and what was made.

The file is written as a whole or not at all; a job that was killed writes it anew.
"""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from rowhouse.apps.fitness.exports.archive import Archive
from rowhouse.apps.fitness.exports.errors import ExportsFull, ExportUnderWay, NothingToExport, NoTrack
from rowhouse.apps.fitness.exports.measurements import count_measurements
from rowhouse.apps.fitness.exports.schemas import WorkoutExportRequest
from rowhouse.apps.fitness.exports.selection import select_workouts
from rowhouse.apps.fitness.workouts.models import Workout
from rowhouse.apps.fitness.workouts.sharing import BIOMETRICS, granted_athletes
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.downloads.keeping import begin_export, end_export, export_folder, remove_export
from rowhouse.kernel.downloads.links import Linked, make_link
from rowhouse.kernel.downloads.listing import list_exports, under_way
from rowhouse.kernel.downloads.models import Export
from rowhouse.kernel.errors import Forbidden, NotFound
from rowhouse.kernel.identity.step_up import check_proved
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.limits.declared import ActionLimit
from rowhouse.kernel.notices.kernel_kinds import EXPORT_READY
from rowhouse.kernel.notices.posting import Told, post
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kernel.quotas.actions import spend
from rowhouse.kernel.sessions.acting import apart
from rowhouse.kit.ids import uuid7

if TYPE_CHECKING:  # contexts stand on the registry, which stands on jobs
    from rowhouse.kernel.jobs.run import JobRun

AT_MOST = 10
"""Finished exports that an account has at a time."""
EXPORTS = ActionLimit("fitness.exports", "Exports of workouts by you in a day.", 100, 86_400)
LEFT_OUT_SHOWN = 20
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "fit": "application/vnd.ant.fit",
    "tcx": "application/vnd.garmin.tcx+xml",
    "gpx": "application/gpx+xml",
    "zip": "application/zip",
}


async def start_export(ctx: Ctx, wanted: WorkoutExportRequest) -> UUID:
    """The job of a new export. Raises what `select_workouts` and `count_measurements` do, `StepUpRequired`, `Forbidden`,
    `NothingToExport`, `NoTrack`, `ExportUnderWay`, `ExportsFull`, `LimitReached`."""
    check_proved(ctx)
    ids, measurements = await select_workouts(ctx, wanted), 0
    if wanted.with_biometrics:
        if BIOMETRICS not in ctx.identity.permissions:
            raise Forbidden(f"Your role lacks the permission {BIOMETRICS}.")
        measurements = await count_measurements(ctx, wanted)
    if not ids and not measurements:
        raise NothingToExport
    if wanted.format == "gpx" and not await _any_track(ctx, wanted, ids):
        raise NoTrack
    own = await list_exports(ctx, (EXPORT.name,))
    if any(under_way(job) for _, job in own):
        raise ExportUnderWay
    if sum(export.bytes is not None for export, _ in own) >= AT_MOST:
        raise ExportsFull
    await spend(ctx, EXPORTS)
    arguments = wanted.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    export_id = uuid7()
    await begin_export(ctx, export_id, EXPORT.name)
    await record(
        ctx,
        "fitness.exported",
        resource=f"fitness.athlete:{wanted.athlete_id or ctx.account}",
        details={"format": wanted.format, "workouts": len(ids), "measurements": measurements},
    )
    return await enqueue(ctx, EXPORT, arguments, job_id=export_id, total=len(ids))


async def run_export(run: "JobRun") -> dict[str, Any]:
    wanted = WorkoutExportRequest.model_validate(dict(run.arguments))
    async with run.transaction() as ctx:
        ids = await select_workouts(ctx, wanted)
        linked = _linked(ctx, run.job_id, wanted)
        await run.progress(ctx, done=0, total=len(ids))
    archive = Archive(run, wanted, ids)
    size = await run.platform.storage.put(linked.key, archive.stream())
    async with run.transaction() as ctx:
        expires_at = await end_export(ctx, run.job_id, size)
        await run.progress(ctx, done=len(ids))
        url = make_link(ctx, linked)
        text = "Your export is ready, and kept for seven days."
        await post(ctx, EXPORT_READY, [ctx.account], Told(text, "/jobs", f"export/{run.job_id}"))
    return {
        "url": url,
        "name": linked.name,
        "bytes": size,
        "workouts": len(ids) - len(archive.left_out),
        "measurements": archive.measurements,
        "left_out": archive.left_out[:LEFT_OUT_SHOWN],
        "expires_at": expires_at.isoformat(),
    }


EXPORT = JobKind("fitness.export", run_export, queue="bulk", time_limit_s=6_000, max_attempts=3)


async def list_own(ctx: Ctx) -> list[dict[str, Any]]:
    """The account's exports that are not over, the newest first, with fresh links to those that are ready and hold nothing
    that the context may not read."""
    granted = await granted_athletes(ctx) | {ctx.account}
    bodies: frozenset[UUID] = frozenset()
    if BIOMETRICS in ctx.identity.permissions:
        bodies = granted & (await granted_athletes(ctx, BIOMETRICS) | {ctx.account})
    return [
        _view(ctx, export, job, granted, bodies) for export, job in await list_exports(ctx, (EXPORT.name,))
    ]


async def delete_export(ctx: Ctx, export_id: UUID) -> None:
    """Removes the file and all that is kept of it. Raises `NotFound`, `ExportUnderWay`."""
    async with apart(ctx, ctx.identity) as own:
        found = {export.id: job for export, job in await list_exports(own, (EXPORT.name,))}
    if export_id not in found:
        raise NotFound
    if under_way(found[export_id]):
        raise ExportUnderWay
    await remove_export(ctx, export_id)


async def _any_track(ctx: Ctx, wanted: WorkoutExportRequest, ids: list[UUID]) -> bool:
    query = select(Workout.id).where(
        Workout.organization_id == ctx.org,
        Workout.athlete_id == (wanted.athlete_id or ctx.account),
        Workout.id.in_(ids),
        Workout.detail["channels"].has_key("latitude_deg"),
    )
    return await ctx.session.scalar(query.limit(1)) is not None


def _view(
    ctx: Ctx, export: Export, job: Job | None, granted: frozenset[UUID], bodies: frozenset[UUID]
) -> dict[str, Any]:
    wanted = WorkoutExportRequest.model_validate(job.arguments) if job else None
    athlete_id = (wanted.athlete_id if wanted else None) or ctx.account
    allowed = bodies if wanted is not None and wanted.with_biometrics else granted
    ready = export.bytes is not None and athlete_id in allowed
    return {
        "id": export.id,
        "format": wanted.format if wanted else None,
        "athlete_id": athlete_id,
        "state": job.state if job else "failed",
        "done": job.done if job else 0,
        "total": job.total if job else None,
        "bytes": export.bytes,
        "created_at": export.created_at,
        "expires_at": export.expires_at,
        "url": make_link(ctx, _linked(ctx, export.id, wanted)) if ready and wanted else None,
    }


def _linked(ctx: Ctx, export_id: UUID, wanted: WorkoutExportRequest) -> Linked:
    kind = wanted.format if wanted.is_one_file else "zip"
    named = f"rowhouse-{wanted.format}-{export_id.hex[-8:]}.{kind}"
    return Linked(
        f"{export_folder(ctx.org, ctx.account, export_id)}/workouts.{kind}", named, MEDIA_TYPES[kind]
    )

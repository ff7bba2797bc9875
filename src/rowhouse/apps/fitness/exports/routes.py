"""Exports over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from rowhouse.apps.fitness.exports import exporting
from rowhouse.apps.fitness.exports.schemas import (
    WorkoutExportRequest,
    WorkoutExportStarted,
    WorkoutExportView,
)
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.flags.kernel_flags import BULK_EXPORT
from rowhouse.kernel.http.edge import requires
from rowhouse.kernel.http.envelope import Many, One, whole

router = APIRouter()
Reader = Annotated[Ctx, requires("fitness.workouts.read")]


@router.post("/export", status_code=202, response_model=One[WorkoutExportStarted])
async def export_workouts(
    wanted: WorkoutExportRequest, ctx: Annotated[Ctx, requires("fitness.workouts.read", flag=BULK_EXPORT)]
) -> object:
    """Writes workouts to a file, in the background; the job's `result.url` is where to get it, for an hour. FIT, TCX
    and GPX: a file for each workout, in a ZIP unless `workout_ids` names one alone. CSV, Parquet and JSON: a row each, and with `include`
    laps, lengths, samples and biometrics."""
    return {"data": {"job_id": await exporting.start_export(ctx, wanted)}}


@router.get("/exports", response_model=Many[WorkoutExportView])
async def list_workout_exports(ctx: Reader) -> object:
    """This account's exports of the last seven days, the newest first, with links to those that are ready."""
    return whole(await exporting.list_own(ctx))


@router.delete("/exports/{export_id}", status_code=204)
async def delete_workout_export(ctx: Reader, export_id: UUID) -> None:
    """Removes a finished export before its time."""
    await exporting.delete_export(ctx, export_id)

"""What processes that were killed have left: uploaded objects that nothing will import, since the API died between
storing them and the job's commit, originals of which no row came to be, and the folders in which a worker was reading a
file."""

import asyncio
import shutil
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import structlog
from sqlalchemy import select

from rowhouse.apps.fitness.files.models import UploadFile
from rowhouse.apps.fitness.files.service import originals_folder, uploads_folder
from rowhouse.apps.fitness.recordings.models import File
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.jobs.models import FINISHED, Job
from rowhouse.kernel.jobs.run import JobRun
from rowhouse.kernel.storage.storage import StorageUnavailable
from rowhouse.kit.time import now

KEPT_FOR = timedelta(days=2)
"""Longer than any upload takes: what is younger may belong to a request whose job is still to come."""

WORKPLACE = "rowhouse-import-"
"""What the names of the folders in which files are read begin with."""

log = structlog.get_logger(__name__)


async def remove_orphans(run: JobRun) -> None:
    """Removes the athlete's objects that are older than `KEPT_FOR`: uploads that no job is going to read, and originals that
    no row names. Of the athlete alone: what is the others' is behind a wall. A storage that is away is for the next time."""
    organization_id, athlete_id = run.identity.organization_id, run.identity.account_id
    assert organization_id is not None and athlete_id is not None  # noqa: PT018 - a job of an athlete has both
    storage, latest = run.platform.storage, now() - KEPT_FOR
    try:
        for folder, needed in (
            (uploads_folder(organization_id, athlete_id), _awaited),
            (originals_folder(organization_id, athlete_id), _named),
        ):
            old = [found.key async for found in storage.list(folder) if found.modified_at < latest]
            if old:
                async with run.transaction() as ctx:
                    kept = await needed(ctx)
                for key in set(old) - kept:
                    await storage.delete(key)
                    log.info("orphan_removed", key=key)
            await storage.remove_unfinished(folder, latest)
    except StorageUnavailable:
        log.warning("orphans_not_removed", reason="storage unavailable")


async def _awaited(ctx: Ctx) -> set[str]:
    """The keys of unfinished files whose job has not ended."""
    query = (
        select(UploadFile.storage_key)
        .join(Job, (Job.organization_id == UploadFile.organization_id) & (Job.id == UploadFile.job_id))
        .where(UploadFile.organization_id == ctx.org, Job.organization_id == ctx.org)
        .where(UploadFile.athlete_id == ctx.account, UploadFile.finished_at.is_(None))
        .where(Job.state.not_in(FINISHED))
    )
    return set((await ctx.session.scalars(query)).all())


async def _named(ctx: Ctx) -> set[str]:
    """The keys of originals that are rows."""
    query = select(File.storage_key).where(File.organization_id == ctx.org, File.athlete_id == ctx.account)
    return set((await ctx.session.scalars(query)).all())


async def remove_old_workplaces() -> None:
    """Removes this machine's workplaces that are older than any import may become."""
    await asyncio.to_thread(_remove_old_workplaces)


def _remove_old_workplaces() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{WORKPLACE}*"):
        try:
            old = time.time() - folder.lstat().st_mtime > KEPT_FOR.total_seconds()
        except FileNotFoundError:
            # Its own worker was faster.
            continue
        if old:
            shutil.rmtree(folder, ignore_errors=True)

"""The job that imports an upload: file by file, member by member, each in a transaction of its own.

Between two transactions the bytes are fetched and decoded. What a member came to is written together with its
workouts, so that after a crash, wherever it was, every file is accounted for exactly once.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError

from rowhouse.apps.fitness.biometrics.filed import keep_days
from rowhouse.apps.fitness.biometrics.measurement import DayTold
from rowhouse.apps.fitness.files.cleaning import WORKPLACE, remove_old_workplaces, remove_orphans
from rowhouse.apps.fitness.files.decoding.decode import Decoded, Member, decode_each, open_members
from rowhouse.apps.fitness.files.decoding.formats import Format
from rowhouse.apps.fitness.files.models import UploadFile, UploadResult
from rowhouse.apps.fitness.files.results import results_of
from rowhouse.apps.fitness.files.service import original_key
from rowhouse.apps.fitness.files.telling import tell_what_is_open
from rowhouse.apps.fitness.flags import APPLE_HEALTH
from rowhouse.apps.fitness.workouts.importing import Original, file_of, import_recordings
from rowhouse.apps.fitness.workouts.records import Prepared, lock_athlete, prepare
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.flags.service import is_on_for
from rowhouse.kernel.jobs.run import JobRun
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kit.time import now

log = structlog.get_logger(__name__)

PARTS_AT_ONCE = 20
"""Workouts or days of one Apple export that are stored in one transaction."""
RESULTS_EVERY_S = 1.0
DAMAGE = ("truncated", "corrupt", "crc_mismatch", "summary_missing", "samples_missing", "route_missing")
"""Flags that make an import partial, since something of the file is lost; the first that applies is the code."""
NO_APPLE_HEALTH = "Importing Apple Health exports is switched off for your organization."
UNEXPECTED = "This file could not be read. We have been told and will look at it."


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some parts of a member, decoded and prepared. `last`: nothing comes after them."""

    first: int
    parts: int
    prepared: tuple[Prepared, ...]
    days: tuple[DayTold, ...]
    refusal_code: str | None
    detail: str | None
    last: bool


async def run_import(run: JobRun) -> dict[str, Any]:
    """Imports what earlier attempts have not; returns `{"files": [{name, state, workout_ids, code?, detail?}]}`."""
    async with run.transaction() as ctx:
        files = await _files(ctx, run.job_id)
    progress = _Progress(run, files)
    for file in files:
        if file.finished_at is None:
            await _import_file(run, file, progress)
        # Also of one that an earlier attempt finished: it may have died before it came to this.
        await run.platform.storage.delete(file.storage_key)
    await remove_orphans(run)
    await remove_old_workplaces()
    async with run.transaction() as ctx:
        result = await results_of(ctx, run.job_id)
        await tell_what_is_open(ctx, run.job_id, files, result["files"])
    return result


IMPORT = JobKind("fitness.import", run_import, queue="default", time_limit_s=3600, max_attempts=10)


async def _import_file(run: JobRun, file: UploadFile, progress: "_Progress") -> None:
    with tempfile.TemporaryDirectory(prefix=WORKPLACE) as folder:
        path = Path(folder) / "file"
        try:
            await run.platform.storage.download(file.storage_key, path)
        except FileNotFoundError:
            await _refuse(run, file, 0, file.name, "lost", "The uploaded file is gone; upload it again.")
        else:
            await _count_members(run, file, path)
            with open_members(path, file.name) as members:
                for position in range(file.members or 0):
                    member = await asyncio.to_thread(next, members)
                    await _import_member(run, file, position, member, path)
                    await progress.step()
        async with run.transaction() as ctx:
            await _finish_file(ctx, file)


async def _count_members(run: JobRun, file: UploadFile, path: Path) -> None:
    """How many members there are is known before the first is imported: that is the bar's length."""

    def count() -> int:
        with open_members(path, file.name) as members:
            return sum(1 for _ in members)

    members = await asyncio.to_thread(count)
    async with run.transaction() as ctx:
        stored = await ctx.session.get_one(UploadFile, (ctx.org, file.id))
        stored.members = members
        file.members = members
        if members == 0:
            detail = "The archive holds no activity files."
            await _store_result(
                ctx, file, 0, file.name, state="refused", code="not_an_activity", detail=detail, finished=True
            )


async def _import_member(run: JobRun, file: UploadFile, position: int, member: Member, path: Path) -> None:
    async with run.transaction() as ctx:
        await run.check_cancelled(ctx)
        before = await ctx.session.get(UploadResult, (ctx.org, file.id, position))
        done = before.parts_done if before else 0
        if before is not None and before.finished:
            return
    if member.refusal is not None:
        await _refuse(run, file, position, member.name, member.refusal.code, member.refusal.detail)
        return
    organization_id = run.claim.organization_id
    if member.format is Format.APPLE_HEALTH and not await is_on_for(
        run.platform, organization_id, APPLE_HEALTH
    ):
        await _refuse(run, file, position, member.name, "feature_off", NO_APPLE_HEALTH)
        return
    batches = _batches(member, file, done)
    original, put = None, True
    while (batch := await asyncio.to_thread(_next, batches, member.name)) is not None:
        if original is None and (batch.prepared or batch.days):
            original = await _original(run, member, path)
            put = await _keep(run, original, member, path)
        await _import_batch(run, file, position, member, original, batch)
    if original is not None and not put:
        # Whoever deleted the former file meanwhile took its bytes along, after we had seen them.
        await _keep(run, original, member, path)


def _batches(member: Member, file: UploadFile, skip: int) -> Iterator[_Batch]:
    """Decodes and prepares; runs in a thread."""
    parts = decode_each(member, received_at=file.created_at)
    for _ in islice(parts, skip):
        pass
    first, pending = skip, list(islice(parts, PARTS_AT_ONCE))
    if not pending:
        yield _Batch(first, 1, (), (), None, None, last=True)
    while pending:
        following = list(islice(parts, PARTS_AT_ONCE))
        yield _batch(first, pending, last=not following)
        first, pending = first + len(pending), following


def _batch(first: int, parts: Sequence[Decoded], *, last: bool) -> _Batch:
    recordings = [recording for part in parts for recording in part.recordings]
    refusal = next((part.refusal for part in parts if part.refusal), None)
    said = {
        code: text
        for recording in recordings
        for code, text in zip(recording.flags, recording.notes, strict=False)
    }
    damage = [code for code in DAMAGE if code in said]
    notes = [*(note for part in parts for note in part.notes), *(said[code] for code in damage)]
    code = refusal.code if refusal else damage[0] if damage else None
    detail = " ".join([*notes, *([refusal.detail] if refusal else [])]) or None
    prepared, days = tuple(prepare(r) for r in recordings), tuple(day for part in parts for day in part.days)
    return _Batch(first, len(parts), prepared, days, code, detail, last)


def _next(batches: Iterator[_Batch], name: str) -> _Batch | None:
    """The next batch; a file that our code can't cope with is refused, and the others go on."""
    try:
        return next(batches, None)
    except Exception:  # a defect of a decoder must not stop the other files
        log.exception("decoding_failed", suffix=Path(name).suffix[:10])
        return _Batch(0, 1, (), (), "internal_error", UNEXPECTED, last=True)


async def _import_batch(
    run: JobRun, file: UploadFile, position: int, member: Member, original: Original | None, batch: _Batch
) -> None:
    try:
        async with run.transaction() as ctx:
            await _store_batch(ctx, file, position, member, original, batch)
    except (DataError, IntegrityError):
        log.exception("import_failed", format=member.format.value)
        await _refuse(run, file, position, member.name, "internal_error", UNEXPECTED)


async def _store_batch(
    ctx: Ctx, file: UploadFile, position: int, member: Member, original: Original | None, batch: _Batch
) -> None:
    state, count = "refused", 0
    workout_ids: tuple[str, ...] = ()
    file_id: UUID | None = None
    if original is not None and batch.prepared:
        imported = await import_recordings(ctx, original, batch.prepared, batch.first)
        workout_ids = tuple(str(one) for one in imported.workout_ids)
        state, file_id = imported.state, imported.file_id
    if original is not None and batch.days:
        await lock_athlete(ctx)
        file_id = (await file_of(ctx, original)).id
        count = await keep_days(ctx, file_id, batch.days)
        state = "imported" if count or state == "imported" else "duplicate"
    if batch.refusal_code and state == "imported":
        state = "partial"
    await _store_result(
        ctx,
        file,
        position,
        member.name,
        state=state,
        workout_ids=workout_ids,
        measurements=count,
        file_id=file_id,
        code=batch.refusal_code,
        detail=batch.detail,
        parts=batch.first + batch.parts,
        finished=batch.last,
    )


async def _original(run: JobRun, member: Member, path: Path) -> Original:
    """What the member's bytes are called among originals. An Apple export is kept as it came, routes and all."""
    organization_id, athlete_id = run.identity.organization_id, run.identity.account_id
    assert organization_id is not None and athlete_id is not None  # noqa: PT018 - a job of an athlete has both
    if member.format is Format.APPLE_HEALTH:
        sha256, size = await asyncio.to_thread(_digest_file, path)
    else:
        data = await asyncio.to_thread(_read, member)
        sha256, size = hashlib.sha256(data).digest(), len(data)
    key = original_key(organization_id, athlete_id, sha256)
    return Original(member.name.rpartition("/")[2] or member.name, member.format.value, sha256, size, key)


async def _keep(run: JobRun, original: Original, member: Member, path: Path) -> bool:
    """Puts the bytes where originals are kept; False where they are already."""
    storage, whole = run.platform.storage, member.format is Format.APPLE_HEALTH
    if await storage.exists(original.storage_key):
        return False
    data = _file_pieces(path) if whole else await asyncio.to_thread(_read, member)
    await storage.put(original.storage_key, data)
    return True


def _read(member: Member) -> bytes:
    with member.open() as stream:
        return stream.read()


def _digest_file(path: Path) -> tuple[bytes, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest(), path.stat().st_size


async def _file_pieces(path: Path) -> Any:
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, 1024 * 1024):
            yield piece


async def _refuse(run: JobRun, file: UploadFile, position: int, name: str, code: str, detail: str) -> None:
    async with run.transaction() as ctx:
        await _store_result(
            ctx, file, position, name, state="refused", code=code, detail=detail, finished=True
        )


async def _store_result(
    ctx: Ctx,
    file: UploadFile,
    position: int,
    name: str,
    *,
    state: str,
    workout_ids: Sequence[str] = (),
    measurements: int = 0,
    file_id: UUID | None = None,
    code: str | None = None,
    detail: str | None = None,
    parts: int = 0,
    finished: bool,
) -> None:
    """Adds to what the member has come to so far: an import stays one when a later part is a duplicate."""
    stored = await ctx.session.get(UploadResult, (ctx.org, file.id, position))
    if stored is None:
        stored = UploadResult(
            organization_id=ctx.org, upload_file_id=file.id, position=position, athlete_id=ctx.account, name=name,
            state=state, workout_ids=[], measurements=0,
        )  # fmt: skip
        ctx.session.add(stored)
    else:
        stored.state = _joint_state(stored.state, state)
    stored.measurements += measurements
    stored.file_id = file_id or stored.file_id
    stored.workout_ids = list(dict.fromkeys((*stored.workout_ids, *workout_ids)))
    stored.code, stored.detail = code or stored.code, detail or stored.detail
    stored.parts_done, stored.finished = parts, finished
    await ctx.session.flush()


def _joint_state(before: str, now_: str) -> str:
    if "partial" in (before, now_) or "refused" in (before, now_):
        return "partial"
    return "imported" if "imported" in (before, now_) else "duplicate"


async def _files(ctx: Ctx, job_id: UUID) -> list[UploadFile]:
    query = (
        select(UploadFile)
        .where(UploadFile.organization_id == ctx.org, UploadFile.athlete_id == ctx.account)
        .where(UploadFile.job_id == job_id)
        .order_by(UploadFile.position)
    )
    return list((await ctx.session.scalars(query)).all())


async def _finish_file(ctx: Ctx, file: UploadFile) -> None:
    stored = await ctx.session.get_one(UploadFile, (ctx.org, file.id))
    stored.finished_at = now()


class _Progress:
    """Tells the job how far it is; the growing result at most once a second, since it is written whole."""

    def __init__(self, run: JobRun, files: Sequence[UploadFile]) -> None:
        self._run = run
        self._files = files
        self._done = sum(f.members or 1 for f in files if f.finished_at is not None)
        self._told_at = 0.0

    async def step(self) -> None:
        self._done += 1
        clock = asyncio.get_running_loop().time()
        tell = clock - self._told_at >= RESULTS_EVERY_S
        async with self._run.transaction() as ctx:
            result = await results_of(ctx, self._run.job_id) if tell else None
            await self._run.progress(ctx, done=self._done, total=self._total, result=result)
        if tell:
            self._told_at = clock

    @property
    def _total(self) -> int:
        return sum(1 if f.members is None else max(1, f.members) for f in self._files)

"""Files on their way in: received into storage, then a job that imports them."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from rowhouse.apps.fitness.consents import HEALTH_DATA
from rowhouse.apps.fitness.files.decoding.refusals import REFUSALS
from rowhouse.apps.fitness.files.models import UploadFile, UploadResult
from rowhouse.apps.fitness.files.multipart import FilesOfBody, Stored
from rowhouse.apps.fitness.recordings.models import File
from rowhouse.apps.fitness.workouts.sharing import find_readable
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.limits.declared import ActionLimit
from rowhouse.kernel.privacy.consents import check_consent
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kernel.quotas.actions import spend
from rowhouse.kernel.sessions.acting import apart
from rowhouse.kernel.storage.storage import organization_key
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

SHOWN_NAME_LENGTH = 200
UPLOADS = ActionLimit(
    "fitness.uploads", "Uploads of yours in an hour, of any number of files each.", 1_000, 3_600
)


async def receive(ctx: Ctx, content_type: str, body: AsyncIterator[bytes]) -> list[Stored]:
    """Counts an upload and streams the body's files into storage. Raises `LimitReached`. No transaction is open meanwhile: the session has not begun. When the
    body turns out bad, or its sender goes away, what was stored is removed again."""
    async with apart(ctx, ctx.identity) as own:
        await check_consent(own, HEALTH_DATA)
        await spend(own, UPLOADS)
    settings, storage = ctx.platform.settings, ctx.platform.storage
    files = FilesOfBody(
        content_type,
        storage.put,
        lambda: f"{uploads_folder(ctx.org, ctx.account)}/{uuid7().hex}",
        settings.upload_max_files,
        most_bytes(ctx),
    )
    try:
        return await files.read(body)
    except BaseException:
        for stored in files.stored:
            await storage.delete(stored.key)
        raise


async def start_import(ctx: Ctx, kind: JobKind, stored: Sequence[Stored]) -> UUID:
    """The job and its files, in one transaction; returns the job's id."""
    job_id = await enqueue(ctx, kind, {}, total=len(stored))
    files = [_upload_file(ctx, job_id, position, one) for position, one in enumerate(stored)]
    ctx.session.add_all(files)
    await ctx.session.flush()
    ctx.session.add_all(
        UploadResult(
            organization_id=ctx.org,
            upload_file_id=file.id,
            position=0,
            athlete_id=ctx.account,
            name=file.name,
            finished=True,
            state="refused",
            code="too_large",
            detail=REFUSALS["too_large"],
        )
        for file, one in zip(files, stored, strict=True)
        if one.too_large
    )
    await ctx.session.flush()
    return job_id


async def get_original(ctx: Ctx, file_id: UUID) -> File:
    """One's own file, or one of an athlete who lets one read. Raises `NotFound`, whether the id is nobody's or
    another's."""
    found = await find_readable(ctx, File, file_id, "GET /files/{file_id}")
    if found is None:
        raise NotFound("There is no such file among yours.")
    return found


def most_bytes(ctx: Ctx) -> int:
    """How large one uploaded file may be."""
    return ctx.platform.settings.upload_max_bytes


def readable_name(name: str | None) -> str:
    """The name as a person should see it: no folders, no control characters, not too long."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    printable = "".join(c if c.isprintable() else " " for c in last).strip()
    return printable[-SHOWN_NAME_LENGTH:] or "unnamed file"


def uploads_folder(organization_id: UUID, athlete_id: UUID) -> str:
    """Where an athlete's files wait to be imported."""
    return organization_key(organization_id, "uploads", str(athlete_id))


def athlete_folder(organization_id: UUID, athlete_id: UUID) -> str:
    """Where all is kept that is an athlete's."""
    return organization_key(organization_id, "fitness", str(athlete_id))


def originals_folder(organization_id: UUID, athlete_id: UUID) -> str:
    return f"{athlete_folder(organization_id, athlete_id)}/originals"


def original_key(organization_id: UUID, athlete_id: UUID, sha256: bytes) -> str:
    """Where original bytes are kept: by their digest, so that storing twice is storing once."""
    return f"{originals_folder(organization_id, athlete_id)}/{sha256.hex()}"


def _upload_file(ctx: Ctx, job_id: UUID, position: int, stored: Stored) -> UploadFile:
    return UploadFile(
        organization_id=ctx.org,
        id=uuid7(),
        athlete_id=ctx.account,
        job_id=job_id,
        position=position,
        name=readable_name(stored.name),
        bytes=stored.size_bytes,
        storage_key=stored.key,
        members=1 if stored.too_large else None,
        finished_at=now() if stored.too_large else None,
    )

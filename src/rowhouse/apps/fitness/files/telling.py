"""Telling an athlete what of an upload waits for them."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rowhouse.apps.fitness.files.models import UploadFile
from rowhouse.apps.fitness.workouts.models import Match
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.notices.kinds import NoticeKind
from rowhouse.kernel.notices.posting import Told, post

IMPORT_OPEN = NoticeKind(
    "fitness.import",
    "Imports that need you",
    "When files of an upload were refused, or when an upload or a sync leaves a possible duplicate to decide.",
)


async def tell_what_is_open(
    ctx: Ctx, job_id: UUID, files: Sequence[UploadFile], came_to: Sequence[dict[str, Any]]
) -> None:
    """Says what was refused and what is to be decided; nothing where all went well."""
    states = Counter(one["state"] for one in came_to)
    doubtful = await _count_open(ctx, min(file.created_at for file in files)) if files else 0
    if not (states["refused"] or doubtful):
        return
    said = [
        _count(number, *words)
        for number, words in (
            (len(came_to) - states["refused"], ("file is in", "files are in")),
            (states["refused"], ("file was refused", "files were refused")),
        )
        if number
    ]
    text = f"Your upload is done: {', '.join(said)}."
    if doubtful:
        waits = _count(doubtful, "possible duplicate waits", "possible duplicates wait")
        text = f"{text} {waits} for your decision."
    await post(
        ctx,
        IMPORT_OPEN,
        [ctx.account],
        Told(text, "/duplicates" if doubtful else "/uploads", f"upload/{job_id}"),
    )


async def tell_doubtful(ctx: Ctx, title: str, since: datetime, occasion: str) -> None:
    """Says what is to be decided of what a source has brought since a moment; nothing where there is nothing."""
    doubtful = await _count_open(ctx, since)
    if doubtful:
        waits = _count(doubtful, "possible duplicate waits", "possible duplicates wait")
        text = f"{title} has brought what may be here already: {waits} for your decision."
        await post(ctx, IMPORT_OPEN, [ctx.account], Told(text, "/duplicates", occasion))


async def _count_open(ctx: Ctx, since: datetime) -> int:
    """Questions that came up since."""
    query = select(func.count()).where(
        Match.organization_id == ctx.org,
        Match.athlete_id == ctx.account,
        Match.state == "open",
        Match.created_at >= since,
    )
    return await ctx.session.scalar(query) or 0


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"

"""One's own notices over HTTP, and how one wants to be told."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.http.edge import signed_in
from rowhouse.kernel.http.envelope import Many, One, whole
from rowhouse.kernel.http.hot import hot_router
from rowhouse.kernel.http.lists import Asked, paged
from rowhouse.kernel.jobs.announcing import announce
from rowhouse.kernel.notices import choices, repository, schemas

router = APIRouter(prefix="/notices")
hot_unread = hot_router("Kernel")


@router.get("", response_model=Many[schemas.NoticeView])
async def list_notices(
    ctx: Annotated[Ctx, signed_in()],
    asked: Annotated[Asked, paged(schemas.NoticeView)],
    unread: bool = False,
) -> object:
    """The account's notices, the newest first unless `sort` says otherwise; with `unread` those alone that wait to be
    read."""
    found = await repository.list_notices(ctx, asked.place, unread=unread)
    return asked.page([schemas.NoticeView.of(one, ctx.platform.registry) for one in found])


@hot_unread.get("/notices/unread", response_model=One[schemas.UnreadView])
async def count_unread(ctx: Annotated[Ctx, signed_in()]) -> object:
    """How many wait to be read; `GET /api/v1/live` tells it whenever it changes. Every page asks this."""
    return {"data": {"unread": await repository.count_unread(ctx)}}


@router.post("/read", response_model=One[schemas.UnreadView])
async def mark_all_read(body: schemas.SeenRequest, ctx: Annotated[Ctx, signed_in()]) -> object:
    """Marks all as read, or those up to the newest that was seen; answers how many are left."""
    await repository.mark_all_read(ctx, body.up_to)
    announce(ctx)
    return {"data": {"unread": await repository.count_unread(ctx)}}


@router.post("/{notice_id}/read", response_model=One[schemas.NoticeView])
async def mark_read(notice_id: UUID, ctx: Annotated[Ctx, signed_in()]) -> object:
    notice = await repository.mark_read(ctx, notice_id)
    if notice is None:
        raise NotFound
    announce(ctx)
    return {"data": schemas.NoticeView.of(notice, ctx.platform.registry)}


@router.get("/preferences", response_model=Many[schemas.PreferenceView])
async def list_preferences(ctx: Annotated[Ctx, signed_in()]) -> object:
    """Of what this person is told, and how: on the page, by mail. What concerns the security of the account comes
    always."""
    return whole([schemas.PreferenceView.of(one) for one in await choices.list_choices(ctx)])


@router.put("/preferences/{kind}", response_model=One[schemas.PreferenceView])
async def set_preference(
    kind: str, body: schemas.PreferenceRequest, ctx: Annotated[Ctx, signed_in()]
) -> object:
    """Says how this person wants to be told of a kind, in all their organizations."""
    chosen = await choices.choose(ctx, kind, shown=body.in_app, mailed=body.mail)
    return {"data": schemas.PreferenceView.of(chosen)}

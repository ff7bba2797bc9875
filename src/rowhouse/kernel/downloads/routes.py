"""Following links over HTTP."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.downloads.links import LinkInvalid, follow_link
from rowhouse.kernel.http.edge import signed_in

router = APIRouter()


@router.get("/downloads/{link}", response_class=StreamingResponse)
async def get_download(link: str, ctx: Annotated[Ctx, signed_in()]) -> StreamingResponse:
    """The object behind a link that was made for this account, while the link lasts."""
    linked = follow_link(ctx, link)
    size = await ctx.platform.storage.size(linked.key)
    if size is None:
        raise LinkInvalid
    return StreamingResponse(
        ctx.platform.storage.stream(linked.key),
        media_type=linked.media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(linked.name, safe='')}",
            "Content-Length": str(size),
        },
    )

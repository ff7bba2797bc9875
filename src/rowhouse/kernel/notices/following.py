"""What open pages are told at once of an account's notices."""

from typing import TYPE_CHECKING

from rowhouse.kernel.db.paging import Place
from rowhouse.kernel.notices import repository
from rowhouse.kernel.notices.schemas import NoticeView

if TYPE_CHECKING:
    from rowhouse.kernel.context import Ctx


async def tell_notices(ctx: "Ctx") -> tuple[str, object] | None:
    """How many are unread, and the newest of all; nothing to an API key, which no list of notices is open to."""
    if ctx.identity.api_key_id is not None:
        return None
    newest = await repository.list_notices(ctx, Place(1))
    shown = [NoticeView.of(one, ctx.platform.registry).model_dump(mode="json") for one in newest]
    return "notices", {
        "unread": await repository.count_unread(ctx),
        "newest": shown[0] if shown else None,
    }

"""How somebody wants to be told of what."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.notices.errors import NoticeAlwaysSent
from rowhouse.kernel.notices.kinds import NoticeKind
from rowhouse.kernel.notices.models import NoticeChoice


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether a person is told of a kind on their page, and whether by mail."""

    kind: NoticeKind
    shown: bool
    mailed: bool


async def list_choices(ctx: Ctx) -> Sequence[Choice]:
    """Every kind of the installed apps, as the context's person has chosen."""
    rows = await ctx.session.scalars(select(NoticeChoice).where(NoticeChoice.user_id == ctx.user))
    said = {row.kind: row for row in rows}
    return [_choice(kind, said.get(kind.name)) for kind in ctx.platform.registry.notices.values()]


async def choice_of(ctx: Ctx, kind: NoticeKind) -> Choice:
    """How the context's person is told of one kind."""
    if kind.always:
        return _choice(kind, None)
    own = (NoticeChoice.user_id == ctx.user, NoticeChoice.kind == kind.name)
    return _choice(kind, await ctx.session.scalar(select(NoticeChoice).where(*own)))


async def choose(ctx: Ctx, name: str, *, shown: bool, mailed: bool) -> Choice:
    """Raises `NotFound` for an unknown kind, `NoticeAlwaysSent` for one that nobody can switch off."""
    kind = ctx.platform.registry.notices.get(name)
    if kind is None:
        raise NotFound
    if kind.always and not (shown and mailed):
        raise NoticeAlwaysSent
    values = {"user_id": ctx.user, "kind": name, "shown": shown, "mailed": mailed}
    said = insert(NoticeChoice).values(values)
    await ctx.session.execute(
        said.on_conflict_do_update(
            index_elements=["user_id", "kind"],
            set_={"shown": said.excluded.shown, "mailed": said.excluded.mailed},
        )
    )
    return Choice(kind, shown, mailed)


def _choice(kind: NoticeKind, said: NoticeChoice | None) -> Choice:
    if said is None or kind.always:
        return Choice(kind, True, kind.mailed or kind.always)
    return Choice(kind, said.shown, said.mailed)

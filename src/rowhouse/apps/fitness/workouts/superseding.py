"""A file in the place of another: what its provider says of the same thing now. What the athlete has said of the former
records holds for the new ones."""

from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from rowhouse.apps.fitness.matching.cluster import pair_key
from rowhouse.apps.fitness.workouts.forgetting import forget_files
from rowhouse.apps.fitness.workouts.models import Edit, Match
from rowhouse.apps.fitness.workouts.records import list_of_file
from rowhouse.kernel.context import Ctx
from rowhouse.kit.ids import uuid7


async def supersede(ctx: Ctx, old: UUID, new: UUID) -> None:
    """Moves edits and decisions from the records of one file to those of another, place by place, and removes the
    former. The new ones are in the same workouts by now: they name the same thing of the same source."""
    fresh = {record.position: record.id for record in await list_of_file(ctx, new)}
    for record in await list_of_file(ctx, old):
        heir = fresh.get(record.position)
        if heir is not None:
            await _move_edits(ctx, record.id, heir)
            await _move_decisions(ctx, record.id, heir)
    await forget_files(ctx, [old])


async def _move_edits(ctx: Ctx, old: UUID, heir: UUID) -> None:
    await ctx.session.execute(
        update(Edit)
        .where(Edit.organization_id == ctx.org, Edit.athlete_id == ctx.account, Edit.record_id == old)
        .values(record_id=heir)
        .execution_options(synchronize_session=False)
    )


async def _move_decisions(ctx: Ctx, old: UUID, heir: UUID) -> None:
    own = (
        Match.organization_id == ctx.org,
        Match.athlete_id == ctx.account,
        Match.state != "open",
        or_(Match.record_a == old, Match.record_b == old),
    )
    decided = (
        await ctx.session.execute(select(Match.record_a, Match.record_b, Match.state).where(*own))
    ).all()
    await ctx.session.execute(delete(Match).where(*own).execution_options(synchronize_session=False))
    others = {(b if a == old else a): state for a, b, state in decided}
    rows = [
        {
            "organization_id": ctx.org,
            "id": uuid7(),
            "athlete_id": ctx.account,
            "record_a": pair_key(heir, other)[0],
            "record_b": pair_key(heir, other)[1],
            "state": state,
            "decided_at": func.now(),
        }
        for other, state in others.items()
        if other != heir
    ]
    if rows:
        made = insert(Match).values(rows)
        await ctx.session.execute(
            made.on_conflict_do_update(
                index_elements=["organization_id", "athlete_id", "record_a", "record_b"],
                set_={"state": made.excluded.state, "decided_at": func.now()},
            )
        )

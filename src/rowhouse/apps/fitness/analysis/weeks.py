"""What an athlete's week came to, told on the Monday after it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, text

from rowhouse.apps.fitness.analysis.daily import daily_load
from rowhouse.apps.fitness.analysis.window import window_of
from rowhouse.apps.fitness.preferences.service import get_preferences
from rowhouse.apps.fitness.workouts.models import Workout
from rowhouse.kernel.context import Ctx, Identity, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.notices.kinds import NoticeKind
from rowhouse.kernel.notices.posting import Told, post
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import Chore
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now

FROM_HOUR, TO_HOUR = 7, 11
"""On Monday where the athlete is at home: a scheduler that was away for some of these hours is in time."""
METRES_PER_MILE = 1_609.344
AT_ONCE = 1_000
WEEK = timedelta(days=7)
HERE = RequestInfo("scheduler")

WEEK_DONE = NoticeKind(
    "fitness.week",
    "Your week",
    "On Monday morning, what you did in the week before and how your load went. Not after a week without workouts.",
    mailed=True,
)

# A name that PostgreSQL doesn't know would fail the statement for everybody: such an athlete is told by UTC.
DUE = text(
    """
    SELECT a.organization_id, a.id, a.local::date AS monday
    FROM (
        SELECT a.organization_id, a.id, cast(:at AS timestamptz) AT TIME ZONE coalesce(z.name, 'UTC') AS local
        FROM fitness.athletes a
        JOIN kernel.organizations o ON o.id = a.organization_id AND o.state = 'active'
        LEFT JOIN pg_timezone_names z
            ON z.name = coalesce(a.timezone, resolve.organization_zone(a.organization_id))
    ) a
    WHERE extract(isodow FROM a.local) = 1 AND extract(hour FROM a.local) BETWEEN :from_hour AND :to_hour
        AND (a.organization_id, a.id) > (cast(:organization_id AS uuid), cast(:athlete_id AS uuid))
    ORDER BY a.organization_id, a.id
    LIMIT :most
    """
)


@dataclass(frozen=True, slots=True)
class Week:
    """What a week came to; `tss` and `ctl` are None where no workout has a TSS. `ctl_before` is of the Sunday before."""

    workouts: int
    seconds: float
    metres: float
    tss: float | None
    ctl: float | None
    ctl_before: float | None


async def tell_weeks(platform: Platform, admin: Database, at: datetime | None = None) -> None:
    """Tells whoever's Monday it is what their week came to, each as themselves; the scheduler sees whose, and nothing
    else. An athlete is told of a week once."""
    known = {"at": at or now(), "from_hour": FROM_HOUR, "to_hour": TO_HOUR, "most": AT_ONCE}
    after = {"organization_id": UUID(int=0), "athlete_id": UUID(int=0)}
    while True:
        async with admin.session(Binding()) as session:
            found = (await session.execute(DUE, known | after)).all()
        for row in found:
            async with open_context(platform, Identity(row.organization_id, None, row.id), HERE) as ctx:
                await _tell(ctx, row.monday - WEEK)
        if len(found) < AT_ONCE:
            return
        after = {"organization_id": found[-1].organization_id, "athlete_id": found[-1].id}


async def _tell(ctx: Ctx, monday: date) -> None:
    week = await week_of(ctx, monday)
    if week.workouts:
        imperial = (await get_preferences(ctx)).units == "imperial"
        told = Told(sentence(week, imperial=imperial), "/load", f"week/{monday}")
        await post(ctx, WEEK_DONE, [ctx.account], told)


WEEKS = Chore("fitness.weeks", 3_600, tell_weeks)


async def week_of(ctx: Ctx, monday: date) -> Week:
    """The athlete's own week that begins on a Monday, by the days of the places where they were."""
    day = func.left(Workout.local_start_time, len("2026-01-31"))
    query = select(func.count(), func.sum(Workout.duration_s), func.sum(Workout.distance_m)).where(
        Workout.organization_id == ctx.org,
        Workout.athlete_id == ctx.account,
        # A local day begins and ends within 14 hours of the one in UTC; the index knows only that.
        Workout.start_time >= datetime.combine(monday, datetime.min.time(), UTC) - timedelta(days=1),
        Workout.start_time < datetime.combine(monday + WEEK, datetime.min.time(), UTC) + timedelta(days=1),
        day >= monday.isoformat(),
        day < (monday + WEEK).isoformat(),
    )
    number, seconds, metres = (await ctx.session.execute(query)).one()
    window = window_of(monday - timedelta(days=1), monday + WEEK - timedelta(days=1))
    rows = (await daily_load(ctx, ctx.account, window, ("tss", "ctl"))).rows
    stresses = [row["tss"] for row in rows[1:] if row["tss"] is not None]
    return Week(
        number,
        seconds or 0.0,
        metres or 0.0,
        sum(stresses) if any(stresses) else None,
        rows[-1]["ctl"],
        rows[0]["ctl"],
    )


def sentence(week: Week, *, imperial: bool = False) -> str:
    """The week in two sentences, in the athlete's units."""
    minutes = round(week.seconds / 60)
    parts = [
        f"{week.workouts} workout{'' if week.workouts == 1 else 's'}",
        f"{minutes // 60} h {minutes % 60:02d} min",
    ]
    if week.metres >= 100:
        way, unit = (METRES_PER_MILE, "mi") if imperial else (1000, "km")
        parts.append(f"{week.metres / way:,.1f} {unit}")
    told = f"Last week: {', '.join(parts)}."
    if week.tss is None or week.ctl is None:
        return told
    told = f"{told} Training stress {week.tss:,.0f} TSS"
    if week.ctl_before is None:
        return f"{told}; chronic load {week.ctl:.0f}."
    return f"{told}; chronic load from {week.ctl_before:.0f} to {week.ctl:.0f}."

"""A sync: what a provider has of an athlete that is not here yet.

    take the source → { fetch a page → what is new of it, whole → one transaction: records, workouts, cursor } → done

Nothing is asked while a transaction is open, and each page commits with its cursor, so that a crash repeats at most one
page and doubles nothing. Syncs of one athlete take turns. What goes wrong:

    quota, 429            what is over within seconds is waited for; else what has come of the page is kept, and the job
                          comes again when the limit is reset; costs no try
    provider away         a call is made again twice, within seconds; then the sync comes again after 5 min, 30 min, 3 h
                          and 18 h, more or less, unless a page went well between; then `failing`, with a mail
    unknown shape         asked once more; then `paused`, and an alarm; the cursor stays where it is. What our own code
                          trips over while it reads an answer is no less unknown to it
    anything else         the job is tried again; after its last attempt `failing`, with a mail, and one more job a day
    not let in any more   the connection's own affair: its person is told
"""

import asyncio
import random
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import select

from rowhouse.apps.fitness.consents import HEALTH_DATA
from rowhouse.apps.fitness.files.cleaning import remove_orphans
from rowhouse.apps.fitness.files.telling import tell_doubtful
from rowhouse.apps.fitness.sources.believing import believed
from rowhouse.apps.fitness.sources.calls import HISTORY_WAITS, Calls, history_waits
from rowhouse.apps.fitness.sources.connected import SYNC
from rowhouse.apps.fitness.sources.errors import (
    Missing,
    NotAllowed,
    ShapeUnknown,
    SlowDown,
    SourceFailing,
    SourcePaused,
    soon_after,
)
from rowhouse.apps.fitness.sources.hints import forget_hints, list_hints
from rowhouse.apps.fitness.sources.importing import (
    Ready,
    forget_some,
    import_items,
    known_versions,
    make_ready,
    remove_item,
)
from rowhouse.apps.fitness.sources.models import Source, SourceHint
from rowhouse.apps.fitness.sources.provider import Item, Page, Provider
from rowhouse.apps.fitness.sources.providers import PROVIDERS
from rowhouse.apps.fitness.sources.spending import calls_left, count_calls
from rowhouse.apps.fitness.sources.subscribing import hook_of
from rowhouse.apps.fitness.sources.telling import tell_budget, tell_failing, tell_slowed, tell_stopped
from rowhouse.apps.fitness.workouts.records import lock_athlete
from rowhouse.kernel.connections.asking import Asker, asking
from rowhouse.kernel.connections.errors import ConnectionBusy, ReauthorizationNeeded
from rowhouse.kernel.connections.renewing import Keeper
from rowhouse.kernel.connections.service_kinds import find_service
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import AppError, NotFound
from rowhouse.kernel.jobs.errors import TryLater
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.jobs.run import JobRun
from rowhouse.kernel.limits.service_quotas import Quota, SharedQuotas
from rowhouse.kernel.oauth.errors import ProviderAway
from rowhouse.kernel.observability.metrics import SYNCS
from rowhouse.kernel.observability.reporting import report
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.privacy.consents import has_consented
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kit.time import now

Found = TypeVar("Found")
TURN_S = 5.0
PAUSES_S = (300.0, 1_800.0, 10_800.0, 64_800.0)
"""After each failure in a row, more or less: the fifth, within a day of the first, is the last."""
UNFORESEEN = frozenset({"internal_error", "worker_lost", "time_limit_exceeded"})
"""What a job ends with that says nothing of its provider."""
FILES_AT_ONCE = 50
HINTS_AT_ONCE = 20
DAY_S = 86_400.0
WAITS = {
    "slowed": (tell_slowed, HISTORY_WAITS),
    "stopped": (tell_stopped, "quota"),
    "budget": (tell_budget, "budget"),
}
"""How the athlete is told, and the source's error meanwhile."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Work:
    """One sync of one source. `fetched` and `imported` count what this attempt did, on top of earlier ones; `calls` those
    that are not written yet, `calls_left` what the budget has, where they cost. `history`: whether the list begins with
    what can wait for a limit; what webhooks have named can't."""

    run: JobRun
    source_id: UUID
    provider: Provider
    connection_id: UUID
    cursor: dict[str, Any] | None
    fetched: int = 0
    imported: int = 0
    quota: Quota | None = None
    calls: int = 0
    calls_left: int | None = None
    history: bool = False


async def run_sync(run: JobRun) -> dict[str, Any]:
    """Answers `{"source", "imported", "state"}`."""
    work = await _take(run)
    if work is None:
        return {"state": "nothing_to_do"}
    keeper = Keeper(run.platform, run.identity, run.request, work.connection_id)
    try:
        async with asking(find_service(run.platform, work.provider.name)) as asker:
            await _sync(work, _calls(work, asker, keeper))
    except SlowDown as wait:
        SYNCS.labels(work.provider.name, "slowed").inc()
        await _wait(work, wait)
    except (ProviderAway, ConnectionBusy):
        SYNCS.labels(work.provider.name, "away").inc()
        return await _away(work)
    except ShapeUnknown as error:
        SYNCS.labels(work.provider.name, "shape_unknown").inc()
        log.exception("provider_shape_unknown", provider=work.provider.name, where=str(error))
        report(error, job_id=str(run.job_id), provider=work.provider.name)
        return await _end(work, SourcePaused(), state="paused")
    except (ReauthorizationNeeded, NotFound) as error:
        SYNCS.labels(work.provider.name, "refused").inc()
        return await _end(work, error, state="active")
    SYNCS.labels(work.provider.name, "succeeded").inc()
    if run.arguments.get("by_hand"):
        await remove_orphans(run)
    return _result(work, "synced")


async def give_up(ctx: Ctx, arguments: Mapping[str, Any], error: Mapping[str, str]) -> None:
    """Nobody knows why the job was in vain each time: its athlete is told, and the clock tries again tomorrow. What a
    sync has ended with itself stands there already."""
    source = await _locked(ctx, UUID(str(arguments["source_id"])))
    if source is None or source.state != "active" or error["code"] not in UNFORESEEN:
        return
    source.state, source.job_id, source.next_sync_at = "failing", None, now() + timedelta(days=1)
    source.error_code, source.error = error["code"], error["detail"]
    provider = PROVIDERS.get(source.provider)
    await tell_failing(ctx, source, provider.title if provider else source.provider, error["detail"])


SYNC_JOB = JobKind(SYNC, run_sync, time_limit_s=3_600, max_attempts=5, on_failure=give_up)


async def run_forget(run: JobRun) -> dict[str, Any]:
    """Removes what an ended source alone has brought, some files at a time, then the source; one that was connected
    again meanwhile stays."""
    source_id = UUID(str(run.arguments["source_id"]))
    removed = run.done
    while True:
        async with run.transaction() as ctx:
            source = await _locked(ctx, source_id)
            if source is None or source.state != "ended":
                return {"removed": removed}
            count = await forget_some(ctx, source_id, FILES_AT_ONCE)
            removed += count
            await run.progress(ctx, done=removed)
            if not count:
                # Loaded anew: what was removed has taken everything that was loaded out of the session's hands.
                await ctx.session.delete(await ctx.session.get_one(Source, (ctx.org, source_id)))
                return {"removed": removed}


FORGET_JOB = JobKind("fitness.forget_source", run_forget, time_limit_s=1_800, max_attempts=10)


async def _take(run: JobRun) -> Work | None:
    """The source as this sync's, or nothing where there is nothing to do. Raises `TryLater` while another sync of the
    athlete runs."""
    source_id = UUID(str(run.arguments["source_id"]))
    async with run.transaction() as ctx:
        source = await _locked(ctx, source_id)
        if source is None or source.state == "ended" or source.connection_id is None:
            return None
        provider = PROVIDERS.get(source.provider)
        own = select(Account.state).where(Account.organization_id == ctx.org, Account.id == ctx.account)
        active = await ctx.session.scalar(own) == "active"
        if provider is None or not active or not await has_consented(ctx, HEALTH_DATA):
            return None
        if source.state == "paused" and not run.arguments.get("by_hand"):
            return None
        if await _another_runs(ctx, run.job_id):
            log.info("sync_waits_for_another", source_id=str(source_id))
            raise TryLater(soon_after(TURN_S))
        source.job_id = run.job_id
        cursor = dict(source.cursor) if source.cursor is not None else None
        quota, left = Quota.from_json(source.quota), await calls_left(ctx, provider)
        return Work(
            run,
            source_id,
            provider,
            source.connection_id,
            cursor,
            quota=quota,
            calls_left=left,
            history=source.cursor is None or history_waits(source),
        )


async def _another_runs(ctx: Ctx, job_id: UUID) -> bool:
    """Whether a living worker syncs another source of the athlete, or this one."""
    query = (
        select(Source.id)
        .join(Job, (Job.organization_id == Source.organization_id) & (Job.id == Source.job_id))
        .where(
            Source.organization_id == ctx.org,
            Job.organization_id == ctx.org,
            Source.athlete_id == ctx.account,
            Job.id != job_id,
            Job.state == "running",
            Job.claimed_until > now(),
        )
    )
    return await ctx.session.scalar(query.limit(1)) is not None


async def _sync(work: Work, calls: Calls) -> None:
    try:
        await _follow_hints(work, calls)
        calls.history = work.history
        await _follow_list(work, calls)
    finally:
        work.quota, work.calls = calls.quota, calls.count - work.calls


def _calls(work: Work, asker: Asker, keeper: Keeper) -> Calls:
    platform, org = work.run.platform, work.run.identity.organization_id
    assert org is not None  # an athlete's job
    shared = SharedQuotas(platform.redis, work.provider.name, org)
    return Calls(
        asker,
        keeper,
        work.provider,
        work.quota,
        shared if work.provider.service.shared_limit else None,
        left=work.calls_left,
        hook=hook_of(platform.settings, work.provider),
    )


async def _follow_hints(work: Work, calls: Calls) -> None:
    """What webhooks have named, asked of the provider: what it has is imported, what it has no more goes."""
    while True:
        async with work.run.transaction() as ctx:
            await work.run.check_cancelled(ctx)
            hints = await list_hints(ctx, work.source_id, HINTS_AT_ONCE)
        if not hints:
            return
        answers = await _together(believed(partial(_hinted, work, calls, hint)) for hint in hints)
        found = [ready for answer in answers if answer is not None for ready in answer]
        gone = [hint.external_id for hint, said in zip(hints, answers, strict=True) if said is None]
        here = Page((), work.cursor or {}, more=True, bulk=False)
        await _keep(work, calls, found, here, hints=hints, gone=gone)


async def _hinted(work: Work, calls: Calls, hint: SourceHint) -> Sequence[Ready] | None:
    """What the provider has of it; None where it says that the thing is gone."""
    try:
        if work.provider.hinted is not None:
            return [await _ready(work, item) for item in await work.provider.hinted(calls, hint.more)]
        return [await _ready(work, await work.provider.adapter.one(calls, hint.external_id))]
    except Missing:
        # What is more than a thing by its id (a window of time, a file) being gone says nothing of the thing.
        return None if work.provider.hinted is None else ()
    except NotAllowed:
        return ()  # of a list that the athlete has not allowed, which is left out


async def _follow_list(work: Work, calls: Calls) -> None:
    while True:
        page = await believed(partial(work.provider.adapter.page, calls, work.cursor))
        async with work.run.transaction() as ctx:
            await work.run.check_cancelled(ctx)
            known = await known_versions(ctx, work.source_id, (item.external_id for item in page.items))
        fresh = [item for item in page.items if known.get(item.external_id) != item.version]
        calls.history = page.bulk
        answers = await _together(believed(partial(_whole, work, calls, item)) for item in fresh)
        ready = [one for one in answers if isinstance(one, Ready)]
        waits = [one for one in answers if isinstance(one, SlowDown)]
        if waits:
            # The page is asked for once more then, and of it what is not here yet.
            await _keep(work, calls, ready, replace(page, cursor=work.cursor or {}, more=True))
            raise waits[0]
        await _keep(work, calls, ready, page)
        work.cursor = dict(page.cursor)
        if not page.more:
            return


async def _together(asked: Iterable[Coroutine[Any, Any, Found]]) -> list[Found]:
    """Side by side. When one fails the others end too: nothing is asked any more of a sync that has stopped."""
    tasks = [asyncio.ensure_future(one) for one in asked]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _whole(work: Work, calls: Calls, item: Item) -> Ready | SlowDown | None:
    """The item with its details, under the version that the list gave it; None where it went meanwhile. A limit that keeps
    from it ends none of the others, which may have come already."""
    try:
        found = await work.provider.adapter.complete(calls, item)
    except Missing:
        return None
    except SlowDown as wait:
        return wait
    return await _ready(work, replace(found, external_id=item.external_id, version=item.version))


async def _ready(work: Work, item: Item) -> Ready:
    who = work.run.identity
    assert who.organization_id is not None and who.account_id is not None  # noqa: PT018 - an athlete's job
    return await make_ready(
        work.run.platform, who.organization_id, who.account_id, work.provider, item, now()
    )


async def _keep(
    work: Work,
    calls: Calls,
    ready: Sequence[Ready],
    page: Page,
    *,
    hints: Sequence[SourceHint] = (),
    gone: Sequence[str] = (),
) -> None:
    """One page: what it brought, its cursor, and how far the sync is. With it goes what webhooks have pointed at, and what
    the provider has no more."""
    async with work.run.transaction() as ctx:
        source = await _worked_on(ctx, work)
        if source is None:
            raise NotFound("The source was disconnected meanwhile.")
        for external_id in gone:
            await remove_item(ctx, work.source_id, external_id)
        imported = await import_items(ctx, work.source_id, ready)
        await forget_hints(ctx, work.source_id, hints)
        # Again by key: whatever was removed meanwhile has had the session forget what it had loaded.
        source = await ctx.session.get_one(Source, (ctx.org, work.source_id))
        source.cursor = dict(page.cursor) or None
        source.tries = 0
        if calls.quota is not None:
            source.quota = calls.quota.as_json()
        count_calls(source, work.provider, calls.count - work.calls)
        work.calls = calls.count
        if not page.more:
            since = source.last_sync_at or source.created_at
            await tell_doubtful(ctx, work.provider.title, since, f"sync/{work.run.job_id}")
            _well(source, work.provider)
        work.fetched += len(ready)
        work.imported += imported
        await work.run.progress(ctx, done=work.run.done + work.imported, result=_result(work, "syncing"))


def _well(source: Source, provider: Provider) -> None:
    every_s = provider.every_s * random.uniform(0.9, 1.1)  # noqa: S311 - spreads load, hides nothing
    source.state, source.tries, source.error, source.error_code = "active", 0, None, None
    source.last_sync_at, source.next_sync_at = now(), now() + timedelta(seconds=every_s)
    source.job_id = None


async def _wait(work: Work, wait: SlowDown) -> None:
    """Says until when it waits, and has the job come again then."""
    until = now() + timedelta(seconds=wait.left_s)
    async with work.run.transaction() as ctx:
        source = await _worked_on(ctx, work)
        if source is not None:
            count_calls(source, work.provider, work.calls)
            # To the nearest minute: each attempt that meets the same limit says the same, and is told of once.
            minute = until + timedelta(seconds=30)
            said = f"{minute:%H:%M} UTC" if wait.left_s < DAY_S else f"{minute:%-d %B %Y}"
            tell, source.error_code = WAITS[wait.told]
            await tell(ctx, source, work.provider.title, said, f"{until:%Y-%m-%d}")
            source.error = f"{work.provider.title}'s limit is reset at {said}."
            if wait.told == "budget":
                source.error = f"This month's budget for calls to {work.provider.title} is used up."
            source.next_sync_at = until + timedelta(hours=1)
            source.quota = work.quota.as_json() if work.quota is not None else source.quota
    raise TryLater(wait.delay_s)


async def _away(work: Work) -> dict[str, Any]:
    """Counts the failure; after the last the source is failing. Raises `TryLater` before."""
    delay_s = PAUSES_S[0]
    async with work.run.transaction() as ctx:
        source = await _worked_on(ctx, work)
        tries = source.tries + 1 if source is not None else len(PAUSES_S) + 1
        if source is not None:
            count_calls(source, work.provider, work.calls)
            work.calls = 0
            source.tries = tries
            source.error_code, source.error = "provider_away", f"{work.provider.title} can't be reached."
            delay_s = PAUSES_S[min(tries, len(PAUSES_S)) - 1] * random.uniform(0.9, 1.1)  # noqa: S311 - jitter
            source.next_sync_at = now() + timedelta(seconds=delay_s, days=1)
    if tries <= len(PAUSES_S):
        raise TryLater(delay_s)
    return await _end(work, SourceFailing(), state="failing")


async def _end(work: Work, error: AppError, *, state: str) -> dict[str, Any]:
    """Leaves the source with what was wrong. Whoever asked for the sync by hand sees it in the job too."""
    async with work.run.transaction() as ctx:
        source = await _worked_on(ctx, work)
        if source is not None:
            count_calls(source, work.provider, work.calls)
            source.state, source.job_id = state, None
            source.error_code, source.error = error.code, error.detail
            source.next_sync_at = now() + timedelta(days=1)
            if state != "active":
                await tell_failing(ctx, source, work.provider.title, error.detail)
    if work.run.arguments.get("by_hand"):
        raise error
    return _result(work, error.code)


def _result(work: Work, state: str) -> dict[str, Any]:
    return {"provider": work.provider.name, "imported": work.run.done + work.imported, "state": state}


async def _worked_on(ctx: Ctx, work: Work) -> Source | None:
    """The source, as long as it is connected as it was when this sync took it."""
    source = await _locked(ctx, work.source_id)
    if source is None or source.state == "ended" or source.connection_id != work.connection_id:
        return None
    return source


async def _locked(ctx: Ctx, source_id: UUID) -> Source | None:
    """The athlete's source, the athlete locked: syncs, imports and decisions of one athlete queue up."""
    await lock_athlete(ctx)
    query = select(Source).where(
        Source.organization_id == ctx.org, Source.athlete_id == ctx.account, Source.id == source_id
    )
    found: Source | None = await ctx.session.scalar(query.with_for_update())
    return found

"""Following jobs: what has changed of an account's own since it was looked last, and what apps tell besides."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.db.paging import Place
from rowhouse.kernel.jobs.models import FINISHED, Job
from rowhouse.kernel.jobs.repository import get_job, get_jobs, list_jobs
from rowhouse.kernel.jobs.schemas import show
from rowhouse.kernel.live.streams import Message
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now

if TYPE_CHECKING:
    from rowhouse.kernel.context import Ctx
    from rowhouse.kernel.platform import Platform

FOLLOWED = 50
"""The newest jobs of an account; older ones are on the page that lists them."""

LATE = timedelta(seconds=10)
"""A transaction's stamp is when it began: what ended later may have an earlier one than what was sent already. And
what a page shows was read before it began to follow."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_MICROS = 2**53


@dataclass(slots=True)
class Following:
    """Looks at one job, or at the account's newest, on behalf of the account. `since` is what the reader had last; one
    that had nothing is told what is under way, and each end from now on, however short the job was."""

    platform: "Platform"
    identity: Identity
    request: RequestInfo
    job_id: UUID | None = None
    since: datetime | None = None
    began: datetime = field(default_factory=now)
    sent: dict[UUID, datetime] = field(default_factory=dict)
    under_way: set[UUID] = field(default_factory=set)
    told: dict[str, object] = field(default_factory=dict)

    async def look(self) -> tuple[Sequence[Message], bool]:
        """What has changed, the oldest change first; and whether the one job is over."""
        async with open_context(self.platform, self.identity, self.request) as ctx:
            jobs = await self._jobs(ctx)
            changed = sorted(filter(self._is_news, jobs), key=lambda job: (job.updated_at, job.id))
            messages = [
                Message(_stamp(job.updated_at), "job", show(job, self.platform.registry)) for job in changed
            ]
            messages += await self._tell(ctx)
        self.sent.update((job.id, job.updated_at) for job in changed)
        self.under_way = {job.id for job in jobs if job.state not in FINISHED}
        over = self.job_id is not None and all(job.state in FINISHED for job in jobs)
        return messages, over

    async def _jobs(self, ctx: "Ctx") -> Sequence[Job]:
        if self.job_id is not None:
            found = await get_job(ctx, self.job_id)
            return [found] if found is not None else []
        newest = await list_jobs(ctx, Place(FOLLOWED))
        # Many short ones may have begun while a long one goes on.
        passed = self.under_way.difference(job.id for job in newest)
        return [*newest, *await get_jobs(ctx, passed)]

    async def _tell(self, ctx: "Ctx") -> list[Message]:
        """How other things of the account stand, where that isn't what was told last. They have no id: where a reader
        comes again, they are told again."""
        if self.job_id is not None:
            return []
        found = [await tell(ctx) for tell in self.platform.registry.live]
        news = {one[0]: one[1] for one in found if one is not None and self.told.get(one[0]) != one[1]}
        self.told |= news
        return [Message("", event, data) for event, data in news.items()]

    def _is_news(self, job: Job) -> bool:
        if job.id in self.sent:
            return self.sent[job.id] != job.updated_at
        if self.job_id is not None:
            return self.since is None or job.updated_at > self.since
        if self.since is None and job.state not in FINISHED:
            return True
        return job.updated_at > (self.since or self.began) - LATE


def since_last(last_event_id: str | None) -> datetime | None:
    """The moment that a `Last-Event-ID` stands for; None for one that is not ours."""
    if last_event_id is None or not last_event_id.isascii() or not last_event_id.isdigit():
        return None
    micros = int(last_event_id[:20])
    return EPOCH + timedelta(microseconds=micros) if micros < MOST_MICROS else None


def _stamp(moment: datetime) -> str:
    return str((moment - EPOCH) // timedelta(microseconds=1))

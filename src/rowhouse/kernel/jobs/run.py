"""What a job's code works with."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rowhouse.kernel.context import Ctx, Identity, RequestInfo
from rowhouse.kernel.jobs import claims
from rowhouse.kernel.jobs.announcing import announce
from rowhouse.kernel.jobs.claims import Claim
from rowhouse.kernel.jobs.errors import JobCancelled, OrganizationPaused
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context


@dataclass(frozen=True, slots=True)
class JobRun:
    """One attempt. `identity` is that of the account that asked, read from the job's row; `done`, `total` and
    `result` are what earlier attempts have recorded, to go on from there.

    Fetch and compute outside a transaction, then write inside a short one: each `transaction()` commits by itself,
    and only while this attempt still owns the job. What is written together with `progress` is written once,
    however often the job is started again.
    """

    platform: Platform
    identity: Identity
    request: RequestInfo
    claim: Claim
    halts: bool = True
    outlasts: bool = False

    @property
    def job_id(self) -> UUID:
        return self.claim.job_id

    @property
    def attempt(self) -> int:
        return self.claim.attempt

    @property
    def arguments(self) -> Mapping[str, Any]:
        return self.claim.arguments

    @property
    def done(self) -> int:
        return self.claim.done

    @property
    def total(self) -> int | None:
        return self.claim.total

    @property
    def result(self) -> Mapping[str, Any] | None:
        return self.claim.result

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Ctx]:
        """A context on behalf of the account. Raises `LeaseLost` instead of committing after another worker has
        taken the job over; `OrganizationPaused` or `JobCancelled` when its organization is not active any more."""
        async with open_context(self.platform, self.identity, self.request) as ctx:
            state = await claims.enter(ctx.session, self.claim.organization_id, self.job_id)
            if self.halts and state == "deleted" and not self.outlasts:
                raise JobCancelled
            if self.halts and state in ("suspended", "deleted"):
                raise OrganizationPaused(0.0)
            yield ctx
            await claims.renew(ctx, self.claim)

    async def progress(
        self,
        ctx: Ctx,
        *,
        done: int | None = None,
        total: int | None = None,
        result: Mapping[str, Any] | None = None,
    ) -> None:
        """Records how far the job is, in the transaction of the work itself; `result` replaces the former one."""
        await claims.record(ctx, self.claim, done=done, total=total, result=result)
        announce(ctx)

    async def check_cancelled(self, ctx: Ctx) -> None:
        """Raises `JobCancelled` when the person has asked the job to stop; call it between pieces of work."""
        if await claims.is_cancelled(ctx, self.claim):
            raise JobCancelled

"""A platform whose app has a step of provisioning that a job runs: organizations that are founded there wait for it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest
from fastapi import FastAPI

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.lifecycle.running import RUN_STEPS
from rowhouse.kernel.lifecycle.steps import LifecycleStep
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kernel.queue.publishing import Queue
from rowhouse.kernel.registry import App, Registry
from tests.conftest import api_on


class Trouble(Exception):
    pass


@dataclass
class Stage:
    """What the steps `first` and `second` have done, the jobs that run them, and what `second` raises instead."""

    platform: Platform
    jobs: list[UUID] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    raises: list[BaseException] = field(default_factory=list)

    def on(self, app: FastAPI) -> FastAPI:
        """That API with the steps."""
        return api_on(replace(app.state.platform, registry=self.platform.registry))

    async def work(self, tries: int = 1) -> None:
        """What a worker does of the newest job."""
        for _ in range(tries):
            await run_job(self.platform, self.jobs[-1], worker="test", stopping=lambda: False)

    async def fail(self) -> None:
        """Every try of it."""
        self.raises = [Trouble() for _ in range(RUN_STEPS.max_attempts)]
        await self.work(RUN_STEPS.max_attempts)

    def crash(self) -> None:
        """The next try ends as one whose worker is stopped."""
        self.raises = [asyncio.CancelledError()]


@pytest.fixture
def stage(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Stage:
    staged = Stage(platform)

    def doing(name: str) -> Callable[[Ctx], Awaitable[None]]:
        async def do(_: Ctx) -> None:
            if name == "second" and staged.raises:
                raise staged.raises.pop()
            staged.done.append(name)

        return do

    async def publish(_queue: Queue, kind: JobKind, job_id: UUID) -> bool:
        if kind is RUN_STEPS:
            staged.jobs.append(job_id)
        return True

    monkeypatch.setattr(Queue, "publish", publish)
    monkeypatch.setattr("rowhouse.kernel.jobs.claims.retry_delay_s", lambda *_: 0.0)
    steps = (
        LifecycleStep("test.first", "provision", doing("first"), compensate=doing("not first")),
        LifecycleStep("test.second", "provision", doing("second")),
    )
    app = App("test", "Test", "test", lifecycle=steps)
    staged.platform = replace(platform, registry=Registry((*platform.registry.apps, app)))
    return staged

"""Steps of a transition: recorded, run once, tried again, undone where they can't be finished."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from rowhouse.kernel.context import Ctx, Identity, RequestInfo
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.lifecycle import running
from rowhouse.kernel.lifecycle.steps import LifecycleStep
from rowhouse.kernel.organizations.models import RecordedStep
from rowhouse.kernel.organizations.service import lock_organization
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.registry import App, Registry
from rowhouse.kernel.work import open_context
from tests.kernel.membership.teams import Team

HERE = RequestInfo("test")
Step = Callable[[Ctx], Awaitable[None]]


class Trouble(Exception):
    pass


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def trouble() -> list[int]:
    """How often the second step fails yet."""
    return [0]


@pytest.fixture
def staged(platform: Platform, done: list[str], trouble: list[int]) -> Platform:
    """The platform with an app that has steps."""

    def doing(name: str) -> Step:
        async def do(ctx: Ctx) -> None:
            await lock_organization(ctx)  # the context is the organization's
            done.append(name)

        return do

    async def fail(ctx: Ctx) -> None:
        await doing("second")(ctx)
        if trouble[0]:
            trouble[0] -= 1
            raise Trouble

    steps = (
        LifecycleStep("test.at_once", "provision", doing("at once"), at_once=True),
        LifecycleStep("test.first", "provision", doing("first"), compensate=doing("not first")),
        LifecycleStep("test.second", "provision", fail, compensate=doing("not second")),
        LifecycleStep("test.third", "provision", doing("third")),
        LifecycleStep("test.suspended", "suspend", doing("suspended")),
    )
    app = App("test", "Test", "test", lifecycle=steps)
    return replace(platform, registry=Registry((*platform.registry.apps, app)))


async def begin(platform: Platform, team: Team) -> UUID:
    async with open_context(platform, of(team), HERE) as ctx:
        (await lock_organization(ctx)).state = "provisioning"
        job = await running.begin(ctx, "provision")
    assert job is not None
    return job


async def work(platform: Platform, job: UUID) -> None:
    await run_job(platform, job, worker="test", stopping=lambda: False)


async def recorded(platform: Platform, team: Team) -> dict[str, tuple[str, int, str | None]]:
    async with open_context(platform, of(team), HERE) as ctx:
        rows = await ctx.session.scalars(
            select(RecordedStep)
            .where(RecordedStep.organization_id == ctx.org, RecordedStep.transition == "provision")
            .order_by(RecordedStep.position)
        )
        return {row.step: (row.state, row.attempts, row.error) for row in rows}


def of(team: Team) -> Identity:
    return Identity(team.id, team.owner.identity.user_id, team.account_id)


async def test_what_is_at_once_runs_at_once_and_the_rest_in_a_job(
    staged: Platform, team: Team, done: list[str]
) -> None:
    job = await begin(staged, team)
    assert done == ["at once"]
    assert [state for state, _, _ in (await recorded(staged, team)).values()] == ["done", *["pending"] * 3]
    await work(staged, job)
    assert done == ["at once", "first", "second", "third"]
    assert {state for state, _, _ in (await recorded(staged, team)).values()} == {"done"}
    await work(staged, job)
    assert done == ["at once", "first", "second", "third"]


async def test_behind_the_last_step_of_another_change_nothing_is_opened(
    staged: Platform, team: Team, done: list[str]
) -> None:
    async with open_context(staged, of(team), HERE) as ctx:
        (await lock_organization(ctx)).state = "suspended"
        job = await running.begin(ctx, "suspend")
    assert job is not None
    await work(staged, job)
    assert done == ["suspended"]
    async with open_context(staged, of(team), HERE) as ctx:
        assert (await lock_organization(ctx)).state == "suspended"


async def test_a_step_that_failed_is_tried_again_and_those_before_it_are_not(
    staged: Platform, team: Team, done: list[str], trouble: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rowhouse.kernel.jobs.claims.retry_delay_s", lambda *_: 0.0)
    trouble[0] = 1
    job = await begin(staged, team)
    await work(staged, job)
    assert (await recorded(staged, team))["test.second"] == ("pending", 1, "Trouble")
    await work(staged, job)
    assert done == ["at once", "first", "second", "second", "third"]
    assert (await recorded(staged, team))["test.second"] == ("done", 2, None)


async def test_what_cannot_be_finished_is_undone(
    staged: Platform, team: Team, done: list[str], trouble: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rowhouse.kernel.jobs.claims.retry_delay_s", lambda *_: 0.0)
    trouble[0] = 1_000
    job = await begin(staged, team)
    for _ in range(running.RUN_STEPS.max_attempts):
        await work(staged, job)
    assert done[-1] == "not first"
    assert "third" not in done
    assert "not second" not in done
    states = {step: state for step, (state, _, _) in (await recorded(staged, team)).items()}
    assert states == {
        "test.at_once": "done",
        "test.first": "compensated",
        "test.second": "failed",
        "test.third": "failed",
    }

"""Reading an account's progress, saving a stage of it, completing it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.cache.cache import Kind, forget, remembered
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.onboarding.errors import (
    OnboardingCompleted,
    OnboardingEditedElsewhere,
    OnboardingIncomplete,
    OnboardingStageAhead,
)
from rowhouse.kernel.onboarding.flow import TERMS, TERMS_ALONE, Flow, Stage
from rowhouse.kernel.onboarding.models import Onboarding
from rowhouse.kernel.onboarding.progress import COMPLETED, Progress
from rowhouse.kernel.onboarding.schemas import OnboardingView, shown
from rowhouse.kernel.onboarding.terms import terms_in_force
from rowhouse.kernel.organizations.service import get_organization
from rowhouse.kernel.organizations.settings import OrganizationSettings, read_settings
from rowhouse.kernel.privacy.consents import consent_with_terms
from rowhouse.kernel.redis import cache_key
from rowhouse.kit.time import now

FACTS = ("answers", "done", "terms_version", "version")
REMEMBERED = Kind("onboarding", 3_600)


async def get_progress(ctx: Ctx) -> Progress:
    """As it was saved last, remembered for the account: every page of the web asks for it."""
    kept = await remembered(ctx.platform.redis, REMEMBERED, _key(ctx), lambda: _facts(ctx))
    return _progress(ctx, None if kept is None else _row(kept))


async def show(ctx: Ctx, progress: Progress) -> dict[str, Any]:
    """The progress as callers see it; whoever still has questions before them is proposed what their organization has
    set."""
    if progress.stage == COMPLETED:
        return shown(progress, OrganizationSettings())
    return shown(progress, read_settings((await get_organization(ctx)).settings))


async def answers_of(ctx: Ctx, stage: str) -> Mapping[str, Any]:
    """What the account has answered to a stage so far; drafts among it, which are checked for their types alone."""
    row = (await get_progress(ctx)).row
    return row.answers.get(stage, {}) if row else {}


async def save(ctx: Ctx, name: str, values: Mapping[str, Any], version: int, *, advance: bool) -> Progress:
    """Keeps one stage's answers, unfinished as they may be; with `advance` they must fit, and the stage is done.

    Raises `InvalidInput`, `OnboardingStageAhead`, `OnboardingCompleted`, and `OnboardingEditedElsewhere` where
    `version` is not the present one, unless nothing would change: then it is the same save once more.
    """
    stage = _flow(ctx).stage(name)
    draft = stage.drafted(values)
    row = await _locked(ctx)
    progress = _progress(ctx, row)
    changed = row.answers.get(name) != draft
    if not changed and (progress.is_done(stage) or not advance):
        return progress
    if version != row.version:
        current = OnboardingView.model_validate(await show(ctx, progress))
        raise OnboardingEditedElsewhere(extra={"current": current.model_dump(mode="json", by_alias=True)})
    if progress.stage == COMPLETED:
        raise OnboardingCompleted
    if not progress.is_reachable(stage):
        raise OnboardingStageAhead
    row.answers = row.answers | {name: draft}
    row.done = [one for one in row.done if one != name]
    row.version += 1
    if advance:
        await _advance(ctx, row, stage)
    await ctx.session.flush()
    await forget(ctx.platform.redis, _key(ctx))
    return progress


async def amend(ctx: Ctx, name: str, part: Mapping[str, Any]) -> None:
    """Changes some of a stage's answers to values that fit, whatever is done of it, and opens nothing again: for the
    settings that go on from what was asked."""
    row = await _locked(ctx)
    before = row.answers.get(name, {})
    if before == {**before, **part}:
        return
    row.answers = row.answers | {name: {**before, **part}}
    row.version += 1
    await ctx.session.flush()
    await forget(ctx.platform.redis, _key(ctx))


async def complete(ctx: Ctx) -> Progress:
    """Ends the onboarding once every stage is done and its answers still fit; doing so twice is fine."""
    row = await _locked(ctx)
    progress = _progress(ctx, row)
    if progress.stage == COMPLETED:
        return progress
    if missing := [stage.title for stage, state in progress.states if state != "done"]:
        raise OnboardingIncomplete(f"Still to be done: {', '.join(missing)}.")
    for stage in progress.flow.stages:
        stage.validated(row.answers.get(stage.name, {}))
    row.completed_at = now()
    row.version += 1
    await ctx.session.flush()
    await record(ctx, "onboarding.completed", resource=f"account:{ctx.account}")
    await forget(ctx.platform.redis, _key(ctx))
    return progress


async def _advance(ctx: Ctx, row: Onboarding, stage: Stage) -> None:
    answers = stage.validated(row.answers[stage.name])
    if stage.taken is not None:
        await stage.taken(ctx, answers)
    row.done = [*row.done, stage.name]
    if stage is TERMS:
        row.terms_version, row.terms_accepted_at = terms_in_force().version, now()
        await record(
            ctx,
            "onboarding.terms_accepted",
            resource=f"account:{ctx.account}",
            details={"version": row.terms_version},
        )
        await consent_with_terms(ctx)


def _flow(ctx: Ctx) -> Flow:
    return ctx.platform.registry.flows.get(ctx.identity.role or "", TERMS_ALONE)


def _progress(ctx: Ctx, row: Onboarding | None) -> Progress:
    return Progress(_flow(ctx), ctx.identity.role or "", row)


def _key(ctx: Ctx) -> str:
    return cache_key(ctx.org, REMEMBERED.name, str(ctx.account))


async def _facts(ctx: Ctx) -> dict[str, Any] | None:
    row = await ctx.session.scalar(_own(ctx))
    if row is None:
        return None
    at = row.completed_at.isoformat() if row.completed_at else None
    return {name: getattr(row, name) for name in FACTS} | {"completed_at": at}


def _row(kept: Mapping[str, Any]) -> Onboarding:
    """The row once more, apart from any session: nothing of it is ever written."""
    at = kept["completed_at"]
    return Onboarding(**{**kept, "completed_at": datetime.fromisoformat(at) if at else None})


async def _locked(ctx: Ctx) -> Onboarding:
    """The account's row, made if need be, and held: two devices save one after the other."""
    made = insert(Onboarding).values(organization_id=ctx.org, account_id=ctx.account)
    await ctx.session.execute(made.on_conflict_do_nothing())
    return (await ctx.session.execute(_own(ctx).with_for_update())).scalar_one()


def _own(ctx: Ctx) -> Select[Onboarding]:
    return select(Onboarding).where(
        Onboarding.organization_id == ctx.org, Onboarding.account_id == ctx.account
    )

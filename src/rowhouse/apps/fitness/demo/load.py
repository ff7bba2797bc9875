"""Loading the demo: people, uploads of what their devices have, and the patience to wait for the newest of it."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from rowhouse.apps.fitness.biometrics.keeping import keep
from rowhouse.apps.fitness.demo.nights import biometrics
from rowhouse.apps.fitness.demo.people import (
    ATHLETES,
    COACH,
    COACH_NAME,
    COACHING,
    LOGINS,
    ORGANIZATION,
    ROBIN,
    DemoAthlete,
    about,
)
from rowhouse.apps.fitness.demo.season import WEEKS
from rowhouse.apps.fitness.files.importing import IMPORT
from rowhouse.apps.fitness.files.multipart import Stored
from rowhouse.apps.fitness.files.service import start_import, uploads_folder
from rowhouse.apps.fitness.thresholds.service import set_threshold
from rowhouse.apps.fitness.workouts.models import Workout
from rowhouse.apps.fitness.workouts.records import lock_athlete
from rowhouse.apps.fitness.workouts.sharing import ATHLETE, BIOMETRICS, READ
from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.identity.people import EmailTaken, create_person
from rowhouse.kernel.jobs.models import FINISHED
from rowhouse.kernel.jobs.repository import get_job
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.onboarding import service as onboarding
from rowhouse.kernel.onboarding.flow import TERMS, Answers
from rowhouse.kernel.onboarding.terms import terms_in_force
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.registry import DemoLogin
from rowhouse.kernel.roles.grants import Wanted, make_grant
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

WAIT_S = 120.0
DECOYS = 6
REQUEST = RequestInfo("demo")
CHANGED = (timedelta(weeks=WEEKS), timedelta(weeks=52), timedelta(weeks=12))
"""How long ago the dated thresholds came into force."""


class NotInProduction(RuntimeError):
    """The demo's passwords are known to everybody."""


async def load_demo(platform: Platform) -> Sequence[DemoLogin]:
    """Makes the people, imports what their devices have of the last weeks, and leaves the years before to a job for each
    athlete; returns the logins. Does nothing where they exist already."""
    if platform.settings.env == "production":
        raise NotInProduction("the demo is not for production: its passwords are public")
    try:
        athletes = await _make_people(platform)
    except EmailTaken:
        return LOGINS
    # Imported here: FIT's profile takes time that no other start should pay.
    from rowhouse.apps.fitness.demo.devices import history, recent

    until = (now() - timedelta(days=1)).date()
    begun = []
    for athlete, identity in athletes:
        await _describe(platform, athlete, identity, until)
        await _keep_biometrics(platform, athlete, identity)
        files = await asyncio.to_thread(recent, athlete.body, until)
        begun.append((identity, await begin_import(platform, identity, files)))
    for athlete, identity in athletes:
        await begin_import(platform, identity, await asyncio.to_thread(history, athlete.body, until))
    for identity, job_id in begun:
        await import_finished(platform, identity, job_id)
    return LOGINS


async def _make_people(platform: Platform) -> list[tuple[DemoAthlete, Identity]]:
    """The athletes in one organization, each of whom lets the coach read."""
    made: list[Identity] = []
    for one in ATHLETES:
        beside = made[0] if made else None
        login = one.login
        made.append(
            await create_person(
                platform, login.email, one.name, login.password, ORGANIZATION, role=login.role, beside=beside
            )
        )
    coach = await create_person(
        platform, COACH.email, COACH_NAME, COACH.password, ORGANIZATION, role=COACH.role, beside=made[0]
    )
    assert coach.account_id
    for identity in made:
        assert identity.account_id
        async with open_context(platform, identity, REQUEST) as ctx:
            await make_grant(
                ctx, Wanted(coach.account_id, ATHLETE.name, identity.account_id, (READ, BIOMETRICS), None)
            )
    for identity, answers in ((coach, COACHING), *zip(made, map(about, ATHLETES), strict=True)):
        await _set_up(platform, identity, answers)
    return list(zip(ATHLETES, made, strict=True))


async def _set_up(platform: Platform, identity: Identity, answers: Mapping[str, Answers]) -> None:
    """Answers all that the person's role is asked, as they would have done long ago."""
    accepted = {"accepted": True, "version": terms_in_force().version}
    async with open_context(platform, identity, REQUEST) as ctx:
        for version, (stage, values) in enumerate({**answers, TERMS.name: accepted}.items()):
            await onboarding.save(ctx, stage, values, version, advance=True)
        await onboarding.complete(ctx)


async def _describe(platform: Platform, athlete: DemoAthlete, identity: Identity, until: date) -> None:
    """Sets the athlete's thresholds, before there is anything that they would judge anew."""
    async with open_context(platform, identity, REQUEST) as ctx:
        for kind, value in athlete.lasting.items():
            await set_threshold(ctx, kind, value, until - CHANGED[0])
        for kind, values in athlete.dated.items():
            for value, ago in zip(values, CHANGED, strict=True):
                await set_threshold(ctx, kind, value, until - ago)


async def _keep_biometrics(platform: Platform, athlete: DemoAthlete, identity: Identity) -> None:
    async with open_context(platform, identity, REQUEST) as ctx:
        await lock_athlete(ctx)
        for said in biometrics(athlete, now().date()):
            await keep(ctx, said)


async def make_decoys(platform: Platform, identity: Identity) -> Sequence[UUID]:
    """Some weeks of another season, imported like anybody's: the workouts' ids. Needs no worker that runs."""
    from rowhouse.apps.fitness.demo.devices import watch_archive

    until = (now() - timedelta(days=1)).date()
    body = replace(ROBIN.body, seed=secrets.randbits(32))
    archive = await asyncio.to_thread(watch_archive, body, until, DECOYS)
    job_id = await begin_import(platform, identity, {"watch-export.zip": archive})
    await run_job(platform, job_id, worker="honeypot", stopping=lambda: False)
    await import_finished(platform, identity, job_id)
    async with open_context(platform, identity, REQUEST) as ctx:
        own = select(Workout.id).where(Workout.organization_id == ctx.org, Workout.athlete_id == ctx.account)
        return (await ctx.session.scalars(own)).all()


async def begin_import(platform: Platform, identity: Identity, files: Mapping[str, bytes]) -> UUID:
    """Stores the archives and asks for their import; returns the job's id."""
    assert identity.organization_id  # create_person makes both
    assert identity.account_id
    stored = []
    for name, data in files.items():
        key = f"{uploads_folder(identity.organization_id, identity.account_id)}/{uuid7().hex}"
        size = await platform.storage.put(key, data)
        stored.append(Stored(name, size, key, too_large=False))
    async with open_context(platform, identity, REQUEST) as ctx:
        return await start_import(ctx, IMPORT, stored)


async def import_finished(platform: Platform, identity: Identity, job_id: UUID) -> None:
    """Waits for the import, for two minutes at most."""
    deadline = asyncio.get_running_loop().time() + WAIT_S
    while asyncio.get_running_loop().time() < deadline:
        async with open_context(platform, identity, REQUEST) as ctx:
            job = await get_job(ctx, job_id)
        if job is None or job.state in FINISHED:
            return
        await asyncio.sleep(0.5)

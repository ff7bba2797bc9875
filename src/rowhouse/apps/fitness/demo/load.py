"""Loading the demo: a person, an upload of three archives, and the patience to wait for its import."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from rowhouse.apps.fitness.files.importing import IMPORT
from rowhouse.apps.fitness.files.multipart import Stored
from rowhouse.apps.fitness.files.service import start_import, uploads_folder
from rowhouse.apps.fitness.workouts.models import Workout
from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.identity.people import EmailTaken, create_person
from rowhouse.kernel.jobs.models import FINISHED
from rowhouse.kernel.jobs.repository import get_job
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.registry import DemoLogin
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

ATHLETE = DemoLogin("athlete@demo.rowhouse.example", "lantern-otter-quartz-91", "owner", "Robin Falkner")
WAIT_S = 120.0
DECOYS = 6
REQUEST = RequestInfo("demo")


class NotInProduction(RuntimeError):
    """The demo's passwords are known to everybody."""


async def load_demo(platform: Platform) -> Sequence[DemoLogin]:
    """Makes the athlete and imports the season; returns the logins. Does nothing where they exist already."""
    if platform.settings.env == "production":
        raise NotInProduction("the demo is not for production: its passwords are public")
    try:
        identity = await create_person(platform, ATHLETE.email, ATHLETE.organization, ATHLETE.password)
    except EmailTaken:
        return [ATHLETE]
    # Imported here: the encoder's profile is half a second that no other start should pay.
    from rowhouse.apps.fitness.demo.devices import archives

    files = await asyncio.to_thread(archives, (now() - timedelta(days=1)).date())
    await import_finished(platform, identity, await begin_import(platform, identity, files))
    return [ATHLETE]


async def make_decoys(platform: Platform, identity: Identity) -> Sequence[UUID]:
    """Some weeks of another season, imported like anybody's: the workouts' ids. Needs no worker that runs."""
    from rowhouse.apps.fitness.demo.devices import watch_archive

    until = (now() - timedelta(days=1)).date()
    archive = await asyncio.to_thread(watch_archive, until, DECOYS, secrets.randbits(32))
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

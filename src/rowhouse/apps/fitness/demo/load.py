"""Loading the demo: a person, an upload of three archives, and the patience to wait for its import."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from rowhouse.apps.fitness.files.importing import IMPORT
from rowhouse.apps.fitness.files.multipart import Stored
from rowhouse.apps.fitness.files.service import start_import, uploads_folder
from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.identity.people import EmailTaken, create_person
from rowhouse.kernel.jobs.models import FINISHED
from rowhouse.kernel.jobs.repository import get_job
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.registry import DemoLogin
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

ATHLETE = DemoLogin("athlete@demo.rowhouse.example", "lantern-otter-quartz-91", "owner", "Robin Falkner")
WAIT_S = 120.0
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
    await _import_season(platform, identity)
    return [ATHLETE]


async def _import_season(platform: Platform, identity: Identity) -> None:
    assert identity.organization_id  # create_person makes both
    assert identity.account_id
    # Imported here: the encoder's profile is half a second that no other start should pay.
    from rowhouse.apps.fitness.demo.devices import archives

    files = await asyncio.to_thread(archives, (now() - timedelta(days=1)).date())
    stored = []
    for name, data in files.items():
        key = f"{uploads_folder(identity.organization_id, identity.account_id)}/{uuid7().hex}"
        size = await platform.storage.put(key, data)
        stored.append(Stored(name, size, key, too_large=False))
    async with open_context(platform, identity, REQUEST) as ctx:
        job_id = await start_import(ctx, IMPORT, stored)
    deadline = asyncio.get_running_loop().time() + WAIT_S
    while asyncio.get_running_loop().time() < deadline:
        async with open_context(platform, identity, REQUEST) as ctx:
            job = await get_job(ctx, job_id)
        if job is None or job.state in FINISHED:
            return
        await asyncio.sleep(0.5)

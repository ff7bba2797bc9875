"""The door for what happens by the clock: `python -m rowhouse.scheduler`."""

import asyncio

from rowhouse.installed import registry
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.health.figures import sample_until
from rowhouse.kernel.jobs.scheduling import NoAdminDatabase, schedule, stopped_by_signal
from rowhouse.kernel.lifecycle.erasure import erase_when_due
from rowhouse.kernel.observability import exporting
from rowhouse.kernel.observability.begin import begin
from rowhouse.kernel.platform import running
from rowhouse.kernel.privacy.rounds import erase_people_when_due
from rowhouse.kernel.settings import Settings, get_settings


async def main() -> None:
    """Sweeps jobs, erases organizations and people, and counts, side by side, until SIGTERM or SIGINT comes."""
    settings, stop = get_settings(), stopped_by_signal()
    exporting.begin("scheduler", host=settings.metrics_host, port=settings.metrics_port)
    await asyncio.gather(
        schedule(registry, settings, stop=stop), _erase(settings, stop), _sample(settings, stop)
    )


async def _sample(settings: Settings, stop: asyncio.Event) -> None:
    if not settings.metrics_port or settings.admin_database_url is None:
        return
    admin = Database(
        settings.admin_database_url.get_secret_value(), pool_size=1, application="rowhouse-figures"
    )
    try:
        async with running(settings, registry, application="rowhouse-figures") as platform:
            await sample_until(platform, admin, stop)
    finally:
        await admin.close()


async def _erase(settings: Settings, stop: asyncio.Event) -> None:
    if settings.admin_database_url is None:
        raise NoAdminDatabase("erasing needs ROWHOUSE_ADMIN_DATABASE_URL")
    admin = Database(
        settings.admin_database_url.get_secret_value(), pool_size=2, application="rowhouse-erasure"
    )
    try:
        async with running(settings, registry, application="rowhouse-erasure") as platform:
            await asyncio.gather(
                erase_when_due(platform, admin, stop), erase_people_when_due(platform, admin, stop)
            )
    finally:
        await admin.close()


if __name__ == "__main__":
    begin("scheduler", get_settings())
    asyncio.run(main())

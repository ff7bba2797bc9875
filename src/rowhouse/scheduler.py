"""The door for what happens by the clock: `python -m rowhouse.scheduler`."""

import asyncio

from rowhouse.installed import registry
from rowhouse.kernel.jobs.scheduling import schedule
from rowhouse.kernel.observability.logs import configure_logging
from rowhouse.kernel.settings import get_settings

if __name__ == "__main__":
    configure_logging()
    asyncio.run(schedule(registry, get_settings()))

"""A scheduler for the workshop's jobs: `python -m tests.kernel.jobs.scheduler`."""

import asyncio

from rowhouse.kernel.jobs.scheduling import schedule
from rowhouse.kernel.settings import get_settings
from tests.kernel.jobs.workshop import registry

if __name__ == "__main__":
    asyncio.run(schedule(registry, get_settings()))

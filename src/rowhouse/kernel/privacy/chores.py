"""What privacy needs by the clock."""

from rowhouse.kernel.db.database import Database
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.privacy.archives import remove_archives
from rowhouse.kernel.privacy.retention import run_hourly, run_retention
from rowhouse.kernel.queue.kinds import Chore


async def retain(platform: Platform, admin: Database) -> None:
    """Ends what was kept long enough, archives of the erased among it."""
    await run_retention(platform, admin, dry=False)
    await remove_archives(platform)


CHORES = (Chore("retention", 24 * 3600, retain), Chore("retention_hourly", 3600, run_hourly))

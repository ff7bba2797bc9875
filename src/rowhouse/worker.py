"""The door for jobs: `celery -A rowhouse.worker worker`."""

from rowhouse.installed import registry
from rowhouse.kernel.jobs.worker import make_worker
from rowhouse.kernel.settings import get_settings

app = make_worker(registry, get_settings)

"""The apps of this installation. Adding an app is adding a folder and a line here."""
# ruff: noqa: E402  # the collector is paused before anything else is loaded

import gc

# Of what is loaded here nothing goes away. To look for garbage among it took a fifth of a start, and again as much at
# the end of a process; frozen, it is looked at never more, and the pages that a worker's processes share stay shared.
gc.disable()

from sqlalchemy import MetaData

from rowhouse.apps.fitness.app import fitness
from rowhouse.kernel.app import kernel
from rowhouse.kernel.db.models import Model
from rowhouse.kernel.registry import Registry

registry = Registry(apps=(kernel, fitness))
gc.freeze()
gc.enable()


def metadata() -> MetaData:
    """All tables of all apps, for migrations and their drift check."""
    return Model.metadata

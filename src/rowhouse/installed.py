"""The apps of this installation. Adding an app is adding a folder and a line here."""

from sqlalchemy import MetaData

from rowhouse.apps.fitness.app import fitness
from rowhouse.kernel.app import kernel
from rowhouse.kernel.db.models import Model
from rowhouse.kernel.registry import Registry

registry = Registry(apps=(kernel, fitness))


def metadata() -> MetaData:
    """All tables of all apps, for migrations and their drift check."""
    return Model.metadata

"""Where backups lie: never where what they are of would take them along."""

import pytest
from pydantic import ValidationError

from rowhouse.kernel.settings import Settings


def placed(settings: Settings, backups: str) -> Settings:
    values = settings.model_dump(exclude_defaults=True)
    return Settings.model_validate(values | {"storage_url": "s3://ours/files", "backup_url": backups})


@pytest.mark.parametrize(
    "where", ["s3://ours/files", "s3://ours/files/", "s3://ours", "s3://ours/files/backups"]
)
def test_backups_lie_apart_from_the_storage(settings: Settings, where: str) -> None:
    with pytest.raises(ValidationError, match="ROWHOUSE_BACKUP_URL must lie apart"):
        placed(settings, where)


def test_a_neighbour_is_apart(settings: Settings) -> None:
    assert placed(settings, "s3://ours/files-kept").backup_url

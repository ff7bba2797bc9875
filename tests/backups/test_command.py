"""`rowhouse restore --organization`, as an operator runs it: with the settings that Compose's service has."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rowhouse.backups import everything
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.settings import Settings
from rowhouse.kernel.storage.storage import Storage
from rowhouse.local.binaries import PG_BIN
from tests.backups.test_organization import org_of, state
from tests.isolation.tenants import Someone


@pytest.fixture
def temporary() -> Iterator[Path]:
    """PostgreSQL, which never runs as root, must reach it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder
        assert not list(folder.iterdir()), "the server of the moment left nothing"


async def run(environment: dict[str, str], *words: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("rowhouse"),
        *words,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


@pytest.mark.process
async def test_one_organization_is_taken_out_of_a_backup_of_everything(
    platform: Platform,
    settings: Settings,
    ada: Someone,
    bob: Someone,
    place: Storage,
    dsn: str,
    tmp_path: Path,
    temporary: Path,
) -> None:
    kept = await everything.back_up(dsn, platform.storage, place, platform.sealer)
    before, theirs = await state(dsn, platform.storage, ada), await state(dsn, platform.storage, bob)
    workout = ada.ids["workout_id"][0]
    assert (await ada.client.put(f"/api/v1/workouts/{workout}", json={"title": "a mistake"})).is_success
    assert settings.admin_database_url is not None
    environment = {
        "PATH": os.environ["PATH"],
        "TMPDIR": str(temporary),
        PG_BIN: os.environ[PG_BIN],
        "ROWHOUSE_ENV": "test",
        "ROWHOUSE_HOME": str(tmp_path),
        "ROWHOUSE_DATABASE_URL": settings.database_url.get_secret_value(),
        "ROWHOUSE_REDIS_URL": settings.redis_url.get_secret_value(),
        "ROWHOUSE_MASTER_KEY": settings.master_key.get_secret_value(),
        "ROWHOUSE_STORAGE_URL": settings.storage_url,
        "ROWHOUSE_BACKUP_URL": (tmp_path / "backups").as_uri(),
        "ROWHOUSE_BACKUP_DATABASE_URL": dsn,
    }
    words = ("restore", kept.name, "--organization", str(org_of(ada)))
    code, said = await run(environment, *words)
    assert (code, "ROWHOUSE_ADMIN_DATABASE_URL" in said) == (1, True), said
    admin = settings.admin_database_url.get_secret_value()
    code, said = await run(environment | {"ROWHOUSE_ADMIN_DATABASE_URL": admin}, *words)
    assert code == 0, said
    assert await state(dsn, platform.storage, ada) == before
    assert await state(dsn, platform.storage, bob) == theirs

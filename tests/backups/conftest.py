"""Two organizations with rows everywhere, a place for backups, and the role that makes them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from rowhouse.kernel.platform import Platform
from rowhouse.kernel.storage.storage import Storage
from rowhouse.local.accounts import Account
from rowhouse.local.binaries import PG_BIN, find_postgres
from tests.isolation.tenants import Someone, furnish, someone
from tests.kernel.membership.fixtures import admin
from tests.services import Services

__all__ = ["admin"]


@pytest.fixture
def place(tmp_path: Path) -> Storage:
    return Storage((tmp_path / "backups").as_uri())


@pytest.fixture
def dsn(services: Services, database_name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """As the role that backs up; with its programs at hand."""
    home = Path(services.home) / "data"
    monkeypatch.setenv(PG_BIN, str(find_postgres(Account.for_server("postgres"), home, None)))
    return services.dsn("rowhouse_backup", database_name)


@pytest.fixture
async def ada(platform: Platform, app: FastAPI) -> AsyncIterator[Someone]:
    one = await someone(platform, app)
    await furnish(platform, one)
    yield one
    await one.client.aclose()


@pytest.fixture
async def bob(platform: Platform, app: FastAPI) -> AsyncIterator[Someone]:
    one = await someone(platform, app)
    await furnish(platform, one)
    yield one
    await one.client.aclose()

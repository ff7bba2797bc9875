"""Data keys: made once, remembered, rotated with nothing lost, destroyed for good."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from fastapi import FastAPI

from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.db.models import Model
from rowhouse.kernel.lifecycle import erasure, transitions
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.secrets.sealing import Sealer, Unsealable
from rowhouse.kernel.settings import Settings
from rowhouse.kernel.vault.resealing import Connection, reseal_all
from rowhouse.kernel.vault.sealed import SEALED_ARGUMENT, SEALED_COLUMNS
from rowhouse.kernel.vault.vault import KeyGone, Vault
from rowhouse.kernel.work import open_context
from tests.isolation.tenants import furnish, someone
from tests.kernel.membership.fixtures import admin
from tests.services import Services

__all__ = ["admin"]

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


async def test_of_many_at_once_one_makes_the_key(platform: Platform) -> None:
    org = uuid4()
    vaults = [Vault(platform.storage, platform.sealer) for _ in range(8)]
    first, *others = await asyncio.gather(*(vault.sealing(org) for vault in vaults))
    assert {other.open(first.seal(b"secret")) for other in others} == {b"secret"}


async def test_one_organizations_key_opens_nothing_of_anothers(platform: Platform) -> None:
    mine, theirs = await platform.vault.sealing(uuid4()), await platform.vault.sealing(uuid4())
    with pytest.raises(Unsealable):
        theirs.open(mine.seal(b"secret"))
    with pytest.raises(Unsealable):
        platform.sealer.open(mine.seal(b"secret"))


async def test_rotated_data_keys_open_what_was_sealed_before(platform: Platform) -> None:
    org = uuid4()
    sealed = (await platform.vault.sealing(org)).seal(b"secret")
    elsewhere = Vault(platform.storage, platform.sealer)
    late = await elsewhere.sealing(org)
    rotated = await platform.vault.rotate(org)
    assert rotated.open(sealed) == rotated.open(late.seal(b"secret")) == b"secret"
    with pytest.raises(Unsealable):
        late.open(rotated.seal(b"new"))


async def test_erasing_an_organization_destroys_its_key(
    platform: Platform, app: FastAPI, admin: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await someone(platform, app)
    org = one.identity.organization_id
    assert org is not None
    await platform.vault.sealing(org)
    monkeypatch.setattr(transitions, "GRACE", timedelta(0))
    async with open_context(platform, Identity(organization_id=org), RequestInfo("test")) as ctx:
        await transitions.delete(ctx, reason="test")
    await erasure.erase(platform, admin, org, "test")
    with pytest.raises(KeyGone):
        await Vault(platform.storage, platform.sealer).opening(org)
    await one.client.aclose()


def test_every_sealed_column_is_declared() -> None:
    found = {
        f"{table}.{column.name}"
        for table in Model.metadata.tables.values()
        for column in table.columns
        if column.name == "sealed" or column.name.endswith("_sealed")
    }
    assert found == set(SEALED_COLUMNS)


async def test_everything_opens_after_the_master_key_has_changed(
    platform: Platform, app: FastAPI, services: Services, database_name: str, settings: Settings
) -> None:
    """Rows that the application itself has sealed, and one for each column that it seals at other times."""
    one = await someone(platform, app)
    await furnish(platform, one)
    org = one.identity.organization_id
    assert org is not None
    await platform.vault.sealing(org)
    superuser = services.dsn("postgres", database_name)
    before = await sealed_values(superuser, platform.sealer)
    assert {column for column, values in before.items() if values} >= {
        "kernel.signing_keys.private_pem_sealed",
        "audit.person_keys.sealed",
    }
    changed = Sealer(f"{NEW},{settings.master_key.get_secret_value()}")
    vault = Vault(platform.storage, changed)
    async with await Connection.connect(
        services.dsn("rowhouse_backup", database_name), autocommit=True
    ) as connection:
        done = await reseal_all(connection, vault, changed)
        again = await reseal_all(connection, vault, changed)
    try:
        assert done["kernel.signing_keys.private_pem_sealed"]
        assert not any(count for column, count in again.items() if column != "keys"), "nothing is done twice"
        assert await sealed_values(superuser, Sealer(NEW)) == before
        await Vault(platform.storage, Sealer(NEW)).opening(org)
    finally:
        back = Sealer(f"{settings.master_key.get_secret_value()},{NEW}")
        async with await Connection.connect(
            services.dsn("rowhouse_backup", database_name), autocommit=True
        ) as connection:
            await reseal_all(connection, Vault(platform.storage, back), back)
    await one.client.aclose()


async def sealed_values(dsn: str, sealer: Sealer) -> dict[str, list[bytes]]:
    """What the sealer opens, by column."""
    found: dict[str, list[bytes]] = {}
    async with await Connection.connect(dsn, autocommit=True) as connection:
        for column, under in SEALED_COLUMNS.items():
            if under != "master":
                continue
            table, name = column.rsplit(".", 1)
            rows = await connection.execute(f"SELECT {name} FROM {table} WHERE {name} LIKE 'gAAAA%'".encode())
            found[column] = sorted(
                [opened for row in await rows.fetchall() if (opened := opens(sealer, row[0]))]
            )
        waiting = await connection.execute(
            f"SELECT arguments ->> '{SEALED_ARGUMENT}' FROM kernel.jobs WHERE arguments ? '{SEALED_ARGUMENT}'"
            " AND state IN ('queued', 'running')".encode()
        )
        found["jobs"] = sorted(
            [opened for row in await waiting.fetchall() if (opened := opens(sealer, row[0]))]
        )
    return found


def opens(sealer: Sealer, sealed: str) -> bytes | None:
    try:
        return sealer.open(sealed)
    except Unsealable:
        return None

"""Data keys have one copy, in the place of backups: an erasure ends it, and no mishap does."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.fernet import Fernet

from rowhouse.backups import everything, organization
from rowhouse.backups.catalog import list_backups
from rowhouse.backups.errors import KeysLost
from rowhouse.backups.keys import bring_keys, mirror_keys
from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.ledger.ledger import Entry, write_entry
from rowhouse.kernel.lifecycle import erasure, transitions
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.secrets.sealing import Sealer
from rowhouse.kernel.storage.storage import Storage, platform_key
from rowhouse.kernel.vault.vault import MOST_KEYS, KeyGone, Vault, data_key
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from tests.backups.test_organization import org_of
from tests.isolation.tenants import Someone

KEY = Fernet.generate_key().decode()
MASTER = Sealer(KEY)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage((tmp_path / "storage").as_uri())


async def mirrored(place: Storage, org: UUID, master: Sealer = MASTER) -> Sealer:
    return Sealer(master.open((await place.get(data_key(org))).decode()).decode())


async def test_an_erased_organizations_key_is_gone_from_the_mirror_too(
    storage: Storage, place: Storage
) -> None:
    org, other = uuid4(), uuid4()
    vault = Vault(storage, MASTER)
    for one in (org, other):
        await vault.sealing(one)
    await mirror_keys(storage, place, MASTER)
    await write_entry(storage, MASTER, Entry("organization", org, org, now()))
    await vault.destroy(org)
    await mirror_keys(storage, place, MASTER)
    await bring_keys(place, storage)
    with pytest.raises(KeyGone):
        await vault.opening(org)
    assert await place.exists(data_key(other))


@pytest.mark.parametrize("copied", [False, True])
async def test_an_entry_that_is_not_ours_ends_no_key(storage: Storage, place: Storage, copied: bool) -> None:
    org, other = uuid4(), uuid4()
    await Vault(storage, MASTER).sealing(org)
    await mirror_keys(storage, place, MASTER)
    if copied:
        await write_entry(storage, MASTER, Entry("organization", other, other, now()))
        [written] = [stored.key async for stored in storage.list(platform_key("ledger", "organization"))]
        await storage.put(written.replace(str(other), str(org)), await storage.get(written))
    else:
        forger = Sealer(Fernet.generate_key().decode())
        await write_entry(storage, forger, Entry("organization", org, org, now()))
    await storage.delete(data_key(org))
    with pytest.raises(KeysLost):
        await mirror_keys(storage, place, MASTER)
    assert await place.exists(data_key(org))


async def test_a_lost_storage_ends_no_mirrored_key(storage: Storage, place: Storage, tmp_path: Path) -> None:
    org, new = uuid4(), uuid4()
    sealed = (await Vault(storage, MASTER).sealing(org)).seal(b"secret")
    await mirror_keys(storage, place, MASTER)
    empty = Storage((tmp_path / "empty").as_uri())
    with pytest.raises(KeysLost, match=f"lacks 1 data keys .{org}"):
        await mirror_keys(empty, place, MASTER)
    for one in (org, new):
        await Vault(empty, MASTER).sealing(one)
    with pytest.raises(KeysLost, match=f"has others in the place of 1 data keys .{org}"):
        await mirror_keys(empty, place, MASTER)
    assert not await place.exists(data_key(new)), "nothing was changed"
    assert (await mirrored(place, org)).open(sealed) == b"secret"


async def test_keys_that_are_rotated_or_sealed_anew_reach_the_mirror(
    storage: Storage, place: Storage
) -> None:
    org, vault = uuid4(), Vault(storage, MASTER)
    await vault.sealing(org)
    await mirror_keys(storage, place, MASTER)
    for _ in range(MOST_KEYS + 1):
        sealed = (await vault.rotate(org)).seal(b"secret")
        await mirror_keys(storage, place, MASTER)
        assert (await mirrored(place, org)).open(sealed) == b"secret"
    newer = Sealer(f"{Fernet.generate_key().decode()},{KEY}")
    await Vault(storage, newer).reseal(org)
    await mirror_keys(storage, place, newer)
    assert await place.get(data_key(org)) == await storage.get(data_key(org))
    assert (await mirrored(place, org, newer)).open(sealed) == b"secret"


async def test_a_former_state_of_the_storage_takes_no_newer_key_away(
    storage: Storage, place: Storage
) -> None:
    org, vault = uuid4(), Vault(storage, MASTER)
    await vault.sealing(org)
    former = await storage.get(data_key(org))
    sealed = (await vault.rotate(org)).seal(b"secret")
    await mirror_keys(storage, place, MASTER)
    for wrong in (former, b"damaged"):
        await storage.put(data_key(org), wrong)
        with pytest.raises(KeysLost):
            await mirror_keys(storage, place, MASTER)
    assert (await mirrored(place, org)).open(sealed) == b"secret"


@pytest.mark.process
async def test_a_lost_storage_is_not_backed_up(
    platform: Platform, place: Storage, dsn: str, tmp_path: Path
) -> None:
    org = uuid4()
    await Vault(platform.storage, platform.sealer).sealing(org)
    await mirror_keys(platform.storage, place, platform.sealer)
    empty = Storage((tmp_path / "empty").as_uri())
    with pytest.raises(KeysLost):
        await everything.back_up(dsn, empty, place, platform.sealer)
    assert not await list_backups(place)
    assert await place.exists(data_key(org))


async def test_what_was_erased_and_came_back_leaves_nothing_to_refuse(
    platform: Platform,
    admin: Database,
    ada: Someone,
    place: Storage,
    dsn: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await platform.vault.sealing(org_of(ada))
    await mirror_keys(platform.storage, place, platform.sealer)
    kept = await organization.back_up(dsn, platform.storage, place, org_of(ada))
    monkeypatch.setattr(transitions, "GRACE", timedelta(0))
    async with open_context(platform, Identity(organization_id=org_of(ada)), RequestInfo("test")) as ctx:
        await transitions.delete(ctx, reason="test")
    await erasure.erase(platform, admin, org_of(ada), "test")
    await organization.restore(platform, admin, dsn, place, kept.name, "test")
    assert not await place.exists(data_key(org_of(ada)))
    made = await platform.vault.sealing(org_of(ada))
    await mirror_keys(platform.storage, place, platform.sealer)
    assert (await mirrored(place, org_of(ada), platform.sealer)).open(made.seal(b"new")) == b"new"

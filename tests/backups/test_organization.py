"""One organization comes back into a living system as it was, and nobody else notices."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI

from rowhouse.backups import organization, rows
from rowhouse.backups.catalog import get_objects
from rowhouse.backups.errors import BackupError, Damaged, NotThere, WouldMix
from rowhouse.backups.keeping import keep_ledger
from rowhouse.kernel.audit.verify import verify
from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.ledger.ledger import LEDGER
from rowhouse.kernel.lifecycle import erasure, transitions
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.privacy.erasing import erase_person
from rowhouse.kernel.storage.storage import Storage, organization_key
from rowhouse.kernel.work import open_context
from tests.isolation.tenants import PASSWORD, Someone, furnish, someone
from tests.kernel.privacy.test_erasing_people import ask_at_once

HERE = RequestInfo("test")


def org_of(one: Someone) -> UUID:
    assert one.identity.organization_id is not None
    return one.identity.organization_id


async def state(dsn: str, storage: Storage, one: Someone) -> Mapping[str, object]:
    """The rows' hashes by table, and the objects' bytes by key."""
    async with await rows.Connection.connect(dsn, autocommit=True) as server:
        found: dict[str, object] = dict(await rows.hashes(server, org_of(one)))
    keys = [stored.key async for stored in storage.list(organization_key(org_of(one)))]
    return found | {key: await storage.get(key) for key in keys}


async def test_it_comes_back_as_it_was_and_others_stay_as_they_are(
    platform: Platform, admin: Database, ada: Someone, bob: Someone, place: Storage, dsn: str
) -> None:
    key = ada.ids["key_id"][0]
    kept = await organization.back_up(dsn, platform.storage, place, org_of(ada))
    before = await state(dsn, platform.storage, ada)
    workout, other = ada.ids["workout_id"][:2]
    assert (await ada.client.delete(f"/api/v1/workouts/{workout}")).is_success
    assert (await ada.client.put(f"/api/v1/workouts/{other}", json={"title": "later"})).is_success
    entries = await get_objects(place, kept)
    await platform.storage.delete(entries[0].key)
    await platform.storage.put(entries[1].key, b"altered")
    await platform.storage.put(organization_key(org_of(ada), "later"), b"later")
    assert await state(dsn, platform.storage, ada) != before
    theirs = await state(dsn, platform.storage, bob)

    done = await organization.restore(platform, admin, dsn, place, kept.name, "test")

    assert await state(dsn, platform.storage, ada) == before
    assert await state(dsn, platform.storage, bob) == theirs
    assert (await bob.client.get("/api/v1/workouts")).is_success
    assert done.objects_written == 2
    assert done.objects_removed == 1
    assert key
    async with open_context(platform, Identity(organization_id=org_of(ada)), HERE) as ctx:
        assert (await verify(ctx)).ok, "the living chain went on"


async def test_everybody_signs_in_again_and_a_revoked_key_stays_revoked(
    platform: Platform, admin: Database, ada: Someone, place: Storage, dsn: str
) -> None:
    made = await ada.client.post(
        "/api/v1/api-keys", json={"name": "a", "permissions": ["fitness.workouts.read"]}
    )
    assert made.status_code == 201, made.text
    kept = await organization.back_up(dsn, platform.storage, place, org_of(ada))
    revoked = await ada.client.delete(f"/api/v1/api-keys/{made.json()['data']['id']}")
    assert revoked.is_success, revoked.text
    await organization.restore(platform, admin, dsn, place, kept.name, "test")
    assert (await ada.client.get("/api/v1/workouts")).json()["code"] == "session_ended"
    signed_in = await ada.client.post(
        "/api/v1/auth/login", json={"email": f"{ada.canary}@example.org", "password": PASSWORD}
    )
    assert signed_in.json()["code"] == "mfa_required", "the password was right, and she is asked for the rest"
    asked = {"Authorization": f"Bearer {made.json()['data']['key']}"}
    assert (await ada.client.get("/api/v1/workouts", headers=asked)).status_code == 401


async def test_an_erased_one_comes_back(
    platform: Platform,
    admin: Database,
    ada: Someone,
    bob: Someone,
    place: Storage,
    dsn: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = await organization.back_up(dsn, platform.storage, place, org_of(ada))
    before, theirs = await state(dsn, platform.storage, ada), await state(dsn, platform.storage, bob)
    monkeypatch.setattr(transitions, "GRACE", timedelta(0))
    async with open_context(platform, Identity(organization_id=org_of(ada)), HERE) as ctx:
        await transitions.delete(ctx, reason="test")
    await erasure.erase(platform, admin, org_of(ada), "test")
    await organization.restore(platform, admin, dsn, place, kept.name, "test")
    after = await state(dsn, platform.storage, ada)
    # Deleting revoked the keys, and they stay so; everything else is as it was.
    assert {name for name in before if before[name] != after[name]} <= {"kernel.api_keys"}
    assert await state(dsn, platform.storage, bob) == theirs
    assert not [s.key async for s in platform.storage.list(LEDGER) if str(org_of(ada)) in s.key], (
        "nothing has it erased again"
    )


async def test_who_was_erased_since_does_not_come_back(
    platform: Platform, app: FastAPI, admin: Database, ada: Someone, place: Storage, dsn: str
) -> None:
    """Their rows and objects come back with the organization, and go again before it is open."""
    carl = await someone(platform, app, beside=ada)
    await furnish(platform, carl)
    kept = await organization.back_up(dsn, platform.storage, place, org_of(ada))
    await ask_at_once(platform, carl)
    assert carl.identity.user_id is not None
    await erase_person(platform, admin, carl.identity.user_id)
    await keep_ledger(platform.storage, place)
    done = await organization.restore(platform, admin, dsn, place, kept.name, "test")
    assert list(done.erased_again) == [carl.identity.user_id]
    async with await rows.Connection.connect(dsn, autocommit=True) as server:
        found = await server.execute(
            b"SELECT a.state, (SELECT count(*) FROM fitness.workouts w WHERE w.athlete_id = a.id)"
            b" FROM kernel.accounts a WHERE a.user_id = %s",
            (carl.identity.user_id,),
        )
        assert await found.fetchall() == [("removed", 0)]
    account = str(carl.identity.account_id)
    keys = [stored.key async for stored in platform.storage.list(organization_key(org_of(ada)))]
    assert keys
    assert not [key for key in keys if account in key]
    assert [s.key async for s in place.list(LEDGER) if str(carl.identity.user_id) in s.key]
    await carl.client.aclose()


async def test_a_damaged_backup_changes_nothing(
    platform: Platform, admin: Database, ada: Someone, place: Storage, dsn: str
) -> None:
    kept = await organization.back_up(dsn, platform.storage, place, org_of(ada))
    part = kept.tables["fitness.workouts"].key
    whole = await place.get(part)
    for damage in (whole[:-20], whole[:30] + b"\0\0\0" + whole[33:]):
        await place.put(part, damage)
        before = await state(dsn, platform.storage, ada)
        with pytest.raises(Damaged):
            await organization.restore(platform, admin, dsn, place, kept.name, "test")
        assert await state(dsn, platform.storage, ada) == before
        assert (await ada.client.get("/api/v1/workouts")).is_success


async def test_a_backup_that_broke_off_is_none(
    platform: Platform, admin: Database, ada: Someone, place: Storage, dsn: str
) -> None:
    kept = await organization.back_up(dsn, platform.storage, place, org_of(ada))
    await place.delete(f"{kept.name}/manifest.json")
    for name in (kept.name, "../secrets", "nothing"):
        with pytest.raises(NotThere):
            await organization.restore(platform, admin, dsn, place, name, "test")


async def test_an_address_that_is_anothers_by_now_is_not_taken(
    platform: Platform, admin: Database, app: FastAPI, ada: Someone, place: Storage, dsn: str
) -> None:
    kept = await organization.back_up(dsn, platform.storage, place, org_of(ada))
    other = await someone(platform, app)
    async with await rows.Connection.connect(dsn) as server:
        await server.execute(b"SET session_replication_role = replica")
        await server.execute(b"DELETE FROM kernel.users WHERE id = %s", (ada.identity.user_id,))
        await server.execute(
            b"UPDATE kernel.users SET email_key = %s WHERE id = %s",
            (f"{ada.canary}@example.org", other.identity.user_id),
        )
    with pytest.raises(WouldMix, match=str(ada.identity.user_id)):
        await organization.restore(platform, admin, dsn, place, kept.name, "test")
    await other.client.aclose()


async def test_an_unknown_organization_has_no_backup(
    platform: Platform, admin: Database, place: Storage, dsn: str
) -> None:
    with pytest.raises(BackupError):
        await organization.back_up(dsn, platform.storage, place, UUID(int=7))

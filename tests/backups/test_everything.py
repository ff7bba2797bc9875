"""Everything comes back into an empty place, up to the moment that was asked for."""

import asyncio
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from rowhouse.backups import everything, keeping, organization, rows
from rowhouse.backups.catalog import finish, put_objects
from rowhouse.backups.errors import Damaged, WouldMix
from rowhouse.backups.keeping import prune
from rowhouse.backups.objects import verify
from rowhouse.backups.wal import SLOT, receive
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.storage.storage import Storage, organization_key
from rowhouse.kit.time import now
from rowhouse.local.scratch import serving
from tests.backups.test_organization import org_of, state
from tests.isolation.tenants import Someone
from tests.services import Services

pytestmark = pytest.mark.process


async def title(dsn: str, workout: str) -> str:
    async with await psycopg.AsyncConnection.connect(dsn) as server:
        row = await (
            await server.execute("SELECT title FROM fitness.workouts WHERE id = %s", (workout,))
        ).fetchone()
        return str(row[0]) if row else "gone"


async def test_it_comes_back_to_a_moment_and_one_organization_is_taken_out_of_it(
    platform: Platform,
    admin: Database,
    services: Services,
    database_name: str,
    ada: Someone,
    bob: Someone,
    place: Storage,
    dsn: str,
    tmp_path: Path,
) -> None:
    stop = asyncio.Event()
    receiving = asyncio.create_task(receive(dsn, place, tmp_path / "spool", stop))
    kept = await everything.back_up(dsn, platform.storage, place, platform.sealer)
    before, theirs = await state(dsn, platform.storage, ada), await state(dsn, platform.storage, bob)
    workout = ada.ids["workout_id"][0]
    assert (await ada.client.put(f"/api/v1/workouts/{workout}", json={"title": "good"})).is_success
    moment = now()
    await asyncio.sleep(0.05)
    assert (await ada.client.put(f"/api/v1/workouts/{workout}", json={"title": "a mistake"})).is_success
    await _end_segment(services, place)
    stop.set()
    await receiving
    try:
        elsewhere = Storage((tmp_path / "storage").as_uri())
        with serving() as scratch:
            await everything.restore(place, kept.name, scratch.folder, elsewhere, moment)
            there = scratch.start(database_name)
            assert await title(there, workout) == "good"
            assert await state(there, elsewhere, bob) == theirs
        with serving() as scratch:
            await everything.restore(place, kept.name, scratch.folder, None, None)
            one = await everything.take_out(scratch.start(database_name), place, kept, org_of(ada))
        await organization.restore(platform, admin, dsn, place, one.name, "test")
        assert await state(dsn, platform.storage, ada) == before
        assert await state(dsn, platform.storage, bob) == theirs
    finally:
        with psycopg.connect(services.superuser_dsn, autocommit=True) as server:
            server.execute("SELECT pg_drop_replication_slot(%s)", (SLOT,))


async def test_nothing_is_restored_over_something(
    place: Storage, platform: Platform, dsn: str, tmp_path: Path
) -> None:
    await platform.storage.put("platform/probe", b"1")
    kept = await everything.back_up(dsn, platform.storage, place, platform.sealer)
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster" / "PG_VERSION").write_text("18")
    with pytest.raises(WouldMix):
        await everything.restore(place, kept.name, tmp_path / "cluster", None, None)
    with pytest.raises(WouldMix):
        await everything.restore(place, kept.name, tmp_path / "new", platform.storage, None)
    await verify(place, kept)
    assert kept.base is not None
    whole = await place.get(kept.base.key)
    await place.put(kept.base.key, whole[: len(whole) // 2])
    with pytest.raises(Damaged):
        await verify(place, kept)


async def test_what_is_too_old_goes_with_its_objects_and_wal(
    platform: Platform,
    ada: Someone,
    place: Storage,
    dsn: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone_key = organization_key(org_of(ada), "gone")
    await platform.storage.put(gone_key, b"only in the oldest")
    one = await organization.back_up(dsn, platform.storage, place, org_of(ada))
    await platform.storage.delete(gone_key)
    await place.put("wal/000000010000000000000001.gz", b"old")
    await place.put("wal/00000001000000FF00000001.gz", b"new")
    oldest = one.model_copy(update={"name": "a", "kind": "everything", "begins_with": "0" * 24})
    newer = one.model_copy(
        update={"name": "b", "kind": "everything", "begins_with": "000000010000000000000002"}
    )
    for backup in (oldest, newer.model_copy(update={"objects": await put_objects(place, "b", [])})):
        await finish(place, backup)
    await place.delete(f"{one.name}/manifest.json")
    monkeypatch.setattr(keeping, "UNFINISHED_FOR", timedelta(0))
    assert await prune(place, 1) == ["a"]
    assert not [found async for found in place.list("objects")]
    assert [found.key async for found in place.list("wal")] == ["wal/00000001000000FF00000001.gz"]
    assert await prune(place, 1) == []


async def _end_segment(services: Services, place: Storage) -> None:
    """Has the segment finished that is being written, and waits until it is kept."""
    with psycopg.connect(services.superuser_dsn, autocommit=True) as server:
        row = server.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
    assert row is not None
    async with asyncio.timeout(30):
        while not await place.exists(f"wal/{row[0]}.gz"):  # noqa: ASYNC110 - nothing tells when it is there
            await asyncio.sleep(0.1)


async def test_rows_of_everything_are_as_of_one_moment(dsn: str, ada: Someone) -> None:
    async with await rows.Connection.connect(dsn, autocommit=True) as server:
        assert await rows.hashes(server, org_of(ada)) == await rows.hashes(server, org_of(ada))

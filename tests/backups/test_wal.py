"""The write-ahead log is kept without a gap, and where there is one it shows."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rowhouse.backups import keeping
from rowhouse.backups.catalog import list_backups
from rowhouse.backups.chain import chain_from, key_of
from rowhouse.backups.errors import NotReached
from rowhouse.backups.wal import SLOT, find_chain, is_kept, receive
from rowhouse.kernel.observability.metrics import REGISTRY
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.secrets.sealing import Sealer
from rowhouse.kernel.storage.storage import Storage, StorageUnavailable
from rowhouse.kit.time import now
from rowhouse.local.accounts import Account
from rowhouse.local.binaries import PG_BIN, find_postgres
from rowhouse.local.scratch import serving

WAIT_S = 60


class Away(Storage):
    async def put(self, key: str, data: bytes | AsyncIterator[bytes]) -> int:
        raise StorageUnavailable(f"{key}: {type(data)}")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """One of its own, whose slots and limits concern nobody else; empty but for what a backup asks of it."""
    with serving() as scratch:
        account = Account.for_server("postgres")
        binaries = find_postgres(account, scratch.folder.parent, None)
        monkeypatch.setenv(PG_BIN, str(binaries))
        account.own(scratch.folder.parent)
        initdb: list[str | Path] = [
            binaries / "initdb",
            "-D",
            scratch.folder,
            "-U",
            "postgres",
            "-A",
            "trust",
            "--no-sync",
        ]
        subprocess.run(initdb, check=True, capture_output=True, **account.identity)
        address = scratch.start("postgres")
        with (scratch.folder / "pg_hba.conf").open("a") as rules:
            rules.write("local replication all trust\n")
        change(address, "SELECT pg_reload_conf()", "CREATE TABLE public.alembic_version (version_num text)")
        yield address


def ask(server: str, question: str) -> Any:
    with psycopg.connect(server, autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
        return row[0] if row else None


def change(server: str, *statements: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


async def until(holds: Callable[[], Coroutine[Any, Any, bool]]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not await holds():  # noqa: ASYNC110 - nothing tells when it does
            await asyncio.sleep(0.05)


def end_segment(server: str) -> str:
    """Returns its name."""
    ask(server, "SELECT pg_logical_emit_message(false, 'test', 'test')")
    return str(ask(server, "SELECT pg_walfile_name(pg_switch_wal())"))


def lose_slot(server: str) -> None:
    change(server, "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'", "SELECT pg_reload_conf()")
    while status(server) != "lost":
        end_segment(server)
        change(server, "CHECKPOINT")
    change(server, "ALTER SYSTEM RESET max_slot_wal_keep_size", "SELECT pg_reload_conf()")


def status(server: str) -> Any:
    return ask(server, f"SELECT wal_status FROM pg_replication_slots WHERE slot_name = '{SLOT}'")


@asynccontextmanager
async def keeping_of(
    server: str, storage: Storage, place: Storage, master: Sealer, spool: Path
) -> AsyncIterator[None]:
    stop = asyncio.Event()
    keeper = asyncio.create_task(keeping.keep(server, storage, place, master, spool, 9, stop))
    try:
        yield
    finally:
        stop.set()
        await keeper


@pytest.mark.process
async def test_a_lost_slot_is_made_anew_and_a_backup_at_once(
    platform: Platform, server: str, place: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "LOOK_EVERY_S", 0.1)
    monkeypatch.setattr(keeping, "AGAIN_S", 0.1)
    storage, spool = Storage((tmp_path / "storage").as_uri()), tmp_path / "spool"

    async def has_backup_since() -> bool:
        return any(backup.made_at > moment for backup in await list_backups(place))

    async def has_segment() -> bool:
        return await place.exists(key_of(segment))

    async def is_told() -> bool:
        told = REGISTRY.get_sample_value("rowhouse_backup_wal_kept_timestamp_seconds")
        return told is not None and told > moment.timestamp()

    moment = now()
    async with keeping_of(server, storage, place, platform.sealer, spool):
        await until(has_backup_since)
        segment = end_segment(server)
        await until(has_segment)
        await until(is_told)
    [first] = await list_backups(place)
    lose_slot(server)
    moment = now()
    async with keeping_of(server, storage, place, platform.sealer, spool):
        await until(lambda: asyncio.to_thread(lambda: status(server) == "reserved"))
        segment = end_segment(server)
        await until(has_segment)
        await until(has_backup_since)
        [*_, newest] = await list_backups(place)
        segment = end_segment(server)
        await until(has_segment)
    assert first.begins_with is not None
    assert newest.begins_with is not None
    with pytest.raises(NotReached, match="is missing"):
        await find_chain(place, first.begins_with, now())
    assert segment in (await chain_from(place, newest.begins_with)).linked


@pytest.mark.process
async def test_a_segment_outlives_the_keeper_while_its_place_is_away(
    server: str, place: Storage, tmp_path: Path
) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    # What the folder holds of a server that is no more, and that this one knows nothing of.
    (spool / "0000000100000000000000FF.partial").write_bytes(b"\0" * 16 * 1024**2)
    away = Away((tmp_path / "away").as_uri())
    receiving = asyncio.create_task(receive(server, away, spool, asyncio.Event()))
    await until(lambda: is_kept(server, spool))
    segment = end_segment(server)
    with pytest.raises(StorageUnavailable):
        await receiving
    assert (spool / segment).exists()
    assert not await is_kept(server, spool)
    stop = asyncio.Event()
    receiving = asyncio.create_task(receive(server, place, spool, stop))
    await until(lambda: place.exists(key_of(segment)))
    stop.set()
    with suppress(asyncio.CancelledError):
        await receiving
    assert not (spool / segment).exists()


async def keep(place: Storage, *names: str) -> None:
    for name in names:
        await place.put(key_of(name), b"")


async def test_a_gap_ends_the_chain_and_a_moment_behind_it_is_refused(place: Storage, tmp_path: Path) -> None:
    first = "0000000100000001000000FE"
    linked = [first, "0000000100000001000000FF", "000000010000000200000000", "000000020000000200000000"]
    with pytest.raises(NotReached, match="No write-ahead log"):
        await find_chain(place, first, now())
    await keep(place, *linked, "0000000100000001000000FD", "00000002.history")
    whole = await chain_from(place, first)
    assert (whole.linked, whole.apart, whole.histories) == (linked, [], ["00000002.history"])
    assert whole.kept_at is not None
    assert not whole.is_broken(whole.kept_at - timedelta(days=1))

    await keep(place, "000000020000000200000002")
    chain = await find_chain(place, first, whole.kept_at)
    assert chain.linked == linked
    assert chain.is_broken(whole.kept_at - timedelta(days=1))
    assert not chain.is_broken(now() + timedelta(days=1)), "a segment from before the backup says nothing"
    with pytest.raises(NotReached, match="after 000000020000000200000000 is missing"):
        await find_chain(place, first, now() + timedelta(seconds=1))
    later = await chain_from(place, "000000020000000200000000")
    assert later.linked == ["000000020000000200000000"], "the former timeline leads nowhere from here"


async def test_larger_segments_have_fewer_to_a_file(place: Storage) -> None:
    await keep(place, "00000001000000000000003F", "000000010000000100000000", "000000010000000100000005")
    chain = await chain_from(place, "00000001000000000000003F")
    assert chain.linked == ["00000001000000000000003F", "000000010000000100000000"]

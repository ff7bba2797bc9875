"""Stored objects of a backup: each one's bytes are kept once, however many backups and objects have them."""

import hashlib
from collections.abc import AsyncIterator, Collection, Sequence

from rowhouse.backups.catalog import Manifest, ObjectEntry, get_objects, verify_parts
from rowhouse.backups.errors import Damaged
from rowhouse.kernel.storage.storage import Storage
from rowhouse.kernel.vault.vault import FOLDER as KEYS

NOT_KEPT = ("health", KEYS)
"""Folders of what is no data, and of data keys: those have a mirror, which loses what is destroyed here."""


async def keep_objects(storage: Storage, place: Storage, prefix: str, known: dict[str, ObjectEntry]) -> None:
    """Copies every object below `prefix` that `known` lacks or has in another size, and adds it there. An object
    that is deleted meanwhile is left out: nothing that is kept refers to it."""
    async for found in storage.list(prefix):
        if found.key.split("/", 1)[0] in NOT_KEPT:
            continue
        before = known.get(found.key)
        if before is not None and before.size_bytes == found.size_bytes:
            continue
        try:
            known[found.key] = await _keep(storage, place, found.key)
        except FileNotFoundError:
            known.pop(found.key, None)


async def bring_back(place: Storage, storage: Storage, entries: Sequence[ObjectEntry]) -> int:
    """Puts back every object that is not there as it was; returns how many. Raises `Damaged`."""
    written = 0
    for entry in entries:
        if (
            await storage.size(entry.key) == entry.size_bytes
            and await _hash(storage, entry.key) == entry.sha256
        ):
            continue
        try:
            await storage.put(entry.key, _checked(place, entry))
        except FileNotFoundError as error:
            raise Damaged(
                f"The bytes of {entry.key} are missing from the backup; take another one."
            ) from error
        written += 1
    return written


async def remove_others(storage: Storage, prefix: str, kept: Collection[str]) -> int:
    """Removes what lies below `prefix` and is not `kept`; returns how many."""
    others = [found.key async for found in storage.list(prefix) if found.key not in kept]
    for key in others:
        await storage.delete(key)
    return len(others)


async def verify(place: Storage, manifest: Manifest) -> None:
    """Reads all of a backup. Raises `Damaged`."""
    await verify_parts(place, manifest)
    for entry in await get_objects(place, manifest):
        try:
            async for _ in _checked(place, entry):
                pass
        except FileNotFoundError as error:
            raise Damaged(
                f"The bytes of {entry.key} are missing from the backup; take another one."
            ) from error


async def _keep(storage: Storage, place: Storage, key: str) -> ObjectEntry:
    digest, size = hashlib.sha256(), 0
    async for piece in storage.stream(key):
        digest.update(piece)
        size += len(piece)
    entry = ObjectEntry(key=key, size_bytes=size, sha256=digest.hexdigest())
    if not await place.exists(_kept_key(entry)):
        await place.put(_kept_key(entry), storage.stream(key))
    return entry


async def _checked(place: Storage, entry: ObjectEntry) -> AsyncIterator[bytes]:
    digest = hashlib.sha256()
    async for piece in place.stream(_kept_key(entry)):
        digest.update(piece)
        yield piece
    if digest.hexdigest() != entry.sha256:
        raise Damaged(f"The bytes of {entry.key} are not what was written; take another backup.")


async def _hash(storage: Storage, key: str) -> str:
    digest = hashlib.sha256()
    async for piece in storage.stream(key):
        digest.update(piece)
    return digest.hexdigest()


def _kept_key(entry: ObjectEntry) -> str:
    return f"objects/{entry.sha256}"

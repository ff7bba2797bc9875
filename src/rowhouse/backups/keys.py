"""The mirror of data keys in the place of backups: it loses a key whose organization was erased, and no other.

No backup holds data keys, so the mirror is their only copy. A storage that is lost, or another one that the settings
name by mistake, has none or made new ones: that must not reach the mirror.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from uuid import UUID

from rowhouse.backups.errors import KeysLost
from rowhouse.kernel.ledger.ledger import is_entered
from rowhouse.kernel.secrets.sealing import Sealer, Unsealable
from rowhouse.kernel.storage.storage import Storage
from rowhouse.kernel.vault.vault import FOLDER, data_key

NAMED = 5
"""So many organizations the sentence names; the log of a wrong storage would hold all of them."""


async def mirror_keys(storage: Storage, place: Storage, master: Sealer) -> None:
    """Makes the data keys in the place of backups those that there are; one that was destroyed by an erasure is gone
    there too, and no older backup brings it back.

    Raises `KeysLost`, with nothing changed, where that would lose one that opens something.
    """
    mirrored, present = await _read(place), await _read(storage)
    erased = [key for key in mirrored if key not in present and await _is_erased(storage, place, master, key)]
    missing = [key for key in mirrored if key not in present and key not in erased]
    changed = {key: sealed for key, sealed in present.items() if mirrored.get(key) != sealed}
    other = [
        key
        for key, sealed in changed.items()
        if key in mirrored and not _opens(master, sealed, mirrored[key])
    ]
    if missing or other:
        raise KeysLost(_sentence(missing, other))
    for key, sealed in changed.items():
        await place.put(key, sealed)
    for key in erased:
        await place.delete(key)


async def forget_key(place: Storage, organization_id: UUID) -> None:
    """Of an organization that was erased and leaves the ledger: nothing else would tell that the key was destroyed."""
    await place.delete(data_key(organization_id))


async def bring_keys(place: Storage, storage: Storage) -> None:
    """The mirrored data keys, where the storage has none of its own."""
    async for found in place.list(FOLDER):
        await storage.create(found.key, await place.get(found.key))


async def _read(storage: Storage) -> Mapping[str, bytes]:
    read: dict[str, bytes] = {}
    async for found in storage.list(FOLDER):
        with suppress(FileNotFoundError):  # destroyed since
            read[found.key] = await storage.get(found.key)
    return read


async def _is_erased(storage: Storage, place: Storage, master: Sealer, key: str) -> bool:
    organization_id = UUID(key.removeprefix(f"{FOLDER}/"))
    for ledger in (storage, place):
        if await is_entered(ledger, master, "organization", organization_id):
            return True
    return False


def _opens(master: Sealer, sealed: bytes, mirrored: bytes) -> bool:
    """Whether it goes on from the mirrored one: a rotation puts a key in front, and drops the oldest in the end."""
    try:
        newest, *_ = master.open(mirrored.decode()).split(b",")
        return newest in master.open(sealed.decode()).split(b",")
    except Unsealable:
        return False


def _sentence(missing: Sequence[str], other: Sequence[str]) -> str:
    said = [
        f"{what} {len(keys)} data keys ({', '.join(sorted(key.removeprefix(f'{FOLDER}/') for key in keys)[:NAMED])}"
        f"{', …' if len(keys) > NAMED else ''})"
        for what, keys in (("lacks", missing), ("has others in the place of", other))
        if keys
    ]
    return (
        f"The storage {' and '.join(said)} of organizations that nobody has erased. Is ROWHOUSE_STORAGE_URL right, and"
        " ROWHOUSE_MASTER_KEY? If the storage was lost, bring it back before anything else: the place of backups has"
        " the only copy."
    )

"""Each organization's own data key, under which its secrets are sealed; sealed itself by the master key.

The keys lie in storage under `keys/`, and in no backup but a mirror that loses what is lost here: with its key an
organization's secrets are unreadable wherever their rows may still be. Whoever seals or opens asks for the key before
a transaction begins, since storage may be far away; a process remembers it for five minutes.
"""

import time
from uuid import UUID

from cryptography.fernet import Fernet

from rowhouse.kernel.errors import Conflict
from rowhouse.kernel.secrets.sealing import Sealer
from rowhouse.kernel.storage.storage import Storage

FOLDER = "keys"
REMEMBERED_S = 300.0
MOST_REMEMBERED = 10_000
MOST_KEYS = 5
"""Former data keys that still open; what was sealed under an older one was sealed again long ago."""


class KeyGone(Conflict):
    code = "data_key_gone"
    title = "What this organization had sealed can't be read any more; set its secrets anew."


class Vault:
    """The data keys of all organizations, as far as this process has asked for them."""

    def __init__(self, storage: Storage, master: Sealer) -> None:
        self._storage = storage
        self._master = master
        self._known: dict[UUID, tuple[float, Sealer]] = {}

    async def opening(self, organization_id: UUID) -> Sealer:
        """What opens the organization's secrets. Raises `KeyGone` where it has no key (any more)."""
        known = self._known.get(organization_id)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        try:
            sealed = await self._storage.get(data_key(organization_id))
        except FileNotFoundError:
            self._known.pop(organization_id, None)
            raise KeyGone from None
        return self._remember(organization_id, self._master.open(sealed.decode()).decode())

    async def sealing(self, organization_id: UUID) -> Sealer:
        """What seals its secrets; its key is made at the first use."""
        try:
            return await self.opening(organization_id)
        except KeyGone:
            made = self._master.seal(Fernet.generate_key())
            await self._storage.create(data_key(organization_id), made.encode())
            return await self.opening(organization_id)

    async def rotate(self, organization_id: UUID) -> Sealer:
        """Seals under a new key from now on, and opens under the former ones too. One at a time: the caller sees to
        that. Other processes notice within five minutes; what they seal meanwhile opens as well."""
        sealed = await self._storage.get(data_key(organization_id))
        former = self._master.open(sealed.decode()).decode().split(",")
        keys = ",".join([Fernet.generate_key().decode(), *former][:MOST_KEYS])
        await self._storage.put(data_key(organization_id), self._master.seal(keys.encode()).encode())
        return self._remember(organization_id, keys)

    async def reseal(self, organization_id: UUID) -> None:
        """The same keys under the newest master key."""
        sealed = await self._storage.get(data_key(organization_id))
        await self._storage.put(data_key(organization_id), self._master.reseal(sealed.decode()).encode())

    async def destroy(self, organization_id: UUID) -> None:
        """Makes all that the organization had sealed unreadable for ever, in every backup too."""
        self._known.pop(organization_id, None)
        await self._storage.delete(data_key(organization_id))

    async def organizations(self) -> list[UUID]:
        """Those that have a key."""
        return [UUID(found.key.removeprefix(f"{FOLDER}/")) async for found in self._storage.list(FOLDER)]

    def _remember(self, organization_id: UUID, keys: str) -> Sealer:
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        sealer = Sealer(keys)
        self._known[organization_id] = (time.monotonic() + REMEMBERED_S, sealer)
        return sealer


def data_key(organization_id: UUID) -> str:
    """Where its key lies: not below its own prefix, whose objects are in backups."""
    return f"{FOLDER}/{organization_id}"

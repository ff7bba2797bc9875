"""What is in the place of backups, and how it is written there.

    {name}/manifest.json      written last: without it a backup is unfinished, and nothing restores it
    {name}/base.tar.gz        of everything: PostgreSQL's own base backup
    {name}/tables/{table}.gz  of one organization: its rows, as COPY writes them
    {name}/objects.json.gz    which stored objects there were
    objects/{sha256}          their bytes, once for all backups
    wal/{segment}.gz          what PostgreSQL wrote since

The place is a folder or bucket of its own (`ROWHOUSE_BACKUP_URL`). Nothing in it is sealed again: whoever reads it
reads everything but what the master key seals, so it needs the care of the database itself.
"""

import hashlib
import zlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict

from rowhouse.backups.errors import Damaged, NotThere
from rowhouse.kernel.storage.storage import Storage
from rowhouse.kit.time import now

MANIFEST = "manifest.json"
GZIP = 16 + zlib.MAX_WBITS


class Part(BaseModel):
    """One compressed object of a backup; size and hash are of what was compressed."""

    model_config = ConfigDict(frozen=True)

    key: str
    size_bytes: int
    sha256: str


class TablePart(Part):
    columns: tuple[str, ...]
    rows: int


class ObjectEntry(BaseModel):
    model_config = ConfigDict(frozen=True)

    key: str
    size_bytes: int
    sha256: str


class Manifest(BaseModel):
    """`revision` is that of the schema. A backup of everything has a `base` and the first segment of WAL it needs,
    one of an organization has `tables`."""

    model_config = ConfigDict(frozen=True)

    name: str
    kind: Literal["everything", "organization"]
    organization_id: UUID | None = None
    made_at: datetime
    revision: str
    server: str
    base: Part | None = None
    begins_with: str | None = None
    tables: dict[str, TablePart] = {}
    objects: Part
    object_count: int
    object_bytes: int


def new_name(organization_id: UUID | None = None) -> str:
    """Sorts by time; says what it is of."""
    return f"{now():%Y%m%dT%H%M%S}Z-{organization_id or 'everything'}"


async def list_backups(place: Storage) -> Sequence[Manifest]:
    """All finished ones, the oldest first."""
    found = [o.key async for o in place.list("") if o.key.count("/") == 1 and o.key.endswith(f"/{MANIFEST}")]
    return [Manifest.model_validate_json(await place.get(key)) for key in sorted(found)]


async def find_backup(place: Storage, name: str) -> Manifest:
    """Raises `NotThere`."""
    if "/" not in name:
        try:
            return Manifest.model_validate_json(await place.get(f"{name}/{MANIFEST}"))
        except (FileNotFoundError, ValueError):
            pass
    raise NotThere(
        f"There is no finished backup named {name}: `rowhouse backup --list` shows those there are."
    )


async def finish(place: Storage, manifest: Manifest) -> None:
    await place.put(f"{manifest.name}/{MANIFEST}", manifest.model_dump_json(indent=2).encode())


async def put_compressed(place: Storage, key: str, pieces: AsyncIterator[bytes]) -> Part:
    """Compresses and keeps what comes, in little memory."""
    digest, size = hashlib.sha256(), 0

    async def compressed() -> AsyncIterator[bytes]:
        nonlocal size
        packer = zlib.compressobj(level=1, wbits=GZIP)
        async for piece in pieces:
            digest.update(piece)
            size += len(piece)
            packed = packer.compress(piece)
            if packed:
                yield packed
        yield packer.flush()

    await place.put(key, compressed())
    return Part(key=key, size_bytes=size, sha256=digest.hexdigest())


async def get_compressed(place: Storage, part: Part) -> AsyncIterator[bytes]:
    """What was kept, in pieces. Raises `Damaged` at its end if it is not what was written: whoever keeps what came
    until then must be able to throw it away."""
    digest, unpacker = hashlib.sha256(), zlib.decompressobj(wbits=GZIP)
    try:
        async for piece in place.stream(part.key):
            # Bounded at each step: a piece of a MiB may hold a thousand times as much.
            rest = piece
            while rest:
                clear = unpacker.decompress(rest, 4 * 1024**2)
                digest.update(clear)
                yield clear
                rest = unpacker.unconsumed_tail
    except (zlib.error, FileNotFoundError) as error:
        raise Damaged(f"{part.key} of the backup is gone or can't be read; take another backup.") from error
    if not unpacker.eof or digest.hexdigest() != part.sha256:
        raise Damaged(f"{part.key} of the backup is not what was written; take another backup.")


async def verify_parts(place: Storage, manifest: Manifest) -> None:
    """Reads all of a backup but its objects. Raises `Damaged`."""
    for part in [*manifest.tables.values(), *([manifest.base] if manifest.base else [])]:
        async for _ in get_compressed(place, part):
            pass


async def in_pieces(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def put_objects(place: Storage, name: str, entries: Sequence[ObjectEntry]) -> Part:
    """The list of objects, which the manifest names."""
    listed = orjson.dumps([entry.model_dump() for entry in entries])
    return await put_compressed(place, f"{name}/objects.json.gz", in_pieces(listed))


async def get_objects(place: Storage, manifest: Manifest) -> Sequence[ObjectEntry]:
    listed = b"".join([piece async for piece in get_compressed(place, manifest.objects)])
    return [ObjectEntry(**entry) for entry in orjson.loads(listed)]

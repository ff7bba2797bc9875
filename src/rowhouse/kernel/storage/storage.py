"""Objects under keys, in a folder (`file:///…`) or an S3 bucket (`s3://bucket/prefix`).

Keys of tenants come from `organization_key`, the platform's own from `platform_key`, and none from elsewhere. A put is atomic on both: nobody ever reads a part of
an object. Streams keep a few MiB in memory, whatever the object's size. A missing object is `FileNotFoundError`.
"""

import asyncio
import errno
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID

import obstore
import structlog
from obstore.exceptions import AlreadyExistsError, BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import LocalStore, S3Store

from rowhouse.kernel.errors import Unavailable

PART_BYTES = 5 * 1024 * 1024
PARTS_IN_FLIGHT = 2
READ_BYTES = 1024 * 1024
LONGEST_PART_BYTES = 200
LONGEST_KEY_BYTES = 900
ENCRYPTION = "AES256"
FULL = ("No space left on device", "Disk quota exceeded", "507 Insufficient Storage")
log = structlog.get_logger(__name__)


class StorageUnavailable(Unavailable):
    code, title = "storage_unavailable", "The file storage is away; try again in a moment."


class StorageRefused(StorageUnavailable):
    """It answers, but not to these credentials; operators read the name in /health."""

    code, title = "storage_refused", "The file storage does not let us in; its operator has to see to it."


class StorageFull(StorageUnavailable):
    status, code = 507, "storage_full"
    title = "The file storage has no room left; its operator has to make some. Nothing of this was kept."


class BadKey(ValueError):
    """A key that could name something outside its place."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    key: str
    size_bytes: int
    modified_at: datetime


class Storage:
    """One folder or bucket."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._folder: Path | None = None
        self._store: LocalStore | S3Store
        if parts.scheme == "file":
            self._folder = Path(unquote(parts.path))
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._store = LocalStore(prefix=self._folder, automatic_cleanup=True)
        elif parts.scheme == "s3" and parts.netloc:
            self._store = _bucket(url)
        else:
            raise ValueError("storage is file:///folder or s3://bucket/prefix")

    def free_share(self) -> float:
        """The part of the folder's disk that is free; of a bucket, all."""
        if self._folder is None:
            return 1.0
        usage = shutil.disk_usage(self._folder)
        return usage.free / usage.total

    async def reach(self) -> None:
        """Raises `StorageUnavailable` where nothing could be stored now."""
        if self._folder is None:
            await self.exists("health")
        elif not await asyncio.to_thread(os.access, self._folder, os.W_OK | os.X_OK):
            raise StorageUnavailable

    async def put(self, key: str, data: bytes | AsyncIterator[bytes]) -> int:
        """Writes or replaces the object as a whole, durably; returns its size in bytes."""
        check_key(key)
        counted = _Counted(data) if not isinstance(data, bytes) else None
        with _away():
            await obstore.put_async(
                self._store,
                key,
                data if counted is None else counted,
                chunk_size=PART_BYTES,
                max_concurrency=PARTS_IN_FLIGHT,
            )
            if self._folder is not None:
                await asyncio.to_thread(_sync, self._folder / key)
        return len(data) if isinstance(data, bytes) else counted.total if counted else 0

    async def create(self, key: str, data: bytes) -> bool:
        """Writes a small object unless there is one; of several who try at once one succeeds, and answers True."""
        check_key(key)
        with _away():
            try:
                await obstore.put_async(self._store, key, data, mode="create", use_multipart=False)
            except AlreadyExistsError:
                return False
            if self._folder is not None:
                await asyncio.to_thread(_sync, self._folder / key)
        return True

    async def get(self, key: str) -> bytes:
        """The whole object; for small ones."""
        check_key(key)
        with _away():
            return bytes(await (await obstore.get_async(self._store, key)).bytes_async())

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        """The object in pieces of about a MiB."""
        check_key(key)
        with _away():
            found = await obstore.get_async(self._store, key)
            async for chunk in found.stream(min_chunk_size=READ_BYTES):
                yield bytes(chunk)

    async def download(self, key: str, path: Path) -> int:
        """Copies the object to a local file, which appears only when complete; returns its size in bytes."""
        partial = path.with_name(f"{path.name}.partial")
        total = 0
        try:
            with partial.open("wb") as file:
                async for chunk in self.stream(key):
                    total += await asyncio.to_thread(file.write, chunk)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        return total

    async def delete(self, key: str) -> None:
        """Removes the object; one that is not there is fine."""
        check_key(key)
        with _away():
            try:
                await obstore.delete_async(self._store, key)
            except FileNotFoundError:
                return

    async def size(self, key: str) -> int | None:
        """The object's size in bytes, or None when there is none."""
        check_key(key)
        with _away():
            try:
                return (await obstore.head_async(self._store, key))["size"]
            except FileNotFoundError:
                return None

    async def exists(self, key: str) -> bool:
        return await self.size(key) is not None

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        """Every object whose key begins with the folder `prefix` (of an empty one, every object), in no order."""
        if prefix:
            check_key(prefix.rstrip("/"))
        with _away():
            async for batch in obstore.list(self._store, prefix.rstrip("/"), chunk_size=500):
                for found in batch:
                    yield StoredObject(found["path"], found["size"], found["last_modified"])

    async def remove_unfinished(self, prefix: str, older_than: datetime) -> int:
        """Removes what puts that were killed have left below the folder `prefix`; returns how many. In a folder
        these are files with a '#'; on S3 they are invisible, and a rule of the bucket's life cycle ends them."""
        check_key(prefix.rstrip("/"))
        if self._folder is None:
            return 0
        return await asyncio.to_thread(_remove_unfinished, self._folder / prefix, older_than)

    async def probe(self) -> None:
        """Raises `StorageUnavailable` unless the storage answers."""
        await self.exists("health/probe")


def organization_key(organization_id: UUID, *parts: str) -> str:
    """The key of an organization's object: `org/{organization_id}/part/part`."""
    for part in parts:
        if "/" in part:
            raise BadKey("a part of a key holds no slash")
    return check_key("/".join(("org", str(organization_id), *parts)))


def platform_key(*parts: str) -> str:
    """The key of an object that is no organization's and outlives them: `platform/part/part`."""
    return check_key("/".join(("platform", *parts)))


def check_key(key: str) -> str:
    """Refuses what could leave its folder, or mean different things to a file system and to S3."""
    if len(key.encode()) > LONGEST_KEY_BYTES:
        raise BadKey("the key is too long")
    for part in key.split("/"):
        if part in ("", ".", "..") or part != part.strip() or len(part.encode()) > LONGEST_PART_BYTES:
            raise BadKey("a part of the key is empty, dotted, padded or too long")
        # '#' marks unfinished files in the local store; '%' and '\\' are read differently by others.
        if any(not c.isprintable() or c in "\\#%?*" for c in part):
            raise BadKey("a part of the key holds a character that is not allowed")
    return key


def _bucket(url: str) -> S3Store:
    """Credentials, region and endpoint come from the customary `AWS_…` variables, or from the machine. Objects are
    encrypted by the server; with which keys, AWS_SERVER_SIDE_ENCRYPTION and AWS_SSE_KMS_KEY_ID may say."""
    plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
    return S3Store.from_url(
        url,
        server_side_encryption=os.environ.get("AWS_SERVER_SIDE_ENCRYPTION", ENCRYPTION),
        client_options={"timeout": "300s", "connect_timeout": "5s", "allow_http": plain},
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=15)},
    )


class _Counted:
    """Passes pieces on and remembers how many bytes they were."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self.total = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._pieces:
            self.total += len(piece)
            yield piece


@contextmanager
def _away() -> Iterator[None]:
    try:
        yield
    except (PermissionDeniedError, UnauthenticatedError) as error:
        # The server's own words name the key and what was wrong with it, no secret.
        log.exception("storage_refused")
        raise StorageRefused from error
    except BaseError as error:
        # obstore has only words for it: the system's, and S3's.
        full = any(words in str(error) for words in FULL)
        raise (StorageFull if full else StorageUnavailable) from error
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise StorageFull from error


def _remove_unfinished(folder: Path, older_than: datetime) -> int:
    removed = 0
    for path in folder.rglob("*#*"):
        with suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime < older_than.timestamp():
                path.unlink()
                removed += 1
    return removed


def _sync(path: Path) -> None:
    """Makes file and folder entry survive a power cut; the store itself leaves that to chance."""
    for target in (path, path.parent):
        handle = os.open(target, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

"""What is kept of an organization that is erased, where its policy says so: everything, encrypted, for operators alone.

An archive lies outside of what is erased, under a key of its own that only the master key opens, and goes by itself
when its days are over. It is made of the organization as it is read with each account's eyes, one after the other,
since nobody sees all of it.
"""

import struct
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import NOBODY, Ctx, Identity, RequestInfo
from rowhouse.kernel.lifecycle.steps import LifecycleStep
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.organizations.service import get_organization
from rowhouse.kernel.organizations.settings import read_settings
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.privacy.sections import After, Attachments, Section, attachments_of, sections_of
from rowhouse.kernel.privacy.zipping import ZipStream
from rowhouse.kernel.storage.storage import platform_key
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now

PIECE_BYTES = 1024 * 1024
HERE = RequestInfo("archive")
NUMBER, LENGTH = struct.Struct(">Q"), struct.Struct(">I")


class ArchiveDamaged(ValueError):
    """A piece is missing, was altered, or was sealed under another key."""


async def archive(ctx: Ctx) -> None:
    """Keeps the context's organization, if it has said so. The step's own transaction stays unopened, since storage is
    written to; begun anew after a crash: the object is there as a whole or not at all."""
    async with open_context(ctx.platform, ctx.identity, HERE) as own:
        settings = read_settings((await get_organization(own)).settings)
        query = select(Account.id, Account.user_id).where(Account.organization_id == own.org)
        accounts = (await own.session.execute(query)).all()
    if not settings.archive_on_erasure:
        return
    until = now() + timedelta(days=settings.archive_days)
    key = platform_key("archives", str(ctx.org), f"{until:%Y-%m-%d}.zip.sealed")
    identities = [Identity(ctx.org, one.user_id, one.id) for one in accounts]
    await ctx.platform.storage.put(key, _seal(ctx.platform, _stream(ctx.platform, ctx.org, identities)))


STEP = LifecycleStep("kernel.archive", "erase", archive)


async def remove_archives(platform: Platform) -> int:
    """Removes archives whose days are over; each carries its last day in its name."""
    today, removed = now().strftime("%Y-%m-%d"), 0
    async for stored in platform.storage.list(platform_key("archives")):
        if stored.key.rpartition("/")[2][:10] < today:
            await platform.storage.delete(stored.key)
            removed += 1
    return removed


async def open_archive(platform: Platform, key: str, into: Path, reason: str) -> int:
    """Decrypts an archive into a file, which appears only when it is whole; returns its bytes."""
    if not key.startswith(f"{platform_key('archives')}/"):
        raise FileNotFoundError(key)
    async with open_context(platform, NOBODY, HERE) as ctx:
        await record(ctx, "privacy.archive_opened", details={"key": key, "reason": reason})
    partial = into.with_name(f"{into.name}.partial")
    total = 0
    with partial.open("wb") as file:
        async for piece in _opened(platform, platform.storage.stream(key)):
            total += file.write(piece)
    partial.replace(into)
    return total


async def _stream(
    platform: Platform, organization_id: UUID, accounts: list[Identity]
) -> AsyncIterator[bytes]:
    """The archive in the clear: what is the organization's, and then each account's."""
    archived = ZipStream(now())
    everybody = Identity(organization_id=organization_id)
    for section in sections_of(platform.registry, "organization"):
        name = f"{section.name}.jsonl"
        async for piece in archived.member(name, _lines(platform, everybody, section)):
            yield piece
    for identity in accounts:
        folder = f"accounts/{identity.account_id}"
        for section in sections_of(platform.registry, "person"):
            if section.of_account:
                name = f"{folder}/{section.name}.jsonl"
                async for piece in archived.member(name, _lines(platform, identity, section)):
                    yield piece
        for kind in attachments_of(platform.registry, "person"):
            async for piece in _files(platform, identity, kind, archived, folder):
                yield piece
    yield archived.end()


async def _lines(platform: Platform, identity: Identity, section: Section) -> AsyncIterator[bytes]:
    after: After = None
    while True:
        async with open_context(platform, identity, HERE) as ctx:
            page, after = await section.read(ctx, after)
        yield b"".join(orjson.dumps(dict(row), default=str, option=orjson.OPT_APPEND_NEWLINE) for row in page)
        if after is None:
            return


async def _files(
    platform: Platform, identity: Identity, kind: Attachments, archived: ZipStream, folder: str
) -> AsyncIterator[bytes]:
    after: After = None
    while True:
        async with open_context(platform, identity, HERE) as ctx:
            page, after = await kind.read(ctx, after)
        for one in page:
            if one.key is not None and not await platform.storage.exists(one.key):
                continue
            pieces = platform.storage.stream(one.key) if one.key is not None else _once(one.data or b"")
            async for piece in archived.member(f"{folder}/{kind.name}/{one.name}", pieces):
                yield piece
        if after is None:
            return


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def _seal(platform: Platform, clear: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """AES-256-GCM under a key of the archive's own, which comes first, sealed by the master key. Pieces are numbered by
    their nonce, and the last says that it is the last, so that none can be moved, left out or cut off."""
    key = AESGCM.generate_key(256)
    head = platform.sealer.seal(key).encode()
    yield LENGTH.pack(len(head)) + head
    cipher, waiting, number = AESGCM(key), b"", 0
    async for piece in clear:
        waiting += piece
        while len(waiting) > PIECE_BYTES:
            yield _piece(cipher, number, waiting[:PIECE_BYTES], last=False)
            waiting, number = waiting[PIECE_BYTES:], number + 1
    yield _piece(cipher, number, waiting, last=True)


def _piece(cipher: AESGCM, number: int, clear: bytes, *, last: bool) -> bytes:
    sealed = cipher.encrypt(b"\0" * 4 + NUMBER.pack(number), clear, b"last" if last else b"more")
    return LENGTH.pack(len(sealed)) + sealed


async def _opened(platform: Platform, sealed: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Raises `ArchiveDamaged` where a piece does not follow."""
    pieces = _pieces(sealed)
    cipher = AESGCM(platform.sealer.open((await anext(pieces)).decode()))
    number, following = 0, await anext(pieces, None)
    while following is not None:
        present, following = following, await anext(pieces, None)
        try:
            nonce = b"\0" * 4 + NUMBER.pack(number)
            yield cipher.decrypt(nonce, present, b"last" if following is None else b"more")
        except InvalidTag as error:
            raise ArchiveDamaged(f"piece {number}") from error
        number += 1


async def _pieces(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """What was written with its length before it."""
    waiting = b""
    async for arrived in stream:
        waiting += arrived
        while len(waiting) >= LENGTH.size:
            [length] = LENGTH.unpack_from(waiting)
            if len(waiting) < LENGTH.size + length:
                break
            yield waiting[LENGTH.size : LENGTH.size + length]
            waiting = waiting[LENGTH.size + length :]
    if waiting:
        raise ArchiveDamaged("the end is missing")

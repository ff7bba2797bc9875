"""The RSA keys behind access tokens: made and rotated by an operator's role, loaded by every process."""

import asyncio
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import Select, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.secrets.sealing import Sealer
from rowhouse.kernel.tokens.errors import NoSigningKey
from rowhouse.kernel.tokens.models import SigningKey

RELOAD_AT_MOST_EVERY_S = 10.0
RELOAD_AT_LEAST_EVERY_S = 300.0
OVERLAP = timedelta(hours=1)
"""How long a replaced key's tokens are accepted: more than a reload and the life of a token together."""


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    public: RSAPublicKey
    retired_at: datetime | None

    @property
    def accepted(self) -> bool:
        return self.retired_at is None or self.retired_at > datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Keys:
    """What one load found: the keys that verify, by kid, and the one that signs."""

    verifying: Mapping[str, VerifyingKey] = field(default_factory=dict)
    signing: tuple[str, RSAPrivateKey] | None = None


class KeyRing:
    """A process's view of the keys. A kid it doesn't know makes it look again, at most every ten seconds."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer
        self._keys = Keys()
        self._loaded_at: float | None = None
        self._loading = asyncio.Lock()

    async def freshen(self) -> None:
        """Called before a transaction that will sign: loading needs a connection, and one request that waited for
        a second while holding its first could wait for ever."""
        if self._age_s() > RELOAD_AT_LEAST_EVERY_S or self._keys.signing is None:
            await self._reload()

    async def signing(self) -> tuple[str, RSAPrivateKey]:
        """The kid and key that sign now; raises `NoSigningKey`."""
        if self._keys.signing is None:
            await self._reload()
        if self._keys.signing is None:
            raise NoSigningKey
        return self._keys.signing

    async def verifying(self, kid: str) -> RSAPublicKey | None:
        """The key called `kid`, while its tokens are accepted."""
        if self._age_s() > RELOAD_AT_LEAST_EVERY_S or kid not in self._keys.verifying:
            await self._reload()
        found = self._keys.verifying.get(kid)
        return found.public if found and found.accepted else None

    async def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The accepted public keys as a JSON Web Key Set (RFC 7517)."""
        if self._age_s() > RELOAD_AT_MOST_EVERY_S:
            await self._reload()
        return {
            "keys": [
                RSAAlgorithm.to_jwk(key.public, as_dict=True) | {"kid": kid, "use": "sig", "alg": "RS256"}
                for kid, key in self._keys.verifying.items()
                if key.accepted
            ]
        }

    def _age_s(self) -> float:
        return float("inf") if self._loaded_at is None else time.monotonic() - self._loaded_at

    async def _reload(self) -> None:
        async with self._loading:
            if self._age_s() < RELOAD_AT_MOST_EVERY_S:
                return
            async with self._database.session(Binding()) as session:
                rows = (
                    await session.scalars(_accepted().order_by(SigningKey.created_at, SigningKey.kid))
                ).all()
            self._keys = self._parse(rows)
            self._loaded_at = time.monotonic()

    def _parse(self, rows: Sequence[SigningKey]) -> Keys:
        verifying = {row.kid: VerifyingKey(_public_key(row.public_pem), row.retired_at) for row in rows}
        newest = next((row for row in reversed(rows) if row.retired_at is None), None)
        if newest is None:
            return Keys(verifying)
        private = serialization.load_pem_private_key(
            self._sealer.open(newest.private_pem_sealed), password=None
        )
        assert isinstance(private, RSAPrivateKey)
        return Keys(verifying, (newest.kid, private))


async def ensure_signing_key(admin_database: Database, sealer: Sealer) -> str:
    """Makes the first signing key where none signs yet; returns the kid of the one that signs. Safe to repeat and
    to run twice at once. `admin_database` is app_admin's: no other role may write keys."""
    async with admin_database.session(Binding()) as session, session.begin():
        await _lock(session)
        found = await session.scalar(
            select(SigningKey.kid)
            .where(SigningKey.retired_at.is_(None))
            .order_by(SigningKey.created_at.desc(), SigningKey.kid.desc())
            .limit(1)
        )
        return found or await _make_key(session, sealer)


async def rotate_signing_key(admin_database: Database, sealer: Sealer) -> str:
    """Makes a new key that signs from now on; the present ones verify for `OVERLAP` more, so that nobody is signed
    out. Returns the new kid."""
    async with admin_database.session(Binding()) as session, session.begin():
        await _lock(session)
        await session.execute(
            update(SigningKey).where(SigningKey.retired_at.is_(None)).values(retired_at=func.now() + OVERLAP)
        )
        return await _make_key(session, sealer)


def _accepted() -> Select[SigningKey]:
    return select(SigningKey).where(or_(SigningKey.retired_at.is_(None), SigningKey.retired_at > func.now()))


async def _lock(session: AsyncSession) -> None:
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('rowhouse signing keys'))"))


async def _make_key(session: AsyncSession, sealer: Sealer) -> str:
    private = await asyncio.to_thread(generate_private_key, 65537, 2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    kid = secrets.token_hex(8)
    session.add(SigningKey(kid=kid, public_pem=public.decode("ascii"), private_pem_sealed=sealer.seal(pem)))
    await session.flush()
    return kid


def _public_key(pem: str) -> RSAPublicKey:
    key = serialization.load_pem_public_key(pem.encode("ascii"))
    assert isinstance(key, RSAPublicKey)
    return key

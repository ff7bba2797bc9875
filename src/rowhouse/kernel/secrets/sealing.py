"""Sealing what must come back in the clear, and digesting what need not.

The master key is a list of Fernet keys, the newest first: everything is sealed under the newest, and opened under
whichever fits, so that a key can be rotated without losing a row.
"""

import hmac
from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class BadMasterKey(ValueError):
    """The setting `ROWHOUSE_MASTER_KEY` is empty or holds something that is no Fernet key."""


class Unsealable(ValueError):
    """What was to be opened was sealed under a key that is gone, or was altered."""


class Sealer:
    """Fernet (AES-128-CBC with HMAC-SHA256) under the platform's master keys."""

    def __init__(self, master_keys: str) -> None:
        keys = tuple(key for key in (part.strip() for part in master_keys.split(",")) if key)
        if not keys:
            raise BadMasterKey("ROWHOUSE_MASTER_KEY is empty; it needs at least one Fernet key")
        try:
            fernets = [Fernet(key) for key in keys]
        except ValueError:
            # The key itself must not reach a log, hence no more detail and no cause.
            raise BadMasterKey(
                "each key in ROWHOUSE_MASTER_KEY must be 32 bytes in URL-safe base64 (a Fernet key)"
            ) from None
        self._newest, self._fernet = fernets[0], MultiFernet(fernets)
        self._digest_key = cache(lambda purpose: tuple(_derive(key, purpose) for key in keys))

    def seal(self, data: bytes | Mapping[str, Any]) -> str:
        """Encrypts bytes, or a mapping as JSON; the text is safe in a URL, a header or a column."""
        clear = data if isinstance(data, bytes) else orjson.dumps(dict(data))
        return self._fernet.encrypt(clear).decode("ascii")

    def open(self, sealed: str) -> bytes:
        try:
            return self._fernet.decrypt(sealed)
        except (InvalidToken, ValueError):
            raise Unsealable("sealed under an unknown key, or altered") from None

    def open_mapping(self, sealed: str) -> dict[str, Any]:
        opened = orjson.loads(self.open(sealed))
        if not isinstance(opened, dict):
            raise Unsealable("what was sealed is no mapping")
        return opened

    def reseal(self, sealed: str) -> str:
        """The same secret under the newest key, for rotation."""
        try:
            return self._fernet.rotate(sealed).decode("ascii")
        except (InvalidToken, ValueError):
            raise Unsealable("sealed under an unknown key, or altered") from None

    def renewed(self, sealed: str) -> str | None:
        """The same secret under the newest key, or None where it is that already or can't be opened."""
        try:
            self._newest.decrypt(sealed)
        except (InvalidToken, ValueError):
            try:
                return self.reseal(sealed)
            except Unsealable:
                return None
        return None

    def digest(self, purpose: str, data: bytes) -> str:
        """HMAC-SHA256 in hex, under a key derived from the newest master key for this purpose alone."""
        return _mac(self._digest_key(purpose)[0], data)

    def matches(self, purpose: str, data: bytes, digest: str) -> bool:
        """Whether `digest` was made of `data` under any of the master keys; compared in constant time."""
        shown = digest.encode()
        return any(hmac.compare_digest(_mac(key, data).encode(), shown) for key in self._digest_key(purpose))


def _derive(key: str, purpose: str) -> bytes:
    """HKDF (RFC 5869): one key for each purpose, none of which tells another."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"rowhouse {purpose}".encode()).derive(
        key.encode()
    )


def _mac(key: bytes, data: bytes) -> str:
    return hmac.digest(key, data, "sha256").hex()

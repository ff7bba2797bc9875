"""What a caller presents: an access token of a session, or an API key."""

import binascii
import hashlib
import hmac
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from rowhouse.kernel.context import RequestInfo
from rowhouse.kernel.errors import Unauthorized
from rowhouse.kernel.secrets.minting import PREFIXES
from rowhouse.kernel.sessions.presence import Load, SessionState, read_api_key, read_session

if TYPE_CHECKING:  # the platform carries the registry, and apps bring presenters
    from rowhouse.kernel.platform import Platform

KEY_PREFIX = PREFIXES["api_key"]
ID_BYTES = 16
SECRET_BYTES = 32
KEY_CHARACTERS = len(KEY_PREFIX) + (ID_BYTES + SECRET_BYTES) * 4 // 3


class ApiKeyInvalid(Unauthorized):
    code, title = "api_key_invalid", "This API key is unknown, expired or revoked; make a new one."


@dataclass(frozen=True, slots=True)
class Presented:
    """A credential that may be good: `id` is that of its session or key, `subject` whom its requests are counted for,
    `account_id` and `organization_id` what a token claims. `secret_hash` (hex) is an API key's."""

    id: UUID
    subject: str
    read: Load
    account_id: UUID | None = None
    organization_id: UUID | None = None
    secret_hash: str | None = None

    @property
    def by_key(self) -> bool:
        return self.secret_hash is not None

    def matches(self, state: SessionState) -> bool:
        """Whether a key's secret is one of those that its state knows; a session's token has been verified before."""
        if self.secret_hash is None:
            return state.key is None
        if state.key is None:
            return False
        now = time.time()
        return any(
            hmac.compare_digest(self.secret_hash, known) and (until is None or now < until)
            for known, until in state.key.hashes
        )


async def present(platform: "Platform", request: RequestInfo, credential: str) -> Presented:
    """Verifies what can be verified without asking the database; raises `Unauthorized` subclasses. What is neither a
    key nor of an outside issuer that an app knows is a token of ours, or nothing."""
    if credential.startswith(KEY_PREFIX):
        key_id, secret = parse_api_key(credential)
        hashed = hash_secret(secret).hex()
        # Counted by its secret too: ids are no secret, and who knows one alone must not use up what the key may ask.
        return Presented(key_id, f"key {key_id} {hashed[:16]}", read_api_key, secret_hash=hashed)
    for present_other in platform.registry.presenters:
        found = await present_other(platform, request, credential)
        if found is not None:
            return found
    claims = await platform.tokens.verify(credential)
    return Presented(
        claims.session_id, str(claims.user_id), read_session, claims.account_id, claims.organization_id
    )


def write_api_key(key_id: UUID, secret: bytes) -> str:
    """The key as its owner gets it: the id, by which it is found, and 256 random bits."""
    return KEY_PREFIX + urlsafe_b64encode(key_id.bytes + secret).decode()


def parse_api_key(text: str) -> tuple[UUID, bytes]:
    """Id and secret; raises `ApiKeyInvalid`."""
    if len(text) != KEY_CHARACTERS:
        raise ApiKeyInvalid
    try:
        parts = urlsafe_b64decode(text[len(KEY_PREFIX) :])
    except (binascii.Error, ValueError) as error:
        raise ApiKeyInvalid from error
    if len(parts) != ID_BYTES + SECRET_BYTES:
        raise ApiKeyInvalid
    return UUID(bytes=parts[:ID_BYTES]), parts[ID_BYTES:]


def hash_secret(secret: bytes) -> bytes:
    """SHA-256: a random secret needs no slow hash."""
    return hashlib.sha256(secret).digest()

"""Access tokens: JWTs signed with RS256 that live for a quarter of an hour."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt

from rowhouse.kernel.db.database import Database
from rowhouse.kernel.secrets.sealing import Sealer
from rowhouse.kernel.tokens.errors import TokenExpired, TokenInvalid
from rowhouse.kernel.tokens.keys import KeyRing

ALGORITHM = "RS256"
AUDIENCE = "rowhouse"
LIFE = timedelta(minutes=15)
LONGEST_CHARACTERS = 8192
REQUIRED = ["sub", "org", "account", "role", "session_id", "iat", "exp", "jti", "iss", "aud"]
CACHED_TOKENS = 10_000


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid token says. Whether its session still lives, and what its account may do, is asked elsewhere."""

    session_id: UUID
    user_id: UUID
    organization_id: UUID
    account_id: UUID
    role: str
    jti: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token is made out to. `permissions` are the role's patterns: they inform the client, no more."""

    session_id: UUID
    user_id: UUID
    organization_id: UUID
    account_id: UUID
    role: str
    permissions: Iterable[str]


class AccessTokens:
    """Issues and verifies. A verified token is remembered, by its hash, for as long as it and its key are good."""

    def __init__(self, database: Database, sealer: Sealer, *, issuer: str) -> None:
        self.keys = KeyRing(database, sealer)
        self._issuer = issuer
        self._verified: OrderedDict[bytes, tuple[str, Claims]] = OrderedDict()

    async def issue(self, bearer: Bearer, *, not_after: datetime) -> tuple[str, int]:
        """A new token and the seconds it lives: fifteen minutes, or less where the session ends before."""
        kid, private = await self.keys.signing()
        now = datetime.now(UTC).replace(microsecond=0)
        expires_at = min(now + LIFE, not_after)
        payload: dict[str, Any] = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": str(bearer.user_id),
            "org": str(bearer.organization_id),
            "account": str(bearer.account_id),
            "role": bearer.role,
            "permissions": sorted(bearer.permissions),
            "session_id": str(bearer.session_id),
            "iat": now,
            "exp": expires_at,
            "jti": uuid4().hex,
        }
        token = jwt.encode(payload, private, algorithm=ALGORITHM, headers={"kid": kid})
        return token, max(0, int((expires_at - now).total_seconds()))

    async def verify(self, token: str) -> Claims:
        """The token's claims; raises `TokenExpired` or `TokenInvalid`."""
        if len(token) > LONGEST_CHARACTERS:
            raise TokenInvalid
        fingerprint = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        kid, claims = self._verified.get(fingerprint) or (_kid(token), None)
        public = await self.keys.verifying(kid)
        if public is None:
            raise TokenInvalid
        if claims is None:
            claims = self._decode(token, public)
            self._remember(fingerprint, kid, claims)
        elif claims.expires_at.timestamp() <= time.time():
            self._verified.pop(fingerprint, None)
            raise TokenExpired
        return claims

    def _decode(self, token: str, public: Any) -> Claims:
        try:
            payload = jwt.decode(
                token,
                public,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=self._issuer,
                options={"require": REQUIRED},
            )
            return _claims(payload)
        except jwt.ExpiredSignatureError as error:
            raise TokenExpired from error
        except (jwt.InvalidTokenError, ValueError, TypeError) as error:
            raise TokenInvalid from error

    def _remember(self, fingerprint: bytes, kid: str, claims: Claims) -> None:
        self._verified[fingerprint] = (kid, claims)
        if len(self._verified) > CACHED_TOKENS:
            self._verified.popitem(last=False)


def _kid(token: str) -> str:
    """The key a token names. It only ever looks up a table of ours, so it can't lead anywhere."""
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.InvalidTokenError, ValueError) as error:
        raise TokenInvalid from error
    kid = header.get("kid")
    if header.get("alg") != ALGORITHM or not isinstance(kid, str):
        raise TokenInvalid
    return kid


def _claims(payload: dict[str, Any]) -> Claims:
    return Claims(
        session_id=UUID(payload["session_id"]),
        user_id=UUID(payload["sub"]),
        organization_id=UUID(payload["org"]),
        account_id=UUID(payload["account"]),
        role=str(payload["role"]),
        jti=str(payload["jti"]),
        expires_at=datetime.fromtimestamp(payload["exp"], UTC),
    )

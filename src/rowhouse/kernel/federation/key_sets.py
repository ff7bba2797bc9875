"""A provider's public keys, and the JWTs that they verify.

A key is good for one algorithm, which follows from its kind and never from the token, so that none can be confused
with another; symmetric keys and `none` are not known at all. Keys are remembered for ten minutes, and for an hour
after the last answer where the provider is away.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import jwt
import structlog

from rowhouse.kernel.oauth.errors import ProviderAway
from rowhouse.kernel.oauth.fetching import fetch_document

FRESH_S = 600.0
GRACE_S = 3600.0
RELOAD_AT_MOST_EVERY_S = 10.0
MOST_KEYS = 50
LEEWAY_S = 30
LONGEST_CHARACTERS = 16_384

log = structlog.get_logger(__name__)


class KeySet:
    """The keys at one address. A kid it doesn't know makes it look again, at most every ten seconds."""

    def __init__(self, url: str, *, tls: bool) -> None:
        self._url = url
        self._tls = tls
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._loaded_at = self._tried_at = float("-inf")
        self._loading = asyncio.Lock()

    async def key(self, kid: str | None) -> jwt.PyJWK | None:
        """The key called `kid`; where a token names none, the only one. Raises `ProviderAway` where nothing is known,
        or nothing has been heard for longer than the grace."""
        if time.monotonic() - self._loaded_at > FRESH_S or self._find(kid) is None:
            await self._reload()
        if time.monotonic() - self._loaded_at > GRACE_S:
            raise ProviderAway
        return self._find(kid)

    def _find(self, kid: str | None) -> jwt.PyJWK | None:
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    async def _reload(self) -> None:
        async with self._loading:
            if time.monotonic() - self._tried_at < RELOAD_AT_MOST_EVERY_S:
                return
            self._tried_at = time.monotonic()
            try:
                document = await fetch_document(self._url, tls=self._tls)
            except ProviderAway:
                log.warning("provider_keys_away", url=self._url)
                return
            self._keys = _parsed(document)
            self._loaded_at = time.monotonic()


@cache
def key_set(url: str, *, tls: bool) -> KeySet:
    """The process's one set for an address; there are as many as the operator has configured providers."""
    return KeySet(url, tls=tls)


async def verified_claims(
    token: str,
    keys: KeySet,
    *,
    issuer: str,
    audience: str,
    require: Sequence[str] = ("exp", "iat", "iss", "aud"),
) -> dict[str, Any]:
    """The claims of a token that this issuer signed for this audience and that is good now, give or take 30 s. Raises
    `jwt.InvalidTokenError` or `ProviderAway`."""
    if len(token) > LONGEST_CHARACTERS:
        raise jwt.InvalidTokenError("too long")
    kid = jwt.get_unverified_header(token).get("kid")
    key = await keys.key(kid if isinstance(kid, str) else None)
    if key is None:
        raise jwt.InvalidTokenError("signed by no key of this issuer")
    claims: dict[str, Any] = jwt.decode(
        token,
        key.key,
        algorithms=[key.algorithm_name],
        audience=audience,
        issuer=issuer,
        leeway=LEEWAY_S,
        options={"require": list(require)},
    )
    return claims


def _parsed(document: Mapping[str, Any]) -> Mapping[str, jwt.PyJWK]:
    found = document.get("keys")
    keys: dict[str, jwt.PyJWK] = {}
    for number, described in enumerate(found[:MOST_KEYS] if isinstance(found, list) else ()):
        algorithm = _algorithm(described)
        if algorithm is None:
            continue
        try:
            keys[str(described.get("kid", f"#{number}"))] = jwt.PyJWK(described, algorithm)
        except (jwt.PyJWTError, ValueError):
            continue
    return keys


def _algorithm(described: Any) -> str | None:
    """The one algorithm that a key is good for: RS256 or ES256."""
    if not isinstance(described, dict) or described.get("use", "sig") != "sig":
        return None
    kind = (described.get("kty"), described.get("crv"))
    algorithm = "RS256" if kind == ("RSA", None) else "ES256" if kind == ("EC", "P-256") else None
    return algorithm if described.get("alg", algorithm) == algorithm else None

"""Challenges: 256 random bits that one browser signs once, within five minutes, for the purpose they were made for."""

import hmac
import secrets
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.exceptions import RedisError
from webauthn.helpers import base64url_to_bytes, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException

from rowhouse.kernel.errors import Unavailable
from rowhouse.kernel.redis import passkey_challenge_key
from rowhouse.kernel.settings import Settings

LIFE_S = 300
LOOPBACK = frozenset({"127.0.0.1", "[::1]", "::1", "localhost"})

Purpose = Literal["register", "assert"]


async def new_challenge(redis: Redis, purpose: Purpose, bound_to: str) -> bytes:
    """A challenge that only `use_challenge` with the same purpose and `bound_to` takes."""
    challenge = secrets.token_bytes(32)
    try:
        await redis.set(passkey_challenge_key(challenge), f"{purpose} {bound_to}", ex=LIFE_S)
    except (RedisError, OSError) as error:
        raise Unavailable("Passkeys can't be checked just now; try again in a moment.") from error
    return challenge


async def use_challenge(
    redis: Redis, purpose: Purpose, bound_to: str, credential: Mapping[str, Any]
) -> bytes | None:
    """The challenge that the browser signed, used up whatever comes of it; None where it is not one that fits."""
    try:
        shown = base64url_to_bytes(credential["response"]["clientDataJSON"])
        challenge = parse_client_data_json(shown).challenge
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError):
        return None
    try:
        stored = await redis.getdel(passkey_challenge_key(challenge))
    except (RedisError, OSError) as error:
        raise Unavailable("Passkeys can't be checked just now; try again in a moment.") from error
    fits = isinstance(stored, bytes) and hmac.compare_digest(stored, f"{purpose} {bound_to}".encode())
    return challenge if fits else None


def relying_party(settings: Settings) -> tuple[str, list[str]]:
    """The RP id and the origins that may use it. Browsers know no passkeys for addresses in digits, so a local run at
    127.0.0.1 has those of `localhost`."""
    origin = settings.public_url.rstrip("/")
    url = urlsplit(origin)
    host = url.hostname or ""
    if host in LOOPBACK:
        port = f":{url.port}" if url.port else ""
        return "localhost", [origin, f"{url.scheme}://localhost{port}"]
    return host, [origin]

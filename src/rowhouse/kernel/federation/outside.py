"""Tokens of an outside identity provider, taken as sign-in: verified here, mapped to a session of ours.

The session's id follows from issuer, subject, tenant and role, and from the sign-in over there where the token names
it. So a token is good as long as that session is: ended, suspended or expired, it refuses as any other.
"""

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import jwt
import orjson

from rowhouse.kernel.context import RequestInfo
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.federation.admitting import Admission, admit
from rowhouse.kernel.federation.errors import IdpTenantUnknown, IdpTokenExpired, IdpTokenInvalid
from rowhouse.kernel.federation.key_sets import KeySet, key_set, verified_claims
from rowhouse.kernel.federation.linking import asserted
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions.presence import SessionState, read_session
from rowhouse.kernel.sessions.presented import Presented
from rowhouse.kernel.settings import Settings

NAMESPACE = UUID("5d0a1c5e-6a5c-4b0e-9d4c-4b1f7d1f8a10")


async def present_outside(platform: Platform, request: RequestInfo, credential: str) -> Presented | None:
    """A token of the configured provider as what it presents, or None for anything else. Raises `IdpTokenInvalid`,
    `IdpTokenExpired`, `IdpTenantUnknown`, `ProviderAway`."""
    settings = platform.settings
    if not settings.idp_issuer or _issuer(credential) != settings.idp_issuer:
        return None
    admission = admission_of(settings, await _claims(settings, credential))

    async def read(database: Database, session_id: UUID) -> SessionState:
        await admit(platform, request, admission)
        return await read_session(database, session_id)

    return Presented(admission.session_id, f"idp {admission.session_id}", read)


def admission_of(settings: Settings, claims: Mapping[str, Any]) -> Admission:
    """Maps claims by the operator's settings."""
    who = asserted(
        settings.idp_issuer,
        claims.get(settings.idp_claim_subject),
        claims.get(settings.idp_claim_email),
        claims.get("email_verified"),
        claims.get("name"),
    )
    if who is None:
        raise IdpTokenInvalid
    tenant = claims.get(settings.idp_claim_tenant)
    if not isinstance(tenant, str) or not tenant:
        raise IdpTenantUnknown
    role = role_of(settings, claims.get(settings.idp_claim_roles))
    proved = claims.get("auth_time")
    signed_in = (claims.get("sid"), proved)
    parts = (who.issuer, who.subject, tenant, role, *signed_in)
    return Admission(
        who,
        tenant,
        role,
        signed_in != (None, None),
        uuid5(NAMESPACE, orjson.dumps([str(part) for part in parts]).decode()),
        datetime.fromtimestamp(claims["iat"], UTC),
        datetime.fromtimestamp(proved, UTC) if isinstance(proved, int) else None,
    )


def role_of(settings: Settings, said: object) -> str:
    """Our role for the provider's: the first in the operator's map that the token has, else the default."""
    held = said if isinstance(said, list) else [said]
    known = (settings.idp_roles or {}).items()
    return next((ours for theirs, ours in known if theirs in held), settings.idp_role_default)


def keys_of(settings: Settings) -> KeySet:
    url = settings.idp_jwks_url or settings.idp_issuer.rstrip("/") + "/.well-known/jwks.json"
    return key_set(url, tls=settings.env == "production")


async def _claims(settings: Settings, token: str) -> dict[str, Any]:
    try:
        return await verified_claims(
            token, keys_of(settings), issuer=settings.idp_issuer, audience=settings.idp_audience
        )
    except jwt.ExpiredSignatureError as error:
        raise IdpTokenExpired from error
    except (jwt.InvalidTokenError, ValueError) as error:
        raise IdpTokenInvalid from error


def _issuer(token: str) -> str | None:
    """Who a token says it is of: it only chooses who verifies it."""
    try:
        payload = token.split(".")[1]
        found = orjson.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4))).get("iss")
    except (ValueError, IndexError, AttributeError):
        return None
    return found if isinstance(found, str) else None

"""Our side of OpenID Connect: where the browser is sent, and what its code is exchanged for."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import jwt
from authlib.common.errors import AuthlibBaseError

from rowhouse.kernel.federation.errors import IdTokenInvalid
from rowhouse.kernel.federation.key_sets import verified_claims
from rowhouse.kernel.federation.providers import discover
from rowhouse.kernel.oauth.client import CodeClient, callback_url
from rowhouse.kernel.oauth.errors import OauthDenied
from rowhouse.kernel.oauth.flows import Flow
from rowhouse.kernel.settings import OidcProvider, Settings


async def authorize_url(settings: Settings, provider: OidcProvider, flow: Flow, state: str) -> str:
    """Where the browser proves who its person is. Raises `ProviderAway`."""
    tls = settings.env == "production"
    metadata = await discover(provider, tls=tls)
    url, _ = _client(settings, provider, metadata.auth_method).create_authorization_url(
        metadata.authorization_endpoint,
        state=state,
        nonce=flow.nonce,
        code_verifier=flow.verifier or None,
        # Whoever links an identity chooses which; whoever signs in is asked by the provider as it sees fit.
        **({"prompt": "select_account"} if flow.user_id else {}),
    )
    return str(url)


async def exchange(settings: Settings, provider: OidcProvider, flow: Flow, code: str) -> dict[str, Any]:
    """The verified claims of the id_token that the code stands for. Raises `OauthDenied`, `IdTokenInvalid`,
    `ProviderAway`."""
    tls = settings.env == "production"
    metadata = await discover(provider, tls=tls)
    client = _client(settings, provider, metadata.auth_method)
    pkce = {"code_verifier": flow.verifier} if flow.verifier else {}
    try:
        tokens = await client.fetch_token(
            metadata.token_endpoint, grant_type="authorization_code", code=code, **pkce
        )
    except AuthlibBaseError as error:
        raise OauthDenied from error
    id_token = tokens.get("id_token")
    if not isinstance(id_token, str):
        raise IdTokenInvalid
    try:
        claims = await verified_claims(
            id_token,
            metadata.keys(tls=tls),
            issuer=provider.issuer,
            audience=provider.client_id,
            require=("exp", "iat", "iss", "aud", "sub"),
        )
    except (jwt.InvalidTokenError, ValueError) as error:
        raise IdTokenInvalid from error
    _check(claims, provider, flow, tokens.get("access_token"))
    return claims


def _client(settings: Settings, provider: OidcProvider, auth_method: str) -> CodeClient:
    secret = provider.client_secret
    return CodeClient(
        provider.client_id,
        secret.get_secret_value() if secret else None,
        tls=settings.env == "production",
        token_endpoint_auth_method=auth_method,
        scope=provider.scopes,
        redirect_uri=callback_url(settings, provider.id),
        code_challenge_method="S256",
    )


def _check(claims: Mapping[str, Any], provider: OidcProvider, flow: Flow, access_token: Any) -> None:
    """OpenID Connect Core 3.1.3.7 and 3.1.3.8, beyond signature, issuer, audience and expiry."""
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != provider.client_id:
        raise IdTokenInvalid
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), flow.nonce.encode()):
        raise IdTokenInvalid
    if "at_hash" in claims and claims["at_hash"] != _half_hash(str(access_token)):
        raise IdTokenInvalid


def _half_hash(token: str) -> str:
    """The left half of SHA-256, which goes with RS256 and ES256 alike."""
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()[:16]).rstrip(b"=").decode()

"""The providers of OpenID Connect that an operator has configured, and what each says of itself."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rowhouse.kernel.federation.key_sets import KeySet, key_set
from rowhouse.kernel.oauth.errors import ProviderAway, ProviderUnknown
from rowhouse.kernel.oauth.fetching import fetch_document
from rowhouse.kernel.settings import OidcProvider, Settings

KNOWN_FOR_S = 3600.0
GOOGLE = "https://accounts.google.com"


@dataclass(frozen=True, slots=True)
class Metadata:
    """The part of a provider's discovery document that signing in needs."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    auth_method: str

    def keys(self, *, tls: bool) -> KeySet:
        return key_set(self.jwks_uri, tls=tls)


_known: dict[str, tuple[float, Metadata]] = {}
"""By issuer; as many as are configured."""


def configured(settings: Settings) -> Mapping[str, OidcProvider]:
    """All providers by id, in the order in which they are offered."""
    found = {one.id: one for one in settings.oidc_providers or ()}
    if settings.oidc_google_client_id:
        found["google"] = OidcProvider(
            id="google",
            title="Google",
            issuer=GOOGLE,
            client_id=settings.oidc_google_client_id,
            client_secret=settings.oidc_google_client_secret,
        )
    return found


def get_provider(settings: Settings, provider_id: str) -> OidcProvider:
    provider = configured(settings).get(provider_id)
    if provider is None:
        raise ProviderUnknown
    return provider


async def discover(provider: OidcProvider, *, tls: bool) -> Metadata:
    """What the provider publishes, remembered for an hour. Raises `ProviderAway`."""
    known_at, known = _known.get(provider.issuer, (0.0, None))
    if known is not None and time.monotonic() - known_at < KNOWN_FOR_S:
        return known
    address = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
    metadata = _metadata(provider, await fetch_document(address, tls=tls))
    _known[provider.issuer] = (time.monotonic(), metadata)
    return metadata


def _metadata(provider: OidcProvider, document: Mapping[str, Any]) -> Metadata:
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if document.get("issuer") != provider.issuer or not all(isinstance(document.get(n), str) for n in names):
        raise ProviderAway("The provider's description of itself does not fit its configuration here.")
    authorization, token, keys = (str(document[name]) for name in names)
    return Metadata(authorization, token, keys, _auth_method(provider, document))


def _auth_method(provider: OidcProvider, document: Mapping[str, Any]) -> str:
    """How the client shows its secret: as the provider likes it, by header where it takes both."""
    if provider.client_secret is None:
        return "none"
    taken = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return "client_secret_basic" if "client_secret_basic" in taken else "client_secret_post"

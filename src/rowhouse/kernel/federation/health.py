"""Whether the outside identity provider shows its keys."""

from rowhouse.kernel.health.checks import HealthCheck
from rowhouse.kernel.oauth.fetching import fetch_document
from rowhouse.kernel.platform import Platform


async def identity_provider(platform: Platform) -> str | None:
    """Asks the provider itself: the keys that are known go on serving for an hour, and would hide that it is away."""
    settings = platform.settings
    if not settings.idp_issuer:
        return None
    url = settings.idp_jwks_url or f"{settings.idp_issuer.rstrip('/')}/.well-known/jwks.json"
    document = await fetch_document(url, tls=settings.env == "production")
    return None if document.get("keys") else "its key set is empty"


IDENTITY_PROVIDER = HealthCheck(
    "identity_provider",
    identity_provider,
    "New keys of the identity provider are not seen; known ones serve on.",
)

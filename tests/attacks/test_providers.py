"""A provider that says it is another one."""

import pytest

from rowhouse.kernel.federation.errors import ProviderAway
from rowhouse.kernel.federation.providers import _metadata
from rowhouse.kernel.settings import OidcProvider

ISSUER = "https://accounts.example.com"


def described(issuer: str) -> dict[str, str]:
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    return {"issuer": issuer, **{name: f"{issuer}/{name}" for name in names}}


@pytest.mark.parametrize(
    "issuer",
    [
        f"{ISSUER}/",
        ISSUER.upper(),
        "https://evil.example",
        "http://accounts.example.com",
        "",
        f"{ISSUER}/tenant",
    ],
)
def test_metadata_of_another_issuer_is_refused(issuer: str) -> None:
    """Compared letter by letter, as OpenID Connect Discovery 4.3 has it."""
    provider = OidcProvider(id="acme", title="Acme", issuer=ISSUER, client_id="us")
    assert _metadata(provider, described(ISSUER)).token_endpoint == f"{ISSUER}/token_endpoint"
    with pytest.raises(ProviderAway):
        _metadata(provider, described(issuer))

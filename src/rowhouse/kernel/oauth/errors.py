"""What goes wrong at a provider. The callback redirects with `error=` and the code.

Unauthorized 401
├── OauthStateInvalid        expired, used, of another browser or another provider
└── OauthDenied              the person or the provider said no
NotFound 404
└── ProviderUnknown
Unavailable 503
└── ProviderAway
"""

from rowhouse.kernel.errors import NotFound, Unauthorized, Unavailable


class OauthStateInvalid(Unauthorized):
    code, title = "oauth_state_invalid", "This sign-in was begun elsewhere or took too long; begin again."


class OauthDenied(Unauthorized):
    code, title = (
        "oauth_denied",
        "The provider did not confirm who you are; try again or sign in another way.",
    )


class ProviderUnknown(NotFound):
    code, title = "provider_unknown", "There is no such provider here; GET /api/v1/auth/providers lists them."


class ProviderAway(Unavailable):
    code, title = "provider_away", "The provider can't be reached just now; try again in a moment."

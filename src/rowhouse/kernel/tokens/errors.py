"""Why an access token is refused.

Unauthorized 401
├── TokenExpired           renew it once by the refresh token, then repeat
└── TokenInvalid
Unavailable 503
└── NoSigningKey
"""

from rowhouse.kernel.errors import Unauthorized, Unavailable


class TokenExpired(Unauthorized):
    code, title = "token_expired", "The access token has expired; renew it with the refresh token."


class TokenInvalid(Unauthorized):
    code, title = "token_invalid", "The access token is not one of ours; sign in again."


class NoSigningKey(Unavailable):
    code, title = (
        "no_signing_key",
        "There is no key to sign tokens with; an operator has to run the migrations.",
    )

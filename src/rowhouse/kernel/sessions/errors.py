"""Why a session can't go on.

Unauthorized 401
├── RefreshTokenInvalid    unknown, expired, or of an ended session
└── RefreshTokenReused     used a second time: the whole session has been ended
"""

from rowhouse.kernel.errors import Unauthorized


class RefreshTokenInvalid(Unauthorized):
    code, title = "refresh_token_invalid", "The refresh token is not valid any more; sign in again."


class RefreshTokenReused(Unauthorized):
    code = "refresh_token_reused"
    title = "This refresh token had been used before, so the session was ended for safety; sign in again."

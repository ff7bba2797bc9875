"""Why a second factor is not set up.

Conflict 409
├── TotpAlready
└── TotpNotBegun
"""

from rowhouse.kernel.errors import Conflict


class TotpAlready(Conflict):
    code, title = "totp_already", "An authenticator app is set up already; remove it before adding another."


class TotpNotBegun(Conflict):
    code, title = "totp_not_begun", "There is no authenticator app to confirm; begin with a new secret."

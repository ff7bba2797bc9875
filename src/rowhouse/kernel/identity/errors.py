"""Why somebody is not let in.

Unauthorized 401
├── InvalidCredentials     said of unknown emails and wrong passwords alike
├── EmailNotVerified       said only to who knows the password
└── InvalidCode            wrong, expired, used or tried too often
Forbidden 403
└── NoActiveAccount
Unavailable 503
└── SignInBusy
"""

from rowhouse.kernel.errors import Forbidden, Unauthorized, Unavailable


class InvalidCredentials(Unauthorized):
    code, title = "invalid_credentials", "Email and password don't match."


class EmailNotVerified(Unauthorized):
    code = "email_not_verified"
    title = "The email address is not verified yet; enter the code we mailed you, or ask for a new one."


class InvalidCode(Unauthorized):
    code, title = "invalid_code", "The code is wrong or has expired; ask for a new one."


class NoActiveAccount(Forbidden):
    code, title = (
        "no_active_account",
        "None of your organizations is active; ask an owner of one to let you in.",
    )


class SignInBusy(Unavailable):
    code, title = "sign_in_busy", "Too many people are signing in at this moment; try again in a few seconds."

"""Why a passkey is not taken.

Unauthorized 401
└── PasskeyRefused          said of unknown, wrong, replayed and cloned ones alike
Conflict 409
├── PasskeyKnown
└── TooManyPasskeys
InvalidInput 422
└── PasskeyUnfit            what was to be registered is no passkey that can be used here
"""

from rowhouse.kernel.errors import Conflict, InvalidInput, Unauthorized


class PasskeyRefused(Unauthorized):
    code, title = "passkey_refused", "This passkey was not accepted; try again, or sign in another way."


class PasskeyKnown(Conflict):
    code, title = "passkey_known", "This passkey is yours already."


class TooManyPasskeys(Conflict):
    code, title = "too_many_passkeys", "You have twenty passkeys, which is the most; delete one first."


class PasskeyUnfit(InvalidInput):
    code = "passkey_unfit"
    title = (
        "This is no passkey that can be used here, or it came too late; ask for new options and try again."
    )

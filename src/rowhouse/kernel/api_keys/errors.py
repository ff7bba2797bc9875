"""What can be wrong with API keys.

Conflict 409
├── TooManyKeys
└── KeyEnded
"""

from rowhouse.kernel.errors import Conflict


class TooManyKeys(Conflict):
    code, title = "too_many_api_keys", "An account has at most 20 living API keys; revoke one first."


class KeyEnded(Conflict):
    code, title = "api_key_ended", "This API key has expired or was revoked; make a new one."

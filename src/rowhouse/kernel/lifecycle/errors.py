"""Why an organization can't change its state.

Conflict 409
└── WrongState
NotFound 404
└── RestorationInvalid       unknown or used link, or the days of grace are over
"""

from rowhouse.kernel.errors import Conflict, NotFound


class WrongState(Conflict):
    code, title = "wrong_state", "The organization's present state doesn't allow this."


class RestorationInvalid(NotFound):
    code = "restoration_invalid"
    title = "This link restores nothing any more: it was used, or the organization is gone."

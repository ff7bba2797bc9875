"""Why something about one's own data can't be done.

Forbidden 403
└── ConsentWithdrawn
Conflict 409
├── TooManyExports
├── ConsentChanged
└── OnlyOwner
NotFound 404
└── DeletionInvalid        unknown or used link, or the erasure has begun
"""

from typing import ClassVar

from rowhouse.kernel.errors import Conflict, Forbidden, NotFound


class ConsentWithdrawn(Forbidden):
    code, title = "consent_withdrawn", "You have withdrawn your consent to this."


class ConsentChanged(Conflict):
    code, title = "consent_changed", "The words have changed meanwhile; read them once more."


class TooManyExports(Conflict):
    code = "too_many_exports"
    title = "Five exports are kept already; each is deleted after seven days. Download one of them."


class OnlyOwner(Conflict):
    way: ClassVar[str] = "make somebody else an owner, or delete the organization, and ask again."
    code = "only_owner"
    title = "An organization with other members keeps an owner: make somebody else one, and ask again."


class DeletionInvalid(NotFound):
    code = "deletion_invalid"
    title = "This link calls nothing off any more: it was used, or the erasure has begun."

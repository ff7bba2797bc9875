"""What can be wrong with a role that is to be given, or a scope that is asked for.

Forbidden 403
└── AboveOwn        one would give what one doesn't hold
InvalidInput 422
├── UnknownRole
└── UnknownPermission
"""

from collections.abc import Iterable

from rowhouse.kernel.errors import FieldError, Forbidden, InvalidInput


class AboveOwn(Forbidden):
    code, title = (
        "above_own_permissions",
        "This holds more than you do, so you can't give, change or take it.",
    )


class UnknownRole(InvalidInput):
    code, title = "unknown_role", "There is no such role in this organization."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("role", "unknown_role", self.title)])


class UnknownPermission(InvalidInput):
    code, title = "unknown_permission", "Some patterns contain no permission that there is."

    def __init__(self, field: str, patterns: Iterable[str]) -> None:
        named = ", ".join(patterns)
        message = f"{named}: no permission that there is; see GET /api/v1/permissions."
        super().__init__(message, errors=[FieldError(field, "unknown_permission", message)])

"""The errors a caller can be told about. Each class has a status and a stable code.

    AppError
    ├── BadRequest 400
    │   ├── InvalidCursor
    │   └── InvalidFilter
    ├── Unauthorized 401
    ├── Forbidden 403
    ├── NotFound 404
    ├── Conflict 409
    ├── PreconditionFailed 412
    ├── PayloadTooLarge 413
    ├── InvalidInput 422       a payload that does not fit its schema, field by field
    ├── TooManyRequests 429
    └── Unavailable 503        something Rowhouse stands on is away; trying again helps

Features subclass these in their own `errors.py`; the dictionary in the docs is made from the classes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    field: str
    code: str
    message: str


class AppError(Exception):
    """Answered as problem details (RFC 9457); `detail` says what to do."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong on our side."

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})


class BadRequest(AppError):
    status, code, title = 400, "bad_request", "The request could not be understood."


class InvalidCursor(BadRequest):
    code, title = "invalid_cursor", "The cursor is not one that this list gave out; start again without it."


class InvalidFilter(BadRequest):
    code, title = "invalid_filter", "A filter, sort or field of this list is not known or not valid."


class Unauthorized(AppError):
    status, code, title = 401, "not_authenticated", "Sign in to do this."

    def __init__(self, detail: str | None = None, **more: object) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"}, extra=more)


class Forbidden(AppError):
    status, code, title = 403, "forbidden", "Your role does not allow this."


class NotFound(AppError):
    status, code, title = 404, "not_found", "There is nothing here, or it is not yours."


class Conflict(AppError):
    status, code, title = 409, "conflict", "This does not fit the present state."


class PreconditionFailed(AppError):
    status, code, title = (
        412,
        "version_mismatch",
        "It was changed meanwhile; load it again and repeat your change.",
    )

    def __init__(self, current_version: int | None = None) -> None:
        """`current_version` is what `If-Match` would have to name now."""
        super().__init__(extra={} if current_version is None else {"current_version": current_version})


class PayloadTooLarge(AppError):
    status, code, title = 413, "payload_too_large", "The request is larger than allowed."


class InvalidInput(AppError):
    status, code, title = 422, "invalid_input", "Some fields are not valid."

    @classmethod
    def of(cls, field: str, code: str, message: str) -> "InvalidInput":
        return cls(message, errors=[FieldError(field, code, message)])


class TooManyRequests(AppError):
    status, code, title = 429, "rate_limited", "Too many requests."

    def __init__(self, retry_after_s: int, **more: object) -> None:
        super().__init__(
            f"{self.title} Try again in {retry_after_s} s.",
            headers={"Retry-After": str(retry_after_s)},
            extra=more,
        )


class Unavailable(AppError):
    status, code, title = 503, "unavailable", "A part of Rowhouse is away; try again in a moment."

    def __init__(self, detail: str | None = None, retry_after_s: int = 5) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_s)})


def every_error(root: type[AppError] = AppError) -> Iterator[type[AppError]]:
    """Walks the tree of error classes that are loaded, the root first."""
    yield root
    for child in root.__subclasses__():
        yield from every_error(child)

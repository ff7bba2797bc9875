"""Errors as problem details (RFC 9457)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import psycopg
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from rowhouse.kernel.errors import (
    AppError,
    BadRequest,
    FieldError,
    InvalidInput,
    NotFound,
    PayloadTooLarge,
    Unavailable,
)
from rowhouse.kernel.http.counting import count_anyone
from rowhouse.kernel.observability.metrics import pool_timed_out, problem_answered
from rowhouse.kernel.observability.reporting import report

MEDIA_TYPE = "application/problem+json"
CHOICE = re.compile(r"\^(-\?)?\((\w+(?:\|\w+)*)\)")
"""The beginning of a pattern that lists names, which may be turned by a minus sign."""
log = structlog.get_logger(__name__)


class MethodNotAllowed(AppError):
    status, code, title = 405, "method_not_allowed", "This address does not take that method."


class UnsupportedMediaType(AppError):
    status, code, title = 415, "unsupported_media_type", "The body's content type is not one that this takes."


BY_STATUS: Mapping[int, type[AppError]] = {
    400: BadRequest,
    404: NotFound,
    405: MethodNotAllowed,
    413: PayloadTooLarge,
    415: UnsupportedMediaType,
}


def problem(request_id: str, error: AppError) -> Response:
    """The answer for `error`."""
    problem_answered(error.code)
    return Response(
        orjson.dumps(body_of(request_id, error)),
        status_code=error.status,
        headers=error.headers,
        media_type=MEDIA_TYPE,
    )


def body_of(request_id: str, error: AppError) -> dict[str, Any]:
    """What a problem says; `type` leads to the code's entry in the error dictionary."""
    body: dict[str, Any] = {
        "type": f"/docs/errors#{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "request_id": request_id,
    }
    if error.errors:
        body["errors"] = [{"field": e.field, "code": e.code, "message": e.message} for e in error.errors]
    return body | error.extra


def install(app: FastAPI) -> None:
    """Maps every exception that can leave a route to one answer."""
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    # psycopg's own: hot reads go to it directly, without SQLAlchemy around it.
    for away in (OperationalError, InterfaceError, PoolTimeout, psycopg.OperationalError):
        app.add_exception_handler(away, _database_away)
    for failed in (DBAPIError, psycopg.Error):
        app.add_exception_handler(failed, _database_error)


def request_id_of(request: Request) -> str:
    return str(request.scope["rowhouse.request"].id)


async def unrouted(request: Request, error: AppError) -> Response:
    """The answer at an address that has no route."""
    return problem(request_id_of(request), await _uncounted(request) or error)


async def _uncounted(request: Request) -> AppError | None:
    """What never came to a route's edge (an unknown address, a body that is no JSON) counts as a stranger's; the
    refusal, if there is one."""
    if "rowhouse.limit" in request.scope or not request.url.path.startswith("/api/"):
        return None
    try:
        await count_anyone(request)
    except AppError as refusal:
        return refusal
    return None


async def _app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    return problem(request_id_of(request), error)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    refused: AppError | None = request.scope.get("rowhouse.refused")
    if refused is not None:
        return problem(request_id_of(request), await _uncounted(request) or refused)
    fallback = AppError if error.status_code >= 500 else BadRequest
    found = BY_STATUS.get(error.status_code, fallback)()
    found.headers.update(error.headers or {})
    return problem(request_id_of(request), await _uncounted(request) or found)


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = InvalidInput(errors=field_errors(error.errors()))
    return problem(request_id_of(request), await _uncounted(request) or found)


async def _database_away(request: Request, error: Exception) -> Response:
    log.error("database_unavailable", error=type(error).__name__)
    if isinstance(error, PoolTimeout):
        pool_timed_out("session")
    return problem(
        request_id_of(request), Unavailable("The database can't be reached; try again in a moment.")
    )


async def _database_error(request: Request, error: Exception) -> Response:
    # Text that PostgreSQL can't hold (NUL) is the caller's; anything else it refuses is a defect of ours.
    if "0x00" in str(error) or "NUL" in str(error):
        return problem(
            request_id_of(request),
            InvalidInput.of(
                "body", "invalid_character", "A text holds a character that can't be stored (NUL)."
            ),
        )
    sqlstate = getattr(getattr(error, "orig", error), "sqlstate", None)
    log.error("database_error", error=type(error).__name__, sqlstate=sqlstate)
    report(error, request_id=request_id_of(request))
    return problem(request_id_of(request), AppError())


def field_errors(errors: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """Pydantic's errors, each with the field's path as the caller wrote it; the value is never repeated."""
    return [
        FieldError(
            ".".join(str(part) for part in e["loc"] if part not in ("body", "query", "path", "header"))
            or "body",
            str(e["type"]),
            _message(e),
        )
        for e in errors
    ]


def _message(error: Mapping[str, Any]) -> str:
    """Pydantic's own, but for names out of a list (`kernel/http/lists.py`): those are told rather than the pattern."""
    choice = CHOICE.match(error.get("ctx", {}).get("pattern", ""))
    if choice is None:
        return str(error["msg"])
    names = choice[2].split("|")
    turned = f" or {', '.join(f'-{name}' for name in names)}" if choice[1] else ""
    return f"It takes {', '.join(names)}{turned}."

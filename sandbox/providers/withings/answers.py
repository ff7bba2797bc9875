"""Withings' way of answering: always 200, with a status inside."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox.common.grants import BadAccess
from sandbox.common.requests import caller
from sandbox.common.state import Grant
from sandbox.world.athletes import Athlete

NAME = "withings"
INVALID_PARAMS, INVALID_TOKEN, TOO_MANY, NOT_IMPLEMENTED, UNKNOWN = 503, 401, 601, 2554, 2555
BAD_CALLBACK, NO_SUBSCRIPTION = 293, 294


def body(found: object) -> JSONResponse:
    return JSONResponse({"status": 0, "body": found})


def failed(status: int, said: str) -> JSONResponse:
    return JSONResponse({"status": status, "body": {}, "error": said})


def invalid_token() -> JSONResponse:
    return failed(
        INVALID_TOKEN, "XRequestID: Not provided invalid_token: The access token provided is invalid"
    )


def refusal(status: int) -> JSONResponse:
    """Too many calls are told inside; what fails on the way there is not."""
    if status == 429:
        return failed(TOO_MANY, "Too Many Requests")
    return JSONResponse({"status": UNKNOWN, "error": "An unknown error occurred"}, status_code=status)


def asker(request: Request, scope: str) -> tuple[Grant, Athlete] | JSONResponse:
    """Who asks, if granted that scope."""
    try:
        grant, who = caller(request, NAME)
    except BadAccess:
        return invalid_token()
    if scope not in grant.scopes:
        return failed(INVALID_TOKEN, f"insufficient_scope: {scope}")
    return grant, who

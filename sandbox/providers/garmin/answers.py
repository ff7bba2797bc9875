"""Garmin's way of saying no."""

from starlette.responses import JSONResponse


def refused(status: int, said: str) -> JSONResponse:
    return JSONResponse({"errorMessage": said}, status_code=status)


def refusal(status: int) -> JSONResponse:
    return refused(status, "Too many requests" if status == 429 else "Internal server error")

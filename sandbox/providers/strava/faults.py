"""Strava's way of saying no: a message, and errors of resource, field and code."""

from starlette.responses import JSONResponse


def fault(status: int, message: str, resource: str, field: str, code: str) -> JSONResponse:
    errors = [{"resource": resource, "field": field, "code": code}]
    return JSONResponse({"message": message, "errors": errors}, status_code=status)


def bad_request(resource: str, field: str, code: str = "invalid") -> JSONResponse:
    return fault(400, "Bad Request", resource, field, code)


def unauthorized() -> JSONResponse:
    return fault(401, "Authorization Error", "Athlete", "access_token", "invalid")


def missing(permission: str) -> JSONResponse:
    """A scope that was not granted."""
    return fault(401, "Authorization Error", "AccessToken", permission, "missing")


def not_found(resource: str) -> JSONResponse:
    return fault(404, "Resource Not Found", resource, "", "not found")


def refusal(status: int) -> JSONResponse:
    if status == 429:
        return fault(429, "Rate Limit Exceeded", "Application", "rate limit", "exceeded")
    return JSONResponse(
        {"message": "error" if status >= 500 else "Forbidden", "errors": []}, status_code=status
    )

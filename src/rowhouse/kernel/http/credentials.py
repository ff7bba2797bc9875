"""How a caller shows who it is: a bearer token, or the cookies a browser keeps out of scripts' reach."""

from dataclasses import dataclass

from fastapi import Request

ACCESS_COOKIE = "__Host-rowhouse_access"
REFRESH_COOKIE = "__Secure-rowhouse_refresh"
REFRESH_PATH = "/api/v1/auth"


@dataclass(frozen=True, slots=True)
class Credential:
    """An access token and the way it came."""

    token: str
    by_cookie: bool


def credential_of(request: Request) -> Credential | None:
    """The caller's access token; the header wins over the cookie."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return Credential(token.strip(), by_cookie=False)
    cookie = request.cookies.get(ACCESS_COOKIE)
    return Credential(cookie, by_cookie=True) if cookie else None

"""How a caller shows who it is: a bearer token, or the cookies a browser keeps out of scripts' reach."""

from dataclasses import dataclass

from fastapi import Request

from rowhouse.kernel.secrets.minting import PREFIXES

ACCESS_COOKIE = "__Host-rowhouse_access"
REFRESH_COOKIE = "__Secure-rowhouse_refresh"
OPERATOR_COOKIE = "__Host-rowhouse_operator"
REFRESH_PATH = "/api/v1/auth"


@dataclass(frozen=True, slots=True)
class Credential:
    """An access token and the way it came."""

    token: str
    by_cookie: bool


def credential_of(request: Request) -> Credential | None:
    """The caller's access token or API key; the header wins over the cookie."""
    return _credential(request, ACCESS_COOKIE)


def operator_credential_of(request: Request) -> Credential | None:
    """An operator's token, which comes in a header or cookie of its own kind: none opens what the other does."""
    found = _credential(request, OPERATOR_COOKIE)
    return found if found and found.token.startswith(PREFIXES["operator"]) else None


def _credential(request: Request, cookie_name: str) -> Credential | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return Credential(token.strip(), by_cookie=False)
    cookie = request.cookies.get(cookie_name)
    return Credential(cookie, by_cookie=True) if cookie else None

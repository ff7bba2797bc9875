"""A browser's tokens: in cookies that no script can read."""

from typing import Literal

from fastapi import Response

from rowhouse.kernel.http.credentials import ACCESS_COOKIE, REFRESH_COOKIE, REFRESH_PATH
from rowhouse.kernel.identity.devices_cookie import DEVICE_COOKIE
from rowhouse.kernel.identity.devices_cookie import LIFE_S as DEVICE_LIFE_S
from rowhouse.kernel.sessions.service import SignedIn
from rowhouse.kit.time import now


def set_cookies(response: Response, signed_in: SignedIn) -> None:
    """Hands both tokens over. They end with the browser, unless its person stays signed in. The access cookie
    outlives its token, so that a request shows an expired token rather than none and the page knows to renew."""
    max_age_s = int((signed_in.renewable_until - now()).total_seconds()) if signed_in.stay else None
    _set(response, ACCESS_COOKIE, signed_in.access_token, "/", "lax", max_age_s)
    _set(response, REFRESH_COOKIE, signed_in.refresh_token, REFRESH_PATH, "strict", max_age_s)


def set_device_cookie(response: Response, device: str) -> None:
    """Has the browser known again at its next sign-in; it stays when its person signs out."""
    _set(response, DEVICE_COOKIE, device, "/", "lax", DEVICE_LIFE_S)


def clear_cookies(response: Response) -> None:
    """Takes both back."""
    _set(response, ACCESS_COOKIE, "", "/", "lax", 0)
    _set(response, REFRESH_COOKIE, "", REFRESH_PATH, "strict", 0)


def _set(
    response: Response,
    name: str,
    value: str,
    path: str,
    same_site: Literal["lax", "strict"],
    max_age_s: int | None,
) -> None:
    response.set_cookie(
        name, value, max_age=max_age_s, path=path, secure=True, httponly=True, samesite=same_site
    )

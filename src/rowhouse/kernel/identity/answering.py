"""Answering a sign-in, whichever way it came: tokens, cookies, or the question for a second factor."""

from typing import Annotated

from fastapi import Cookie, Request, Response

from rowhouse.kernel.errors import AppError
from rowhouse.kernel.http.counting import request_info
from rowhouse.kernel.http.problems import problem
from rowhouse.kernel.identity.completing import MfaChallenge
from rowhouse.kernel.identity.cookies import set_cookies, set_device_cookie
from rowhouse.kernel.identity.devices_cookie import DEVICE_COOKIE
from rowhouse.kernel.identity.errors import MfaRequired
from rowhouse.kernel.sessions.service import SignedIn

DeviceCookie = Annotated[str | None, Cookie(alias=DEVICE_COOKIE, include_in_schema=False)]
"""What a route takes to hand on as `device`."""


def answered(
    request: Request, response: Response, outcome: SignedIn | MfaChallenge | AppError, *, by_cookie: bool
) -> object:
    """What the route returns: the session's tokens, or a problem (`mfa_required` for a challenge), returned and not
    raised so that what was done is committed."""
    if isinstance(outcome, MfaChallenge):
        outcome = MfaRequired(mfa_token=outcome.token, factors=list(outcome.factors))
    if isinstance(outcome, AppError):
        return problem(request_info(request).id, outcome)
    if by_cookie:
        set_cookies(response, outcome)
        if outcome.device is not None:
            set_device_cookie(response, outcome.device)
    return {
        "data": {
            "access_token": None if by_cookie else outcome.access_token,
            "refresh_token": None if by_cookie else outcome.refresh_token,
            "expires_in": outcome.expires_in,
            "account": {
                "id": outcome.account_id,
                "organization_id": outcome.organization_id,
                "role": outcome.role,
            },
        }
    }

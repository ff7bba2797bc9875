"""The cookie that binds what was begun at a provider to the browser that began it."""

from typing import Annotated

from fastapi import Cookie, Response

from rowhouse.kernel.oauth.flows import COOKIE, LIFE_S

FlowCookie = Annotated[str | None, Cookie(alias=COOKIE, include_in_schema=False)]


def bind_browser(response: Response, secret: str) -> None:
    response.set_cookie(COOKIE, secret, max_age=LIFE_S, path="/", secure=True, httponly=True, samesite="lax")

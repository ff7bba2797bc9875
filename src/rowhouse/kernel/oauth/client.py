"""Authlib's client, asked in our way, and where providers send browsers back to."""

from typing import Any

import structlog
from authlib.oauth2.client import OAuth2Client

from rowhouse.kernel.oauth.errors import OauthDenied, ProviderAway
from rowhouse.kernel.oauth.fetching import fetch
from rowhouse.kernel.settings import Settings

log = structlog.get_logger(__name__)

CALLBACK = "/api/v1/auth/oauth/{provider}/callback"


def callback_url(settings: Settings, provider: str) -> str:
    """The address to be registered at the provider."""
    return settings.public_url.rstrip("/") + CALLBACK.format(provider=provider)


def word_of(error: object) -> str | None:
    """An error of the protocol, the operator's only hint: a word of its own making, or nothing."""
    return error if isinstance(error, str) and error.isidentifier() and len(error) < 60 else None


class CodeClient(OAuth2Client):
    """Authlib's client with our way of asking: bounded, asynchronous, one request."""

    def __init__(self, *args: Any, tls: bool, **more: Any) -> None:
        super().__init__(None, *args, **more)
        self._tls = tls

    async def _fetch_token(self, url: str, body: str, headers: Any, auth: Any, method: str) -> Any:
        url, headers, body = auth.prepare(method, url, dict(headers), body)
        answer = await fetch(url, tls=self._tls, method=method, headers=headers, content=body)
        if answer.status >= 500 or not isinstance(answer.body, dict):
            raise ProviderAway
        if answer.status != 200 or "error" in answer.body:
            log.info(
                "oauth_code_refused", status=answer.status, provider_error=word_of(answer.body.get("error"))
            )
            raise OauthDenied
        return answer.body

"""The token endpoint of RFC 6749, as most providers have it: errors are `invalid_client`, `invalid_grant` and such."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.clients import CLIENTS
from sandbox.common import grants
from sandbox.common.provider import state_of
from sandbox.common.requests import basic, form_of, is_client
from sandbox.common.state import Grant, State


def refused(error: str, description: str, status: int = 400) -> JSONResponse:
    return JSONResponse({"error": error, "error_description": description}, status_code=status)


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """`in_form`, `in_header`: where the secret may be; `beside`: what the provider adds to the tokens."""

    provider: str
    in_form: bool = True
    in_header: bool = False
    beside: Callable[[State, Grant], dict[str, Any]] = lambda _state, _grant: {}
    refresh_needs_scope: str | None = None
    """Without this scope there is no refresh token."""

    async def answer(self, request: Request) -> Response:
        """Grant types `authorization_code` and, where the provider has it, `refresh_token`."""
        state, form = state_of(request), await form_of(request)
        if not self._is_client(request, form.get("client_id"), form.get("client_secret")):
            return refused("invalid_client", "Client authentication failed.", 401)
        try:
            match form.get("grant_type"):
                case "authorization_code":
                    wanted = form.get("redirect_uri", "")
                    verifier = form.get("code_verifier")
                    grant = grants.redeem(state, self.provider, form.get("code", ""), wanted, verifier)
                case "refresh_token" if grants.MANNERS[self.provider].refresh_s is not None:
                    grant = grants.renewed(state, self.provider, form.get("refresh_token", ""))
                case _:
                    return refused("unsupported_grant_type", "The grant type is not supported.")
        except grants.GrantError:
            return refused("invalid_grant", "The grant is invalid, expired, revoked or was issued elsewhere.")
        request.state.grant_id = grant.id
        return JSONResponse(self._tokens(state, grant), headers={"cache-control": "no-store"})

    def _is_client(self, request: Request, identity: str | None, secret: str | None) -> bool:
        header = basic(request)
        if self.in_header and header:
            return is_client(self.provider, *header)
        return self.in_form and is_client(self.provider, identity, secret)

    def _tokens(self, state: State, grant: Grant) -> dict[str, Any]:
        access = grants.newest(grant, "access")
        found: dict[str, Any] = {
            "access_token": access.value,
            "token_type": "bearer",
            "expires_in": int(access.dies_at - state.now()),
        }
        refreshes = grants.MANNERS[self.provider].refresh_s is not None
        if refreshes and self.refresh_needs_scope in {None, *grant.scopes}:
            found["refresh_token"] = grants.newest(grant, "refresh").value
        return {**found, **self.beside(state, grant)}


def has_client_headers(request: Request, provider: str) -> bool:
    """Whether `x-client-id` and `x-client-secret` name the application."""
    known = CLIENTS[provider]
    given = (request.headers.get("x-client-id"), request.headers.get("x-client-secret"))
    return given == (known.id, known.secret)

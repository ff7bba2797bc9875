"""Asking a service's token endpoint, and keeping what it answers."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import structlog
from authlib.oauth2.auth import ClientAuth

from rowhouse.kernel.connections.errors import TokensRefused
from rowhouse.kernel.connections.service_kinds import AHEAD_S, Service, Tokens
from rowhouse.kernel.oauth.client import word_of
from rowhouse.kernel.oauth.errors import ProviderAway
from rowhouse.kernel.oauth.fetching import fetch
from rowhouse.kernel.secrets.sealing import Sealer
from rowhouse.kit.time import now

LONGEST_LIFE_S = 10 * 366 * 86_400
LONGEST_TOKEN = 8_192
OURS = frozenset(
    {"invalid_client", "unauthorized_client", "unsupported_grant_type", "temporarily_unavailable"}
)
"""Errors that say nothing of the person's grant: the operator's credentials are wrong, or the service is not well."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """Tokens as they are kept."""

    sealed: str
    access_until: datetime | None
    refresh_until: datetime | None
    refreshable: bool


async def ask_tokens(service: Service, form: Mapping[str, str]) -> Tokens:
    """The tokens for a code or a refresh token. Raises `TokensRefused` where the service says for good that these stand
    for nothing, `ProviderAway` for everything else: garbage, too many questions, our own credentials refused."""
    kind = service.kind
    url, headers, body = _question(service, form)
    answer = await fetch(url, tls=service.tls, method="POST", headers=headers, content=body)
    found = kind.unwrapped(answer.body) if kind.unwrapped else answer.body
    if answer.status == 200 and isinstance(found, dict) and _is_token(found.get("access_token")):
        return found
    said = found.get("error") if isinstance(found, dict) else None
    word = word_of(said)
    refused = answer.status in (400, 401, 403) or (answer.status == 200 and said is not None)
    log.warning("tokens_not_given", service=kind.name, status=answer.status, provider_error=word)
    if refused and word not in OURS:
        raise TokensRefused(word)
    raise ProviderAway


def _question(service: Service, form: Mapping[str, str]) -> tuple[str, dict[str, str], str]:
    """Address, headers and body. A person's own key stands where their refresh token would."""
    kind, url = service.kind, service.at(service.kind.token_url)
    if kind.key_scheme:
        shown = f"{kind.key_scheme} {form['refresh_token']}"
        return url, {"Authorization": shown, "Accept": "application/json"}, ""
    auth = ClientAuth(service.credentials.client_id, service.secret, kind.client_auth)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    prepared: tuple[str, dict[str, str], str] = auth.prepare(  # type: ignore[no-untyped-call]  # Authlib's
        "POST", url, headers, urlencode({**kind.token_form, **form})
    )
    return prepared


def keep(sealer: Sealer, tokens: Tokens, former: Mapping[str, Any] | None = None) -> Kept:
    """What is written of new tokens. A service that sends no new refresh token leaves the `former` one good."""
    refresh = tokens.get("refresh_token")
    if not _is_token(refresh):
        refresh = (former or {}).get("refresh_token")
    held = {"access_token": tokens["access_token"], "refresh_token": refresh}
    return Kept(
        sealer.seal(held),
        _until(tokens.get("expires_in"), tokens.get("expires_at")),
        _until(tokens.get("refresh_expires_in") or tokens.get("refresh_token_expires_in"), None),
        refreshable=refresh is not None,
    )


def is_due(access_until: datetime | None, renewed_at: datetime) -> bool:
    """Whether it is time to renew: an hour before the end, at most half of the token's life."""
    if access_until is None:
        return False
    life_s = (access_until - renewed_at).total_seconds()
    return access_until - timedelta(seconds=min(AHEAD_S, max(0.0, life_s / 2))) <= now()


def granted(tokens: Tokens, shown: str | None) -> frozenset[str] | None:
    """The scopes that were granted, as the tokens or the callback's query say; None where neither does."""
    said = tokens.get("scope")
    text = said if isinstance(said, str) and said else shown
    return frozenset(text.replace(",", " ").split()) if text else None


def _until(life_s: object, at_s: object) -> datetime | None:
    if isinstance(life_s, int | float) and 0 < life_s <= LONGEST_LIFE_S:
        return now() + timedelta(seconds=life_s)
    if isinstance(at_s, int | float) and 0 < at_s - time.time() <= LONGEST_LIFE_S:
        return now() + timedelta(seconds=at_s - time.time())
    return None


def _is_token(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TOKEN

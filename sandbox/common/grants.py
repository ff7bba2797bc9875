"""Codes and tokens: how each provider issues, replaces and ends them.

GrantError
├── BadCode       unknown, spent, too old, or for another redirect address or verifier
├── BadRefresh    unknown, replaced, too old, or revoked
└── BadAccess     likewise
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sandbox.common.state import Code, Grant, State, Token
from sandbox.world.athletes import Athlete

DAY_S = 86_400.0


class GrantError(Exception):
    """A code or token that does not hold."""


class BadCode(GrantError):
    """Unknown, spent, too old, or for another redirect address or verifier."""


class BadRefresh(GrantError):
    """Unknown, replaced, too old or revoked."""


class BadAccess(GrantError):
    """Unknown, too old or revoked."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a provider treats its tokens.

    `keeps_s`: a refresh while the access token has longer to live answers with the same tokens.
    `grace_s`: what a replaced refresh token lives on, unless the new access token is used before.
    `old_access_dies`: whether a refresh ends the earlier access token too.
    """

    access_s: float
    refresh_s: float | None = 10 * 365 * DAY_S
    keeps_s: float | None = None
    grace_s: float = 0.0
    old_access_dies: bool = False
    code_s: float = 600.0


MANNERS: Mapping[str, Manner] = {
    "strava": Manner(6 * 3600, keeps_s=3600),
    "whoop": Manner(3600, old_access_dies=True),
    "oura": Manner(DAY_S),
    "withings": Manner(3 * 3600, refresh_s=365 * DAY_S, grace_s=8 * 3600, code_s=30.0),
    "polar": Manner(10 * 365 * DAY_S, refresh_s=None),
    "garmin": Manner(DAY_S, refresh_s=90 * DAY_S),
    "garmin_personal": Manner(DAY_S, refresh_s=None),
}


def new_code(
    state: State,
    provider: str,
    athlete: Athlete,
    scopes: Sequence[str],
    redirect_uri: str,
    challenge: str | None,
) -> str:
    state.saved.codes = {v: c for v, c in state.saved.codes.items() if c.dies_at > state.now() - DAY_S}
    value = secrets.token_hex(20)
    dies_at = state.now() + MANNERS[provider].code_s
    state.saved.codes[value] = Code(
        value, provider, athlete.id, list(scopes), redirect_uri, challenge, dies_at
    )
    return value


def redeem(state: State, provider: str, value: str, redirect_uri: str | None, verifier: str | None) -> Grant:
    """The grant that a code stands for. A second use ends what the first one brought.

    `redirect_uri` is None where the provider does not ask for it again. Raises BadCode.
    """
    code = state.saved.codes.get(value)
    if code is None or code.provider != provider:
        raise BadCode
    if code.spent_by:
        revoke(state, state.saved.grants[code.spent_by])
        raise BadCode
    if state.now() > code.dies_at or redirect_uri not in {None, code.redirect_uri}:
        raise BadCode
    if code.challenge and (verifier is None or challenge_of(verifier) != code.challenge):
        raise BadCode
    grant = grant_to(state, provider, code.athlete_id, code.scopes)
    code.spent_by = grant.id
    return grant


def grant_to(state: State, provider: str, athlete_id: str, scopes: Sequence[str]) -> Grant:
    """The athlete's grant, with fresh tokens; earlier tokens hold on, as at the real ones."""
    known = state.grants(provider, athlete_id)
    grant = known[0] if known else Grant(f"grant-{secrets.token_hex(6)}", provider, athlete_id, [])
    grant.scopes = list(scopes)
    state.saved.grants[grant.id] = grant
    _issue(state, grant)
    return grant


def renewed(state: State, provider: str, value: str) -> Grant:
    """The grant with what its provider gives for that refresh token. Raises BadRefresh."""
    grant, token = _holding(state, provider, value, "refresh", BadRefresh)
    manner, now = MANNERS[provider], state.now()
    if manner.keeps_s is not None and newest(grant, "access").dies_at - now > manner.keeps_s:
        return grant
    token.dies_at = min(token.dies_at, now + manner.grace_s)
    if manner.old_access_dies:
        for old in grant.tokens:
            old.dies_at = min(old.dies_at, now)
    _issue(state, grant)
    return grant


def held_by(state: State, provider: str, value: str) -> Grant:
    """The grant of an access token. Raises BadAccess."""
    grant, token = _holding(state, provider, value, "access", BadAccess)
    if MANNERS[provider].grace_s and token is newest(grant, "access"):
        for old in grant.tokens:
            if old.kind == "refresh" and old is not newest(grant, "refresh"):
                old.dies_at = min(old.dies_at, state.now())
    return grant


def find(state: State, provider: str, value: str) -> Grant | None:
    """The grant that token was ever issued on, held or not."""
    return next(
        (
            grant
            for grant in state.saved.grants.values()
            if grant.provider == provider and any(token.value == value for token in grant.tokens)
        ),
        None,
    )


def revoke(state: State, grant: Grant) -> None:
    """Nothing of it holds any more."""
    grant.revoked_at = grant.revoked_at or state.now()


def expire(state: State, grant: Grant, kind: str = "access") -> None:
    """Its tokens of that kind are too old from now on."""
    for token in grant.tokens:
        if token.kind == kind:
            token.dies_at = min(token.dies_at, state.now())


def newest(grant: Grant, kind: str) -> Token:
    return next(token for token in reversed(grant.tokens) if token.kind == kind)


def challenge_of(verifier: str) -> str:
    """What PKCE's method S256 makes of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _holding(
    state: State, provider: str, value: str, kind: str, error: type[GrantError]
) -> tuple[Grant, Token]:
    grant = find(state, provider, value)
    if grant is None or grant.revoked_at:
        raise error
    token = next(token for token in grant.tokens if token.value == value)
    if token.kind != kind or state.now() >= token.dies_at:
        raise error
    return grant, token


def _issue(state: State, grant: Grant) -> None:
    manner, now = MANNERS[grant.provider], state.now()
    grant.tokens = [one for one in grant.tokens if one.dies_at > now - DAY_S][-20:]
    grant.tokens.append(Token(secrets.token_hex(20), "access", now + manner.access_s))
    if manner.refresh_s is not None:
        grant.tokens.append(Token(secrets.token_hex(20), "refresh", now + manner.refresh_s))

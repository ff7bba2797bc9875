"""API keys: 256 random bits, kept as a SHA-256; the text is shown once. A key acts for the account that made it, within
its scope and never beyond what the account's role holds by now, and dies with the account."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, or_, select

from rowhouse.kernel.access.giving import check_patterns
from rowhouse.kernel.access.models import ApiKey
from rowhouse.kernel.api_keys.errors import KeyEnded, TooManyKeys
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.paging import Place
from rowhouse.kernel.errors import InvalidInput, NotFound, Unauthorized
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.organizations.service import hold_membership
from rowhouse.kernel.sessions.models import Session
from rowhouse.kernel.sessions.presence import renew_presence
from rowhouse.kernel.sessions.presented import KEY_PREFIX, SECRET_BYTES, hash_secret, write_api_key
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

MOST_KEYS = 20
USUAL_LIFE, LONGEST_LIFE = timedelta(days=90), timedelta(days=366)
HINT_CHARACTERS = 4


async def list_keys(ctx: Ctx, place: Place) -> list[dict[str, Any]]:
    """The account's keys."""
    query = select(ApiKey).where(ApiKey.organization_id == ctx.org, ApiKey.account_id == ctx.account)
    return [_shown(key) for key in await ctx.session.scalars(place.of(query, ApiKey.id))]


async def make_key(
    ctx: Ctx, name: str, scope: Iterable[str], expires_at: datetime | None = None
) -> dict[str, Any]:
    """The key with its text. Raises `TooManyKeys`, `UnknownPermission`, `AboveOwn`, `InvalidInput` for its end,
    `Unauthorized` once the session has ended."""
    patterns = list(dict.fromkeys(scope))
    check_patterns(ctx, "permissions", patterns)
    end = _checked_end(expires_at or now() + USUAL_LIFE)
    await _check_living(ctx)
    await _check_number(ctx)
    await _check_session(ctx)
    made = ApiKey(
        organization_id=ctx.org,
        id=uuid7(),
        account_id=ctx.account,
        name=name,
        scope=patterns,
        expires_at=end,
    )
    text = _renew_secret(made)
    ctx.session.add(made)
    await ctx.session.flush()
    await ctx.session.refresh(made)
    details = {"permissions": patterns, "expires_at": end.isoformat()}
    await record(ctx, "access.api_key_made", resource=f"api_key:{made.id}", details=details)
    return _shown(made) | {"key": text}


async def rotate_key(
    ctx: Ctx, key_id: UUID, overlap_hours: int, expires_at: datetime | None = None
) -> dict[str, Any]:
    """The key with its new text. The secret before works for `overlap_hours` more, the one before that no more.
    Raises `NotFound`, `KeyEnded`."""
    key = await _locked(ctx, key_id)
    if _state(key) != "active":
        raise KeyEnded
    overlap = timedelta(hours=overlap_hours)
    key.former_hash, key.former_until = (key.secret_hash, now() + overlap) if overlap else (None, None)
    text = _renew_secret(key)
    if expires_at is not None:
        key.expires_at = _checked_end(expires_at)
    await ctx.session.flush()
    await record(
        ctx,
        "access.api_key_rotated",
        resource=f"api_key:{key.id}",
        details={"overlap_hours": overlap_hours},
    )
    await renew_presence(ctx.platform.redis, key.id)
    return _shown(key) | {"key": text}


async def revoke_key(ctx: Ctx, key_id: UUID) -> None:
    """Revoking twice is fine. Raises `NotFound`."""
    key = await _locked(ctx, key_id)
    if key.revoked_at is not None:
        return
    key.revoked_at = now()
    await ctx.session.flush()
    await record(ctx, "access.api_key_revoked", resource=f"api_key:{key.id}")
    # Renewed rather than ended: where the commit fails, the key goes on as if nothing had been asked.
    await renew_presence(ctx.platform.redis, key.id)


async def _locked(ctx: Ctx, key_id: UUID) -> ApiKey:
    query = select(ApiKey).where(
        ApiKey.organization_id == ctx.org, ApiKey.account_id == ctx.account, ApiKey.id == key_id
    )
    found = (await ctx.session.scalars(query.with_for_update())).one_or_none()
    if found is None:
        raise NotFound("There is no such API key of yours.")
    return found


async def _check_living(ctx: Ctx) -> None:
    """That the membership was not ended while the request waited, nor its organization suspended."""
    if not await hold_membership(ctx):
        raise Unauthorized


async def _check_number(ctx: Ctx) -> None:
    """Under a lock on the account, so that keys made at the same time count each other."""
    account = select(Account.id).where(Account.organization_id == ctx.org, Account.id == ctx.account)
    await ctx.session.execute(account.with_for_update(key_share=True))
    living = (
        select(func.count())
        .select_from(ApiKey)
        .where(
            ApiKey.organization_id == ctx.org,
            ApiKey.account_id == ctx.account,
            ApiKey.revoked_at.is_(None),
            or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.now()),
        )
    )
    if (await ctx.session.scalar(living) or 0) >= MOST_KEYS:
        raise TooManyKeys


async def _check_session(ctx: Ctx) -> None:
    """That the session was not ended while the request waited: no key outlives a reset that ends them all."""
    if ctx.identity.session_id is None:
        return
    living = select(Session.id).where(
        Session.user_id == ctx.user, Session.id == ctx.identity.session_id, Session.ended_at.is_(None)
    )
    if await ctx.session.scalar(living) is None:
        raise Unauthorized


def _renew_secret(key: ApiKey) -> str:
    secret = secrets.token_bytes(SECRET_BYTES)
    text = write_api_key(key.id, secret)
    key.secret_hash, key.hint = hash_secret(secret), text[-HINT_CHARACTERS:]
    return text


def _checked_end(end: datetime) -> datetime:
    if not now() < end <= now() + LONGEST_LIFE:
        raise InvalidInput.of("expires_at", "out_of_range", "The end is at most a year away, and not past.")
    return end


def _state(key: ApiKey) -> Literal["active", "expired", "revoked"]:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= now() else "active"


def _shown(key: ApiKey) -> dict[str, Any]:
    overlap = key.former_until is not None and key.former_until > now()
    return {
        "id": key.id,
        "name": key.name,
        "prefix": f"{KEY_PREFIX}…{key.hint}",
        "permissions": key.scope,
        "expires_at": key.expires_at,
        "former_until": key.former_until if overlap else None,
        "last_used_at": key.last_used_at,
        "created_at": key.created_at,
        "state": _state(key),
    }

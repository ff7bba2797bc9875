"""Refresh tokens: 256 random bits, known to the database by their hash alone."""

import hashlib
from datetime import datetime, timedelta

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.secrets.minting import mint
from rowhouse.kernel.sessions.agents import clean_agent
from rowhouse.kernel.sessions.models import RefreshToken, Session
from rowhouse.kit.ids import uuid7

REFRESH_LIFE = timedelta(days=7)


def hash_refresh_token(token: str) -> bytes:
    """SHA-256: a random token needs no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def seal_successor(ctx: Ctx, token: str) -> str:
    """The successor of a token, for the client that has just used that one."""
    return ctx.platform.sealer.seal(f"{token} {clean_agent(ctx.request.user_agent)}".encode())


def open_successor(ctx: Ctx, sealed: str) -> str | None:
    """The successor, if the client that asks calls itself as the one did that it was made for; its address may have
    changed meanwhile."""
    token, _, agent = ctx.platform.sealer.open(sealed).decode().partition(" ")
    return token if agent == clean_agent(ctx.request.user_agent) else None


def make_refresh_token(session: Session, made_at: datetime) -> tuple[str, RefreshToken]:
    """A new token of the session and its row: good for seven days, or until the session's end if that is sooner."""
    token = mint("refresh")
    row = RefreshToken(
        user_id=session.user_id,
        id=uuid7(),
        session_id=session.id,
        token_hash=hash_refresh_token(token),
        expires_at=min(made_at + REFRESH_LIFE, session.expires_at),
    )
    return token, row

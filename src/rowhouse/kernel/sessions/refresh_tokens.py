"""Refresh tokens: 256 random bits, known to the database by their hash alone."""

import hashlib
from datetime import datetime, timedelta

from rowhouse.kernel.secrets.minting import mint
from rowhouse.kernel.sessions.models import RefreshToken, Session
from rowhouse.kit.ids import uuid7

REFRESH_LIFE = timedelta(days=7)


def hash_refresh_token(token: str) -> bytes:
    """SHA-256: a random token needs no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


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

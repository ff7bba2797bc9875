"""How callers say who they are, and what they ask for."""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, date, datetime

from starlette.requests import Request

from sandbox.clients import CLIENTS
from sandbox.common import grants
from sandbox.common.provider import state_of
from sandbox.common.state import Grant
from sandbox.world.athletes import Athlete


async def form_of(request: Request) -> Mapping[str, str]:
    """The fields of a form, or of the query where there is none; the last of several values."""
    fields = dict(request.query_params)
    kind = request.headers.get("content-type", "")
    if kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        fields |= {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    return fields


def basic(request: Request) -> tuple[str, str] | None:
    """User and password of HTTP's Basic scheme."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user, password


def bearer(request: Request) -> str:
    """The token of the Bearer scheme, empty without one."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def is_client(provider: str, identity: str | None, secret: str | None) -> bool:
    """Whether that is the application the provider knows, with its secret."""
    known = CLIENTS[provider]
    return identity == known.id and secret == known.secret


def caller(request: Request, provider: str) -> tuple[Grant, Athlete]:
    """Whose data are asked for. Raises BadAccess."""
    state = state_of(request)
    grant = grants.held_by(state, provider, bearer(request))
    request.state.grant_id = grant.id
    return grant, state.athlete(grant.athlete_id)


def whole(text: str | None, default: int) -> int:
    """Raises ValueError."""
    return int(text) if text else default


def moment(text: str) -> datetime:
    """A time of ISO 8601; without an offset it is UTC. Raises ValueError."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def day(text: str) -> date:
    """Raises ValueError."""
    return date.fromisoformat(text[:10])

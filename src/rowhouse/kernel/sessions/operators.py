"""An operator's session, as the edge asks for it. Never cached: there are few operators, and their end is at once."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.errors import Unauthorized
from rowhouse.kernel.secrets.minting import PREFIXES

LONGEST_CHARACTERS = 100

HOLDS = {
    "operator": ("platform.*",),
    "support": (
        "platform.organizations.read",
        "platform.figures.read",
        "platform.jobs.read",
        "platform.impersonations.write",
    ),
}
"""What the two kinds of operators may do."""


class OperatorSessionEnded(Unauthorized):
    code, title = "operator_session_ended", "This operator's session has ended; sign in again."


@dataclass(frozen=True, slots=True)
class OperatorState:
    """A living operator's session."""

    operator_id: UUID
    session_id: UUID
    role: str


def hash_token(token: str) -> bytes:
    """SHA-256: a random token needs no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


async def look_lasts(database: Database, session_id: UUID) -> bool:
    """Whether the operator's session that began a look through somebody's eyes goes on; asked at each of its requests.
    A look is no sign-in of its own: nobody can list or end it but whoever holds its token, so it ends with what it was
    begun by, when the operator signs out, sets up anew after losing a device, is disabled, or has run out of hours."""
    async with database.session(Binding()) as session:
        return bool(await session.scalar(text("SELECT resolve.look_lasts(:id)"), {"id": session_id}))


async def find_operator(database: Database, token: str) -> OperatorState:
    """Whose session this is; raises `OperatorSessionEnded`."""
    if not token.startswith(PREFIXES["operator"]) or len(token) > LONGEST_CHARACTERS:
        raise OperatorSessionEnded
    async with database.session(Binding()) as session:
        statement = text("SELECT * FROM resolve.operator_session(:hash)")
        row = (await session.execute(statement, {"hash": hash_token(token)})).one_or_none()
    if row is None:
        raise OperatorSessionEnded
    return OperatorState(row.operator_id, row.session_id, row.role)

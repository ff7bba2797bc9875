"""Where a try at an operator's sign-in comes from, so that strangers who fail on purpose lock out strangers alone.

As with people, a source is a device or an address that the operator has signed in from before; their former sessions
say which. The device's cookie carries the id of the session that was begun there last.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select, text

from rowhouse.kernel.context import NOBODY, Ctx, Identity
from rowhouse.kernel.identity.devices_cookie import device_id_of
from rowhouse.kernel.identity.lockout import STRANGERS
from rowhouse.kernel.operators.models import OperatorSession
from rowhouse.kernel.sessions.acting import acting_as, apart
from rowhouse.kit.ids import uuid7


@dataclass(frozen=True, slots=True)
class Login:
    """An operator as they are known before anything is proved."""

    operator_id: UUID
    password_hash: str


async def who_asks(ctx: Ctx, key: str, device: str | None) -> tuple[Login | None, str]:
    """The active operator with that email if there is one, and the source of the try: in a transaction of its own,
    with the same statements for a known email and an unknown one."""
    async with apart(ctx, NOBODY) as own:
        statement = text("SELECT operator_id, password_hash FROM resolve.operator_login(:key)")
        row = (await own.session.execute(statement, {"key": key})).mappings().one_or_none()
        found = Login(**row) if row else None
        asked = await acting_as(own, Identity(operator_id=found.operator_id if found else uuid7()))
        return found, await _source(asked, device_id_of(ctx.platform.sealer, device))


def subject_of(key: str) -> str:
    """What tries at the operator with this email are counted under."""
    return f"operator {key}"


async def _source(ctx: Ctx, device_id: UUID | None) -> str:
    address = ctx.request.client_address
    mine = select(OperatorSession.id, OperatorSession.client_address).where(
        OperatorSession.operator_id == ctx.operator,
        or_(OperatorSession.id == device_id, OperatorSession.client_address == address),
    )
    # The device's own session sorts first; more than one row of the address tells nothing new.
    first = (
        await ctx.session.execute(mine.order_by((OperatorSession.id == device_id).desc()).limit(1))
    ).first()
    if first is None:
        return STRANGERS
    return f"device {device_id}" if first.id == device_id else f"address {address}"

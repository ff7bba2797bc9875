"""Personal values in the audit log: under a key of each person, so that erasing somebody is destroying one key.

A trigger writes them clear, beside the log, since PostgreSQL has nothing to encrypt with; a minute later at most they
are sealed here. The log itself holds a commitment to salt and values, so its chain stays whole without them; the salt
is sealed too, or short values could be guessed from their commitment for ever.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Text, cast, delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from rowhouse.kernel.audit.models import PersonalValues, PersonKey
from rowhouse.kernel.context import Ctx

BATCH = 500


@dataclass(frozen=True, slots=True)
class OpenedPage:
    """Values with their places in the log, and the place of the next page."""

    opened: Sequence[tuple[PersonalValues, dict[str, Any]]]
    following: tuple[Any, ...] | None


async def seal_pending(ctx: Ctx) -> int:
    """Seals values of the context's person that still are clear, at most `BATCH`; returns how many."""
    waiting = (
        await ctx.session.execute(
            select(
                PersonalValues.organization_id,
                PersonalValues.at,
                PersonalValues.batch_id,
                PersonalValues.position,
                PersonalValues.salt,
                cast(PersonalValues.clear, Text).label("clear"),
            )
            .where(PersonalValues.user_id == ctx.user, PersonalValues.clear.is_not(None))
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
    ).all()
    if waiting:
        key = await _key(ctx)
        for row in waiting:
            sealed = key.encrypt(orjson.dumps({"salt": row.salt.hex(), "values": row.clear})).decode()
            await ctx.session.execute(_place(ctx, row).values(clear=None, salt=b"", sealed=sealed))
    return len(waiting)


async def open_values(ctx: Ctx) -> Sequence[tuple[PersonalValues, dict[str, Any]]]:
    """The context's person's own values, with their places in the log, the oldest first; none after the key is gone."""
    while await seal_pending(ctx):
        pass
    key = await _find_key(ctx)
    rows = await ctx.session.scalars(
        select(PersonalValues).where(PersonalValues.user_id == ctx.user).order_by(PersonalValues.at)
    )
    return [(row, opened) for row in rows if (opened := _opened(key, row)) is not None]


async def list_values(ctx: Ctx, after: tuple[Any, ...] | None, limit: int) -> OpenedPage:
    """A page of them in the order of their keys, for those who export them all."""
    if after is None:
        while await seal_pending(ctx):
            pass
    key = await _find_key(ctx)
    place = (
        PersonalValues.organization_id,
        PersonalValues.at,
        PersonalValues.batch_id,
        PersonalValues.position,
    )
    query = select(PersonalValues).where(PersonalValues.user_id == ctx.user).order_by(*place).limit(limit)
    if after is not None:
        query = query.where(tuple_(*place) > tuple_(*after))
    rows = (await ctx.session.scalars(query)).all()
    opened = [(row, values) for row in rows if (values := _opened(key, row)) is not None]
    last = rows[-1] if len(rows) == limit else None
    following = (last.organization_id, last.at, last.batch_id, last.position) if last else None
    return OpenedPage(opened, following)


async def destroy_key(ctx: Ctx) -> None:
    """Makes all personal values of the context's person in the audit log unreadable for ever."""
    while await seal_pending(ctx):
        pass
    await ctx.session.execute(delete(PersonKey).where(PersonKey.user_id == ctx.user))


def commitment(salt: bytes, values: str) -> bytes:
    """What an entry says of values that are kept apart; `values` as PostgreSQL prints the JSON."""
    return hashlib.sha256(salt + values.encode()).digest()


async def _key(ctx: Ctx) -> Fernet:
    """The person's key, made at its first use."""
    sealed = ctx.platform.sealer.seal(Fernet.generate_key())
    await ctx.session.execute(
        insert(PersonKey).values(user_id=ctx.user, sealed=sealed).on_conflict_do_nothing()
    )
    key = await _find_key(ctx)
    assert key is not None
    return key


async def _find_key(ctx: Ctx) -> Fernet | None:
    sealed = await ctx.session.scalar(select(PersonKey.sealed).where(PersonKey.user_id == ctx.user))
    return Fernet(ctx.platform.sealer.open(sealed)) if sealed else None


def _opened(key: Fernet | None, row: PersonalValues) -> dict[str, Any] | None:
    if key is None or row.sealed is None:
        return None
    try:
        found: dict[str, Any] = orjson.loads(orjson.loads(key.decrypt(row.sealed))["values"])
    except InvalidToken:  # sealed under a key that was destroyed
        return None
    return found


def _place(ctx: Ctx, row: Any) -> Any:
    return update(PersonalValues).where(
        PersonalValues.user_id == ctx.user,
        PersonalValues.organization_id == row.organization_id,
        PersonalValues.at == row.at,
        PersonalValues.batch_id == row.batch_id,
        PersonalValues.position == row.position,
    )

"""Erasing again, after a backup was restored, everybody whom the ledger names and the database knows."""

from collections.abc import AsyncIterator, Collection
from uuid import UUID

from psycopg.errors import ForeignKeyViolation
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.ledger.ledger import Entry, read_ledger
from rowhouse.kernel.lifecycle import transitions
from rowhouse.kernel.lifecycle.erasure import erase
from rowhouse.kernel.organizations.models import Organization
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.privacy.erasing import NOBODY, erase_person
from rowhouse.kernel.privacy.models import PersonDeletion
from rowhouse.kernel.storage.storage import Storage
from rowhouse.kernel.work import open_context

REASON = "erased again after a backup was restored"


async def reapply(platform: Platform, admin: Database, ledger: Storage) -> AsyncIterator[str]:
    """Says of each who was there again and is gone now. People go first, with what is theirs in organizations that
    stay."""
    async for entry in read_ledger(ledger, platform.sealer):
        again = _person_again if entry.kind == "person" else _organization_again
        if await again(platform, admin, entry):
            yield f"{entry.kind} {entry.id}, first erased {entry.erased_at:%Y-%m-%d}"


async def reapply_people(platform: Platform, admin: Database, people: Collection[UUID]) -> list[UUID]:
    """Those of the people whom the ledger names, erased again wherever something of theirs is: one organization's rows
    came back, while the person here is nobody already."""
    named = [
        entry
        async for entry in read_ledger(platform.storage, platform.sealer)
        if entry.kind == "person" and entry.id in people
    ]
    return [entry.id for entry in named if await _person_again(platform, admin, entry, nobody_too=True)]


async def _person_again(
    platform: Platform, admin: Database, entry: Entry, *, nobody_too: bool = False
) -> bool:
    """The scheduler's role sees a person only once their deletion has begun, so it begins, and ends at once where there
    is nobody, or nothing of them."""
    binding = Binding(user_id=entry.id, request_id=f"erasure {entry.erasure_id}")
    begun = {
        "id": entry.erasure_id,
        "due_at": func.now(),
        "started_at": func.now(),
        "cancel_hash": entry.erasure_id.bytes * 2,
    }
    try:
        async with admin.session(binding) as session, session.begin():
            await session.execute(
                insert(PersonDeletion)
                .values(user_id=entry.id, **begun)
                .on_conflict_do_update(index_elements=["user_id"], set_=begun)
            )
    except IntegrityError as error:
        if isinstance(error.orig, ForeignKeyViolation):
            return False
        raise
    async with admin.session(binding) as session, session.begin():
        state = await session.scalar(select(User.state).where(User.id == entry.id))
        if state == NOBODY and not nobody_too:
            await session.execute(delete(PersonDeletion).where(PersonDeletion.user_id == entry.id))
            return False
    await erase_person(platform, admin, entry.id)
    return True


async def _organization_again(platform: Platform, admin: Database, entry: Entry) -> bool:
    async with admin.session(Binding()) as session:
        state = await session.scalar(select(Organization.state).where(Organization.id == entry.id))
    if state is None:
        return False
    identity = Identity(organization_id=entry.id)
    async with open_context(platform, identity, RequestInfo("reapply")) as ctx:
        if state != "deleted":
            await transitions.delete(ctx, reason=REASON, tell=False)
        await transitions.expire(ctx, REASON)
    await erase(platform, admin, entry.id, REASON)
    return True

"""Erasing people who have asked for it, and proving it.

Runs where the scheduler does, as `app_admin`, which may delete a person's rows in that person's own context, from the
moment on that their deletion has begun (`app.erasing_person()`). Step by step, each of which can be repeated:

    shut out → organizations that are theirs alone → each of their accounts → what is theirs in person → their row
    becomes an id without a person → the audit log's values of them → counted, certified, noted in the ledger

Rows go in batches that commit by themselves, together with their count; after a crash the next round goes on.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Table, delete, func, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from rowhouse.kernel.access.models import ApiKey
from rowhouse.kernel.audit.models import PersonalValues, PersonKey
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.ledger.ledger import Entry, write_entry
from rowhouse.kernel.organizations.models import Account, Invitation
from rowhouse.kernel.organizations.service import OWNER, list_own_organizations
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.privacy.certificates import certify
from rowhouse.kernel.privacy.deleting import leaves_ownerless
from rowhouse.kernel.privacy.holdings import owner_columns, tables, whose
from rowhouse.kernel.privacy.models import PersonDeletion, PersonErasure
from rowhouse.kernel.privacy.own_organizations import erase_own_organizations
from rowhouse.kernel.redis import account_keys
from rowhouse.kernel.sessions.models import Session
from rowhouse.kernel.sessions.presence import end_presence
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now

BATCH = 2_000
HELD_FOR = timedelta(days=1)
NOBODY = "erased"

COUNT = text(
    """
    UPDATE kernel.person_deletions SET erased = erased
        || jsonb_build_object(cast(:table AS text), coalesce((erased ->> :table)::bigint, 0) + :gone)
    WHERE user_id = :user
    """
)


class NotDue(LookupError):
    """Nobody waits to be erased under this id, or not yet."""


class NotErased(RuntimeError):
    """Something was written while everything was deleted; the next round takes it."""


class Held(RuntimeError):
    """An organization with other members would lose its only owner: tried again tomorrow."""


class Begun(NamedTuple):
    """The deletion that has begun."""

    id: UUID
    user_id: UUID
    asked_by: UUID | None
    asked_at: datetime

    @property
    def binding(self) -> Binding:
        return Binding(user_id=self.user_id, request_id=f"erasure {self.id}")

    def of_account(self, organization_id: UUID, account_id: UUID) -> Binding:
        return Binding(organization_id, self.user_id, account_id, request_id=f"erasure {self.id}")


async def find_due(admin: Database, most: int) -> Sequence[UUID]:
    async with admin.session(Binding()) as session:
        query = select(PersonDeletion.user_id).where(PersonDeletion.due_at <= func.now())
        return (await session.scalars(query.order_by(PersonDeletion.due_at).limit(most))).all()


async def erase_person(platform: Platform, admin: Database, user_id: UUID) -> Mapping[str, Any]:
    """Erases the person and answers the certificate, which is kept. Raises `NotDue`, `Held`, `NotErased`."""
    begun = await _begin(platform, admin, user_id)
    accounts = await _accounts(admin, begun)
    await _shut_out(platform, admin, begun, accounts)
    organizations = await erase_own_organizations(platform, admin, begun.id, user_id, accounts)
    accounts = [one for one in accounts if one[0] not in organizations]
    for organization_id, account_id in accounts:
        await _erase_account(platform, admin, begun, organization_id, account_id)
    for table in person_tables():
        await _empty(admin, begun, begun.binding, table, table.c.user_id == user_id)
    invited = Invitation.email_key == func.app.erasing_address()
    await _empty(admin, begun, begun.binding, _table(Invitation), invited)
    await _make_nobody(admin, begun)
    for model in (PersonalValues, PersonKey):
        await _empty(admin, begun, begun.binding, _table(model), model.user_id == user_id)
    left = await _count_left(platform, admin, begun, accounts)
    if any(count for part in left.values() for count in part.values()):
        raise NotErased(str(left))
    return await _conclude(platform, admin, begun, organizations, accounts, left)


def account_tables() -> list[Table]:
    """What is erased in the context of an account, each before what it refers to."""
    return [t for t in reversed(list(tables())) if whose(t) == "account" and t.schema != "audit"]


def person_tables() -> list[Table]:
    """What is erased by its person, also what belongs to an account besides: a job from before sign-in has none."""
    kept = {_table(User), _table(Account), _table(PersonDeletion), _table(PersonErasure)}
    return [
        t
        for t in reversed(list(tables()))
        if "user_id" in t.columns and t.schema != "audit" and t not in kept
    ]


async def _begin(platform: Platform, admin: Database, user_id: UUID) -> Begun:
    due = (PersonDeletion.user_id == user_id, PersonDeletion.due_at <= func.now())
    async with admin.session(Binding()) as session, session.begin():
        found = await session.scalar(select(PersonDeletion.id).where(*due).with_for_update())
    if found is None:
        raise NotDue(str(user_id))
    if await _would_leave_ownerless(platform, user_id):
        async with admin.session(Binding()) as session, session.begin():
            waiting = update(PersonDeletion).where(*due, PersonDeletion.started_at.is_(None))
            await session.execute(waiting.values(due_at=func.now() + HELD_FOR))
        raise Held(str(user_id))
    async with admin.session(Binding()) as session, session.begin():
        row = (
            await session.execute(
                update(PersonDeletion)
                .where(*due)
                .values(started_at=func.coalesce(PersonDeletion.started_at, func.now()))
                .returning(
                    PersonDeletion.id,
                    PersonDeletion.user_id,
                    PersonDeletion.asked_by,
                    PersonDeletion.created_at,
                )
            )
        ).one_or_none()
    if row is None:  # called off meanwhile
        raise NotDue(str(user_id))
    return Begun(*row)


async def _would_leave_ownerless(platform: Platform, user_id: UUID) -> bool:
    """Asked once more when it is due: others may have come since the person asked."""
    person = Identity(user_id=user_id)
    async with open_context(platform, person, RequestInfo("scheduler")) as ctx:
        own = [
            one for one in await list_own_organizations(ctx) if one.role == OWNER and one.state == "active"
        ]
    for one in own:
        identity = Identity(organization_id=one.id, user_id=user_id)
        async with open_context(platform, identity, RequestInfo("scheduler")) as ctx:
            if await leaves_ownerless(ctx, user_id):
                return True
    return False


async def _accounts(admin: Database, begun: Begun) -> list[tuple[UUID, UUID]]:
    async with admin.session(begun.binding) as session:
        query = select(Account.organization_id, Account.id).where(Account.user_id == begun.user_id)
        return [(row.organization_id, row.id) for row in await session.execute(query.order_by(Account.id))]


async def _shut_out(
    platform: Platform, admin: Database, begun: Begun, accounts: Sequence[tuple[UUID, UUID]]
) -> None:
    """From here on nobody signs in as them, and no session or key of theirs is taken any more."""
    async with admin.session(begun.binding) as session, session.begin():
        await session.execute(update(User).where(User.id == begun.user_id).values(state=NOBODY))
    async with admin.session(begun.binding) as session:
        ends = list(await session.scalars(select(Session.id).where(Session.user_id == begun.user_id)))
    for organization_id, account_id in accounts:
        async with admin.session(begun.of_account(organization_id, account_id)) as session:
            keys = select(ApiKey.id).where(
                ApiKey.organization_id == organization_id, ApiKey.account_id == account_id
            )
            ends += list(await session.scalars(keys))
    await end_presence(platform.redis, *ends)


async def _erase_account(
    platform: Platform, admin: Database, begun: Begun, organization_id: UUID, account_id: UUID
) -> None:
    identity = Identity(organization_id, begun.user_id, account_id)
    for leave in platform.registry.leaving:
        async with open_context(platform, identity, RequestInfo(f"erasure {begun.id}")) as ctx:
            await leave(ctx)
    for folder in platform.registry.folders:
        async for stored in platform.storage.list(folder(organization_id, account_id)):
            await platform.storage.delete(stored.key)
    async for key in platform.redis.scan_iter(account_keys(organization_id, account_id), count=1_000):
        await platform.redis.delete(key)
    binding = begun.of_account(organization_id, account_id)
    for table in account_tables():
        await _empty(admin, begun, binding, table, _of_account(table, organization_id, account_id))
    accepted = (Invitation.organization_id == organization_id) & (Invitation.accepted_by == account_id)
    await _empty(admin, begun, binding, _table(Invitation), accepted)


def _of_account(table: Table, organization_id: UUID, account_id: UUID) -> ColumnElement[bool]:
    owned = or_(*(column == account_id for column in owner_columns(table)))
    return (table.c.organization_id == organization_id) & owned


async def _empty(
    admin: Database, begun: Begun, binding: Binding, table: Table, condition: ColumnElement[bool]
) -> None:
    keys = list(table.primary_key.columns)
    some = select(*keys).where(condition).limit(BATCH)
    while True:
        async with admin.session(binding) as session, session.begin():
            result = await session.execute(delete(table).where(condition, tuple_(*keys).in_(some)))
            gone: int = result.rowcount  # type: ignore[attr-defined]  # a DELETE's result is a CursorResult
            if gone:
                counted = {"table": str(table), "gone": gone, "user": begun.user_id}
                await session.execute(COUNT, counted)
        if gone < BATCH:
            return


async def _make_nobody(admin: Database, begun: Begun) -> None:
    """What others did with them still names an id, which is nobody's from now on."""
    nobody = f"{begun.user_id}@erased.invalid"
    async with admin.session(begun.binding) as session, session.begin():
        await session.execute(update(Account).where(Account.user_id == begun.user_id).values(state="removed"))
        await session.execute(
            update(User)
            .where(User.id == begun.user_id)
            .values(
                email=nobody,
                email_key=nobody,
                name="Erased",
                password_hash=None,
                email_verified_at=None,
                welcomed_at=None,
            )
        )


async def _count_left(
    platform: Platform, admin: Database, begun: Begun, accounts: Sequence[tuple[UUID, UUID]]
) -> dict[str, dict[str, int]]:
    left: dict[str, dict[str, int]] = {"tables": {}, "storage": {}, "redis": {}}
    values = (_table(PersonalValues), _table(PersonKey))
    for table in (*person_tables(), *values):
        left["tables"][str(table)] = await _count(
            admin, begun.binding, table, table.c.user_id == begun.user_id
        )
    for organization_id, account_id in accounts:
        binding = begun.of_account(organization_id, account_id)
        for table in account_tables():
            found = await _count(admin, binding, table, _of_account(table, organization_id, account_id))
            left["tables"][str(table)] = left["tables"].get(str(table), 0) + found
        for folder in platform.registry.folders:
            prefix = folder(organization_id, account_id)
            left["storage"][prefix] = len([stored async for stored in platform.storage.list(prefix)])
        pattern = account_keys(organization_id, account_id)
        left["redis"][pattern] = len([key async for key in platform.redis.scan_iter(pattern, count=1_000)])
    return left


async def _count(admin: Database, binding: Binding, table: Table, condition: ColumnElement[bool]) -> int:
    async with admin.session(binding) as session:
        return await session.scalar(select(func.count()).select_from(table).where(condition)) or 0


async def _conclude(
    platform: Platform,
    admin: Database,
    begun: Begun,
    organizations: Sequence[UUID],
    accounts: Sequence[tuple[UUID, UUID]],
    left: Mapping[str, Any],
) -> Mapping[str, Any]:
    """The certificate comes and the deletion goes, both or neither; the ledger first, which nothing may miss in."""
    mine = PersonDeletion.user_id == begun.user_id
    async with admin.session(begun.binding) as session:
        erased = await session.scalar(select(PersonDeletion.erased).where(mine))
    erased_at = now()
    certificate = await certify(
        platform,
        {
            "id": str(begun.id),
            "kind": "person",
            "user_id": str(begun.user_id),
            "asked_at": begun.asked_at.isoformat(),
            "erased_at": erased_at.isoformat(),
            "organizations": [str(one) for one in organizations],
            "accounts": [{"organization_id": str(o), "account_id": str(a)} for o, a in accounts],
            "erased": erased or {},
            "left": left,
        },
    )
    await write_entry(platform.storage, platform.sealer, Entry("person", begun.user_id, begun.id, erased_at))
    for organization_id in {None, *(organization for organization, _ in accounts)}:
        async with open_context(
            platform, Identity(organization_id=organization_id), RequestInfo(f"erasure {begun.id}")
        ) as ctx:
            await record(ctx, "privacy.person_erased", resource=f"user:{begun.user_id}")
    async with admin.session(begun.binding) as session, session.begin():
        await session.execute(
            insert(PersonErasure)
            .values(
                id=begun.id,
                user_id=begun.user_id,
                asked_by=begun.asked_by,
                asked_at=begun.asked_at,
                erased_at=erased_at,
                certificate=certificate,
            )
            .on_conflict_do_nothing()  # erased again after a backup, and known here still
        )
        await session.execute(delete(PersonDeletion).where(mine))
    return certificate


def _table(model: Any) -> Table:
    return cast(Table, model.__table__)

"""Q7: a canary in every text and document that a tenant's or person's rows can hold, in storage and Redis, is found
nowhere once they are erased: no table, the audit log among them, no object, no key, no line of a log.

Columns are found in the catalog, so a new one is covered by itself. What a CHECK or a foreign key doesn't let hold a
canary can't hold anything that somebody wrote.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from fastapi import FastAPI
from psycopg import sql
from psycopg.errors import DatabaseError
from sqlalchemy import LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from rowhouse.installed import registry
from rowhouse.kernel.context import Identity
from rowhouse.kernel.db.binding import BIND_SQL, Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.lifecycle import erasure, transitions
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.privacy import erasing
from rowhouse.kernel.privacy.certificates import known_keys, verify_certificate
from rowhouse.kernel.privacy.holdings import owner_columns, tables, whose
from rowhouse.kernel.redis import health_reading
from rowhouse.kernel.storage.storage import organization_key
from rowhouse.kernel.work import open_context
from tests.isolation.tenants import HERE, Someone, furnish, someone
from tests.kernel.membership.fixtures import admin
from tests.kernel.privacy.test_erasing_people import ask_at_once
from tests.services import Services

__all__ = ["admin"]

_NAMES = (
    "SELECT array_agg(DISTINCT b.action || ' ' || e.changes::text) FROM audit.entries e JOIN audit.batches b"
    " ON b.organization_id = e.organization_id AND b.at = e.at AND b.id = e.batch_id WHERE e::text LIKE %s"
)
Connection = psycopg.Connection[tuple[Any, ...]]
ENUMERATED_AT_LEAST = 40
OURS = frozenset(
    {
        "kernel.accounts.role",
        "kernel.api_keys.hint",
        "kernel.api_keys.scope",
        "kernel.consents.purpose",
        "kernel.consents.version",
        "kernel.exports.kind",
        "kernel.external_identities.issuer",
        "kernel.grants.permissions",
        "kernel.grants.resource_kind",
        "kernel.jobs.error_code",
        "kernel.jobs.kind",
        "kernel.jobs.request_id",
        "kernel.jobs.subject",
        "kernel.onboarding.done",
        "kernel.onboarding.terms_version",
        "kernel.passkeys.transports",
        "kernel.person_deletions.erased",
        "kernel.sessions.methods",
    }
)
"""Columns that hold words of the code's, an organization's roles, or counts: what changed in them stays readable in the
log of an organization that lives on, since nobody can write into them what they like."""


@pytest.fixture
def superuser(services: Services, database_name: str) -> Iterator[Connection]:
    with psycopg.connect(services.dsn("postgres", database_name), autocommit=True) as connection:
        yield connection


@pytest.fixture
async def couple(platform: Platform, app: FastAPI) -> AsyncIterator[tuple[Someone, Someone]]:
    """Ada with an organization, Bob beside her in it; both have rows everywhere."""
    ada = await someone(platform, app)
    bob = await someone(platform, app, beside=ada)
    for one in (ada, bob):
        await furnish(platform, one)
    yield ada, bob
    for one in (ada, bob):
        await one.client.aclose()


async def test_nothing_is_left_of_a_person(
    platform: Platform,
    admin: Database,
    superuser: Connection,
    couple: tuple[Someone, Someone],
    capfd: pytest.CaptureFixture[str],
) -> None:
    _ada, bob = couple
    canary, who = f"canary{uuid4().hex}", bob.identity
    assert who.organization_id is not None
    assert who.account_id is not None
    assert who.user_id is not None
    planted = plant(superuser, bob, canary, lambda t: whose(t) in ("account", "person"), OURS)
    assert len(planted) >= ENUMERATED_AT_LEAST, planted
    assert {
        "kernel.users.email",
        "fitness.workouts.title",
        "kernel.jobs.arguments",
        "kernel.onboarding.answers",
    } <= {*planted}
    for folder in registry.folders:
        key = f"{folder(who.organization_id, who.account_id)}/{canary}"
        await platform.storage.put(key, canary.encode())
    await platform.redis.set(health_reading(who.organization_id, who.account_id, who.account_id), canary)
    assert await sightings(platform, superuser, canary), "the search finds what is there"
    await ask_at_once(platform, bob)
    certificate = await erasing.erase_person(platform, admin, who.user_id)
    assert await sightings(platform, superuser, canary) == []
    assert await sightings(platform, superuser, f"{bob.canary}@example.org") == []
    assert canary not in capfd.readouterr().out
    assert canary not in str(certificate)
    assert verify_certificate(certificate, await known_keys(admin)) == certificate["statement"]


async def test_nothing_is_left_of_an_organization(
    platform: Platform,
    admin: Database,
    superuser: Connection,
    couple: tuple[Someone, Someone],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    ada, _bob = couple
    canary, org = f"canary{uuid4().hex}", ada.identity.organization_id
    assert org is not None
    assert ada.identity.account_id is not None
    planted = plant(
        superuser, ada, canary, lambda t: "organization_id" in t.columns or str(t) == "kernel.organizations"
    )
    assert {"kernel.organizations.name", "kernel.invitations.email", "kernel.roles.title"} <= {*planted}
    await platform.storage.put(organization_key(org, "anything", canary), canary.encode())
    await platform.redis.set(health_reading(org, ada.identity.account_id, ada.identity.account_id), canary)
    assert await sightings(platform, superuser, canary)
    monkeypatch.setattr(transitions, "GRACE", timedelta())
    async with open_context(platform, Identity(organization_id=org), HERE) as ctx:
        await transitions.delete(ctx, reason="test")
    await erasure.erase(platform, admin, org, "test")
    assert await sightings(platform, superuser, canary) == []
    assert canary not in capfd.readouterr().out


def plant(
    superuser: Connection,
    one: Someone,
    canary: str,
    chosen: Callable[[Table], bool],
    spared: frozenset[str] = frozenset(),
) -> list[str]:
    """Writes the canary into every column of somebody's rows that takes it, in their context, so that the audit log
    gets what it would get; answers the columns."""
    who, planted = one.identity, []
    binding = Binding(who.organization_id, who.user_id, who.account_id, "canary")
    for table in tables():
        if not chosen(table) or table.schema == "audit":
            continue
        for column in table.columns:
            if f"{table}.{column.name}" in spared:
                continue
            if column.primary_key or column.foreign_keys or column.computed is not None:
                continue
            value: Any
            if isinstance(column.type, JSONB):
                value = sql.SQL("jsonb_build_object('canary', {}::text)").format(canary)
            elif isinstance(column.type, Text):
                value = sql.Literal(canary)
            elif isinstance(column.type, LargeBinary):
                value = sql.Literal(canary.encode())
            else:
                continue
            statement = sql.SQL("UPDATE {} SET {} = {} WHERE {}").format(
                sql.Identifier(table.schema or "", table.name),
                sql.Identifier(column.name),
                value,
                _mine(table, one, of_person=bool(spared)),
            )
            with _undone_when_refused(superuser, binding) as taken:
                taken.append(superuser.execute(statement).rowcount)
            if taken and taken[0]:
                planted.append(f"{table}.{column.name}")
    return planted


@contextmanager
def _undone_when_refused(superuser: Connection, binding: Binding) -> Iterator[list[int]]:
    taken: list[int] = []
    try:
        with superuser.transaction():
            superuser.execute(BIND_SQL, binding.values())
            yield taken
    except DatabaseError:  # a CHECK, a foreign key or a unique column: nobody can write a canary there
        taken.clear()


def _mine(table: Table, one: Someone, *, of_person: bool) -> sql.Composable:
    who = one.identity
    if str(table) == "kernel.organizations":
        return sql.SQL("id = {}").format(sql.Literal(who.organization_id))
    if whose(table) == "person" and of_person:
        return sql.SQL("{} = {}").format(
            sql.Identifier(owner_columns(table)[0].name), sql.Literal(who.user_id)
        )
    condition = sql.SQL("organization_id = {}").format(sql.Literal(who.organization_id))
    if whose(table) == "account" and of_person:
        owner = sql.Identifier(owner_columns(table)[0].name)
        condition += sql.SQL(" AND {} = {}").format(owner, sql.Literal(who.account_id))
    return condition


async def sightings(platform: Platform, superuser: Connection, canary: str) -> list[str]:
    """Where the canary is: in any table of ours, clear or as bytes, in Redis, in storage."""
    found = []
    every = superuser.execute(
        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname IN ('kernel', 'fitness', 'audit', 'public') AND c.relkind IN ('r', 'p')"
        " AND NOT c.relispartition ORDER BY 1"
    ).fetchall()
    for (table,) in every:
        query = sql.SQL("SELECT count(*) FROM {} t WHERE t::text LIKE ANY ({})").format(
            sql.SQL(table), sql.Literal([f"%{canary}%", f"%{canary.encode().hex()}%"])
        )
        [count] = superuser.execute(query).fetchone() or (0,)
        if count:
            where = ""
            if table == "audit.entries":
                where = str(superuser.execute(_NAMES, (f"%{canary}%",)).fetchone())
            found.append(f"{table}: {count} {where}")
    async for key in platform.redis.scan_iter(count=1_000):
        kind = await platform.redis.type(key)
        value = await platform.redis.get(key) if kind == b"string" else b""
        if canary.encode() in key + (value or b""):
            found.append(f"redis {key!r}")
    for prefix in ("org", "platform"):
        found += [
            f"storage {stored.key}"
            async for stored in platform.storage.list(prefix)
            if canary in stored.key or canary.encode() in await platform.storage.get(stored.key)
        ]
    return found

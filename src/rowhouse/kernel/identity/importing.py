"""Bringing people from elsewhere, who keep their passwords: nobody sees more of these than their hashes.

The file is CSV with a header: `email,hash,role,organization` and, if wanted, `name`. `hash` is bcrypt's or Argon2's and
may be empty; `organization` is the id of one that exists, or what the other system calls it. Ids of organizations and
accounts are made from these, so that importing a file again changes nothing.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from rowhouse.kernel.access.models import OwnRole
from rowhouse.kernel.context import NOBODY, Ctx, Identity, RequestInfo
from rowhouse.kernel.identity.guessing import find_login
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.identity.texts import clean_email, clean_name, email_key
from rowhouse.kernel.lifecycle.transitions import provision
from rowhouse.kernel.organizations.models import Account, Organization
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

COLUMNS = frozenset({"email", "hash", "role", "organization"})
HASH = re.compile(r"\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}|\$argon2(id|i|d)\$[-A-Za-z0-9+/=$,.]{20,200}")
IMPORTED = uuid5(NAMESPACE_URL, "https://rowhouse.example/imported")
ROWS_AT_MOST = 100_000


class BadImport(ValueError):
    """The file can't be imported; says which lines and why. Nothing was."""


@dataclass(frozen=True, slots=True)
class Row:
    email: str
    name: str
    password_hash: str | None
    role: str
    organization: str


@dataclass(frozen=True, slots=True)
class Imported:
    """How many people were new, and how many accounts."""

    people: int
    accounts: int


async def import_people(platform: Platform, file: Path) -> Imported:
    """Imports the file's people, one transaction each. Raises `BadImport` before anything is written. Somebody who is
    here already keeps their password and gets the account."""
    rows = read_rows(file)
    counted = [await _import(platform, row) for row in rows]
    return Imported(sum(person for person, _ in counted), sum(account for _, account in counted))


def read_rows(file: Path) -> Sequence[Row]:
    """Every row, or `BadImport` with the first lines that are wrong."""
    with file.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.DictReader(text)
        missing = COLUMNS - set(reader.fieldnames or ())
        if missing:
            raise BadImport(f"the header lacks {', '.join(sorted(missing))}")
        rows, wrong = [], []
        for line, found in _numbered(reader):
            try:
                rows.append(_row(found))
            except ValueError as error:
                wrong.append(f"line {line}: {error}")
    if wrong:
        raise BadImport("\n".join(wrong[:20]))
    return rows


def _numbered(reader: "csv.DictReader[str]") -> Iterator[tuple[int, dict[str, str]]]:
    for count, found in enumerate(reader):
        if count >= ROWS_AT_MOST:
            raise BadImport(f"a file holds {ROWS_AT_MOST} people at most")
        yield reader.line_num, {name: (value or "").strip() for name, value in found.items() if name}


def _row(found: dict[str, str]) -> Row:
    email = clean_email(found["email"])
    hashed = found["hash"]
    if hashed and not HASH.fullmatch(hashed):
        raise ValueError("the hash is neither bcrypt's nor Argon2's")
    if not found["role"] or not found["organization"]:
        raise ValueError("role and organization must not be empty")
    name = clean_name(found.get("name") or email.partition("@")[0])
    return Row(email, name, hashed or None, found["role"], clean_name(found["organization"]))


async def _import(platform: Platform, row: Row) -> tuple[bool, bool]:
    organization_id = _organization_id(row.organization)
    account_id = uuid5(organization_id, f"{email_key(row.email)} {row.role}")
    async with open_context(platform, NOBODY, RequestInfo(id=uuid7().hex)) as nobody:
        found = await find_login(nobody, email_key(row.email))
        user_id = found.user_id if found else uuid7()
        ctx = await acting_as(nobody, Identity(organization_id, user_id, account_id, role=row.role))
        if found is None:
            await _add_person(ctx, row)
        founded = await _ensure_organization(ctx, row.organization)
        await _check_role(ctx, row.role)
        added = await _add_account(ctx, row.role)
        if founded:
            await provision(ctx)
        return found is None, added


async def _add_person(ctx: Ctx, row: Row) -> None:
    """The operator vouches for the address: the person has proved it where they come from."""
    ctx.session.add(
        User(
            id=ctx.user,
            email=row.email,
            email_key=email_key(row.email),
            name=row.name,
            password_hash=row.password_hash,
            email_verified_at=now(),
        )
    )
    await ctx.session.flush()


async def _ensure_organization(ctx: Ctx, name: str) -> bool:
    """Whether it is new, and still to be provisioned."""
    if ctx.org == _as_id(name):
        if not await ctx.session.scalar(select(Organization.id).where(Organization.id == ctx.org)):
            raise BadImport(f"there is no organization {name}")
        return False
    made = insert(Organization).values(
        id=ctx.org, kind="team", name=name, state="provisioning", external_id=name
    )
    made = made.on_conflict_do_nothing(index_elements=[Organization.id])
    return await ctx.session.scalar(made.returning(Organization.id)) is not None


async def _check_role(ctx: Ctx, role: str) -> None:
    if role in ctx.platform.registry.role_patterns:
        return
    own = select(OwnRole.id).where(OwnRole.organization_id == ctx.org, OwnRole.name == role)
    if not await ctx.session.scalar(own):
        raise BadImport(f"there is no role {role}")


async def _add_account(ctx: Ctx, role: str) -> bool:
    made = (
        insert(Account)
        .values(organization_id=ctx.org, id=ctx.account, user_id=ctx.user, role=role, state="active")
        .on_conflict_do_nothing()
        .returning(Account.id)
    )
    return await ctx.session.scalar(made) is not None


def _organization_id(name: str) -> UUID:
    return _as_id(name) or uuid5(IMPORTED, name)


def _as_id(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None

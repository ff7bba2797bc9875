"""Planting a honeypot: an organization like any other, whose ids are decoys."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert

from rowhouse.kernel.api_keys.service import LONGEST_LIFE, make_key
from rowhouse.kernel.context import RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.identity.people import create_person
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.watch.models import Decoy
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

PASSWORD_BYTES = 18


@dataclass(frozen=True, slots=True)
class Honeypot:
    """The credentials of a honeypot: they work, and are told once."""

    organization_id: UUID
    email: str
    password: str
    api_key: str
    rows: int


async def plant(
    platform: Platform, admin: Database, *, email: str, person: str, organization: str
) -> Honeypot:
    """Makes an organization with a person, an API key that only reads, and rows of each app; the ids of all of them are
    decoys from then on. Raises what `create_person` raises. Stopped in the middle it leaves an organization of
    nobody's that raises no alarm, and has told nobody its credentials: plant another."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    identity = await create_person(platform, email, person, password, organization)
    readable = [one for one in sorted(identity.permissions) if one.endswith(".read")]
    async with open_context(platform, identity, RequestInfo(uuid7().hex)) as ctx:
        key = await make_key(ctx, "Reporting", readable, now() + LONGEST_LIFE)
        planted = {ctx.org: "organization", ctx.user: "person", ctx.account: "account", key["id"]: "api_key"}
    apps = [app.decoys for app in platform.registry.apps if app.decoys]
    rows = [row for make in apps for row in await make(platform, identity)]
    planted |= dict.fromkeys(rows, "row")
    async with admin.session(Binding()) as session:
        await session.execute(insert(Decoy), [{"id": id_, "kind": kind} for id_, kind in planted.items()])
        await session.commit()
    return Honeypot(ctx.org, email, password, key["key"], len(rows))

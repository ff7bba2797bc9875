"""Posting a notice, in the transaction of what it tells of: it is told if and only if that commits.

A notice is written as the account that it is for, which the wall around the table demands, and after that the
transaction is bound as before. What it says names nobody: it outlives whom it would name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.jobs.announcing import announce
from rowhouse.kernel.mail.service import send_mail
from rowhouse.kernel.mail.templates import TemplateName
from rowhouse.kernel.notices.choices import choice_of
from rowhouse.kernel.notices.kinds import NoticeKind
from rowhouse.kernel.notices.models import Notice
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kit.ids import uuid7

ADDRESS = text("SELECT email FROM kernel.users WHERE id = :user")


@dataclass(frozen=True, slots=True)
class Told:
    """What a notice says: a sentence or two, and the page that shows it. An account is told of an `occasion` once,
    however often it is posted. `template`, with its `values`, is that of the mail; None where it is mailed anyway."""

    text: str
    href: str
    occasion: str
    template: TemplateName | None = "notice"
    values: Mapping[str, Any] = field(default_factory=dict)


async def post(ctx: Ctx, kind: NoticeKind, accounts: Iterable[UUID], told: Told) -> None:
    """Tells active accounts of the context's organization, each as its person has chosen."""
    await ctx.session.flush()  # as who wrote it, before the transaction is bound to others
    found = await ctx.session.execute(
        select(Account.id, Account.user_id)
        .where(Account.organization_id == ctx.org, Account.id.in_(set(accounts)), Account.state == "active")
        .order_by(Account.id)
    )
    addresses = []
    for account_id, user_id in found.all():
        there = await acting_as(ctx, Identity(ctx.org, user_id, account_id))
        if await _put(there, kind, told):
            addresses.append(await there.session.scalar(ADDRESS, {"user": user_id}))
    await acting_as(ctx, ctx.identity)
    if told.template is None:
        return
    values = {"title": kind.title, "text": told.text, "href": told.href, **told.values}
    for address in addresses:
        await send_mail(ctx, address, told.template, values)


async def _put(ctx: Ctx, kind: NoticeKind, told: Told) -> bool:
    """Writes the notice of the context's account, unless it is there already; whether it is to be mailed."""
    chosen = await choice_of(ctx, kind)
    if not (chosen.shown or chosen.mailed):
        return False
    values = {
        "organization_id": ctx.org,
        "id": uuid7(),
        "account_id": ctx.account,
        "kind": kind.name,
        "occasion": told.occasion,
        "text": told.text,
        "href": told.href,
        "shown": chosen.shown,
    }
    made = insert(Notice).values(values).on_conflict_do_nothing().returning(Notice.id)
    if await ctx.session.scalar(made) is None:
        return False
    if chosen.shown:
        announce(ctx)
    return chosen.mailed

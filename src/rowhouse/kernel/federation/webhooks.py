"""What the outside provider tells of its own accord: tenants and members that come and go.

Two proofs are taken. An HMAC-SHA256 of the body (`X-Frontegg-Signature`, hex) binds every byte. The JWT that Frontegg
documents (`X-Webhook-Secret`, HS256) shows only that its sender had the secret a moment ago and binds nothing: it may
found an organization or suspend a member, which can be taken back, but deletes nothing. What claims it carries is not
documented, so it must say by itself that it is young; the event's id counts once, whichever proof it came with.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import jwt
import orjson
from pydantic import SecretStr
from sqlalchemy import select, text, update

from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.identity.texts import NAME_CHARACTERS, clean_name
from rowhouse.kernel.lifecycle import transitions
from rowhouse.kernel.lifecycle.errors import WrongState
from rowhouse.kernel.membership.errors import LastOwner
from rowhouse.kernel.membership.members import edit_member
from rowhouse.kernel.organizations.models import Account, Organization
from rowhouse.kernel.organizations.service import OWNER, found_organization
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kernel.settings import Settings, WebhookCredentials
from rowhouse.kernel.webhooks.incoming.errors import WebhookRefused, WebhookUnreadable
from rowhouse.kernel.webhooks.incoming.provider import (
    NOTHING,
    Notice,
    WebhookProvider,
    configured_for,
)
from rowhouse.kernel.webhooks.incoming.signatures import TOLERANCE_S, Arrival, Either, HmacSignature
from rowhouse.kit.ids import uuid7

Outcome = Literal["accepted", "already_exists", "ignored", "not_found", "unconfirmed"]
LONGEST = 255
LEEWAY_S = 30
KINDS: Mapping[str, str] = {
    "tenant.created": "tenant_created",
    "tenant.deleted": "tenant_deleted",
    "user.activated": "user_activated",
    "user.enabled": "user_activated",
    "user.deactivated": "user_deactivated",
    "user.disabled": "user_deactivated",
    "user.removedfromtenant": "user_deactivated",
    "user.deleted": "user_deactivated",
}
"""The provider's events, without its own name before them, and what they are here."""


@dataclass(frozen=True, slots=True)
class LifecycleEvent:
    """One event; `bound` says whether its proof covers the body."""

    id: str
    type: str
    tenant: str
    name: str
    subject: str | None
    bound: bool

    @property
    def kind(self) -> str | None:
        return KINDS.get(".".join(self.type.lower().split(".")[-2:]))


@dataclass(frozen=True, slots=True)
class SharedToken:
    """An HS256 JWT in a header, made with the secret; it binds nothing of the body. Good for `tolerance_s` after its
    `iat`, or until an `exp` that is no further off: one that was written down somewhere opens nothing later."""

    header: str
    tolerance_s: int = TOLERANCE_S
    signed: ClassVar[bool] = True

    def verify(self, secrets: Sequence[str], arrival: Arrival) -> bool:
        shown = arrival.headers.get(self.header, "")
        claims = next((said for one in secrets if one and (said := _claims(shown, one)) is not None), None)
        if claims is None:
            raise WebhookRefused("wrong_signature")
        if not any(abs(int(claims.get(name, 0)) - arrival.at) <= self.tolerance_s for name in ("iat", "exp")):
            raise WebhookRefused("stale")
        return False


async def handle(ctx: Ctx, notice: Notice) -> str:
    """Acts on an event, in a job: what it does is one transaction, and done once."""
    return await _act(ctx, read(notice.body, bound=notice.bound))


async def _act(ctx: Ctx, event: LifecycleEvent) -> Outcome:
    if event.kind is None:
        return "ignored"
    found = (
        await ctx.session.execute(
            text("SELECT id FROM resolve.external_organization(:tenant)"), {"tenant": event.tenant}
        )
    ).scalar_one_or_none()
    if event.kind == "tenant_created":
        return "already_exists" if found else await _found(ctx, event)
    if found is None:
        return "not_found"
    everything = ctx.platform.registry.permissions_of(OWNER)
    there = await acting_as(ctx, Identity(organization_id=found, role=OWNER, permissions=everything))
    if event.kind == "tenant_deleted":
        return await _delete(there, event)
    return await _set_members(there, event, "active" if event.kind == "user_activated" else "suspended")


async def _found(ctx: Ctx, event: LifecycleEvent) -> Outcome:
    there = await acting_as(ctx, Identity(organization_id=uuid7()))
    await found_organization(there, "team", event.name)
    await there.session.execute(
        update(Organization).where(Organization.id == there.org).values(external_id=event.tenant)
    )
    await transitions.provision(there)
    return "accepted"


async def _delete(ctx: Ctx, event: LifecycleEvent) -> Outcome:
    """Soft deletion, which owners and operators can take back for thirty days; never on an unbound proof's word."""
    if not event.bound:
        return "unconfirmed"
    try:
        await transitions.delete(ctx, reason="deleted at the identity provider")
    except WrongState:
        return "ignored"
    return "accepted"


async def _set_members(ctx: Ctx, event: LifecycleEvent, state: Literal["active", "suspended"]) -> Outcome:
    """Suspends or readmits the person in the tenant. The last owner stays: an organization is never without one."""
    who = text("SELECT user_id FROM resolve.external_identity(:issuer, :subject)")
    issuer = ctx.platform.settings.idp_issuer
    user_id = await ctx.session.scalar(who, {"issuer": issuer, "subject": event.subject})
    if user_id is None:
        return "not_found"
    mine = (Account.organization_id == ctx.org, Account.user_id == user_id, Account.state != "removed")
    accounts = (await ctx.session.scalars(select(Account.id).where(*mine, Account.state != state))).all()
    changed = False
    for account_id in accounts:
        try:
            await edit_member(ctx, account_id, role=None, state=state)
            changed = True
        except LastOwner:
            continue
    return "accepted" if changed else "ignored"


def _claims(token: str, secret: str) -> dict[str, Any] | None:
    """What the token says if the secret made it, and it is neither over nor from the future."""
    try:
        return jwt.decode(token, secret, algorithms=["HS256"], options={"verify_aud": False}, leeway=LEEWAY_S)
    except jwt.InvalidTokenError:
        return None


def read(body: bytes, *, bound: bool) -> LifecycleEvent:
    try:
        said = orjson.loads(body)
    except ValueError as error:
        raise WebhookUnreadable from error
    if not isinstance(said, dict):
        raise WebhookUnreadable
    parts = [
        said,
        *(part for n in ("eventContext", "tenant", "data") if isinstance(part := said.get(n), dict)),
    ]
    users = [part for part in (said.get("user"),) if isinstance(part, dict)]
    type_ = _first([said], "eventKey", "event", "type")
    tenant = _first(parts, "tenantId", "orgId")
    if type_ is None or tenant is None:
        raise WebhookUnreadable("The event names no type or no tenant.")
    return LifecycleEvent(
        id=_first(parts[:2], "eventId", "id") or hashlib.sha256(body).hexdigest(),
        type=type_[:100],
        tenant=tenant,
        name=_clean(_first(parts, "tenantName", "name")) or tenant[:NAME_CHARACTERS],
        subject=_first(parts, "userId") or _first(users, "id", "userId", "sub"),
        bound=bound,
    )


def _identify(arrival: Arrival) -> tuple[str, str]:
    event = read(arrival.body, bound=False)
    return event.id, event.type


def _credentials(settings: Settings) -> WebhookCredentials:
    """The provider's path is its name; further secrets, for a rotation, stand with those of other providers."""
    further = configured_for("idp")(settings).secrets
    secrets = tuple(one for one in (settings.idp_webhook_secret, *further) if one is not None)
    if not settings.idp_provider:
        return NOTHING
    return WebhookCredentials(paths=(SecretStr(settings.idp_provider),), secrets=secrets)


def _first(parts: list[dict[str, Any]], *names: str) -> str | None:
    found = (part.get(name) for part in parts for name in names)
    return next((one for one in found if isinstance(one, str) and 0 < len(one) <= LONGEST), None)


def _clean(name: str | None) -> str | None:
    try:
        return clean_name(name[:NAME_CHARACTERS]) if name else None
    except ValueError:
        return None


IDP = WebhookProvider(
    name="idp",
    scheme=Either(
        (
            ("x-frontegg-signature", HmacSignature("X-Frontegg-Signature")),
            ("x-webhook-secret", SharedToken("x-webhook-secret")),
        )
    ),
    read=_identify,
    handle=handle,
    credentials=_credentials,
)

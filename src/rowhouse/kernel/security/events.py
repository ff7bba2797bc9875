"""Security events: whatever changes how a person signs in, or looks as if somebody else did.

Each is listed for its person, audited and counted, and all but the quiet ones are mailed: these mails can't be switched
off. The account in which it happened has it as a notice, too.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, text

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.paging import Place
from rowhouse.kernel.mail.service import send_mail
from rowhouse.kernel.notices.kernel_kinds import SECURITY
from rowhouse.kernel.notices.posting import Told, post
from rowhouse.kernel.observability.metrics import SECURITY_EVENTS, know, security_event_raised
from rowhouse.kernel.security.asked_from import asked_from
from rowhouse.kernel.security.models import SecurityEvent
from rowhouse.kernel.sessions.agents import clean_agent
from rowhouse.kernel.sessions.places import place_of

SENTENCES: Mapping[str, str] = {
    "new_device": "Somebody signed in to your account on a device that was not used before.",
    "new_country": "Somebody signed in to your account from a country that was not seen before.",
    "impossible_journey": "Somebody signed in to your account further away than anyone can have travelled.",
    "failures": "Many attempts to sign in to your account failed, so unknown devices have to"
    " wait. If it was you, the link below lets you in at once.",
    "proofs_failed": "Somebody who is signed in to your account failed many times to prove that they are you. If it was"
    " not you, end that session and change your password.",
    "refresh_token_reused": "A token of one of your sessions was used twice, so we ended that session.",
    "password_changed": "The password of your account was changed.",
    "password_reset": "The password of your account was reset by a mailed link.",
    "email_changed": "The email address of your account was changed.",
    "totp_added": "An authenticator app was added to your account.",
    "totp_removed": "The authenticator app was removed from your account.",
    "recovery_codes_made": "New recovery codes were made for your account; the old ones work no more.",
    "recovery_code_used": "A recovery code was used to sign in to your account.",
    "passkey_added": "A passkey was added to your account.",
    "passkey_removed": "A passkey was removed from your account.",
    "passkey_cloned": "A copy of one of your passkeys was used; we refused it. Delete that passkey and make a new one.",
    "identity_linked": "Another way to sign in was linked to your account.",
    "identity_unlinked": "A way to sign in was unlinked from your account.",
    "reads_unusual": "Somebody reads far more with your account than is usual for you.",
    "ids_probed": "Somebody asks with your account for many things that do not exist or are others'.",
    "figures_unusual": "Figures of a workout lie far from those of your others.",
}
"""Each kind, and how the mail says it."""
know(SECURITY_EVENTS, SENTENCES)


async def security_event(
    ctx: Ctx,
    kind: str,
    *,
    details: Mapping[str, Any] | None = None,
    also: str | None = None,
    email: str | None = None,
    link: str | None = None,
    quietly: bool = False,
) -> None:
    """Records that `kind` happened to the context's person, and mails them (at `email` instead of the address on
    record, where that has just changed; with what `also` is to be known, and a `link` of what to do about it).
    `details` are JSON, without secrets. `quietly` sends and posts nothing: for what is a hint at most. Commits with the
    caller."""
    request = ctx.request
    place = place_of(ctx.platform.settings, request.client_address)
    event = SecurityEvent(
        user_id=ctx.user,
        kind=kind,
        details=dict(details or {}),
        client_address=request.client_address,
        user_agent=clean_agent(request.user_agent),
        place=str(place) if place else None,
    )
    ctx.session.add(event)
    await ctx.session.flush()
    security_event_raised(kind)
    await record(ctx, f"security.{kind}", resource=f"user:{ctx.user}", details=details)
    if quietly:
        return
    address = email or await _address(ctx)
    values = {
        "sentence": f"{SENTENCES[kind]} {also or ''}".rstrip(),
        "link": link or f"{ctx.platform.settings.public_url}/settings/security",
    }
    await send_mail(ctx, address, "security_event", values | asked_from(ctx))
    if ctx.identity.account_id is not None:
        told = Told(SENTENCES[kind], "/settings/security", str(event.id), template=None)
        await post(ctx, SECURITY, [ctx.account], told)


async def has_event(ctx: Ctx, kind: str, details: Mapping[str, Any]) -> bool:
    """Whether the context's person was told of such an event, with these among its details."""
    query = select(SecurityEvent.id).where(
        SecurityEvent.user_id == ctx.user, SecurityEvent.kind == kind, SecurityEvent.details.contains(details)
    )
    return await ctx.session.scalar(query.limit(1)) is not None


async def raised_lately(ctx: Ctx, kind: str, within: timedelta) -> bool:
    """Whether such an event was raised for the context's person a short while ago."""
    query = select(SecurityEvent.id).where(
        SecurityEvent.user_id == ctx.user,
        SecurityEvent.kind == kind,
        SecurityEvent.created_at > func.now() - within,
    )
    return await ctx.session.scalar(query.limit(1)) is not None


async def list_events(ctx: Ctx, place: Place) -> Sequence[SecurityEvent]:
    """The context's person's own events."""
    query = select(SecurityEvent).where(SecurityEvent.user_id == ctx.user)
    return (await ctx.session.scalars(place.of(query, SecurityEvent.id))).all()


async def _address(ctx: Ctx) -> str:
    found = await ctx.session.scalar(
        text("SELECT email FROM kernel.users WHERE id = :user"), {"user": ctx.user}
    )
    assert isinstance(found, str)
    return found

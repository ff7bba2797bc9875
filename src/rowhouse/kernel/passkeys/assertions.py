"""Proof of a passkey: whoever shows it holds the device and has unlocked it.

One ceremony serves signing in, the second factor and step-up: each passkey is discoverable, so its authenticator says
itself whose it is, and the options are the same for everybody.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select, text
from webauthn import generate_authentication_options, options_to_json, verify_authentication_response
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import UserVerificationRequirement

from rowhouse.kernel.context import NOBODY, Ctx, Identity
from rowhouse.kernel.factors.kinds import offer_passkeys
from rowhouse.kernel.identity.completing import MfaChallenge, complete_sign_in
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.identity.refusals import refuse_sign_in
from rowhouse.kernel.identity.registration import act_as_first_account
from rowhouse.kernel.passkeys.challenges import LIFE_S, new_challenge, relying_party, use_challenge
from rowhouse.kernel.passkeys.errors import PasskeyRefused
from rowhouse.kernel.passkeys.models import Passkey
from rowhouse.kernel.passkeys.service import count_passkeys, parsed
from rowhouse.kernel.security.events import security_event
from rowhouse.kernel.sessions.acting import apart
from rowhouse.kernel.sessions.service import SignedIn
from rowhouse.kit.time import now

log = structlog.get_logger(__name__)

BAD = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError)
"""What py_webauthn raises at what is none of its formats."""


async def sign_in_options(ctx: Ctx) -> dict[str, Any]:
    """Options for `navigator.credentials.get`, whoever asks: no list of credentials, so nothing is told."""
    rp_id, _ = relying_party(ctx.platform.settings)
    options = generate_authentication_options(
        rp_id=rp_id,
        challenge=await new_challenge(ctx.platform.redis, "assert", ""),
        timeout=LIFE_S * 1000,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return parsed(options_to_json(options))


async def verify_assertion(ctx: Ctx, user_id: UUID, credential: Mapping[str, Any]) -> bool:
    """Whether this is a fresh proof by a passkey of this person. Counter and alarm are kept in a transaction of their
    own: they outlive a refusal."""
    challenge = await use_challenge(ctx.platform.redis, "assert", "", credential)
    return challenge is not None and await _proves(ctx, user_id, challenge, credential)


async def sign_in_with_passkey(
    ctx: Ctx, credential: Mapping[str, Any], *, browser: bool, stay: bool, device: str | None = None
) -> SignedIn | MfaChallenge:
    """Begins a session for the person whom the authenticator names. Raises `PasskeyRefused`, whatever is wrong."""
    await ctx.platform.tokens.keys.freshen()
    challenge = await use_challenge(ctx.platform.redis, "assert", "", credential)
    user_id = await _named(ctx, credential) if challenge else None
    if challenge is None or user_id is None or not await _proves(ctx, user_id, challenge, credential):
        log.info("passkey_refused", user_id=str(user_id) if user_id else None)
        if user_id is not None:
            await refuse_sign_in(ctx, user_id, "passkey")
        raise PasskeyRefused
    return await complete_sign_in(
        ctx, user_id, methods=("passkey",), browser=browser, stay=stay, device=device
    )


async def _named(ctx: Ctx, credential: Mapping[str, Any]) -> UUID | None:
    """The person whom the authenticator names, if they have this credential and are active."""
    try:
        raw_id = base64url_to_bytes(credential["rawId"])
        user_id = UUID(bytes=base64url_to_bytes(credential["response"]["userHandle"] or ""))
    except BAD:
        return None
    async with apart(ctx, NOBODY) as own:
        found = await own.session.scalars(text("SELECT user_id FROM resolve.passkey(:id)"), {"id": raw_id})
        return user_id if user_id in found.all() else None


async def _proves(ctx: Ctx, user_id: UUID, challenge: bytes, credential: Mapping[str, Any]) -> bool:
    """Checks the signature and moves the counter on, in a transaction that a refusal does not undo."""
    rp_id, origins = relying_party(ctx.platform.settings)
    async with apart(ctx, Identity(user_id=user_id)) as own:
        passkey = await _locked(own, credential)
        if passkey is None:
            return False
        try:
            verified = verify_authentication_response(
                credential=dict(credential),
                expected_challenge=challenge,
                expected_rp_id=rp_id,
                expected_origin=origins,
                credential_public_key=passkey.public_key,
                # Compared below: only who has the key can raise the alarm.
                credential_current_sign_count=0,
                require_user_verification=True,
            )
        except BAD:
            return False
        if passkey.sign_count and verified.new_sign_count <= passkey.sign_count:
            await _alarm(own, passkey)
            return False
        passkey.sign_count = verified.new_sign_count
        passkey.last_used_at = now()
        await own.session.flush()
        return True


async def _locked(ctx: Ctx, credential: Mapping[str, Any]) -> Passkey | None:
    try:
        raw_id = base64url_to_bytes(credential["rawId"])
    except BAD:
        return None
    active = await ctx.session.scalar(select(User.state).where(User.id == ctx.user)) == "active"
    passkey = await ctx.session.scalar(
        select(Passkey).where(Passkey.user_id == ctx.user, Passkey.credential_id == raw_id).with_for_update()
    )
    return passkey if active else None


async def _alarm(ctx: Ctx, passkey: Passkey) -> None:
    """A counter that did not move on: somebody has a copy of the key."""
    log.warning("passkey_cloned", user_id=str(ctx.user), passkey_id=str(passkey.id))
    there = await act_as_first_account(ctx, ctx.user)
    details = {"passkey": str(passkey.id), "name": passkey.name}
    await security_event(there, "passkey_cloned", details=details)


async def _is_good(ctx: Ctx, assertion: Mapping[str, Any]) -> bool:
    return await verify_assertion(ctx, ctx.user, assertion)


offer_passkeys(count_passkeys, _is_good)

"""A person's passkeys: registering, listing, renaming, deleting."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from webauthn import generate_registration_options, options_to_json, verify_registration_response
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.passkeys.challenges import LIFE_S, new_challenge, relying_party, use_challenge
from rowhouse.kernel.passkeys.errors import PasskeyKnown, PasskeyUnfit, TooManyPasskeys
from rowhouse.kernel.passkeys.models import Passkey
from rowhouse.kernel.security.events import security_event

MOST = 20
LONGEST_CREDENTIAL_ID = 1023
NAME = "Rowhouse"


async def registration_options(ctx: Ctx) -> dict[str, Any]:
    """Options for `navigator.credentials.create`: discoverable, its user verified, none of those they have."""
    own = await list_passkeys(ctx)
    if len(own) >= MOST:
        raise TooManyPasskeys
    user = (await ctx.session.execute(select(User).where(User.id == ctx.user))).scalar_one()
    rp_id, _ = relying_party(ctx.platform.settings)
    options = generate_registration_options(
        rp_id=rp_id,
        rp_name=NAME,
        user_id=ctx.user.bytes,
        user_name=user.email,
        user_display_name=user.name,
        challenge=await new_challenge(ctx.platform.redis, "register", _bound(ctx)),
        timeout=LIFE_S * 1000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(one.credential_id) for one in own],
    )
    return parsed(options_to_json(options))


async def register_passkey(ctx: Ctx, name: str, credential: Mapping[str, Any]) -> Passkey:
    """Keeps a new passkey of the context's person. Raises `PasskeyUnfit`, `PasskeyKnown`, `TooManyPasskeys`."""
    verified = await _verified(ctx, credential)
    # The person's row is the lock: two at once don't get past the most.
    await ctx.session.execute(select(User.id).where(User.id == ctx.user).with_for_update())
    held = await ctx.session.scalar(select(func.count()).where(Passkey.user_id == ctx.user))
    if (held or 0) >= MOST:
        raise TooManyPasskeys
    passkey = Passkey(
        user_id=ctx.user,
        name=name,
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        transports=list(credential["response"].get("transports") or []),
        synced=verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
    )
    ctx.session.add(passkey)
    try:
        await ctx.session.flush()
    except IntegrityError as error:
        raise PasskeyKnown from error
    await ctx.session.refresh(passkey)
    await security_event(ctx, "passkey_added", details={"passkey": str(passkey.id), "name": name})
    return passkey


async def list_passkeys(ctx: Ctx) -> Sequence[Passkey]:
    """Those of the context's person, the oldest first."""
    rows = await ctx.session.scalars(select(Passkey).where(Passkey.user_id == ctx.user).order_by(Passkey.id))
    return rows.all()


async def count_passkeys(ctx: Ctx) -> int:
    """How many the context's person has."""
    return await ctx.session.scalar(select(func.count()).where(Passkey.user_id == ctx.user)) or 0


async def rename_passkey(ctx: Ctx, passkey_id: UUID, name: str) -> Passkey:
    passkey = await ctx.session.scalar(
        select(Passkey).where(Passkey.user_id == ctx.user, Passkey.id == passkey_id).with_for_update()
    )
    if passkey is None:
        raise NotFound
    passkey.name = name
    await ctx.session.flush()
    return passkey


async def delete_passkey(ctx: Ctx, passkey_id: UUID) -> None:
    """Forgets a passkey: it opens nothing any more. An email address is always a way in, so none is the last one."""
    name = await ctx.session.scalar(
        delete(Passkey).where(Passkey.user_id == ctx.user, Passkey.id == passkey_id).returning(Passkey.name)
    )
    if name is None:
        raise NotFound
    await security_event(ctx, "passkey_removed", details={"passkey": str(passkey_id), "name": name})


def parsed(options: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(options)
    return found


async def _verified(ctx: Ctx, credential: Mapping[str, Any]) -> VerifiedRegistration:
    challenge = await use_challenge(ctx.platform.redis, "register", _bound(ctx), credential)
    if challenge is None:
        raise PasskeyUnfit
    rp_id, origins = relying_party(ctx.platform.settings)
    try:
        verified = verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=origins,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise PasskeyUnfit from error
    if len(verified.credential_id) > LONGEST_CREDENTIAL_ID:
        raise PasskeyUnfit
    return verified


def _bound(ctx: Ctx) -> str:
    return f"{ctx.user} {ctx.identity.session_id}"

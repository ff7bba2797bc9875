"""Forgotten and changed passwords. Each change ends the other sessions, and its person hears of it."""

import time
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select

from rowhouse.kernel.api_keys.ending import end_own_keys, list_living_keys
from rowhouse.kernel.context import NOBODY, Ctx, Identity
from rowhouse.kernel.errors import InvalidInput
from rowhouse.kernel.factors.proofs import (
    drop_proofs,
    find_by_token,
    issue_proof,
    may_issue,
    take_proof,
)
from rowhouse.kernel.identity.errors import InvalidCredentials, InvalidToken
from rowhouse.kernel.identity.guessing import evenly
from rowhouse.kernel.identity.lockout import (
    STRANGERS,
    begin_attempt,
    count_request,
    let_strangers_in,
    succeeded,
    who_asks,
)
from rowhouse.kernel.identity.mailboxes import prove_mailbox
from rowhouse.kernel.identity.models import FormerPassword, User
from rowhouse.kernel.identity.passwords import check_password, hash_password, verify_password
from rowhouse.kernel.identity.refusals import refuse_proof
from rowhouse.kernel.identity.registration import act_as_first_account, address_of
from rowhouse.kernel.identity.step_up import check_proved
from rowhouse.kernel.identity.texts import email_key
from rowhouse.kernel.mail.service import send_mail
from rowhouse.kernel.security.asked_from import asked_from
from rowhouse.kernel.security.events import security_event
from rowhouse.kernel.sessions.acting import apart
from rowhouse.kernel.sessions.listing import end_others

MOST_NAMED = 20
LINK_LIFE = timedelta(minutes=30)
FORMER_KEPT = 4
"""With the present one, the last five passwords are not chosen again."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a new password is held against."""

    email: str
    name: str
    present: str | None
    former: tuple[str, ...]


async def forgot(ctx: Ctx, email: str, device: str | None) -> None:
    """Mails a link to a person with this email; otherwise does nothing, as slowly."""
    started = time.monotonic()
    asking = await who_asks(ctx, email_key(email), device)
    await count_request(ctx, asking)
    if asking.found is not None and asking.found.active:
        await _mail_link(ctx, asking.found.user_id, known=asking.source != STRANGERS)
    await evenly(started)


async def reset(ctx: Ctx, token: str, password: str, *, end_keys: bool = True) -> None:
    """Sets the password by a mailed token, and ends every session, and every API key unless told not to: somebody may
    have had the mailbox or the password. Raises `InvalidToken`, or `InvalidInput` for the password, which leaves the
    token good."""
    found = await find_by_token(ctx, "password_reset", token)
    if found is None:
        raise InvalidToken
    new_hash = await _accepted(ctx, found.user_id, password)
    ctx = await act_as_first_account(ctx, found.user_id)
    user = await prove_mailbox(ctx)
    if not await take_proof(ctx, found, "password_reset") or user.state != "active":
        raise InvalidToken
    await _set(ctx, user, new_hash)
    await let_strangers_in(ctx, user.email_key)
    await _tell(ctx, "password_reset", end_keys=end_keys)


async def change(ctx: Ctx, old: str, new: str, *, end_keys: bool = False) -> None:
    """Changes the context's person's password and ends their other sessions, and if wanted their API keys. Raises `InvalidCredentials` for the old
    one, `InvalidInput` for the new one, `StepUpRequired` in a session whose sign-in looked unusual: whoever began it
    may have the old one only because it leaked."""
    check_proved(ctx)
    attempt = await begin_attempt(ctx, f"password {ctx.user}", f"session {ctx.identity.session_id}")
    known = await _known(ctx, ctx.user)
    matches, _ = await verify_password(old, known.present)
    if not matches:
        await refuse_proof(ctx, "identity.password_change", {"asked": ["password"]}, locks=attempt.locks)
        raise InvalidCredentials("This is not your present password.")
    await succeeded(ctx, attempt)
    new_hash = await _accepted(ctx, ctx.user, new)
    user = (await ctx.session.execute(select(User).where(User.id == ctx.user).with_for_update())).scalar_one()
    if user.password_hash != known.present:
        raise InvalidCredentials("Your password was changed meanwhile.")
    await _set(ctx, user, new_hash)
    await _tell(ctx, "password_changed", end_keys=end_keys)


async def _tell(ctx: Ctx, kind: str, *, end_keys: bool) -> None:
    """Mails what has happened, and which keys go on or how many do not."""
    if end_keys:
        ended = await end_own_keys(ctx)
        also = f"API keys that were ended with it: {ended}." if ended else None
        await security_event(ctx, kind, details={"api_keys_ended": ended}, also=also)
        return
    living = await list_living_keys(ctx)
    names = ", ".join(f"“{key.name}” in {key.organization_name}" for key in living[:MOST_NAMED])
    more = f" and {len(living) - MOST_NAMED} more" if len(living) > MOST_NAMED else ""
    also = f"These API keys go on working, and end on their page alone: {names}{more}." if living else None
    await security_event(ctx, kind, details={"api_keys_kept": len(living)}, also=also)


async def _mail_link(ctx: Ctx, user_id: UUID, *, known: bool) -> None:
    async with apart(ctx, NOBODY) as own:
        person = await act_as_first_account(own, user_id)
        if not await may_issue(person, "password_reset", known=known):
            return
        issued = await issue_proof(person, "password_reset", LINK_LIFE, {})
        values = {
            "link": f"{ctx.platform.settings.public_url}/reset-password#token={issued.token}",
            "minutes": int(LINK_LIFE.total_seconds() // 60),
        }
        await send_mail(person, await address_of(person), "password_reset", values | asked_from(ctx))


async def _accepted(ctx: Ctx, user_id: UUID, password: str) -> str:
    """The hash of a password that is good enough and was not used lately; raises `InvalidInput`."""
    known = await _known(ctx, user_id)
    await check_password(password, email=known.email, name=known.name)
    for used in (known.present, *known.former):
        if used is not None and (await verify_password(password, used))[0]:
            raise InvalidInput.of(
                "password", "password_used_before", "Choose one that you have not used before."
            )
    return await hash_password(password)


async def _known(ctx: Ctx, user_id: UUID) -> Known:
    """Read apart: no connection is held while hashes are computed."""
    async with apart(ctx, Identity(user_id=user_id)) as own:
        user = (await own.session.execute(select(User).where(User.id == own.user))).scalar_one()
        former = await own.session.scalars(
            select(FormerPassword.password_hash).where(FormerPassword.user_id == own.user)
        )
        return Known(user.email, user.name, user.password_hash, tuple(former))


async def _set(ctx: Ctx, user: User, new_hash: str) -> None:
    if user.password_hash is not None:
        ctx.session.add(FormerPassword(user_id=ctx.user, password_hash=user.password_hash))
    user.password_hash = new_hash
    await ctx.session.flush()
    newest = select(FormerPassword.id).where(FormerPassword.user_id == ctx.user)
    newest = newest.order_by(FormerPassword.id.desc()).limit(FORMER_KEPT)
    await ctx.session.execute(
        delete(FormerPassword).where(FormerPassword.user_id == ctx.user, FormerPassword.id.not_in(newest))
    )
    # Mailed links, and sign-ins that wait for a second factor, were begun under the former password.
    await drop_proofs(ctx)
    await end_others(ctx, "password_changed")

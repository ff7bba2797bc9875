"""Proofs by mail: magic links, forgotten passwords, a new address, a lock undone."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import guessable, signed_in
from rowhouse.kernel.http.envelope import One
from rowhouse.kernel.identity import email_change, magic, password_changes, schemas
from rowhouse.kernel.identity.answering import DeviceCookie, answered
from rowhouse.kernel.identity.completing import How
from rowhouse.kernel.identity.unlocking import unlock

router = APIRouter(prefix="/auth")


@router.post("/magic-link", status_code=202, response_model=One[schemas.MailedView])
async def ask_magic_link(
    body: schemas.MagicLinkRequest, ctx: Annotated[Ctx, guessable()], device: DeviceCookie = None
) -> object:
    """Mails a code and a link to sign in with, where the address has an account; the answer doesn't tell."""
    await magic.ask(ctx, body.email, device)
    return {"data": {"email": body.email}}


@router.post("/magic-link/verify", response_model=One[schemas.SignedInView])
async def verify_magic_link(
    request: Request,
    body: schemas.VerifyMagicLinkRequest,
    response: Response,
    ctx: Annotated[Ctx, guessable()],
    device: DeviceCookie = None,
) -> object:
    """Signs in by the mailed code, or by the token in the mailed link. Either works once, and only by POST: whatever
    merely opens the link uses nothing up."""
    how = How(browser=body.cookies, stay=body.stay, device=device)
    if body.token is not None:
        done = await magic.sign_in_by_token(ctx, body.token, how)
    else:
        assert body.email is not None
        assert body.code is not None
        done = await magic.sign_in_by_code(ctx, body.email, body.code, how)
    return answered(request, response, done, by_cookie=body.cookies)


@router.post("/password/forgot", status_code=202, response_model=One[schemas.MailedView])
async def forgot_password(
    body: schemas.MagicLinkRequest, ctx: Annotated[Ctx, guessable()], device: DeviceCookie = None
) -> object:
    """Mails a link to set a new password with, where the address has an account; the answer doesn't tell."""
    await password_changes.forgot(ctx, body.email, device)
    return {"data": {"email": body.email}}


@router.post("/password/reset", status_code=204, response_model=None)
async def reset_password(body: schemas.ResetPasswordRequest, ctx: Annotated[Ctx, guessable()]) -> None:
    """Sets a new password by the token from the mailed link, and ends every session of the person, and every API key
    unless `end_api_keys` is false."""
    await password_changes.reset(
        ctx, body.token, body.password.get_secret_value(), end_keys=body.end_api_keys
    )


@router.post("/password/change", status_code=204, response_model=None)
async def change_password(body: schemas.ChangePasswordRequest, ctx: Annotated[Ctx, signed_in()]) -> None:
    """Changes one's password, and ends all other sessions. API keys go on, unless `end_api_keys` is true; a mail names
    them."""
    await password_changes.change(
        ctx, body.old.get_secret_value(), body.new.get_secret_value(), end_keys=body.end_api_keys
    )


@router.post("/email", status_code=202, response_model=One[schemas.MailedView])
async def change_email(body: schemas.MagicLinkRequest, ctx: Annotated[Ctx, signed_in(recent=True)]) -> object:
    """Mails a code to one's new address. Until it is shown, nothing changes."""
    await email_change.begin(ctx, body.email)
    return {"data": {"email": body.email}}


@router.post("/email/verify", status_code=204, response_model=None)
async def verify_new_email(
    body: schemas.VerifyNewEmailRequest, ctx: Annotated[Ctx, signed_in(recent=True)]
) -> None:
    """Makes the new address one's own by its code, tells the old one, and ends all other sessions."""
    await email_change.finish(ctx, body.code)


@router.post("/unlock", status_code=204, response_model=None)
async def unlock_sign_in(
    body: schemas.UnlockRequest, response: Response, ctx: Annotated[Ctx, guessable()]
) -> None:
    """Ends a lock-out by the token from the mailed link, and has this browser known from now on."""
    await unlock(ctx, body.token, response)

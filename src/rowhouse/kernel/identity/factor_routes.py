"""Second factors: setting them up, showing them, and proving oneself once more."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import guessable, signed_in
from rowhouse.kernel.http.envelope import One
from rowhouse.kernel.identity import enrolling, schemas, step_up
from rowhouse.kernel.identity.answering import DeviceCookie, answered
from rowhouse.kernel.identity.challenges import pass_challenge
from rowhouse.kernel.identity.step_up import Shown

router = APIRouter(prefix="/auth")


@router.get("/mfa", response_model=One[schemas.MfaView])
async def get_mfa(ctx: Annotated[Ctx, signed_in()]) -> object:
    """The second factors one has, and what a step-up takes now."""
    return {"data": await enrolling.overview(ctx)}


@router.post("/mfa/totp", response_model=One[schemas.TotpView])
async def begin_totp(ctx: Annotated[Ctx, signed_in(recent=True)]) -> object:
    """A secret for an authenticator app. It counts once its first code has confirmed it."""
    secret, uri = await enrolling.begin(ctx)
    return {"data": {"secret": secret, "uri": uri}}


@router.post("/mfa/totp/confirm", response_model=One[schemas.RecoveryCodesView])
async def confirm_totp(
    body: schemas.ConfirmTotpRequest, ctx: Annotated[Ctx, signed_in(recent=True)]
) -> object:
    """Puts the authenticator app in force by its present code. The recovery codes are shown this once."""
    return {"data": {"recovery_codes": await enrolling.confirm(ctx, body.code)}}


@router.delete("/mfa/totp", status_code=204, response_model=None)
async def remove_totp(ctx: Annotated[Ctx, signed_in(recent=True)]) -> None:
    """Removes the authenticator app; with the last second factor its recovery codes go, too."""
    await enrolling.remove(ctx)


@router.post("/mfa/recovery-codes", response_model=One[schemas.RecoveryCodesView])
async def make_recovery_codes(ctx: Annotated[Ctx, signed_in(recent=True)]) -> object:
    """Ten new recovery codes, shown this once; the former ones are void."""
    return {"data": {"recovery_codes": await enrolling.renew_recovery_codes(ctx)}}


@router.post("/mfa/verify", response_model=One[schemas.SignedInView])
async def verify_mfa(
    request: Request,
    body: schemas.VerifyMfaRequest,
    response: Response,
    ctx: Annotated[Ctx, guessable()],
    device: DeviceCookie = None,
) -> object:
    """Completes a sign-in by its second factor; tokens come as the sign-in asked for them. Five tries."""
    done, by_cookie = await pass_challenge(
        ctx, body.mfa_token, Shown(code=body.code, passkey=body.passkey), device
    )
    return answered(request, response, done, by_cookie=by_cookie)


@router.post("/step-up", response_model=One[schemas.SteppedUpView])
async def prove_again(body: schemas.StepUpRequest, ctx: Annotated[Ctx, signed_in()]) -> object:
    """Proves once more that it is the person, which opens what is sensitive for ten minutes. Whoever has a second
    factor shows it; a password alone is not enough for them."""
    password = body.password.get_secret_value() if body.password is not None else None
    shown = Shown(password=password, code=body.code, passkey=body.passkey)
    return {"data": {"authenticated_at": await step_up.step_up(ctx, shown)}}


@router.post("/step-up/mail", status_code=204, response_model=None)
async def mail_step_up_code(ctx: Annotated[Ctx, signed_in()]) -> None:
    """Mails a code for /auth/step-up, to those whose strongest proof is their mailbox."""
    await step_up.mail_code(ctx)

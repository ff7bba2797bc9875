"""Passkeys over HTTP; options and credentials are the browser's own JSON."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import guessable, public, signed_in
from rowhouse.kernel.http.envelope import Many, One
from rowhouse.kernel.identity.answering import DeviceCookie, answered
from rowhouse.kernel.identity.schemas import SignedInView
from rowhouse.kernel.passkeys import schemas, service
from rowhouse.kernel.passkeys.assertions import sign_in_options, sign_in_with_passkey

router = APIRouter(prefix="/auth/passkeys")


@router.post("/options", response_model=One[schemas.OptionsView])
async def make_registration_options(ctx: Annotated[Ctx, signed_in(recent=True)]) -> object:
    """Options for `navigator.credentials.create`, good for five minutes in this session."""
    return {"data": {"options": await service.registration_options(ctx)}}


@router.post("", status_code=201, response_model=One[schemas.PasskeyView])
async def add_passkey(body: schemas.NewPasskeyRequest, ctx: Annotated[Ctx, signed_in(recent=True)]) -> object:
    """Keeps the passkey that the browser has made for these options."""
    return {"data": await service.register_passkey(ctx, body.name, body.credential.model_dump())}


@router.get("", response_model=Many[schemas.PasskeyView])
async def list_passkeys(ctx: Annotated[Ctx, signed_in()]) -> object:
    """One's own passkeys, the oldest first; there are twenty at most."""
    return {"data": await service.list_passkeys(ctx), "page": {"next": None, "limit": service.MOST}}


@router.patch("/{passkey_id}", response_model=One[schemas.PasskeyView])
async def rename_passkey(
    passkey_id: UUID, body: schemas.RenamePasskeyRequest, ctx: Annotated[Ctx, signed_in()]
) -> object:
    return {"data": await service.rename_passkey(ctx, passkey_id, body.name)}


@router.delete("/{passkey_id}", status_code=204, response_model=None)
async def delete_passkey(passkey_id: UUID, ctx: Annotated[Ctx, signed_in(recent=True)]) -> Response:
    """Forgets it here; the authenticator keeps its half until its person deletes it there."""
    await service.delete_passkey(ctx, passkey_id)
    return Response(status_code=204)


@router.post("/sign-in/options", response_model=One[schemas.OptionsView])
async def make_sign_in_options(ctx: Annotated[Ctx, public()]) -> object:
    """Options for `navigator.credentials.get`, good for five minutes; the same for everybody."""
    return {"data": {"options": await sign_in_options(ctx)}}


@router.post("/sign-in", response_model=One[SignedInView])
async def sign_in(
    body: schemas.PasskeySignInRequest,
    request: Request,
    response: Response,
    ctx: Annotated[Ctx, guessable()],
    device: DeviceCookie = None,
) -> object:
    """Signs in by a passkey, which counts as a second factor too, since its device has verified its person."""
    done = await sign_in_with_passkey(
        ctx, body.credential.model_dump(), browser=body.cookies, stay=body.stay, device=device
    )
    return answered(request, response, done, by_cookie=body.cookies)

"""Invitations over HTTP: those of an organization, and the one that somebody holds."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import guessable, requires, signed_in
from rowhouse.kernel.http.envelope import Many, One
from rowhouse.kernel.http.lists import Asked, paged
from rowhouse.kernel.membership import invitations, schemas
from rowhouse.kernel.organizations.path import named_organization

router = APIRouter(prefix="/invitations")
inside = APIRouter(
    prefix="/organizations/{organization_id}/invitations",
    dependencies=[Depends(named_organization)],
)

Inviter = Annotated[Ctx, requires("kernel.invitations.write", organization=True)]


@inside.get("", response_model=Many[schemas.InvitationView])
async def list_invitations(
    ctx: Annotated[Ctx, requires("kernel.invitations.read", organization=True)],
    asked: Annotated[Asked, paged(schemas.InvitationView)],
) -> object:
    """The organization's invitations, the newest first unless `sort` says otherwise."""
    return asked.page(await invitations.list_invitations(ctx, asked.place))


@inside.post(
    "",
    status_code=201,
    response_model=One[schemas.InvitationView],
)
async def invite(body: schemas.NewInvitation, ctx: Inviter) -> object:
    """Mails an invitation, good for seven days; the answer is the same whether the address is known or not."""
    return {"data": await invitations.invite(ctx, body.email, body.role)}


@inside.delete("/{invitation_id}", status_code=204, response_model=None)
async def revoke_invitation(invitation_id: UUID, ctx: Inviter) -> Response:
    """Makes the mailed link worthless."""
    await invitations.revoke(ctx, invitation_id)
    return Response(status_code=204)


@inside.post(
    "/{invitation_id}/resend",
    response_model=One[schemas.InvitationView],
)
async def resend_invitation(invitation_id: UUID, ctx: Inviter) -> object:
    """Mails a new link, good for seven days from now; the one before is dead."""
    return {"data": await invitations.resend(ctx, invitation_id)}


@router.post("/preview", response_model=One[schemas.InvitationPreview])
async def preview_invitation(body: schemas.PresentedInvitation, ctx: Annotated[Ctx, guessable()]) -> object:
    """What an invitation offers, to whoever holds its link. The token is in the body: a URL would be logged."""
    return {"data": await invitations.preview(ctx, body.token)}


@router.post("/accept", response_model=One[schemas.AcceptedView])
async def accept_invitation(body: schemas.PresentedInvitation, ctx: Annotated[Ctx, signed_in()]) -> object:
    """Joins. One must be signed in with the invited address. The session stays where it is: switch to go there."""
    return {"data": await invitations.accept(ctx, body.token)}

"""One's own sessions: seeing them, ending them, and acting as another account."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.credentials import credential_of
from rowhouse.kernel.http.edge import signed_in
from rowhouse.kernel.http.envelope import Many, One
from rowhouse.kernel.identity import own_sessions, schemas
from rowhouse.kernel.identity.answering import answered
from rowhouse.kernel.sessions.listing import MOST_SESSIONS, list_sessions
from rowhouse.kernel.sessions.switching import switch

router = APIRouter(prefix="/auth")


@router.get("/sessions", response_model=Many[schemas.SessionView])
async def list_own_sessions(ctx: Annotated[Ctx, signed_in()]) -> object:
    """Where one is signed in, the latest first."""
    return {"data": await list_sessions(ctx), "page": {"next": None, "limit": MOST_SESSIONS}}


@router.delete("/sessions", status_code=204, response_model=None)
async def end_other_sessions(ctx: Annotated[Ctx, signed_in()]) -> None:
    """Ends all sessions but this one. One whose sign-in looked unusual needs a step-up first."""
    await own_sessions.end_all_others(ctx)


@router.delete("/sessions/{session_id}", status_code=204, response_model=None)
async def end_own_session(session_id: UUID, ctx: Annotated[Ctx, signed_in()]) -> None:
    """Ends one session, effective on its next request. One whose sign-in looked unusual ends itself alone before a
    step-up."""
    await own_sessions.end(ctx, session_id)


@router.post("/switch", response_model=One[schemas.SignedInView])
async def switch_account(
    request: Request, body: schemas.SwitchRequest, response: Response, ctx: Annotated[Ctx, signed_in()]
) -> object:
    """Has the session act as another of one's accounts. Access tokens for the former one are refused from now on."""
    credential = credential_of(request)
    done = await switch(ctx, body.account_id)
    return answered(request, response, done, by_cookie=credential is not None and credential.by_cookie)

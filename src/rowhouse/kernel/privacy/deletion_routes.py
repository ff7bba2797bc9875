"""Deleting one's account over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.http.edge import guessable, public, signed_in
from rowhouse.kernel.http.envelope import One
from rowhouse.kernel.identity.step_up import Shown
from rowhouse.kernel.ledger.receipts import find_certificate
from rowhouse.kernel.privacy import deleting, schemas

router = APIRouter()


@router.delete("/account", status_code=202, response_model=One[schemas.DeletionStartedView])
async def delete_account(body: schemas.DeleteAccount, ctx: Annotated[Ctx, signed_in()]) -> object:
    """Erases the person behind this account, with all accounts of theirs and every organization that nobody else
    belongs to: after seven days, in which the mailed link keeps it, or `now`. The job's `result.certificate` proves
    it; the session that asked may still read that job, and anybody the certificate by its id."""
    password = body.password.get_secret_value() if body.password is not None else None
    shown = Shown(password=password, code=body.code, passkey=body.passkey)
    job_id, due_at = await deleting.ask_for_deletion(ctx, shown, at_once=body.now)
    return {
        "data": {
            "job_id": job_id,
            "erased_at": due_at,
            "certificate_url": f"/api/v1/privacy/certificates/{job_id}",
        }
    }


@router.get("/account/deletion", response_model=One[schemas.DeletionView | None])
async def get_deletion(ctx: Annotated[Ctx, signed_in()]) -> object:
    """The deletion that waits, if one does."""
    found = await deleting.get_deletion(ctx)
    return {"data": {"job_id": found.id, "erased_at": found.due_at} if found else None}


@router.delete("/account/deletion", status_code=204, response_model=None)
async def keep_account(ctx: Annotated[Ctx, signed_in()]) -> None:
    """Keeps the account after all."""
    await deleting.keep_account(ctx)


@router.post("/account/keep", status_code=204, response_model=None)
async def keep_by_link(body: schemas.KeepByLink, ctx: Annotated[Ctx, guessable()]) -> None:
    """Keeps the account, by the mailed link; it works once."""
    await deleting.keep_by_link(ctx, body.token)


@router.get("/privacy/certificates/{certificate_id}", response_model=One[schemas.CertificateView])
async def get_certificate(certificate_id: UUID, ctx: Annotated[Ctx, public()]) -> object:
    """A certificate of erasure by its id, which is random and was given to who asked. It holds ids and counts;
    `rowhouse privacy verify-certificate` checks its signature."""
    found = await find_certificate(ctx, certificate_id)
    if found is None:
        raise NotFound
    return {"data": found}

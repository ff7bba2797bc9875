"""Where providers send: an answer within a second, whatever the work costs."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import webhook
from rowhouse.kernel.http.envelope import One
from rowhouse.kernel.webhooks.incoming import receiving
from rowhouse.kernel.webhooks.incoming.schemas import ReceiptView

router = APIRouter(prefix="/webhooks")

Sent = Annotated[Ctx, webhook()]

IDP = "idp"
"""The provider whose webhooks come to a path of their own; its secret path is its name."""


@router.post("/idp/{provider}", response_model=One[ReceiptView])
async def receive_from_idp(provider: str, request: Request, ctx: Sent) -> object:
    """A life-cycle event of the outside identity provider: proved, stored, and worked on by a job."""
    return {"data": {"status": await receiving.receive(ctx, IDP, provider, request, register=provider)}}


@router.post("/{provider}/{secret}", response_model=One[ReceiptView])
async def receive_webhook(provider: str, secret: str, request: Request, ctx: Sent) -> object:
    """An event of a provider: proved, stored, and worked on by a job. One that came before is `replayed`."""
    return {"data": {"status": await receiving.receive(ctx, provider, secret, request)}}


@router.head("/{provider}/{secret}", include_in_schema=False)
@router.get("/{provider}/{secret}", response_class=JSONResponse)
async def greet_provider(provider: str, secret: str, request: Request, ctx: Sent) -> Response:
    """The handshake of a provider that asks before it sends; the answer has the shape that the provider wants, and an
    empty one for a provider that only looks whether anybody is here."""
    answer: dict[str, Any] = dict(receiving.greet(ctx, provider, secret, request.query_params))
    return JSONResponse(answer)

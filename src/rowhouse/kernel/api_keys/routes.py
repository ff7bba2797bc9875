"""API keys over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from rowhouse.kernel.api_keys import schemas, service
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import requires
from rowhouse.kernel.http.envelope import Many, One
from rowhouse.kernel.http.lists import Asked, paged

router = APIRouter(prefix="/api-keys")

Reader = Annotated[Ctx, requires("kernel.api_keys.read")]
Maker = Annotated[Ctx, requires("kernel.api_keys.write", recent=True)]
Writer = Annotated[Ctx, requires("kernel.api_keys.write")]


@router.get("", response_model=Many[schemas.ApiKeyView])
async def list_api_keys(ctx: Reader, asked: Annotated[Asked, paged(schemas.ApiKeyView)]) -> object:
    """The account's keys, those that have ended too; the newest first unless `sort` says otherwise."""
    return asked.page(await service.list_keys(ctx, asked.place))


@router.post("", status_code=201, response_model=One[schemas.NewApiKeyView])
async def post_api_key(ctx: Maker, body: schemas.ApiKeyRequest) -> object:
    """Makes a key that acts for this account within `permissions`. It is shown this once."""
    return {"data": await service.make_key(ctx, body.name, body.permissions, body.expires_at)}


@router.post("/{key_id}/rotate", response_model=One[schemas.NewApiKeyView])
async def rotate_api_key(ctx: Maker, key_id: UUID, body: schemas.RotateRequest | None = None) -> object:
    """Gives the key a new secret, shown this once; the former one works on for `overlap_hours`."""
    wanted = body or schemas.RotateRequest()
    return {"data": await service.rotate_key(ctx, key_id, wanted.overlap_hours, wanted.expires_at)}


@router.delete("/{key_id}", status_code=204)
async def delete_api_key(ctx: Writer, key_id: UUID) -> None:
    """Revokes the key, from the next request on."""
    await service.revoke_key(ctx, key_id)

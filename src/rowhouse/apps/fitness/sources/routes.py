"""Sources over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from rowhouse.apps.fitness.sources import schemas, service
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import requires
from rowhouse.kernel.http.envelope import Many, One, whole
from rowhouse.kernel.http.hot import hot_router
from rowhouse.kernel.oauth.cookies import FlowCookie, bind_browser

router = APIRouter(prefix="/sources")
hot_sources = hot_router("Fitness")
Reader = Annotated[Ctx, requires("fitness.sources.read")]
Writer = Annotated[Ctx, requires("fitness.sources.write")]


@hot_sources.get("/sources", response_model=Many[schemas.SourceView])
async def get_sources(ctx: Reader) -> object:
    """The providers that one has connected, and how each stands."""
    return whole(await service.list_sources(ctx))


@router.get("/providers", response_model=Many[schemas.OfferView])
async def get_providers(ctx: Reader) -> object:
    """Every provider: those that can be connected, with their terms of use, and the others with the reason."""
    return whole(await service.list_offers(ctx))


@router.get("/{source_id}", response_model=One[schemas.SourceDetail])
async def get_source(source_id: UUID, ctx: Reader) -> object:
    """One source, with how many workouts it has brought, and how many of them nothing else has recorded."""
    return {"data": await service.get_source(ctx, source_id)}


@router.post("/{provider}/connect", response_model=One[schemas.ConnectView])
async def connect_source(
    provider: str,
    response: Response,
    ctx: Writer,
    body: schemas.ConnectSource | None = None,
    cookie: FlowCookie = None,
) -> object:
    """Begins to connect a provider: the browser goes to `authorize_url` and comes back to `return_to` with `connected`
    or `error` in its query. The first sync begins by itself."""
    wanted = body or schemas.ConnectSource()
    begun = await service.connect(ctx, provider, return_to=wanted.return_to, cookie=cookie)
    bind_browser(response, begun.cookie)
    return {"data": {"authorize_url": begun.authorize_url}}


@router.post("/{provider}/key", status_code=202, response_model=One[schemas.SyncStarted])
async def connect_source_by_key(provider: str, ctx: Writer, body: schemas.SourceKey) -> object:
    """Connects a provider with a key that one has made there for oneself; the first sync begins by itself."""
    key = body.key.get_secret_value().strip()
    return {"data": {"job_id": await service.connect_by_key(ctx, provider, key, body.ends_on)}}


@router.post("/{source_id}/sync", status_code=202, response_model=One[schemas.SyncStarted])
async def sync_source(source_id: UUID, ctx: Writer) -> object:
    """Fetches what is new, now: the job that does. One that waits or runs already is answered as it is."""
    return {"data": {"job_id": await service.sync(ctx, source_id)}}


@router.delete("/{source_id}", status_code=202, response_model=One[schemas.SyncStarted])
async def delete_source(source_id: UUID, ctx: Writer) -> object:
    """Disconnects: ends the grant at the provider, and removes what the source alone has brought. Workouts that other
    sources or files have recorded too are made anew of those."""
    return {"data": {"job_id": await service.disconnect(ctx, source_id)}}

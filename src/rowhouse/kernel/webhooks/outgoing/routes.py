"""An organization's webhook endpoints over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import requires
from rowhouse.kernel.http.envelope import Many, One, whole
from rowhouse.kernel.http.lists import Asked, paged
from rowhouse.kernel.webhooks.outgoing import endpoints, listing, schemas
from rowhouse.kernel.webhooks.outgoing.models import Endpoint, WebhookDelivery
from rowhouse.kernel.webhooks.outgoing.signing import message_id
from rowhouse.kit.time import now

router = APIRouter()

Reader = Annotated[Ctx, requires("kernel.webhooks.read")]
Writer = Annotated[Ctx, requires("kernel.webhooks.write")]
Director = Annotated[Ctx, requires("kernel.webhooks.write", recent=True)]
"""Who says where events go, or sees a secret, proves once more who they are."""


@router.get("/webhook-event-types", response_model=Many[schemas.EventTypeView])
async def list_event_types(ctx: Reader) -> object:
    """The types of events that endpoints can be sent, each with the JSON Schema of its `data`."""
    found = [
        {
            "type": one.type,
            "title": one.title,
            "permission": one.permission,
            "available": one.permission in ctx.identity.permissions,
            "by_name_only": one.by_name_only,
            "json_schema": one.schema(),
            "example": one.example,
        }
        for one in ctx.platform.registry.published.values()
    ]
    return whole(sorted(found, key=lambda one: str(one["type"])))


@router.get("/webhook-endpoints", response_model=Many[schemas.EndpointView])
async def list_endpoints(ctx: Reader) -> object:
    """The organization's endpoints, the oldest first."""
    return whole([_shown(one) for one in await endpoints.list_endpoints(ctx)])


@router.post("/webhook-endpoints", status_code=201, response_model=One[schemas.NewEndpointView])
async def post_endpoint(ctx: Director, body: schemas.EndpointRequest) -> object:
    """Makes an endpoint. Its secret is shown this once."""
    made, secret = await endpoints.make_endpoint(ctx, body.url, body.description, body.events)
    return {"data": {**_shown(made), "secret": secret}}


@router.get("/webhook-endpoints/{endpoint_id}", response_model=One[schemas.EndpointView])
async def get_endpoint(ctx: Reader, endpoint_id: UUID) -> object:
    """One endpoint."""
    return {"data": _shown(await endpoints.get_endpoint(ctx, endpoint_id))}


@router.patch("/webhook-endpoints/{endpoint_id}", response_model=One[schemas.EndpointView])
async def patch_endpoint(ctx: Director, endpoint_id: UUID, body: schemas.EndpointChange) -> object:
    """Changes address, events or description. Deliveries under way go to the new address."""
    changed = await endpoints.edit_endpoint(
        ctx, endpoint_id, url=body.url, description=body.description, events=body.events
    )
    return {"data": _shown(changed)}


@router.delete("/webhook-endpoints/{endpoint_id}", status_code=204)
async def delete_endpoint(ctx: Writer, endpoint_id: UUID) -> None:
    """Deletes the endpoint with its delivery log; nothing more is sent."""
    await endpoints.delete_endpoint(ctx, endpoint_id)


@router.post("/webhook-endpoints/{endpoint_id}/rotate", response_model=One[schemas.NewEndpointView])
async def rotate_secret(
    ctx: Director, endpoint_id: UUID, body: schemas.RotateSecretRequest | None = None
) -> object:
    """Gives the endpoint a new secret, shown this once. For `overlap_hours` messages carry both signatures."""
    wanted = body or schemas.RotateSecretRequest()
    changed, secret = await endpoints.rotate_secret(ctx, endpoint_id, wanted.overlap_hours)
    return {"data": {**_shown(changed), "secret": secret}}


@router.post("/webhook-endpoints/{endpoint_id}/disable", response_model=One[schemas.EndpointView])
async def disable_endpoint(ctx: Writer, endpoint_id: UUID) -> object:
    """Stops sending. What waits is not delivered, and stays in the log."""
    return {"data": _shown(await endpoints.disable_endpoint(ctx, endpoint_id))}


@router.post("/webhook-endpoints/{endpoint_id}/enable", response_model=One[schemas.EndpointView])
async def enable_endpoint(ctx: Writer, endpoint_id: UUID) -> object:
    """Sends again what happens from now on; the audit log goes on where it stopped."""
    return {"data": _shown(await endpoints.enable_endpoint(ctx, endpoint_id))}


@router.post(
    "/webhook-endpoints/{endpoint_id}/test", status_code=202, response_model=One[schemas.DeliveryView]
)
async def send_test(ctx: Writer, endpoint_id: UUID) -> object:
    """Sends a message of the type `webhook.test`, once; its delivery tells what came of it."""
    return {"data": _delivery(await endpoints.send_test(ctx, endpoint_id))}


@router.get("/webhook-endpoints/{endpoint_id}/deliveries", response_model=Many[schemas.DeliveryView])
async def list_deliveries(
    ctx: Reader,
    endpoint_id: UUID,
    asked: Annotated[Asked, paged(schemas.DeliveryView)],
    state: schemas.DeliveryState | None = None,
    type_: Annotated[str | None, Query(alias="type", max_length=100)] = None,
) -> object:
    """What was sent to the endpoint, the newest first unless `sort` says otherwise."""
    found = await listing.list_deliveries(ctx, endpoint_id, asked.place, state=state, type_=type_)
    return asked.page([_delivery(one) for one in found])


@router.get(
    "/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}",
    response_model=One[schemas.DeliveryDetailView],
)
async def get_delivery(ctx: Reader, endpoint_id: UUID, delivery_id: UUID) -> object:
    """One delivery with what was sent and every try."""
    found = await listing.get_delivery(ctx, endpoint_id, delivery_id)
    return {"data": {**_delivery(found.delivery), "body": found.body, "tries": found.attempts}}


@router.post(
    "/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/retry",
    status_code=202,
    response_model=One[schemas.DeliveryView],
)
async def retry_delivery(ctx: Writer, endpoint_id: UUID, delivery_id: UUID) -> object:
    """Sends the same message once more, under the same id."""
    return {"data": _delivery(await endpoints.retry_delivery(ctx, endpoint_id, delivery_id))}


def _shown(endpoint: Endpoint) -> dict[str, Any]:
    plain = (
        "id", "url", "description", "events", "state", "disabled_reason", "disabled_at", "failing_since",
        "last_success_at", "created_by", "created_at", "updated_at",
    )  # fmt: skip
    moment = now()
    times = {
        name: value if (value := getattr(endpoint, name)) is not None and value > moment else None
        for name in ("held_until", "former_until")
    }
    return {name: getattr(endpoint, name) for name in plain} | times


def _delivery(delivery: WebhookDelivery) -> dict[str, Any]:
    plain = (
        "id",
        "type",
        "state",
        "attempts",
        "status",
        "error",
        "next_attempt_at",
        "delivered_at",
        "created_at",
    )
    return {name: getattr(delivery, name) for name in plain} | {"message_id": message_id(delivery.message_id)}

"""What has happened to one's own sign-ins."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.edge import signed_in
from rowhouse.kernel.http.envelope import Many
from rowhouse.kernel.http.lists import Asked, paged
from rowhouse.kernel.security.events import SENTENCES, list_events
from rowhouse.kernel.security.schemas import SecurityEventView
from rowhouse.kernel.sessions.agents import device_name

router = APIRouter(prefix="/auth")


@router.get("/security-events", response_model=Many[SecurityEventView])
async def list_security_events(
    ctx: Annotated[Ctx, signed_in()],
    asked: Annotated[Asked, paged(SecurityEventView, sorts={"at": (UUID,)}, default="-at")],
) -> object:
    """The person's own security events, the newest first unless `sort` says otherwise; each was mailed, too."""
    found = await list_events(ctx, asked.place)
    shown = [
        {
            "id": event.id,
            "at": event.created_at,
            "kind": event.kind,
            "sentence": SENTENCES[event.kind],
            "details": event.details,
            "device": device_name(event.user_agent),
            "client_address": event.client_address,
            "place": event.place,
        }
        for event in found
    ]
    return asked.page(shown)

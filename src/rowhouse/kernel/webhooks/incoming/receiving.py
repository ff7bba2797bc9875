"""Taking a webhook: its path, its size, its signature, then one transaction that stores it with its job. Nothing of the
body is read before it is proved, and nothing is worked on before the provider has its answer."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from fastapi import Request
from sqlalchemy.dialects.postgresql import insert
from starlette.requests import ClientDisconnect

from rowhouse.kernel.context import NOBODY, Ctx, Identity
from rowhouse.kernel.errors import AppError, PayloadTooLarge
from rowhouse.kernel.jobs.models import NO_ORGANIZATION
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kernel.webhooks.counting import count
from rowhouse.kernel.webhooks.incoming.errors import WebhookRefused, WebhookTooSlow, WebhookUnreadable
from rowhouse.kernel.webhooks.incoming.models import ProviderEvent, ReceivedWebhook
from rowhouse.kernel.webhooks.incoming.processing import PROCESS_WEBHOOK
from rowhouse.kernel.webhooks.incoming.provider import LONGEST_ID, LONGEST_TYPE, Notice, WebhookProvider
from rowhouse.kernel.webhooks.incoming.signatures import Arrival, same
from rowhouse.kit.ids import uuid7

LARGEST_BYTES = 512 * 1024
READ_WITHIN_S = 5.0

Status = Literal["accepted", "replayed"]


async def receive(ctx: Ctx, name: str, path: str, request: Request, *, register: str | None = None) -> Status:
    """Stores the webhook once, however often it comes. `register` is the name that its event's ids are kept under.
    Raises `WebhookRefused`, `WebhookUnreadable`, `WebhookTooSlow`, `PayloadTooLarge`."""
    provider = ctx.platform.registry.webhook_providers.get(name)
    try:
        notice = await _proved(ctx, provider, path, request)
    except AppError as error:
        reason = error.reason if isinstance(error, WebhookRefused) else error.code
        count("in", provider.name if provider else "unknown", reason)
        raise
    assert provider is not None  # `_proved` refuses what nobody declared
    if notice is None:
        count("in", provider.name, "greeted")
        return "accepted"
    status = await _store(ctx, provider, register or provider.name, notice)
    count("in", provider.name, status)
    return status


def greet(ctx: Ctx, name: str, path: str, query: Mapping[str, str]) -> Mapping[str, Any]:
    """The answer to a provider that asks before it sends. Raises `WebhookRefused`."""
    provider = _listening(ctx, name, path)
    answer = (
        provider.handshake(provider.credentials_of(ctx.platform.settings), query)
        if provider.handshake
        else {}
    )
    if answer is None:
        count("in", provider.name, "handshake_refused")
        raise WebhookRefused("handshake_refused")
    return answer


def _listening(ctx: Ctx, name: str, path: str) -> WebhookProvider:
    """The provider of this path. Raises `WebhookRefused`."""
    provider = ctx.platform.registry.webhook_providers.get(name)
    if provider is None or not same(path, provider.credentials_of(ctx.platform.settings).known_paths()):
        count("in", provider.name if provider else "unknown", "wrong_path")
        raise WebhookRefused("wrong_path")
    return provider


async def _proved(ctx: Ctx, provider: WebhookProvider | None, path: str, request: Request) -> Notice | None:
    """The proved notice; None for a greeting, which nothing comes of."""
    if provider is None:
        raise WebhookRefused("unknown_provider")
    credentials = provider.credentials_of(ctx.platform.settings)
    secrets = credentials.known_secrets()
    needed = provider.scheme.signed and provider.greets is None
    if not credentials.known_paths() or (needed and not secrets):
        raise WebhookRefused("not_configured")
    if not same(path, credentials.known_paths()):
        raise WebhookRefused("wrong_path")
    headers = {key.lower(): value for key, value in request.headers.items()}
    arrival = Arrival(headers, await _read(request), time.time())
    if provider.greets is not None and provider.greets(arrival):
        return None
    bound = provider.scheme.verify(secrets, arrival)
    id_, type_ = provider.read(arrival)
    if not id_ or "\0" in id_ + type_:
        raise WebhookUnreadable
    return Notice(id_[:LONGEST_ID], type_[:LONGEST_TYPE], arrival.body, bound)


async def _read(request: Request) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST_BYTES:
                    raise PayloadTooLarge
    except (TimeoutError, ClientDisconnect) as error:
        raise WebhookTooSlow from error
    return bytes(body)


async def _store(ctx: Ctx, provider: WebhookProvider, register: str, notice: Notice) -> Status:
    # The second of two at once waits here for the first one's commit.
    new = await ctx.session.scalar(
        insert(ProviderEvent)
        .values(provider=register, event_id=notice.id, type=notice.type, outcome="received")
        .on_conflict_do_nothing()
        .returning(ProviderEvent.event_id)
    )
    if new is None:
        return "replayed"
    found = await provider.organization(ctx, notice) if provider.organization else None
    there = ctx if found is None else await acting_as(ctx, Identity(organization_id=found))
    await _keep(there, found, provider.name, register, notice)
    if found is not None:
        await acting_as(ctx, NOBODY)
    return "accepted"


async def _keep(ctx: Ctx, organization_id: UUID | None, name: str, register: str, notice: Notice) -> None:
    job_id = uuid7()
    arguments = {"provider": name, "register": register}
    # Enqueued first: it names the job to the wall, and the webhook is seen by it alone where there is no organization.
    await enqueue(ctx, PROCESS_WEBHOOK, arguments, job_id=job_id)
    ctx.session.add(
        ReceivedWebhook(
            organization_id=organization_id or NO_ORGANIZATION,
            id=job_id,
            provider=name,
            event_id=notice.id,
            type=notice.type,
            bound=notice.bound,
            body=notice.body,
        )
    )
    await ctx.session.flush()

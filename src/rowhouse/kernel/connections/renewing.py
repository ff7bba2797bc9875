"""The access token of a connection, renewed before it ends.

One process renews at a time: it takes the row's *lease*, a column with an owner and an end, since behind PgBouncer no
lock outlives a transaction and none may be held while the service is asked. What it gets is written only after the
generation that it read; a process that slept through its lease can't put old tokens over new ones.

What if we die between the service's answer and our commit? Where refresh tokens are good for one use, the kept one is
spent then and the new one lost. When the lease has run out the next process tries the kept one once more, which
services with a grace take; where it is refused the connection needs its person again (`needs_reauth`, mail and notice),
and nothing else is lost: syncs go on from their cursor. Being asked to stop does not lead there: what has been begun is
finished and written first. No other transaction's fate (a job's lost claim, a suspended organization) undoes it.
"""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import select, text

from rowhouse.kernel.connections.counting import count
from rowhouse.kernel.connections.errors import ConnectionBusy, ReauthorizationNeeded, TokensRefused
from rowhouse.kernel.connections.models import Connection
from rowhouse.kernel.connections.refusals import need_reauth
from rowhouse.kernel.connections.service_kinds import find_service
from rowhouse.kernel.connections.tokens import Kept, ask_tokens, is_due, keep
from rowhouse.kernel.context import Ctx, Identity, RequestInfo
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.oauth.errors import ProviderAway
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now

LEASE_S = 60
WAIT_S = 15.0
LOOK_S = 0.25

LEASE = text(
    """
    UPDATE kernel.connections SET lease_id = :lease, lease_until = now() + make_interval(secs => :seconds)
    WHERE organization_id = :org AND id = :id AND state = :state AND generation = :generation
        AND (lease_until IS NULL OR lease_until < now())
    RETURNING id
    """
)
WRITE = text(
    """
    UPDATE kernel.connections SET
        token_sealed = :sealed, access_until = :access_until,
        refresh_until = coalesce(cast(:refresh_until AS timestamptz), refresh_until), refreshable = :refreshable,
        generation = generation + 1, renewed_at = now(), refusal = NULL, lease_id = NULL, lease_until = NULL,
        state = CASE WHEN state = 'revoking' THEN state ELSE 'connected' END
    WHERE organization_id = :org AND id = :id AND generation = :generation
    RETURNING generation
    """
)
RELEASE = text(
    "UPDATE kernel.connections SET lease_id = NULL, lease_until = NULL"
    " WHERE organization_id = :org AND id = :id AND lease_id = :lease"
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Token:
    """An access token that is good for now; `generation` names it where the service refuses it all the same."""

    value: str
    generation: int


@dataclass(frozen=True, slots=True)
class _Seen:
    """A connection as it was read, opened."""

    service: str
    generation: int
    held: dict[str, Any]
    due: bool
    over: bool
    leased: bool

    @property
    def token(self) -> Token:
        return Token(str(self.held["access_token"]), self.generation)


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps the tokens of one connection, as the account that it is of, while it is in this `state`. Called outside of any
    transaction."""

    platform: Platform
    identity: Identity
    request: RequestInfo
    connection_id: UUID
    state: str = "connected"

    async def token(self, *, worn: int | None = None) -> Token:
        """A token that can be used. `worn` is the generation of one that the service has refused: it is renewed even if
        it should be good. While the service is away, or somebody else renews, what is known serves to its end. Raises
        `ReauthorizationNeeded`, `ProviderAway`, `ConnectionBusy`, `NotFound`."""
        assert self.identity.organization_id is not None  # a connection is somebody's
        sealer = await self.platform.vault.opening(self.identity.organization_id)
        deadline = asyncio.get_running_loop().time() + WAIT_S
        while True:
            seen = await self._look(sealer)
            if not seen.due and seen.generation != worn:
                return seen.token
            lease = None if seen.leased else await self._lease(seen)
            if lease is not None:
                return await self._renewed(seen, lease, serves=not seen.over and seen.generation != worn)
            if not seen.over and seen.generation != worn:
                return seen.token
            if asyncio.get_running_loop().time() > deadline:
                raise ConnectionBusy
            await asyncio.sleep(LOOK_S)

    async def refuse(self, generation: int, word: str) -> None:
        """The service took back what this generation's token stood for: the person is asked to connect again."""
        async with open_context(self.platform, self.identity, self.request) as ctx:
            await need_reauth(ctx, self.connection_id, generation, word)

    async def _look(self, sealer: Any) -> _Seen:
        async with open_context(self.platform, self.identity, self.request) as ctx:
            row = await find(ctx, self.connection_id)
            if row is not None and row.state == "needs_reauth":
                raise ReauthorizationNeeded
            if row is None or row.state != self.state:
                raise NotFound("There is no such connection.")
            return _Seen(
                row.service,
                row.generation,
                sealer.open_mapping(row.token_sealed),
                due=is_due(row.access_until, row.renewed_at),
                over=row.access_until is not None and row.access_until <= now(),
                leased=row.lease_until is not None and row.lease_until > now(),
            )

    async def _lease(self, seen: _Seen) -> UUID | None:
        lease = uuid4()
        async with open_context(self.platform, self.identity, self.request) as ctx:
            values = {"generation": seen.generation, "lease": lease, "seconds": LEASE_S, "state": self.state}
            taken = await ctx.session.scalar(LEASE, {**self._key(ctx), **values})
        return lease if taken is not None else None

    async def _renewed(self, seen: _Seen, lease: UUID, *, serves: bool) -> Token:
        """Renews and writes; whoever is asked to stop meanwhile stops when that is done."""
        renewing = asyncio.ensure_future(self._renew(seen, lease))
        try:
            return await asyncio.shield(renewing)
        except ProviderAway:
            if not serves:
                raise
            return seen.token
        except asyncio.CancelledError:
            await asyncio.wait({renewing})
            raise

    async def _renew(self, seen: _Seen, lease: UUID) -> Token:
        service = find_service(self.platform, seen.service)
        refresh = seen.held.get("refresh_token")
        if not refresh:
            await self.refuse(seen.generation, "token_ended")
            raise ReauthorizationNeeded
        assert self.identity.organization_id is not None  # as above
        # Whatever may fail by itself comes before the refresh token is spent.
        sealer = await self.platform.vault.opening(self.identity.organization_id)
        try:
            form = {"grant_type": "refresh_token", "refresh_token": str(refresh)}
            tokens = await ask_tokens(service, form)
        except TokensRefused as refusal:
            count(seen.service, "refresh", "refused")
            await self.refuse(seen.generation, refusal.word or "refused")
            raise ReauthorizationNeeded from refusal
        except ProviderAway:
            count(seen.service, "refresh", "away")
            await self._release(lease)
            raise
        count(seen.service, "refresh", "renewed")
        generation = await self._write(keep(sealer, tokens, seen.held), seen.generation)
        return Token(str(tokens["access_token"]), generation)

    async def _write(self, kept: Kept, generation: int) -> int:
        async with open_context(self.platform, self.identity, self.request) as ctx:
            values = {
                "sealed": kept.sealed,
                "access_until": kept.access_until,
                "refresh_until": kept.refresh_until,
                "refreshable": kept.refreshable,
                "generation": generation,
            }
            written: int | None = await ctx.session.scalar(WRITE, {**self._key(ctx), **values})
        if written is None:
            # Connected anew or ended meanwhile: these tokens follow nothing any more.
            log.warning("tokens_came_late", connection_id=str(self.connection_id))
            raise ConnectionBusy
        return written

    async def _release(self, lease: UUID) -> None:
        async with open_context(self.platform, self.identity, self.request) as ctx:
            await ctx.session.execute(RELEASE, {**self._key(ctx), "lease": lease})

    def _key(self, ctx: Ctx) -> dict[str, Any]:
        return {"org": ctx.org, "id": self.connection_id}


async def find(ctx: Ctx, connection_id: UUID, *, lock: bool = False) -> Connection | None:
    """The connection, if it is the context's own."""
    query = select(Connection).where(
        Connection.organization_id == ctx.org,
        Connection.account_id.is_not_distinct_from(ctx.identity.account_id),
        Connection.id == connection_id,
    )
    found: Connection | None = await ctx.session.scalar(query.with_for_update() if lock else query)
    return found

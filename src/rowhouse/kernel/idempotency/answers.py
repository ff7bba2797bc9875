"""Claiming a key, and keeping the answer to it.

A claim is an advisory lock of the request's own transaction, and the answer is a row written in it: both come about
with the effect or not at all. Whoever dies half-way leaves neither, and the next try does the work.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import orjson
from sqlalchemy import ColumnElement, Delete, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import BadRequest, Conflict
from rowhouse.kernel.idempotency.models import IdempotentAnswer
from rowhouse.kernel.sessions.acting import acting_as, apart

LIFE = timedelta(hours=24)
LONGEST_KEY = 255
AGAIN_S = 1
KEPT_HEADERS = ("content-type", "etag", "location")

LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:scope, 0))")


class IdempotencyKeyInvalid(BadRequest):
    code, title = "idempotency_key_invalid", "An Idempotency-Key is 1 to 255 printable ASCII characters."


class IdempotencyKeyReused(Conflict):
    code = "idempotency_key_reused"
    title = "This Idempotency-Key was used for another request; take a new key for a new one."


class IdempotencyInProgress(Conflict):
    code = "idempotency_in_progress"
    title = "The first request with this Idempotency-Key is still under way; try again in a moment."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": str(AGAIN_S)})


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """One account's key at one route. `streamed`: the body is read by the route itself, bit by bit; then the key alone
    says that it is the same request, and no transaction is held while it comes in."""

    ctx: Ctx
    route: str
    key: str
    fingerprint: bytes
    streamed: bool

    async def answered(self) -> Answer | None:
        """The answer that is to be given again; None where the work is to be done, which this claims for its caller.
        Raises `IdempotencyKeyReused`, `IdempotencyInProgress`."""
        if self.streamed:
            async with apart(self.ctx, self.ctx.identity) as own:
                return await self._find(own)
        scope = f"{self.ctx.org} {self.ctx.account} {self.route} {self.key}"
        if not await self.ctx.session.scalar(LOCK, {"scope": scope}):
            raise IdempotencyInProgress
        # In a statement after the lock's: what its last holder has committed is seen.
        return await self._find(self.ctx)

    async def keep(self, answer: Answer) -> None:
        """Writes the answer in the request's transaction. Raises `IdempotencyInProgress` where another request with
        the key was quicker; then nothing of this one may stay."""
        # The service may have gone on as another account; the key is the caller's.
        ctx = await acting_as(self.ctx, self.ctx.identity)
        content = [answer.status, dict(answer.headers), base64.b64encode(answer.body).decode()]
        values = {
            "fingerprint": self.fingerprint,
            "status": answer.status,
            "answer": ctx.platform.sealer.seal(orjson.dumps(content)),
        }
        await ctx.session.execute(_outlived().where(*self._mine()))
        written = await ctx.session.execute(
            insert(IdempotentAnswer)
            .values(organization_id=ctx.org, account_id=ctx.account, route=self.route, key=self.key, **values)
            .on_conflict_do_nothing()
            .returning(IdempotentAnswer.key)
        )
        if written.one_or_none() is None:
            raise IdempotencyInProgress

    async def _find(self, ctx: Ctx) -> Answer | None:
        statement = select(IdempotentAnswer.fingerprint, IdempotentAnswer.answer).where(
            *self._mine(), IdempotentAnswer.created_at > func.now() - LIFE
        )
        found = (await ctx.session.execute(statement)).one_or_none()
        if found is None:
            return None
        if found.fingerprint != self.fingerprint:
            raise IdempotencyKeyReused
        status, headers, body = orjson.loads(ctx.platform.sealer.open(found.answer))
        return Answer(status, headers, base64.b64decode(body))

    def _mine(self) -> tuple[ColumnElement[bool], ...]:
        return (
            IdempotentAnswer.organization_id == self.ctx.org,
            IdempotentAnswer.account_id == self.ctx.account,
            IdempotentAnswer.route == self.route,
            IdempotentAnswer.key == self.key,
        )


def claim(ctx: Ctx, key: str, route: str, path: str, query: bytes, body: bytes | None) -> Claim:
    """`body` is None where the route streams it. Raises `IdempotencyKeyInvalid`."""
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise IdempotencyKeyInvalid
    asked = hashlib.sha256(orjson.dumps([path, query.decode("latin-1")]))
    asked.update(body or b"")
    return Claim(ctx, route, key, asked.digest(), body is None)


def _outlived() -> Delete:
    return delete(IdempotentAnswer).where(IdempotentAnswer.created_at <= func.now() - LIFE)

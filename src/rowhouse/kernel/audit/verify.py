"""Recomputing a chain from its first batch to its head, and naming the first place where it is not what it was.

Everything is recomputed with functions that PostgreSQL brings itself, not with those that wrote the log. What each
kind of tampering shows as:

    altered entry    the batch's digest is not that of its entries
    removed entry    the batch has fewer (or more) entries than it counted
    removed batch    a link leads to no batch
    gap              a number of the chain is missing
    altered link     a link's hash does not follow from the one before
    cut tail         the chain ends before its head, before a signed head, or past them
    stray rows       batches or entries that no link leads to
    false beginning  the chain begins later than at 1, and we have not signed that

A chain whose older months were dropped begins with the last link of those.
"""

import hashlib
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text

from rowhouse.kernel.audit.beginnings import Began, is_genuine
from rowhouse.kernel.audit.heads import SignedHead, newest_head
from rowhouse.kernel.context import Ctx

Kind = Literal[
    "altered entry",
    "removed entry",
    "removed batch",
    "gap",
    "altered link",
    "cut tail",
    "stray rows",
    "false beginning",
]
LINKS_AT_ONCE = 1000

ENDS = text(
    """
    SELECT audit.heads.seq, audit.heads.hash,
        coalesce(audit.heads.entries, 0) - coalesce(audit.beginnings.entries, 0) AS entries,
        coalesce(audit.beginnings.seq, 0) AS began, audit.beginnings.hash AS began_hash,
        (SELECT max(seq) FROM audit.links WHERE audit.links.organization_id = :org) AS last,
        (SELECT count(*) FROM audit.batches WHERE audit.batches.organization_id = :org) AS batches,
        (SELECT count(*) FROM audit.entries WHERE audit.entries.organization_id = :org) AS found
    FROM (SELECT 1) AS one LEFT JOIN audit.heads ON audit.heads.organization_id = :org
        LEFT JOIN audit.beginnings ON audit.beginnings.organization_id = :org
    """
)
"""One statement, so that all of it is of one moment."""

LINKS = text(
    """
    SELECT l.seq, l.hash, l.batch_at, l.batch_id, b.digest, b.entries, coalesce(e.found, 0) AS found,
        sha256(convert_to(jsonb_build_array(b.organization_id, (extract(epoch FROM b.at) * 1000000)::bigint, b.id,
            b.actor_account_id, b.actor_user_id, b.operator_id, b.request_id, b.client_address, b.user_agent, b.action,
            b.resource_kind, b.outcome, b.details, b.entries)::text || E'\\n' || coalesce(e.texts, ''), 'UTF8'))
            AS recomputed
    FROM (
        SELECT * FROM audit.links WHERE audit.links.organization_id = :org AND seq > :after ORDER BY seq LIMIT :limit
    ) AS l
    LEFT JOIN LATERAL (
        SELECT * FROM audit.batches
        WHERE audit.batches.organization_id = :org AND at = l.batch_at AND id = l.batch_id
    ) AS b ON true
    LEFT JOIN LATERAL (
        SELECT count(*) AS found, string_agg(position::text || ' '
            || coalesce(length(resource_id)::text || ':' || resource_id, '-')
            || coalesce(length(changes::text)::text || ':' || changes::text, '-')
            || coalesce(encode(commitment, 'hex'), '-') || E'\\n', '' ORDER BY position) AS texts
        FROM audit.entries
        WHERE audit.entries.organization_id = :org AND at = l.batch_at AND batch_id = l.batch_id
    ) AS e ON true
    ORDER BY l.seq
    """
)


@dataclass(frozen=True, slots=True)
class Problem:
    """The first wrong place of a chain."""

    kind: Kind
    seq: int
    where: str

    def __str__(self) -> str:
        return f"{self.kind} at {self.seq}: {self.where}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found: how many batches and entries it went through, and the problem if any."""

    organization_id: UUID
    batches: int
    entries: int
    problem: Problem | None = None

    @property
    def ok(self) -> bool:
        return self.problem is None


async def verify(ctx: Ctx) -> Verdict:
    """Recomputes the chain of the context's organization. What others commit meanwhile is left to the next time."""
    ends = (await ctx.session.execute(ENDS, {"org": ctx.org})).one()
    signed = await newest_head(ctx.platform.storage, ctx.platform.sealer, ctx.org)
    walk = _Walk(ctx.org, signed)
    problem = await _begin(ctx, walk, ends)
    problem = problem or await _follow(ctx, walk, ends.last or 0)
    problem = problem or walk.judge_end(ends)
    return Verdict(ctx.org, walk.seq - walk.began, walk.entries, problem)


async def _begin(ctx: Ctx, walk: "_Walk", ends: Any) -> Problem | None:
    if not ends.began:
        return None
    began = Began(ends.began, ends.began_hash)
    if not await is_genuine(ctx.platform.storage, ctx.platform.sealer, ctx.org, began):
        return Problem("false beginning", began.seq, "no beginning there was signed by our keys")
    return walk.begin(began)


async def _follow(ctx: Ctx, walk: "_Walk", last: int) -> Problem | None:
    while walk.seq < last:
        limit = min(LINKS_AT_ONCE, last - walk.seq)
        rows = (await ctx.session.execute(LINKS, {"org": ctx.org, "after": walk.seq, "limit": limit})).all()
        for row in rows:
            problem = walk.judge(row)
            if problem is not None:
                return problem
        if not rows:
            return Problem("gap", walk.seq + 1, f"nothing follows, and {last} is the last number")
    return None


class _Walk:
    """A walk along a chain: where it is, and the hash there."""

    def __init__(self, organization_id: UUID, signed: SignedHead | None) -> None:
        self.seq = 0
        self.began = 0
        self.entries = 0
        self._hash = organization_id.bytes
        self._signed = signed

    def begin(self, began: Began) -> Problem | None:
        """Steps to where the chain begins; the problem if a signed head says otherwise."""
        self.seq = self.began = began.seq
        self._hash = began.hash
        return self._judge_signed()

    def judge(self, row: Any) -> Problem | None:
        """Takes one step; the problem if the link does not hold."""
        expected = self.seq + 1
        if row.seq != expected:
            return Problem("gap", expected, f"the next number is {row.seq}")
        where = f"batch {row.batch_id} of {row.batch_at.isoformat()}"
        if row.digest is None:
            return Problem("removed batch", expected, where)
        if row.found != row.entries:
            return Problem("removed entry", expected, f"{where} has {row.found} of {row.entries} entries")
        if row.recomputed != row.digest:
            return Problem("altered entry", expected, where)
        if row.hash != _hash(self._hash, expected, row.digest):
            return Problem("altered link", expected, where)
        self.seq, self._hash = expected, row.hash
        self.entries += row.entries
        return self._judge_signed()

    def judge_end(self, ends: Any) -> Problem | None:
        """Whether the chain ends where its head and the signed head say, and nothing stands beside it."""
        signed = self._signed
        if signed is not None and not signed.genuine:
            return Problem(
                "cut tail", self.seq, "the newest signed head in storage is not signed by our keys"
            )
        if signed is not None and signed.seq > self.seq:
            return Problem("cut tail", self.seq, f"the head signed on {signed.day} is at {signed.seq}")
        if (ends.seq or 0) != self.seq or (self.seq and ends.hash != self._hash):
            return Problem("cut tail", self.seq, f"the head is at {ends.seq or 0}")
        walked = self.seq - self.began
        if (ends.batches, ends.found, ends.entries) != (walked, self.entries, self.entries):
            return Problem(
                "stray rows", self.seq, f"{ends.batches} batches and {ends.found} entries are there"
            )
        return None

    def _judge_signed(self) -> Problem | None:
        signed = self._signed
        if signed is None or not signed.genuine or signed.seq != self.seq or signed.hash == self._hash.hex():
            return None
        return Problem("altered link", self.seq, f"the head signed on {signed.day} has another hash")


def _hash(former: bytes, seq: int, digest: bytes) -> bytes:
    return hashlib.sha256(former + seq.to_bytes(8, "big") + digest).digest()

"""Who is asking, for which organization, in which transaction: the one thing that every service takes first."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from rowhouse.kernel.db.database import CompiledQuery, Transaction
from rowhouse.kernel.platform import Platform


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """Where a request came from; a job carries the id of the request that asked for it."""

    id: str
    client_address: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """The organization, person and account on whose behalf something runs; all None before sign-in.

    `permissions` are those that the account holds here and now. `methods` are the ways in which the person proved
    who they are, last at `authenticated_at`. `api_key_id` is set where a key acts for the account, `operator_id`
    where an operator looks through its eyes.
    """

    organization_id: UUID | None = None
    user_id: UUID | None = None
    account_id: UUID | None = None
    session_id: UUID | None = None
    role: str | None = None
    permissions: frozenset[str] = frozenset()
    authenticated_at: datetime | None = None
    methods: frozenset[str] = frozenset()
    api_key_id: UUID | None = None
    operator_id: UUID | None = None


NOBODY = Identity()

AfterCommit = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Ctx:
    """One request's or job's context. `session` begins its transaction, with the tenant bound, at its first
    statement; only the edge commits it. `read` does without, where nothing is written: hot reads go that way.
    `after_commit` holds best-effort work, such as waking a worker: no fact may depend on it."""

    identity: Identity
    request: RequestInfo
    transaction: Transaction
    platform: Platform
    after_commit: list[AfterCommit] = field(default_factory=list)

    @property
    def session(self) -> AsyncSession:
        return self.transaction.session

    async def read(self, query: CompiledQuery, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """The rows of a query that was built once, in one round trip with the context."""
        return await self.transaction.read(query, values)

    @property
    def org(self) -> UUID:
        """The organization; asking for it where there is none is a programming error."""
        if self.identity.organization_id is None:
            raise LookupError("this context has no organization")
        return self.identity.organization_id

    @property
    def account(self) -> UUID:
        if self.identity.account_id is None:
            raise LookupError("this context has no account")
        return self.identity.account_id

    @property
    def user(self) -> UUID:
        if self.identity.user_id is None:
            raise LookupError("this context has no person")
        return self.identity.user_id

    @property
    def operator(self) -> UUID:
        if self.identity.operator_id is None:
            raise LookupError("this context has no operator")
        return self.identity.operator_id

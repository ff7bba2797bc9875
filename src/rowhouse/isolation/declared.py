"""What is not a plain tenant table, plain route or plain key, each with its reason. Nothing else is excused.

A table with `organization_id` that is not named here is a tenant's; a table without one must be named.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

WallKind = Literal["tenant", "person", "platform"]

ORGANIZATION = "(organization_id = ( SELECT app.org()))"
PERSON = "(user_id = ( SELECT app.person()))"
ATHLETE = "(athlete_id = ( SELECT app.account()))"
ACCOUNT = "(NOT (account_id IS DISTINCT FROM ( SELECT app.account())))"
NAMED_JOB = (
    "((organization_id = ( SELECT app.org())) OR (((organization_id ="
    " '00000000-0000-0000-0000-000000000000'::uuid) AND (id = ( SELECT app.job()))) IS TRUE))"
)
EVERYBODY = "true"


@dataclass(frozen=True, slots=True)
class Wall:
    """How one table is held. Conditions are as PostgreSQL prints them (`reading.normal`).

    `condition` is that of the permissive policies and of the fence; `commands` differ for single commands;
    `written` is the fence's condition on what is written, where it differs; `fences` are further restrictive
    policies by name. `key` is the column that keys begin with.
    """

    kind: WallKind
    reason: str
    condition: str
    key: str | None
    commands: Mapping[str, str] = field(default_factory=dict)
    fences: Mapping[str, str] = field(default_factory=dict)
    written: str | None = None


TENANT = Wall("tenant", "", ORGANIZATION, "organization_id")

WALLS: Mapping[str, Wall] = {
    "kernel.organizations": Wall(
        "tenant", "the tenant itself: its id is the organization", "(id = ( SELECT app.org()))", "id"
    ),
    "kernel.accounts": Wall(
        "tenant",
        "a person sees their own accounts in every organization, to switch between them; writes stay inside",
        f"({ORGANIZATION} OR {PERSON})",
        "organization_id",
        commands={"INSERT": ORGANIZATION, "UPDATE": ORGANIZATION},
        written=ORGANIZATION,
    ),
    "kernel.jobs": Wall(
        "tenant",
        "a job from before sign-in (mail with a code) has no organization and is seen by whoever names its id",
        NAMED_JOB,
        "organization_id",
        fences={"account_fence": ACCOUNT},
    ),
    "kernel.outbox": Wall(
        "tenant",
        "payloads can hold health data: inside the organization an event is its account's",
        ORGANIZATION,
        "organization_id",
        fences={"account_fence": ACCOUNT},
    ),
    "kernel.users": Wall(
        "person", "a person has one row, whatever their organizations", "(id = ( SELECT app.person()))", "id"
    ),
    "kernel.email_codes": Wall("person", "exists before any organization does", PERSON, "user_id"),
    "kernel.sessions": Wall(
        "person", "a person's sessions are listed and ended across their organizations", PERSON, "user_id"
    ),
    "kernel.refresh_tokens": Wall("person", "belongs to a session", PERSON, "user_id"),
    "kernel.signing_keys": Wall(
        "platform",
        "every process signs with the same keys; the private halves are sealed by the master key",
        EVERYBODY,
        None,
    ),
    "public.alembic_version": Wall("platform", "Alembic's mark: which revision this is", EVERYBODY, None),
}

READABLE = frozenset({"public.alembic_version"})
"""Tables without row-level security, which hold nobody's rows: health may read them, nobody but their owner write."""

UNIQUE_ACROSS: Mapping[str, str] = {
    "kernel.users.users_email_key_key": "signing in by email finds one person; the answers never tell whether",
}
"""Unique constraints that do not begin with the wall's key."""

REFERENCES_OUT: Mapping[str, str] = {
    "kernel.accounts.accounts_user_id_fkey": "an account is a person's; people would be a reference table in Citus",
    "kernel.sessions.sessions_organization_id_account_id_fkey": "a session acts as an account of its person; in"
    " Citus this constraint would go, and resolve.session() checks the same at every use",
}
"""Foreign keys between a tenant's and a person's table."""

FUNCTIONS: Mapping[str, str] = {
    "resolve.login(text)": "the password hash of one email, before anybody is signed in",
    "resolve.session(uuid)": "whom a session acts for, while it lasts",
    "resolve.refresh(bytea)": "whose refresh token this is; the caller has the token",
    "resolve.own_accounts()": "the names of the organizations in which the context's own person has accounts",
    "resolve.api_key(uuid)": "for whom an API key acts, and the hashes that its secret is compared with",
    "resolve.presences()": "the ids of sessions and keys in the context's own organization, to have them read anew",
    "resolve.job(uuid)": "for whom a job runs, before its worker has a context; the caller has its id",
}
"""The SECURITY DEFINER functions."""

RESOLVER_READS: Mapping[str, tuple[str, ...]] = {
    "kernel.users": ("id", "email_key", "password_hash", "email_verified_at", "state"),
    "kernel.organizations": ("id", "name", "kind", "state", "settings"),
    "kernel.accounts": ("organization_id", "id", "user_id", "role", "state"),
    "kernel.sessions": (
        "user_id",
        "id",
        "organization_id",
        "account_id",
        "expires_at",
        "ended_at",
        "methods",
        "authenticated_at",
        "operator_id",
    ),
    "kernel.roles": ("organization_id", "name", "holds"),
    "kernel.api_keys": (
        "organization_id",
        "id",
        "account_id",
        "scope",
        "secret_hash",
        "former_hash",
        "former_until",
        "expires_at",
        "revoked_at",
    ),
    "kernel.refresh_tokens": ("user_id", "id", "session_id", "token_hash"),
    "kernel.jobs": ("organization_id", "id", "kind", "account_id", "user_id", "request_id"),
}
"""The columns that those functions may read, over all tenants."""


@dataclass(frozen=True, slots=True)
class AdminAccess:
    """What the scheduler's role may do with one table over all tenants: `PRIVILEGE` or `PRIVILEGE column`."""

    reason: str
    grants: frozenset[str]


_SWEPT = ("organization_id", "id", "kind", "state", "run_at", "publish_at", "claimed_until")
ADMIN: Mapping[str, AdminAccess] = {
    "kernel.jobs": AdminAccess(
        "the sweeper sees when jobs are due, never what they hold",
        frozenset({*(f"SELECT {column}" for column in _SWEPT), "UPDATE publish_at"}),
    ),
    "kernel.signing_keys": AdminAccess("makes and retires keys", frozenset({"SELECT", "INSERT", "UPDATE"})),
}

CONTEXT_FUNCTIONS: Mapping[str, str] = {
    "app.org()": "rowhouse.organization_id",
    "app.person()": "rowhouse.user_id",
    "app.account()": "rowhouse.account_id",
    "app.job()": "rowhouse.job_id",
}
"""The functions that policies ask, and the setting that each reads."""

OPEN_ROUTES: Mapping[str, str] = {
    "POST /api/v1/auth/register": "nobody is signed in yet; the answer is the same for a known email",
    "POST /api/v1/auth/resend-code": "likewise",
    "POST /api/v1/auth/verify-email": "the mailed code is the credential",
    "POST /api/v1/auth/login": "email and password are the credential",
    "POST /api/v1/auth/refresh": "the refresh token is the credential",
    "GET /api/v1/auth/csrf-token": "needed before signing in; good for one's own session alone",
    "GET /.well-known/jwks.json": "public keys are public",
    "GET /openapi.json": "the contract is public",
    "GET /health": "operation: the state of parts, no tenant's data",
    "GET /ready": "operation",
    "GET /api/v1/errors": "the dictionary of error codes",
    "GET /dev/mail": "mails of a local run; answers 404 unless mail is written to a folder outside production",
    "GET /dev/mail/{name}": "likewise",
}
"""Routes that answer without a signed-in account."""

REDIS_KEYS: Mapping[str, str] = {
    "session_key": "the state of one session, by its random id; written from resolve.session()",
    "limit_key": "a counter, its subject hashed",
    "worker_heartbeat": "a process's sign of life",
    "SCHEDULER_HEARTBEAT": "a process's sign of life",
    "WORKER_HEARTBEATS": "the pattern of the above",
}
"""Builders and constants of kernel/redis.py whose keys hold no tenant's data. All others begin `org:{id}:`."""

STORAGE_KEYS: Mapping[str, str] = {
    "health": "the folder of the probe's object, which never exists",
}
"""Storage keys that are no organization's."""

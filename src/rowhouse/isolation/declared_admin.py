"""What the scheduler's role may do with tables over all tenants, each with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AdminAccess:
    """What the scheduler's role may do with one table over all tenants: `PRIVILEGE` or `PRIVILEGE column`."""

    reason: str
    grants: frozenset[str]


_SWEPT = (
    "organization_id", "id", "kind", "state", "run_at", "claimed_until", "queue", "internal", "subject", "error_code",
    "discarded_at", "attempts", "created_at", "started_at", "finished_at",
)  # fmt: skip
_STORED = (
    "organization_id", "id", "position", "type", "aggregate_id", "account_id", "user_id", "request_id", "created_at",
)  # fmt: skip
_LISTED = ("id", "kind", "name", "state", "suspended_reason", "deleted_at", "erase_at", "created_at")
ADMIN: Mapping[str, AdminAccess] = {
    "audit.heads": AdminAccess(
        "signs where each chain ends, daily",
        frozenset({"SELECT organization_id", "SELECT seq", "SELECT hash", "SELECT entries"}),
    ),
    "audit.beginnings": AdminAccess(
        "keeps where a chain begins whose older part is gone", frozenset({"SELECT", "INSERT", "UPDATE"})
    ),
    "audit.links": AdminAccess(
        "finds the chains whose head was removed, and signs where one begins anew",
        frozenset(
            f"SELECT {column}" for column in ("organization_id", "seq", "at", "hash", "batch_at", "batch_id")
        ),
    ),
    "audit.personal": AdminAccess(
        "sees whose values wait for sealing, never the values",
        frozenset({"SELECT user_id", "SELECT sealed"}),
    ),
    "kernel.idempotent_answers": AdminAccess(
        "sees whose answers have outlived their day, not what they are",
        frozenset({"SELECT created_at"}),
    ),
    "kernel.decoys": AdminAccess("the command line plants honeypots", frozenset({"INSERT"})),
    "kernel.exports": AdminAccess(
        "finds the exports that are over; they are removed as their account",
        frozenset({"SELECT account_id", "SELECT expires_at"}),
    ),
    "kernel.jobs": AdminAccess(
        "the command line lists jobs and dead letters, never what they hold",
        frozenset(f"SELECT {column}" for column in _SWEPT),
    ),
    "kernel.outbox": AdminAccess(
        "a replay finds which events there were and for whom, never what they say",
        frozenset(f"SELECT {column}" for column in _STORED),
    ),
    "kernel.replays": AdminAccess("keeps how far each replay is", frozenset({"SELECT", "INSERT", "UPDATE"})),
    "kernel.scheduled_runs": AdminAccess(
        "takes due times and forgets old ones", frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
    ),
    "kernel.operators": AdminAccess(
        "the command line makes and disables operators", frozenset({"SELECT", "INSERT", "UPDATE"})
    ),
    "kernel.organizations": AdminAccess(
        "the sweeper leaves suspended ones alone, operators list them, and what is due is erased; no settings",
        frozenset(f"SELECT {column}" for column in _LISTED),
    ),
    "kernel.person_deletions": AdminAccess(
        "finds who is due to be erased, counts what went", frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
    ),
    "kernel.person_erasures": AdminAccess("keeps the proof of erasures", frozenset({"SELECT", "INSERT"})),
    "kernel.retention_runs": AdminAccess(
        "keeps what retention removed", frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
    ),
    "kernel.erasures": AdminAccess("keeps the proof of erasures", frozenset({"SELECT", "INSERT"})),
    "kernel.webhook_endpoints": AdminAccess(
        "sees which endpoints wait for new entries of the audit log; neither addresses nor secrets",
        frozenset({"SELECT organization_id", "SELECT id", "SELECT state", "SELECT audit_seq"}),
    ),
    "kernel.connections": AdminAccess(
        "sees which connections end soon and whose they are; they are looked after as their account",
        frozenset(
            f"SELECT {column}" for column in ("organization_id", "id", "account_id", "state", "ending_at")
        ),
    ),
    "fitness.athletes": AdminAccess(
        "sees whose Monday it is; what their week came to is told as the athlete",
        frozenset(f"SELECT {column}" for column in ("organization_id", "id", "timezone")),
    ),
    "fitness.sources": AdminAccess(
        "sees whose sources are due to be synced; they are synced as their athlete",
        frozenset(
            f"SELECT {column}" for column in ("organization_id", "id", "athlete_id", "state", "next_sync_at")
        ),
    ),
    "kernel.signing_keys": AdminAccess("makes and retires keys", frozenset({"SELECT", "INSERT", "UPDATE"})),
}

"""Rows of one's own, put in past all policies, and what functions tell of them; rolled back with their transaction."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from rowhouse.kernel.db.binding import BIND_SQL, Binding
from rowhouse.kit.ids import uuid7

LONG_AGO, AGO, AHEAD = "epoch", "yesterday", "tomorrow"
"""As PostgreSQL reads them: a run of walls goes on for hours with modules that it has imported once."""
NEEDED: Mapping[str, Mapping[str, Any]] = {
    "organizations": {"kind": "team", "name": "Rowers", "state": "active"},
    "users": {"name": "Rower", "email_verified_at": AGO},
    "operators": {
        "name": "Olive",
        "role": "operator",
        "state": "active",
        "password_hash": "-",
        "totp_sealed": "-",
    },
    "accounts": {"role": "member"},
    "api_keys": {"name": "key", "scope": ["kernel.jobs.read"], "hint": "hint"},
    "connections": {
        "scopes": [],
        "state": "connected",
        "token_sealed": "-",
        "generation": 1,
        "refreshable": True,
        "renewed_at": AGO,
    },
    "sessions": {
        "stay": False,
        "renewed_at": "now",
        "client_address": "-",
        "user_agent": "-",
        "expires_at": AHEAD,
    },
    "operator_sessions": {"client_address": "-", "user_agent": "-", "expires_at": AHEAD},
    "invitations": {"role": "member", "expires_at": AHEAD, "sent": [], "last_sent_at": AGO},
    "jobs": {"queue": "default", "arguments": {}, "request_id": "rows", "max_attempts": 3, "run_at": AGO},
    "passkeys": {"name": "key", "public_key": b"-", "sign_count": 0, "transports": [], "synced": False},
    "person_deletions": {"due_at": AGO},
    "person_erasures": {"asked_at": AGO, "erased_at": "now", "certificate": {}},
    "proofs": {"expires_at": AHEAD},
    "refresh_tokens": {"expires_at": AHEAD},
    "scheduled_runs": {"worker": "rows", "claimed_until": AHEAD},
    "grants": {"resource_kind": "fitness.athlete", "permissions": ["fitness.workouts.read"]},
    "roles": {"title": "Own", "holds": ["kernel.jobs.read"]},
}
"""What a row can't do without, besides its id, an address of its own, a hash, and what it is put in for."""
STATES: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("organizations", "deleted"): {"deleted_at": AGO, "erase_at": AHEAD},
    ("jobs", "running"): {"claimed_until": AHEAD, "started_at": AGO, "worker": "rows"},
    ("jobs", "succeeded"): {"finished_at": AGO},
    ("jobs", "failed"): {"finished_at": AGO, "error": {"code": "broken"}},
}
"""What a state goes with."""
ADDRESSED = {"users", "operators", "invitations"}
HASHES = {
    "api_keys": "secret_hash",
    "invitations": "token_hash",
    "operator_sessions": "token_hash",
    "person_deletions": "cancel_hash",
    "proofs": "token_hash",
    "refresh_tokens": "token_hash",
}
WITHOUT_ID = {"onboarding", "scheduled_runs"}


@dataclass(frozen=True, slots=True)
class Member:
    organization_id: UUID
    user_id: UUID
    account_id: UUID


class Rows:
    """A superuser's connection, in one transaction."""

    def __init__(self, superuser: psycopg.Connection[tuple[Any, ...]]) -> None:
        self.superuser = superuser
        self.last = uuid7()

    def put(self, table: str, **given: Any) -> UUID:
        """A row of a table of the kernel's; its id, which sorts behind those before."""
        made: dict[str, Any] = {} if table in WITHOUT_ID else {"id": self._next_id()}
        if table in ADDRESSED:
            made |= dict.fromkeys(("email", "email_key"), f"{secrets.token_hex(8)}@example.org")
        if table in HASHES:
            made[HASHES[table]] = secrets.token_bytes(32)
        made |= {**NEEDED.get(table, {}), **STATES.get((table, given.get("state", "")), {}), **given}
        self.superuser.execute(
            sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                sql.Identifier("kernel", table),
                sql.SQL(", ").join(map(sql.Identifier, made)),
                sql.SQL(", ").join([sql.Placeholder()] * len(made)),
            ),
            [Jsonb(one) if isinstance(one, list | dict) else one for one in made.values()],
        )
        return UUID(str(made.get("id", UUID(int=0))))

    def member(
        self,
        organization_id: UUID | None = None,
        user_id: UUID | None = None,
        *,
        organization: str = "active",
        person: str = "active",
        **account: Any,
    ) -> Member:
        """An account; its organization and its person in those states, unless they are there."""
        organization_id = organization_id or self.put("organizations", state=organization)
        user_id = user_id or self.put("users", state=person)
        id_ = self.put("accounts", organization_id=organization_id, user_id=user_id, **account)
        return Member(organization_id, user_id, id_)

    def session(self, member: Member, **given: Any) -> UUID:
        if "ended_at" in given:
            given["end_reason"] = "signed_out"
        return self.put(
            "sessions",
            **{
                "organization_id": member.organization_id,
                "user_id": member.user_id,
                "account_id": member.account_id,
                **given,
            },
        )

    def key(self, member: Member, **given: Any) -> UUID:
        return self.put(
            "api_keys", organization_id=member.organization_id, account_id=member.account_id, **given
        )

    def own_role(self, organization_id: UUID, name: str = "rower") -> str:
        """A role of an organization's own, beside others that hold nothing: of another name, and of another's."""
        self.put("roles", organization_id=organization_id, name=name)
        self.put("roles", organization_id=organization_id, name=f"{name}-too", holds=[])
        self.put("roles", organization_id=self.put("organizations"), name=name, holds=[])
        return name

    def job(self, organization_id: UUID, kind: str, state: str = "queued", **given: Any) -> UUID:
        return self.put("jobs", organization_id=organization_id, kind=kind, state=state, **given)

    def ask(
        self, function: str, *values: Any, role: str = "app_user", **context: Any
    ) -> list[tuple[Any, ...]]:
        """What a function tells a role in a context; all columns, in the function's order."""
        with self.superuser.transaction(force_rollback=True):
            self.superuser.execute(sql.SQL("SET LOCAL SESSION AUTHORIZATION {}").format(sql.Identifier(role)))
            self.superuser.execute(BIND_SQL, Binding(**context).values())
            call = sql.SQL("SELECT * FROM {}({})").format(
                sql.Identifier(*function.split(".")), sql.SQL(", ").join([sql.Placeholder()] * len(values))
            )
            return self.superuser.execute(call, values).fetchall()

    def tells_nothing(self, function: str, *values: Any) -> None:
        """A function finds nothing by any of the values."""
        for number, value in enumerate(values):
            assert self.ask(function, value) == [], f"{function} tells of number {number}"

    def _next_id(self) -> UUID:
        made = uuid7()
        while made <= self.last:  # of the same millisecond
            made = uuid7()
        self.last = made
        return made

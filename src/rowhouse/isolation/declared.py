"""What is not a plain tenant table, plain route or plain key, each with its reason. Nothing else is excused.

A table with `organization_id` that is not named here is a tenant's; a table without one must be named.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

WallKind = Literal["tenant", "person", "platform"]

ORGANIZATION = "(organization_id = ( SELECT app.org()))"
PERSON = "(user_id = ( SELECT app.person()))"
BY_OPERATOR = (
    "(EXISTS ( SELECT FROM kernel.operators me WHERE ((me.id = ( SELECT app.operator())) AND (me.state ="
    " 'active'::text))))"
)
ATHLETE = "(athlete_id = ( SELECT app.account()))"
ACCOUNT = "(NOT (account_id IS DISTINCT FROM ( SELECT app.account())))"
OWN_ACCOUNT = "(account_id = ( SELECT app.account()))"
GRANTER = "(granted_by = ( SELECT app.account()))"
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
    policies by name, each with its condition, or with one for what is seen and one for what is written. `key` is the
    column that keys begin with.
    """

    kind: WallKind
    reason: str
    condition: str
    key: str | None
    commands: Mapping[str, str] = field(default_factory=dict)
    fences: Mapping[str, str | tuple[str, str]] = field(default_factory=dict)
    written: str | None = None


TENANT = Wall("tenant", "", ORGANIZATION, "organization_id")


def of_account(reason: str) -> Wall:
    """Inside the organization a row is its account's alone."""
    return Wall("tenant", reason, ORGANIZATION, "organization_id", fences={"account_fence": OWN_ACCOUNT})


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
    "kernel.received_webhooks": Wall(
        "tenant",
        "a provider's webhook that names no organization (yet) is seen by the job that works on it",
        NAMED_JOB,
        "organization_id",
    ),
    "kernel.outbox": Wall(
        "tenant",
        "payloads can hold health data: inside the organization an event is its account's",
        ORGANIZATION,
        "organization_id",
        fences={"account_fence": ACCOUNT},
    ),
    "kernel.onboarding": of_account(
        "what a person says of themselves: inside the organization a row is its account's"
    ),
    "kernel.exports": of_account(
        "that somebody took their data along is theirs: inside the organization a row is its account's"
    ),
    "kernel.notices": of_account(
        "what somebody is told is theirs: inside the organization a row is its account's, whoever has posted it"
    ),
    "kernel.connections": Wall(
        "tenant",
        "whoever has the tokens reads at the service as its person: inside the organization a connection is its"
        " account's, and one without an account the organization's own",
        ORGANIZATION,
        "organization_id",
        fences={"account_fence": ACCOUNT},
    ),
    "kernel.notice_choices": Wall("person", "how a person wants to be told of what", PERSON, "user_id"),
    "kernel.grants": Wall(
        "tenant",
        "policies believe what a grant says: only the account that gives can have written it",
        ORGANIZATION,
        "organization_id",
        fences={"granter_fence": ("true", GRANTER)},
    ),
    "kernel.api_keys": Wall(
        "tenant",
        "a key is written by the account that it acts for; others can only revoke it",
        ORGANIZATION,
        "organization_id",
        fences={"key_fence": ("true", f"({OWN_ACCOUNT} OR (revoked_at IS NOT NULL))")},
    ),
    "kernel.idempotent_answers": of_account(
        "an answer was given to one account: nobody beside it in the organization gets it"
    ),
    "kernel.quotas": Wall(
        "tenant",
        "what an organization may use is set by operators of the platform, never by itself",
        ORGANIZATION,
        "organization_id",
        written=f"({ORGANIZATION} AND {BY_OPERATOR})",
    ),
    "kernel.flag_overrides": Wall(
        "tenant",
        "likewise",
        ORGANIZATION,
        "organization_id",
        written=f"({ORGANIZATION} AND {BY_OPERATOR})",
    ),
    "kernel.flag_rollouts": Wall(
        "platform",
        "how far features are rolled out, over all organizations; written by operators",
        EVERYBODY,
        None,
        written=BY_OPERATOR,
    ),
    "kernel.decoys": Wall("platform", "ids of honeypots, which requests are compared with", EVERYBODY, None),
    "kernel.users": Wall(
        "person", "a person has one row, whatever their organizations", "(id = ( SELECT app.person()))", "id"
    ),
    "kernel.email_codes": Wall("person", "exists before any organization does", PERSON, "user_id"),
    "kernel.sessions": Wall(
        "person", "a person's sessions are listed and ended across their organizations", PERSON, "user_id"
    ),
    "kernel.refresh_tokens": Wall("person", "belongs to a session", PERSON, "user_id"),
    "kernel.passkeys": Wall("person", "signs a person in, whatever the organization", PERSON, "user_id"),
    "kernel.external_identities": Wall("person", "who a person is at a provider", PERSON, "user_id"),
    "kernel.provider_events": Wall("platform", "ids of webhook events, each counts once", EVERYBODY, None),
    "kernel.operators": Wall(
        "person",
        "operators are apart from every organization: each sees their own row, and only after signing in as one",
        "(id = ( SELECT app.operator()))",
        "id",
    ),
    "kernel.operator_sessions": Wall(
        "person", "an operator's own sign-ins", "(operator_id = ( SELECT app.operator()))", "operator_id"
    ),
    "kernel.proofs": Wall(
        "person", "mailed links and codes, and second factors due, are a person's", PERSON, "user_id"
    ),
    "kernel.totp": Wall("person", "an authenticator app is a person's", PERSON, "user_id"),
    "kernel.recovery_codes": Wall("person", "stand in for a person's second factor", PERSON, "user_id"),
    "kernel.former_passwords": Wall("person", "passwords are a person's", PERSON, "user_id"),
    "kernel.devices": Wall("person", "where a person has signed in, in all organizations", PERSON, "user_id"),
    "kernel.security_events": Wall("person", "what happened to a person's sign-ins", PERSON, "user_id"),
    "kernel.signing_keys": Wall(
        "platform",
        "every process signs with the same keys; the private halves are sealed by the master key",
        EVERYBODY,
        None,
    ),
    "audit.personal": Wall(
        "person",
        "the personal values of audit entries are their person's, under whose key they are sealed",
        PERSON,
        "user_id",
    ),
    "audit.person_keys": Wall("person", "the key of one person's values in the audit log", PERSON, "user_id"),
    "kernel.consents": Wall(
        "person", "what a person has consented to, whatever the organization", PERSON, "user_id"
    ),
    "kernel.person_deletions": Wall("person", "that a person is to be erased", PERSON, "user_id"),
    "kernel.person_erasures": Wall(
        "platform",
        "the proof of an erasure outlives its person; granted to nobody but who erases",
        EVERYBODY,
        None,
    ),
    "kernel.retention_runs": Wall(
        "platform", "what the scheduler removed, by rule; granted to nobody else", EVERYBODY, None
    ),
    "kernel.erasures": Wall(
        "platform",
        "the proof of an erasure outlives its organization; granted to nobody but who erases",
        EVERYBODY,
        None,
    ),
    "kernel.replays": Wall(
        "platform",
        "which events an operator has had delivered again, by type and time; granted to nobody but who replays",
        EVERYBODY,
        None,
    ),
    "kernel.scheduled_runs": Wall(
        "platform",
        "when the platform did what by the clock; granted to nobody but the scheduler",
        EVERYBODY,
        None,
    ),
    "public.alembic_version": Wall("platform", "Alembic's mark: which revision this is", EVERYBODY, None),
}

OPEN_TO_GRANTEES: Mapping[str, str] = {
    **dict.fromkeys(
        (
            f"fitness.{table}"
            for table in ["efforts", "files", "records", "streams", "thresholds", "workouts"]
        ),
        "fitness.workouts.read",
    ),
    "fitness.biometrics": "fitness.biometrics.read",
}
"""Health data that its athlete can have others read, and the permission to be granted. Nobody else writes it."""

READABLE = frozenset({"public.alembic_version"})
"""Tables without row-level security, which hold nobody's rows: health may read them, nobody but their owner write."""

UNIQUE_ACROSS: Mapping[str, str] = {
    "kernel.external_identities.external_identities_issuer_subject_key": "a provider's subject is one person; only who"
    " has proved the identity there learns that it is taken",
    "kernel.organizations.organizations_external_id_key": "a provider's tenant is one organization; written by the"
    " provider's word alone",
    "kernel.operators.operators_email_key_key": "signing in by email finds one operator; the answers never tell",
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
    "recorder.record(text, text, text, text, jsonb)": "writes an event into the audit log as the context's own; it can"
    " neither say that a row was written nor change an entry",
    "resolve.deletion(bytea)": "whose deletion a mailed link calls off; the caller has its token",
    "resolve.receipt(uuid, uuid)": "the erasure that a session asked for; the caller has its token, and knows its job",
    "resolve.certificate(uuid)": "a certificate of erasure by its random id: ids and counts",
    "resolve.actors()": "the names of the accounts in the context's own organization, for its audit log",
    "resolve.login(text)": "the password hash of one email, before anybody is signed in",
    "resolve.session(uuid)": "whom a session acts for, while it lasts",
    "resolve.refresh(bytea)": "whose refresh token this is; the caller has the token",
    "resolve.proof(bytea, text)": "whose mailed link or sign-in under way this is; the caller has its token",
    "resolve.own_accounts()": "the names of the organizations in which the context's own person has accounts",
    "resolve.own_organizations()": "the organizations of the context's own person, whatever their state",
    "resolve.members()": "names and addresses of those who belong to the context's own organization",
    "resolve.invitation(bytea)": "what an invitation offers; the caller has its token",
    "resolve.restoration(bytea)": "which deleted organization a mailed link restores; the caller has its token",
    "resolve.api_key(uuid)": "for whom an API key acts, and the hashes that its secret is compared with",
    "resolve.passkey(bytea)": "whose a passkey may be, before its signature is checked; its id is 128 random bits or more",
    "resolve.external_identity(text, text)": "whose an identity at a provider is, after the provider has proved it",
    "resolve.external_organization(text)": "which organization a provider's tenant is, after the provider has proved it",
    "resolve.connections(text, text)": "whose connections somebody at a service is behind, for its webhooks: ids alone",
    "resolve.presences()": "the ids of sessions and keys in the context's own organization, to have them read anew",
    "resolve.operator_login(text)": "the password hash of one operator's email, before they are signed in",
    "resolve.operator_setup(bytea)": "whom a set-up link is for; the caller has the link",
    "resolve.operator_session(bytea)": "whose session an operator's token is; the caller has the token",
    "resolve.look_lasts(uuid)": "whether the operator's session that began a look through somebody's eyes goes on",
    "resolve.organizations(text, text, uuid, integer)": "names and states of organizations, to a living operator alone",
    "resolve.organization_accounts(uuid, uuid, uuid, integer)": "members of one organization, to a living operator alone",
    "resolve.platform_figures()": "counts over the platform, to a living operator and the scheduler alone",
    "resolve.fitness_figures()": "an average over the platform, to the scheduler alone",
    "resolve.organization_zone(uuid)": "an organization's time zone, to the scheduler alone",
    "resolve.job(uuid)": "for whom a job runs, before its worker has a context; the caller has its id",
    "resolve.due_jobs(text, text[], text[], integer, uuid, integer)": "which jobs may be started, over all"
    " organizations: ids, kinds and for whom, never what they hold",
    "resolve.jobs_at_once(uuid)": "how many jobs of one organization run just now",
    "resolve.job_depths(text[])": "how many jobs wait, run or are dead, by queue, and since when",
    "resolve.dead_letters(uuid[], text, text, text, uuid, integer)": "failed jobs by kind and code, to a living"
    " operator alone",
    "resolve.dead_letter_kinds()": "counts of failed jobs, to a living operator alone",
    "resolve.jobs_under_way()": "which kinds of jobs run where, to a living operator alone",
    "resolve.organization_jobs(text, uuid, integer)": "what members of the context's own organization have asked for,"
    " without what it was about",
    "resolve.scheduled_runs()": "when the platform did what by the clock, to a living operator alone",
}
"""The SECURITY DEFINER functions."""

OWNERS_FUNCTIONS: Mapping[str, str] = {
    "audit.drop_months(timestamp with time zone)": "only the tables' owner can drop a month's partitions; it drops none"
    " younger than a year",
    "audit.make_partitions()": "only the tables' owner can make a month's partitions; takes no argument, and makes"
    " nothing else",
}
"""SECURITY DEFINER functions that run as the owner."""

APPEND_ONLY = frozenset({"audit.batches", "audit.entries", "audit.links", "audit.heads"})
"""The audit log: written by its own functions, changed by nobody, and cut by month."""

RECORDER: Mapping[str, frozenset[str]] = {
    "audit.batches": frozenset({"INSERT"}),
    "audit.entries": frozenset({"INSERT"}),
    "audit.links": frozenset({"INSERT"}),
    "audit.heads": frozenset({"SELECT", "INSERT", "UPDATE"}),
    "audit.personal": frozenset({"INSERT"}),
    "kernel.accounts": frozenset({"SELECT organization_id", "SELECT id", "SELECT user_id"}),
}
"""What the functions that write the audit log may do: a head moves, and an athlete's account leads to their person."""

UNAUDITED: Mapping[str, str] = {
    "kernel.retention": "counts of retention, renewed by every run",
    "kernel.notices": "tell of what is recorded where it happened; what is left is that they were read",
    "kernel.outbox": "insert-only, a record of what happened itself, written with the change that is recorded",
    "kernel.deliveries": "bookkeeping of the outbox",
    "kernel.received_webhooks": "what a provider sent; what is done about it is recorded where it is done",
    "kernel.webhook_messages": "insert-only, copies of what is recorded where it happened",
    "kernel.webhook_deliveries": "a log itself; recorded here, the audit log would be sent its own sending",
    "kernel.webhook_attempts": "insert-only, a log itself",
    "kernel.refresh_tokens": "turned over every few minutes; what ends them is recorded with their session",
    "kernel.idempotent_answers": "copies of answers for a day; what was done is recorded itself",
    "audit.beginnings": "the audit log itself",
    "audit.batches": "the audit log itself",
    "audit.entries": "the audit log itself",
    "audit.links": "the audit log itself",
    "audit.heads": "the audit log itself",
    "audit.personal": "the audit log's own values",
    "audit.person_keys": "the audit log's own keys",
}
"""Tenants' and persons' tables whose changes leave no entry in the audit log."""

RESOLVER_READS: Mapping[str, tuple[str, ...]] = {
    "kernel.users": ("id", "email_key", "password_hash", "email_verified_at", "state", "name", "email"),
    "kernel.organizations": (
        "id",
        "name",
        "kind",
        "state",
        "settings",
        "created_at",
        "erase_at",
        "restore_hash",
        "external_id",
    ),
    "kernel.accounts": ("organization_id", "id", "user_id", "role", "state", "created_at"),
    "kernel.invitations": (
        "organization_id",
        "id",
        "email",
        "role",
        "state",
        "token_hash",
        "expires_at",
        "invited_by",
    ),
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
        "operator_session_id",
        "renewed_at",
        "created_at",
    ),
    "kernel.connections": ("organization_id", "id", "account_id", "service", "external_id", "state"),
    "kernel.passkeys": ("user_id", "credential_id"),
    "kernel.external_identities": ("user_id", "issuer", "subject"),
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
    "kernel.onboarding": ("organization_id", "account_id", "completed_at"),
    "fitness.workouts": ("quality_score",),
    "kernel.proofs": ("user_id", "id", "purpose", "token_hash"),
    "kernel.person_deletions": ("user_id", "id", "cancel_hash", "asked_by", "started_at", "created_at"),
    "kernel.person_erasures": ("id", "asked_by", "asked_at", "erased_at", "certificate"),
    "kernel.refresh_tokens": ("user_id", "id", "session_id", "token_hash"),
    "kernel.jobs": (
        "organization_id", "id", "kind", "account_id", "user_id", "request_id", "queue", "internal", "state", "subject",
        "error_code", "discarded_at", "done", "total", "attempts", "worker", "run_at", "claimed_until", "created_at",
        "started_at", "finished_at",
    ),
    "kernel.scheduled_runs": (
        "schedule", "due_at", "attempts", "started_at", "claimed_until", "outcome", "error_code", "finished_at",
    ),
    "kernel.operators": (
        "id",
        "email_key",
        "role",
        "state",
        "setup_hash",
        "setup_until",
        "password_hash",
    ),
    "kernel.operator_sessions": ("operator_id", "id", "token_hash", "expires_at", "ended_at"),
}  # fmt: skip
"""The columns that those functions may read, over all tenants."""


WITHHELD = frozenset(
    f"fitness.{table}" for table in ["biometrics", "efforts", "files", "records", "streams", "workouts"]
)
"""Of those, the tables whose rows a provider's terms may keep from everybody but their athlete."""


def granted(permission: str, *, withheld: bool) -> str:
    """What is seen of a table that is open to grantees."""
    others = f"(athlete_id = ANY (( SELECT fitness.granted_athletes('{permission}'::text))::uuid[]))"
    return f"({ATHLETE} OR ({others} AND (NOT withheld)))" if withheld else f"({ATHLETE} OR {others})"


CONTEXT_FUNCTIONS: Mapping[str, str] = {
    "app.org()": "rowhouse.organization_id",
    "app.person()": "rowhouse.user_id",
    "app.account()": "rowhouse.account_id",
    "app.job()": "rowhouse.job_id",
    "app.operator()": "rowhouse.operator_id",
}
"""The functions that policies ask, and the setting that each reads."""

POLICY_FUNCTIONS: Mapping[str, str] = {
    "fitness.granted_athletes(text)": "SELECT coalesce(array_agg(g.resource_id), '{}') FROM kernel.grants g"
    " JOIN kernel.accounts giver ON (giver.organization_id, giver.id) = (g.organization_id, g.granted_by)"
    " JOIN kernel.accounts taker ON (taker.organization_id, taker.id) = (g.organization_id, g.account_id)"
    " WHERE g.organization_id = (SELECT app.org()) AND g.account_id = (SELECT app.account())"
    " AND g.resource_kind = 'fitness.athlete' AND g.granted_by = g.resource_id AND g.permissions ? $1"
    " AND (g.expires_at IS NULL OR g.expires_at > now()) AND giver.state = 'active' AND taker.state = 'active'",
}
"""Further functions that policies ask, to the letter: what they say is part of the wall. They run as their caller."""

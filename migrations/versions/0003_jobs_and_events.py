"""Jobs, the outbox of events, and their deliveries."""

from alembic import op

from rowhouse.kernel.db.walls import (
    STAMP_COLUMNS,
    resolver_access,
    resolver_function,
    stamped,
    tenant_table,
)

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NO_ORGANIZATION = "00000000-0000-0000-0000-000000000000"

# A job that begins before sign-in (the mail with a code) has no organization. Its row is seen only by a transaction
# that names it, so that having no context still shows nothing. IS TRUE keeps the planner from answering the OR with
# two index scans and a sort, where the query's own predicates have an index in the right order.
IN_ORGANIZATION_OR_NAMED = (
    "organization_id = (SELECT app.org())"
    f" OR (organization_id = '{NO_ORGANIZATION}' AND id = (SELECT app.job())) IS TRUE"
)
# Arguments, results and payloads can hold health data: a row is for the account that asked, inside its organization.
OWN_ACCOUNT = "account_id IS NOT DISTINCT FROM (SELECT app.account())"

JOBS = f"""
    CREATE TABLE kernel.jobs (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 100),
        queue text NOT NULL CHECK (queue IN ('critical', 'default', 'bulk')),
        internal boolean NOT NULL DEFAULT false,
        state text NOT NULL DEFAULT 'queued'
            CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
        arguments jsonb NOT NULL CHECK (octet_length(arguments::text) <= 262144),
        account_id uuid,
        user_id uuid,
        request_id text NOT NULL,
        done integer NOT NULL DEFAULT 0 CHECK (done >= 0),
        total integer CHECK (total >= 0),
        result jsonb,
        error jsonb,
        attempts integer NOT NULL DEFAULT 0,
        max_attempts integer NOT NULL CHECK (max_attempts >= 1),
        claims integer NOT NULL DEFAULT 0,
        run_at timestamptz NOT NULL,
        publish_at timestamptz NOT NULL,
        claimed_until timestamptz,
        worker text,
        cancel_requested_at timestamptz,
        started_at timestamptz,
        finished_at timestamptz,
        {STAMP_COLUMNS},
        PRIMARY KEY (organization_id, id),
        FOREIGN KEY (organization_id, account_id)
            REFERENCES kernel.accounts (organization_id, id) ON DELETE CASCADE,
        CHECK ((state = 'running') = (claimed_until IS NOT NULL)),
        CHECK ((state IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
        CHECK ((state = 'failed') = (error IS NOT NULL))
    )
"""

OUTBOX = """
    CREATE TABLE kernel.outbox (
        organization_id uuid NOT NULL REFERENCES kernel.organizations (id) ON DELETE CASCADE,
        id uuid NOT NULL,
        position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
        type text NOT NULL CHECK (length(type) BETWEEN 1 AND 100),
        aggregate_id uuid NOT NULL,
        payload jsonb NOT NULL,
        account_id uuid,
        user_id uuid,
        request_id text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        created_by uuid DEFAULT app.account(),
        PRIMARY KEY (organization_id, id),
        FOREIGN KEY (organization_id, account_id)
            REFERENCES kernel.accounts (organization_id, id) ON DELETE CASCADE
    )
"""

# Who may see a delivery is not fenced by account: order holds between the events of all accounts, and a delivery
# says nothing but that there was one.
DELIVERIES = f"""
    CREATE TABLE kernel.deliveries (
        organization_id uuid NOT NULL,
        event_id uuid NOT NULL,
        subscription text NOT NULL CHECK (length(subscription) BETWEEN 1 AND 200),
        aggregate_id uuid NOT NULL,
        position bigint NOT NULL,
        state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
        error jsonb,
        delivered_at timestamptz,
        {STAMP_COLUMNS},
        PRIMARY KEY (organization_id, event_id, subscription),
        FOREIGN KEY (organization_id, event_id) REFERENCES kernel.outbox (organization_id, id) ON DELETE CASCADE,
        CHECK ((state = 'delivered') = (delivered_at IS NOT NULL)),
        CHECK ((state = 'failed') = (error IS NOT NULL))
    )
"""

INDEXES = (
    # a person's list
    "CREATE INDEX jobs_account_idx ON kernel.jobs (organization_id, account_id, id DESC) WHERE NOT internal",
    # the sweeper, over all organizations
    "CREATE INDEX jobs_due_idx ON kernel.jobs (publish_at) WHERE state IN ('queued', 'running')",
    # the worker's look-up; not unique, since a unique constraint across organizations would be an oracle
    "CREATE INDEX jobs_id_idx ON kernel.jobs (id)",
    "CREATE INDEX outbox_account_idx ON kernel.outbox (organization_id, account_id)",
    "CREATE INDEX outbox_type_idx ON kernel.outbox (organization_id, type, position)",
    """
    CREATE INDEX deliveries_pending_idx ON kernel.deliveries (organization_id, subscription, aggregate_id, position)
        WHERE state = 'pending'
    """,
)

SWEPT = "organization_id, id, kind, state, run_at, publish_at, claimed_until"


def upgrade() -> None:
    op.execute(
        "CREATE FUNCTION app.job() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS"
        " $$ SELECT nullif(current_setting('rowhouse.job_id', true), '')::uuid $$"
    )
    op.execute("GRANT EXECUTE ON FUNCTION app.job() TO app_user, app_admin, rowhouse_resolver")
    for statement in (JOBS, OUTBOX, DELIVERIES, *INDEXES):
        op.execute(statement)
    tenant_table(op, "kernel.jobs", grants=("select", "insert", "update"), condition=IN_ORGANIZATION_OR_NAMED)
    tenant_table(op, "kernel.outbox", grants=("select", "insert"))
    tenant_table(op, "kernel.deliveries", grants=("select", "insert", "update"))
    for table in ("kernel.jobs", "kernel.outbox"):
        op.execute(
            f"CREATE POLICY account_fence ON {table} AS RESTRICTIVE FOR ALL TO app_user"
            f" USING ({OWN_ACCOUNT}) WITH CHECK ({OWN_ACCOUNT})"
        )
    stamped(op, "kernel.jobs")
    stamped(op, "kernel.deliveries")
    _sweeper()
    _resolver()


def downgrade() -> None:
    op.execute("SET LOCAL ROLE rowhouse_resolver")
    op.execute("DROP FUNCTION resolve.job(uuid)")
    op.execute("RESET ROLE")
    for table in ("deliveries", "outbox", "jobs"):
        op.execute(f"DROP TABLE kernel.{table}")
    op.execute("DROP FUNCTION app.job()")


def _sweeper() -> None:
    """The scheduler's role sees of every job when it is due, never what it holds, and moves only when it is sent."""
    op.execute(f"GRANT SELECT ({SWEPT}), UPDATE (publish_at) ON kernel.jobs TO app_admin")
    op.execute(
        "CREATE POLICY admin_access ON kernel.jobs FOR ALL TO app_admin USING (true) WITH CHECK (true)"
    )


def _resolver() -> None:
    resolver_access(
        op, "kernel.jobs", ("organization_id", "id", "kind", "account_id", "user_id", "request_id")
    )
    resolver_function(
        op,
        "job(job_id uuid)",
        "TABLE (organization_id uuid, kind text, account_id uuid, user_id uuid, request_id text)",
        "SELECT j.organization_id, j.kind, j.account_id, j.user_id, j.request_id FROM kernel.jobs j WHERE j.id = $1",
    )

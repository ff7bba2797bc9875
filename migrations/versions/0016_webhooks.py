"""Webhooks: what providers send, and what organizations have sent to their endpoints."""

from alembic import op

from rowhouse.kernel.db.walls import STAMP_COLUMNS, audited, stamped, tenant_table

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NO_ORGANIZATION = "00000000-0000-0000-0000-000000000000"

# As a job that begins before sign-in: what is for no organization is seen by the transaction of its own job alone.
IN_ORGANIZATION_OR_NAMED = (
    "organization_id = (SELECT app.org())"
    f" OR (organization_id = '{NO_ORGANIZATION}' AND id = (SELECT app.job())) IS TRUE"
)

RECEIVED = f"""
    CREATE TABLE kernel.received_webhooks (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        provider text NOT NULL CHECK (length(provider) BETWEEN 1 AND 100),
        event_id text NOT NULL CHECK (length(event_id) BETWEEN 1 AND 255),
        type text NOT NULL CHECK (length(type) <= 100),
        bound boolean NOT NULL,
        body bytea CHECK (octet_length(body) <= 524288),
        state text NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'processed', 'failed')),
        outcome text CHECK (length(outcome) <= 100),
        received_at timestamptz NOT NULL DEFAULT now(),
        processed_at timestamptz,
        {STAMP_COLUMNS},
        PRIMARY KEY (organization_id, id),
        CHECK ((state = 'processed') = (processed_at IS NOT NULL)),
        CHECK (state <> 'processed' OR body IS NULL)
    )
"""

ENDPOINTS = f"""
    CREATE TABLE kernel.webhook_endpoints (
        organization_id uuid NOT NULL REFERENCES kernel.organizations (id) ON DELETE CASCADE,
        id uuid NOT NULL,
        account_id uuid,
        url text NOT NULL CHECK (length(url) BETWEEN 1 AND 2000),
        description text NOT NULL CHECK (length(description) <= 200),
        events jsonb NOT NULL CHECK (jsonb_typeof(events) = 'array'),
        secret_sealed text NOT NULL,
        former_sealed text,
        former_until timestamptz,
        state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
        disabled_reason text CHECK (disabled_reason IN ('by_hand', 'failing', 'gone')),
        disabled_at timestamptz,
        failing_since timestamptz,
        failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
        held_until timestamptz,
        last_success_at timestamptz,
        audit_seq bigint,
        audit_position integer NOT NULL DEFAULT 0,
        {STAMP_COLUMNS},
        PRIMARY KEY (organization_id, id),
        FOREIGN KEY (organization_id, account_id)
            REFERENCES kernel.accounts (organization_id, id) ON DELETE SET NULL (account_id),
        CHECK ((state = 'disabled') = (disabled_reason IS NOT NULL)),
        CHECK ((state = 'disabled') = (disabled_at IS NOT NULL)),
        CHECK ((former_sealed IS NULL) = (former_until IS NULL))
    )
"""

MESSAGES = f"""
    CREATE TABLE kernel.webhook_messages (
        organization_id uuid NOT NULL REFERENCES kernel.organizations (id) ON DELETE CASCADE,
        id uuid NOT NULL,
        type text NOT NULL CHECK (length(type) BETWEEN 1 AND 100),
        body text NOT NULL,
        {STAMP_COLUMNS},
        PRIMARY KEY (organization_id, id)
    )
"""

DELIVERIES = f"""
    CREATE TABLE kernel.webhook_deliveries (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        endpoint_id uuid NOT NULL,
        message_id uuid NOT NULL,
        type text NOT NULL,
        state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
        once boolean NOT NULL DEFAULT false,
        attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
        next_attempt_at timestamptz,
        expires_at timestamptz NOT NULL,
        delivered_at timestamptz,
        status integer,
        error text CHECK (length(error) <= 100),
        {STAMP_COLUMNS},
        PRIMARY KEY (organization_id, id),
        CONSTRAINT webhook_deliveries_once_key UNIQUE (organization_id, endpoint_id, message_id),
        FOREIGN KEY (organization_id, endpoint_id)
            REFERENCES kernel.webhook_endpoints (organization_id, id) ON DELETE CASCADE,
        FOREIGN KEY (organization_id, message_id)
            REFERENCES kernel.webhook_messages (organization_id, id) ON DELETE CASCADE,
        CHECK ((state = 'delivered') = (delivered_at IS NOT NULL))
    )
"""

ATTEMPTS = """
    CREATE TABLE kernel.webhook_attempts (
        organization_id uuid NOT NULL,
        delivery_id uuid NOT NULL,
        number integer NOT NULL CHECK (number >= 1),
        at timestamptz NOT NULL,
        duration_ms integer NOT NULL CHECK (duration_ms >= 0),
        status integer,
        error text CHECK (length(error) <= 100),
        response text CHECK (length(response) <= 2000),
        PRIMARY KEY (organization_id, delivery_id, number),
        FOREIGN KEY (organization_id, delivery_id)
            REFERENCES kernel.webhook_deliveries (organization_id, id) ON DELETE CASCADE
    )
"""

INDEXES = (
    "CREATE INDEX webhook_endpoints_account_idx ON kernel.webhook_endpoints (organization_id, account_id)",
    "CREATE INDEX webhook_deliveries_message_idx ON kernel.webhook_deliveries (organization_id, message_id)",
    # the delivery log of an endpoint
    "CREATE INDEX webhook_deliveries_log_idx ON kernel.webhook_deliveries (organization_id, endpoint_id, id DESC)",
    # the end of the audit log as it was sent
    """
    CREATE INDEX webhook_deliveries_type_idx
        ON kernel.webhook_deliveries (organization_id, endpoint_id, type, id DESC)
    """,
)

TABLES = (
    "webhook_attempts",
    "webhook_deliveries",
    "webhook_messages",
    "webhook_endpoints",
    "received_webhooks",
)


def upgrade() -> None:
    for statement in (RECEIVED, ENDPOINTS, MESSAGES, DELIVERIES, ATTEMPTS, *INDEXES):
        op.execute(statement)
    tenant_table(
        op,
        "kernel.received_webhooks",
        grants=("select", "insert", "update"),
        condition=IN_ORGANIZATION_OR_NAMED,
    )
    tenant_table(op, "kernel.webhook_endpoints")
    tenant_table(op, "kernel.webhook_messages", grants=("select", "insert"))
    tenant_table(op, "kernel.webhook_deliveries", grants=("select", "insert", "update"))
    tenant_table(op, "kernel.webhook_attempts", grants=("select", "insert"))
    for table in ("received_webhooks", "webhook_endpoints", "webhook_messages", "webhook_deliveries"):
        stamped(op, f"kernel.{table}")
    audited(
        op,
        "kernel.webhook_endpoints",
        masked=("secret_sealed", "former_sealed"),
        ignored=(
            "failing_since", "failures", "held_until", "last_success_at", "audit_seq", "audit_position",
        ),
    )  # fmt: skip
    # The scheduler sees whose audit log has something new for an endpoint, never where that is.
    op.execute(
        "GRANT SELECT (organization_id, id, state, audit_seq) ON kernel.webhook_endpoints TO app_admin"
    )
    op.execute(
        "CREATE POLICY admin_access ON kernel.webhook_endpoints FOR ALL TO app_admin USING (true) WITH CHECK (true)"
    )


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TABLE kernel.{table}")

"""Connections to outside services."""

from alembic import op

from rowhouse.kernel.db.walls import (
    STAMP_COLUMNS,
    audited,
    resolver_access,
    resolver_function,
    stamped,
    tenant_table,
)

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ACCOUNT = "account_id IS NOT DISTINCT FROM (SELECT app.account())"
PERSON = (
    "(SELECT a.user_id FROM kernel.accounts a WHERE a.organization_id = {row}.organization_id"
    " AND a.id = {row}.account_id)"
)
KNOWN = """
    SELECT c.organization_id, c.id, c.account_id, a.user_id
    FROM kernel.connections c
    LEFT JOIN kernel.accounts a ON a.organization_id = c.organization_id AND a.id = c.account_id
    WHERE c.service = $1 AND c.external_id = $2 AND c.state <> 'revoking'
        AND (c.account_id IS NULL OR a.state = 'active')
    ORDER BY c.organization_id, c.id LIMIT 100
"""


def upgrade() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.connections (
            organization_id uuid NOT NULL REFERENCES kernel.organizations (id) ON DELETE CASCADE,
            id uuid NOT NULL,
            account_id uuid,
            service text NOT NULL CHECK (service ~ '^[a-z][a-z0-9-]{{0,39}}$'),
            external_id text NOT NULL CHECK (length(external_id) <= 255),
            scopes jsonb NOT NULL CHECK (jsonb_typeof(scopes) = 'array'),
            state text NOT NULL CHECK (state IN ('connected', 'needs_reauth', 'revoking')),
            refusal text CHECK (length(refusal) <= 100),
            token_sealed text NOT NULL,
            generation integer NOT NULL CHECK (generation >= 1),
            access_until timestamptz,
            refresh_until timestamptz,
            refreshable boolean NOT NULL,
            ending_at timestamptz
                GENERATED ALWAYS AS (CASE WHEN refreshable THEN refresh_until ELSE access_until END) STORED,
            renewed_at timestamptz NOT NULL,
            lease_id uuid,
            lease_until timestamptz,
            {STAMP_COLUMNS},
            PRIMARY KEY (organization_id, id),
            CONSTRAINT connections_organization_id_account_id_service_external_id_key
                UNIQUE NULLS NOT DISTINCT (organization_id, account_id, service, external_id),
            FOREIGN KEY (organization_id, account_id)
                REFERENCES kernel.accounts (organization_id, id) ON DELETE CASCADE,
            CHECK ((lease_id IS NULL) = (lease_until IS NULL))
        )
        """
    )
    # whose connection a service's webhook is about
    op.execute("CREATE INDEX connections_known_idx ON kernel.connections (service, external_id)")
    op.execute(
        "CREATE INDEX connections_ending_idx ON kernel.connections (ending_at) WHERE state = 'connected'"
    )
    tenant_table(op, "kernel.connections")
    # A connection is its account's; one without an account is the organization's own.
    op.execute(
        "CREATE POLICY account_fence ON kernel.connections AS RESTRICTIVE FOR ALL TO app_user"
        f" USING ({ACCOUNT}) WITH CHECK ({ACCOUNT})"
    )
    stamped(op, "kernel.connections")
    audited(
        op,
        "kernel.connections",
        masked=("token_sealed",),
        personal=("*",),
        person=PERSON,
        ignored=("lease_id", "lease_until"),
    )
    # The scheduler sees which end soon, and whose they are.
    op.execute(
        "GRANT SELECT (organization_id, id, account_id, state, ending_at) ON kernel.connections TO app_admin"
    )
    op.execute(
        "CREATE POLICY admin_access ON kernel.connections FOR ALL TO app_admin USING (true) WITH CHECK (true)"
    )
    resolver_access(
        op, "kernel.connections", ("organization_id", "id", "account_id", "service", "external_id", "state")
    )
    resolver_function(
        op,
        "connections(service text, external_id text)",
        "TABLE (organization_id uuid, id uuid, account_id uuid, user_id uuid)",
        KNOWN,
    )


def downgrade() -> None:
    op.execute("SET LOCAL ROLE rowhouse_resolver")
    op.execute("DROP FUNCTION resolve.connections(text, text)")
    op.execute("RESET ROLE")
    op.execute("DROP TABLE kernel.connections")

"""Operators of the platform: people apart from every organization, who see organizations but not their data."""

from alembic import op

from rowhouse.kernel.db.walls import (
    STAMP_COLUMNS,
    audited,
    person_table,
    resolver_access,
    resolver_function,
    stamped,
)

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OWN = "operator_id = (SELECT app.operator())"
ACTIVE = (
    "EXISTS (SELECT FROM kernel.operators me WHERE me.id = (SELECT app.operator()) AND me.state = 'active')"
)
RESOLVERS = (
    "operator_login(text)",
    "operator_session(bytea)",
    "operator_setup(bytea)",
    "is_operator(uuid)",
    "organizations(text, text, uuid, integer)",
    "organization_accounts(uuid)",
    "platform_figures()",
)


def upgrade() -> None:
    op.execute(
        "CREATE FUNCTION app.operator() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS"
        " $$ SELECT nullif(current_setting('rowhouse.operator_id', true), '')::uuid $$"
    )
    op.execute("GRANT EXECUTE ON FUNCTION app.operator() TO app_user, app_admin, rowhouse_resolver")
    op.execute(
        f"""
        CREATE TABLE kernel.operators (
            id uuid PRIMARY KEY,
            email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
            email_key text NOT NULL UNIQUE,
            name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
            role text NOT NULL CHECK (role IN ('operator', 'support')),
            state text NOT NULL DEFAULT 'invited' CHECK (state IN ('invited', 'active', 'disabled')),
            setup_hash bytea CHECK (octet_length(setup_hash) = 32),
            setup_until timestamptz,
            password_hash text,
            totp_sealed text,
            totp_step bigint NOT NULL DEFAULT 0,
            {STAMP_COLUMNS},
            CHECK (state <> 'active' OR (password_hash IS NOT NULL AND totp_sealed IS NOT NULL))
        )
        """
    )
    person_table(
        op,
        "kernel.operators",
        grants=("select", "update"),
        condition="id = (SELECT app.operator())",
    )
    # Made and disabled on the command line alone.
    op.execute("GRANT SELECT, INSERT, UPDATE ON kernel.operators TO app_admin")
    op.execute(
        "CREATE POLICY admin_access ON kernel.operators FOR ALL TO app_admin USING (true) WITH CHECK (true)"
    )
    op.execute(
        f"""
        CREATE TABLE kernel.operator_sessions (
            operator_id uuid NOT NULL REFERENCES kernel.operators (id),
            id uuid NOT NULL,
            token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
            client_address text NOT NULL,
            user_agent text NOT NULL CHECK (length(user_agent) <= 300),
            expires_at timestamptz NOT NULL,
            ended_at timestamptz,
            {STAMP_COLUMNS},
            PRIMARY KEY (operator_id, id)
        )
        """
    )
    op.execute("CREATE INDEX operator_sessions_token_idx ON kernel.operator_sessions (token_hash)")
    person_table(op, "kernel.operator_sessions", grants=("select", "insert", "update"), condition=OWN)
    for table, masked in (
        ("operators", ("setup_hash", "password_hash", "totp_sealed", "totp_step")),
        ("operator_sessions", ("token_hash",)),
    ):
        stamped(op, f"kernel.{table}")
        audited(op, f"kernel.{table}", masked=masked)
    _resolvers()


def downgrade() -> None:
    op.execute("SET LOCAL ROLE rowhouse_resolver")
    for function in RESOLVERS:
        op.execute(f"DROP FUNCTION resolve.{function}")
    op.execute("RESET ROLE")
    op.execute("REVOKE SELECT (created_at) ON kernel.organizations FROM rowhouse_resolver")
    op.execute("REVOKE SELECT (name, email) ON kernel.users FROM rowhouse_resolver")
    op.execute("DROP TABLE kernel.operator_sessions")
    op.execute("DROP TABLE kernel.operators")
    op.execute("DROP FUNCTION app.operator()")


def _resolvers() -> None:
    resolver_access(
        op,
        "kernel.operators",
        ("id", "email_key", "role", "state", "setup_hash", "setup_until", "password_hash"),
    )
    resolver_access(
        op, "kernel.operator_sessions", ("operator_id", "id", "token_hash", "expires_at", "ended_at")
    )
    op.execute("GRANT SELECT (created_at) ON kernel.organizations TO rowhouse_resolver")
    op.execute("GRANT SELECT (name, email) ON kernel.users TO rowhouse_resolver")
    resolver_function(
        op,
        "operator_login(email_key text)",
        "TABLE (operator_id uuid, password_hash text)",
        "SELECT o.id, o.password_hash FROM kernel.operators o WHERE o.email_key = $1 AND o.state = 'active'",
    )
    resolver_function(
        op,
        "operator_setup(setup_hash bytea)",
        "TABLE (operator_id uuid)",
        """
        SELECT o.id FROM kernel.operators o
        WHERE o.setup_hash = $1 AND o.setup_until > now() AND o.state = 'invited'
        """,
    )
    resolver_function(
        op,
        "operator_session(token_hash bytea)",
        "TABLE (operator_id uuid, session_id uuid, role text)",
        """
        SELECT o.id, s.id, o.role
        FROM kernel.operator_sessions s JOIN kernel.operators o ON o.id = s.operator_id
        WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.expires_at > now() AND o.state = 'active'
        """,
    )
    resolver_function(
        op,
        "is_operator(operator_id uuid)",
        "boolean",
        "SELECT EXISTS (SELECT FROM kernel.operators o WHERE o.id = $1 AND o.state = 'active')",
    )
    # The three below answer to a living operator of the context alone: organizations and their state, people by name
    # where one is to be looked over the shoulder of, and counts. Never what an organization has.
    resolver_function(
        op,
        "organizations(search text, state text, after uuid, most integer)",
        "TABLE (id uuid, name text, kind text, state text, created_at timestamptz, members bigint)",
        f"""
        SELECT o.id, o.name, o.kind, o.state, o.created_at,
            (SELECT count(*) FROM kernel.accounts a WHERE a.organization_id = o.id AND a.state = 'active')
        FROM kernel.organizations o
        WHERE {ACTIVE} AND ($1 IS NULL OR o.id::text = $1 OR position(lower($1) IN lower(o.name)) > 0)
            AND ($2 IS NULL OR o.state = $2) AND ($3 IS NULL OR o.id < $3)
        ORDER BY o.id DESC LIMIT $4
        """,
    )
    resolver_function(
        op,
        "organization_accounts(organization uuid)",
        "TABLE (id uuid, user_id uuid, name text, email text, role text, state text)",
        f"""
        SELECT a.id, a.user_id, u.name, u.email, a.role, a.state
        FROM kernel.accounts a JOIN kernel.users u ON u.id = a.user_id
        WHERE {ACTIVE} AND a.organization_id = $1 ORDER BY a.id LIMIT 1000
        """,
    )
    resolver_function(
        op,
        "platform_figures()",
        "TABLE (figure text, of text, count bigint)",
        f"""
        SELECT f.figure, f.of, f.count FROM (
            SELECT 'organizations' AS figure, o.state AS of, count(*) AS count
            FROM kernel.organizations o GROUP BY o.state
            UNION ALL
            SELECT 'users', u.state, count(*) FROM kernel.users u
            WHERE u.email_verified_at IS NOT NULL GROUP BY u.state
            UNION ALL
            SELECT 'accounts', a.role, count(*) FROM kernel.accounts a WHERE a.state = 'active' GROUP BY a.role
            UNION ALL
            SELECT 'active_users', 'day', count(DISTINCT s.user_id) FROM kernel.sessions s
            WHERE s.ended_at IS NULL AND s.expires_at > now()
        ) f WHERE {ACTIVE}
        """,
    )

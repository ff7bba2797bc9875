"""Own roles, grants and API keys; what a session has proved; the look-ups that know them."""

from alembic import op

from rowhouse.kernel.db.walls import (
    OWN_ACCOUNT,
    STAMP_COLUMNS,
    audited,
    close_to_grantees,
    open_to_grantees,
    resolver_access,
    resolver_function,
    stamped,
    tenant_table,
)

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("api_keys", "grants", "roles")
RESOLVERS = ("presences()", "api_key(uuid)")

READABLE = ("fitness.files", "fitness.records", "fitness.streams", "fitness.workouts")
"""What an athlete's grant of fitness.workouts.read opens: workouts with their samples and originals."""

GRANTED_BY_ATHLETES = """
    SELECT coalesce(array_agg(g.resource_id), '{}') FROM kernel.grants g
    WHERE g.organization_id = (SELECT app.org()) AND g.account_id = (SELECT app.account())
        AND g.resource_kind = 'fitness.athlete' AND g.granted_by = g.resource_id AND g.permissions ? $1
        AND (g.expires_at IS NULL OR g.expires_at > now())
"""
"""The athletes who granted the context's account a permission. They alone can: whoever wrote the row is its granter."""

FORMER_SESSION = """
    SELECT s.user_id, s.organization_id, s.account_id, a.role, s.expires_at
    FROM kernel.sessions s
    JOIN kernel.users u ON u.id = s.user_id
    JOIN kernel.accounts a ON (a.organization_id, a.id, a.user_id) = (s.organization_id, s.account_id, s.user_id)
    JOIN kernel.organizations o ON o.id = s.organization_id
    WHERE s.id = $1 AND s.ended_at IS NULL AND s.expires_at > now()
        AND u.state = 'active' AND a.state = 'active' AND o.state = 'active'
"""
FORMER_OWN_ACCOUNTS = """
    SELECT a.id, a.organization_id, o.name, o.kind, o.state, a.role, a.state
    FROM kernel.accounts a JOIN kernel.organizations o ON o.id = a.organization_id
    WHERE a.user_id = (SELECT app.person()) ORDER BY a.id
"""
MFA_REQUIRED = "coalesce((o.settings ->> 'mfa_required')::boolean, false)"
HOLDS = (
    "(SELECT array(SELECT jsonb_array_elements_text(r.holds)) FROM kernel.roles r"
    " WHERE r.organization_id = a.organization_id AND r.name = a.role)"
)


def upgrade() -> None:
    _roles()
    _grants()
    _api_keys()
    _sessions()
    for table in TABLES:
        stamped(op, f"kernel.{table}")
    audited(op, "kernel.roles")
    audited(op, "kernel.grants")
    audited(op, "kernel.api_keys", masked=("secret_hash", "former_hash"), ignored=("last_used_at",))
    _resolvers()
    op.execute(
        "CREATE FUNCTION fitness.granted_athletes(permission text) RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE"
        f" AS $${GRANTED_BY_ATHLETES}$$"
    )
    op.execute("GRANT EXECUTE ON FUNCTION fitness.granted_athletes(text) TO app_user")
    for table in READABLE:
        open_to_grantees(op, table, "fitness.workouts.read")


def downgrade() -> None:
    for table in READABLE:
        close_to_grantees(op, table)
    op.execute("DROP FUNCTION fitness.granted_athletes(text)")
    op.execute("SET LOCAL ROLE rowhouse_resolver")
    for function in (*RESOLVERS, "session(uuid)", "own_accounts()"):
        op.execute(f"DROP FUNCTION resolve.{function}")
    op.execute("RESET ROLE")
    op.execute(
        "REVOKE SELECT (methods, authenticated_at, operator_id) ON kernel.sessions FROM rowhouse_resolver"
    )
    op.execute("REVOKE SELECT (settings) ON kernel.organizations FROM rowhouse_resolver")
    op.execute("ALTER TABLE kernel.sessions DROP CONSTRAINT sessions_end_reason_check")
    op.execute("UPDATE kernel.sessions SET end_reason = 'signed_out' WHERE end_reason IS NOT NULL")
    op.execute(
        "ALTER TABLE kernel.sessions ADD CONSTRAINT sessions_end_reason_check CHECK (end_reason IN"
        " ('signed_out', 'signed_out_everywhere', 'refresh_token_reused'))"
    )
    for column in ("operator_id", "authenticated_at", "methods"):
        op.execute(f"ALTER TABLE kernel.sessions DROP COLUMN {column}")
    audited(op, "kernel.sessions")
    for table in TABLES:
        op.execute(f"DROP TABLE kernel.{table}")
    resolver_function(
        op,
        "session(session_id uuid)",
        "TABLE (user_id uuid, organization_id uuid, account_id uuid, role text, expires_at timestamptz)",
        FORMER_SESSION,
    )
    resolver_function(
        op,
        "own_accounts()",
        "TABLE (id uuid, organization_id uuid, organization_name text, organization_kind text,"
        " organization_state text, role text, state text)",
        FORMER_OWN_ACCOUNTS,
    )


def _roles() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.roles (
            organization_id uuid NOT NULL REFERENCES kernel.organizations (id),
            id uuid NOT NULL,
            name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_-]{{1,39}}$'),
            title text NOT NULL CHECK (length(title) BETWEEN 1 AND 100),
            holds jsonb NOT NULL CHECK (jsonb_typeof(holds) = 'array'),
            {STAMP_COLUMNS},
            PRIMARY KEY (organization_id, id),
            UNIQUE (organization_id, name)
        )
        """
    )
    tenant_table(op, "kernel.roles")


def _grants() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.grants (
            organization_id uuid NOT NULL,
            id uuid NOT NULL,
            account_id uuid NOT NULL,
            resource_kind text NOT NULL,
            resource_id uuid NOT NULL,
            permissions jsonb NOT NULL CHECK (jsonb_typeof(permissions) = 'array'),
            granted_by uuid NOT NULL,
            expires_at timestamptz,
            {STAMP_COLUMNS},
            PRIMARY KEY (organization_id, id),
            FOREIGN KEY (organization_id, account_id) REFERENCES kernel.accounts (organization_id, id),
            FOREIGN KEY (organization_id, granted_by) REFERENCES kernel.accounts (organization_id, id),
            CONSTRAINT grants_parties_key
                UNIQUE (organization_id, account_id, resource_kind, resource_id, granted_by)
        )
        """
    )
    op.execute("CREATE INDEX grants_granted_by_idx ON kernel.grants (organization_id, granted_by)")
    # Only the one that gives can have written a grant: policies believe that. Its end is less delicate.
    tenant_table(op, "kernel.grants", grants=("select", "insert", "delete"))
    op.execute(
        "CREATE POLICY granter_fence ON kernel.grants AS RESTRICTIVE FOR ALL TO app_user"
        " USING (true) WITH CHECK (granted_by = (SELECT app.account()))"
    )


def _api_keys() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.api_keys (
            organization_id uuid NOT NULL,
            id uuid NOT NULL,
            account_id uuid NOT NULL,
            name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
            scope jsonb NOT NULL CHECK (jsonb_typeof(scope) = 'array'),
            secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
            hint text NOT NULL CHECK (length(hint) <= 8),
            former_hash bytea CHECK (octet_length(former_hash) = 32),
            former_until timestamptz,
            expires_at timestamptz,
            last_used_at timestamptz,
            revoked_at timestamptz,
            {STAMP_COLUMNS},
            PRIMARY KEY (organization_id, id),
            FOREIGN KEY (organization_id, account_id) REFERENCES kernel.accounts (organization_id, id),
            CHECK ((former_hash IS NULL) = (former_until IS NULL))
        )
        """
    )
    op.execute("CREATE INDEX api_keys_id_idx ON kernel.api_keys (id)")
    op.execute("CREATE INDEX api_keys_account_idx ON kernel.api_keys (organization_id, account_id)")
    tenant_table(op, "kernel.api_keys", grants=("select", "insert", "update"))
    # Whoever could write another's key could act as them; to revoke it is all that others do (when they go).
    op.execute(
        "CREATE POLICY key_fence ON kernel.api_keys AS RESTRICTIVE FOR ALL TO app_user"
        f" USING (true) WITH CHECK ({OWN_ACCOUNT} OR revoked_at IS NOT NULL)"
    )


def _sessions() -> None:
    op.execute(
        """
        ALTER TABLE kernel.sessions
            ADD COLUMN methods jsonb NOT NULL DEFAULT '["password"]',
            ADD COLUMN authenticated_at timestamptz,
            ADD COLUMN operator_id uuid,
            DROP CONSTRAINT sessions_end_reason_check
        """
    )
    audited(op, "kernel.sessions")
    # Those who are signed in proved who they are when their session began.
    op.execute("UPDATE kernel.sessions SET authenticated_at = created_at")
    op.execute(
        """
        ALTER TABLE kernel.sessions ADD CONSTRAINT sessions_end_reason_check CHECK (end_reason IN (
            'signed_out', 'signed_out_everywhere', 'refresh_token_reused', 'ended_by_person', 'password_changed',
            'email_changed', 'organization_ended', 'membership_ended', 'person_erased', 'impersonation_ended',
            'operator'))
        """
    )


def _resolvers() -> None:
    resolver_access(op, "kernel.roles", ("organization_id", "name", "holds"))
    resolver_access(
        op,
        "kernel.api_keys",
        (
            "organization_id", "id", "account_id", "scope", "secret_hash", "former_hash", "former_until",
            "expires_at", "revoked_at",
        ),
    )  # fmt: skip
    op.execute(
        "GRANT SELECT (methods, authenticated_at, operator_id) ON kernel.sessions TO rowhouse_resolver"
    )
    op.execute("GRANT SELECT (settings) ON kernel.organizations TO rowhouse_resolver")
    op.execute("SET LOCAL ROLE rowhouse_resolver")
    op.execute("DROP FUNCTION resolve.session(uuid)")
    op.execute("DROP FUNCTION resolve.own_accounts()")
    op.execute("RESET ROLE")
    resolver_function(
        op,
        "session(session_id uuid)",
        "TABLE (user_id uuid, organization_id uuid, account_id uuid, role text, holds text[], expires_at timestamptz,"
        " methods text[], authenticated_at timestamptz, mfa_required boolean, operator_id uuid)",
        f"""
        SELECT s.user_id, s.organization_id, s.account_id, a.role, {HOLDS}, s.expires_at,
            array(SELECT jsonb_array_elements_text(s.methods)), s.authenticated_at, {MFA_REQUIRED}, s.operator_id
        FROM kernel.sessions s
        JOIN kernel.users u ON u.id = s.user_id
        JOIN kernel.accounts a ON (a.organization_id, a.id, a.user_id) = (s.organization_id, s.account_id, s.user_id)
        JOIN kernel.organizations o ON o.id = s.organization_id
        WHERE s.id = $1 AND s.ended_at IS NULL AND s.expires_at > now()
            AND u.state = 'active' AND a.state = 'active' AND o.state = 'active'
        """,
    )
    resolver_function(
        op,
        "api_key(key_id uuid)",
        "TABLE (user_id uuid, organization_id uuid, account_id uuid, role text, holds text[], scope text[],"
        " secret_hash bytea, former_hash bytea, former_until timestamptz, expires_at timestamptz)",
        f"""
        SELECT a.user_id, k.organization_id, k.account_id, a.role, {HOLDS},
            array(SELECT jsonb_array_elements_text(k.scope)), k.secret_hash, k.former_hash, k.former_until,
            k.expires_at
        FROM kernel.api_keys k
        JOIN kernel.accounts a ON (a.organization_id, a.id) = (k.organization_id, k.account_id)
        JOIN kernel.users u ON u.id = a.user_id
        JOIN kernel.organizations o ON o.id = k.organization_id
        WHERE k.id = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
            AND u.state = 'active' AND a.state = 'active' AND o.state = 'active'
        """,
    )
    # Takes no argument: it answers for the context's own organization alone.
    resolver_function(
        op,
        "presences()",
        "TABLE (id uuid, account_id uuid)",
        """
        SELECT s.id, s.account_id FROM kernel.sessions s
        WHERE s.organization_id = (SELECT app.org()) AND s.ended_at IS NULL AND s.expires_at > now()
        UNION ALL
        SELECT k.id, k.account_id FROM kernel.api_keys k
        WHERE k.organization_id = (SELECT app.org()) AND k.revoked_at IS NULL
        """,
    )
    resolver_function(
        op,
        "own_accounts()",
        "TABLE (id uuid, organization_id uuid, organization_name text, organization_kind text,"
        " organization_state text, role text, state text, holds text[], mfa_required boolean)",
        f"""
        SELECT a.id, a.organization_id, o.name, o.kind, o.state, a.role, a.state, {HOLDS}, {MFA_REQUIRED}
        FROM kernel.accounts a JOIN kernel.organizations o ON o.id = a.organization_id
        WHERE a.user_id = (SELECT app.person()) ORDER BY a.id
        """,
    )

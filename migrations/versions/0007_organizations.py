"""Invitations and the life cycle of organizations."""

from alembic import op

from rowhouse.kernel.db.walls import (
    STAMP_COLUMNS,
    admin_access,
    audited,
    platform_table,
    resolver_access,
    resolver_function,
    stamped,
    tenant_table,
)

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("erasures", "lifecycle_steps", "invitations")
RESOLVERS = ("members()", "own_organizations()", "invitation(bytea)", "restoration(bytea)")
CHANGED = ("session(uuid)", "own_accounts()")
COLUMNS = ("version", "suspended_reason", "deleted_at", "erase_at", "restore_hash")
ADMIN_READS = "id, kind, name, state, suspended_reason, deleted_at, erase_at, created_at"

HOLDS = (
    "(SELECT array(SELECT jsonb_array_elements_text(r.holds)) FROM kernel.roles r"
    " WHERE r.organization_id = a.organization_id AND r.name = a.role)"
)
MFA_REQUIRED = "coalesce((o.settings ->> 'mfa_required')::boolean, false)"
SESSION_IN_TIME = (
    "AND (o.settings ->> 'session_hours' IS NULL"
    " OR s.created_at > now() - make_interval(hours => (o.settings ->> 'session_hours')::int))"
)


def upgrade() -> None:
    _organizations()
    _erasing()
    _invitations()
    _lifecycle_steps()
    _erasures()
    for table in TABLES:
        stamped(op, f"kernel.{table}")
    audited(op, "kernel.invitations", masked=("token_hash",))
    audited(op, "kernel.lifecycle_steps")
    _resolvers()


def downgrade() -> None:
    op.execute("SET LOCAL ROLE rowhouse_resolver")
    for function in RESOLVERS:
        op.execute(f"DROP FUNCTION resolve.{function}")
    op.execute("RESET ROLE")
    _replace_look_ups(in_time="", not_removed="")
    for table in TABLES:
        op.execute(f"DROP TABLE kernel.{table}")
    _unerasing()
    op.execute("REVOKE SELECT (renewed_at, created_at) ON kernel.sessions FROM rowhouse_resolver")
    op.execute("REVOKE SELECT (email) ON kernel.users FROM rowhouse_resolver")
    op.execute("REVOKE SELECT (created_at) ON kernel.accounts FROM rowhouse_resolver")
    op.execute("REVOKE SELECT (created_at) ON kernel.organizations FROM rowhouse_resolver")
    op.execute(f"REVOKE SELECT ({ADMIN_READS}) ON kernel.organizations FROM app_admin")
    op.execute("DROP POLICY admin_access ON kernel.organizations")
    for column in COLUMNS:
        op.execute(f"ALTER TABLE kernel.organizations DROP COLUMN {column}")
    audited(op, "kernel.organizations")
    op.execute("UPDATE kernel.accounts SET state = 'suspended' WHERE state = 'removed'")
    _account_states("'active', 'suspended'")
    _sessions_of_tokens("")


def _organizations() -> None:
    # An organization that was suspended before it was deleted comes back suspended: the reason outlives deletion.
    op.execute(
        """
        ALTER TABLE kernel.organizations
            ADD COLUMN version integer NOT NULL DEFAULT 1,
            ADD COLUMN suspended_reason text CHECK (length(suspended_reason) BETWEEN 1 AND 500),
            ADD COLUMN deleted_at timestamptz,
            ADD COLUMN erase_at timestamptz,
            ADD COLUMN restore_hash bytea CHECK (octet_length(restore_hash) = 32),
            ADD CONSTRAINT organizations_deletion_check
                CHECK ((state = 'deleted') = (deleted_at IS NOT NULL) AND (deleted_at IS NULL) = (erase_at IS NULL))
        """
    )
    op.execute(
        "CREATE INDEX organizations_erase_at_idx ON kernel.organizations (erase_at) WHERE state = 'deleted'"
    )
    op.execute(
        "CREATE INDEX organizations_restore_hash_idx ON kernel.organizations (restore_hash)"
        " WHERE restore_hash IS NOT NULL"
    )
    op.execute(f"GRANT SELECT ({ADMIN_READS}) ON kernel.organizations TO app_admin")
    op.execute(
        "CREATE POLICY admin_access ON kernel.organizations FOR ALL TO app_admin USING (true) WITH CHECK (true)"
    )
    audited(op, "kernel.organizations", ignored=("version",))
    _account_states("'active', 'suspended', 'removed'")
    _sessions_of_tokens(" ON DELETE CASCADE")


def _account_states(states: str) -> None:
    op.execute("ALTER TABLE kernel.accounts DROP CONSTRAINT accounts_state_check")
    op.execute(f"ALTER TABLE kernel.accounts ADD CONSTRAINT accounts_state_check CHECK (state IN ({states}))")


def _sessions_of_tokens(on_delete: str) -> None:
    """Tokens know no organization: when one is erased, they go with their session."""
    op.execute(
        "ALTER TABLE kernel.refresh_tokens DROP CONSTRAINT refresh_tokens_user_id_session_id_fkey,"
        " ADD CONSTRAINT refresh_tokens_user_id_session_id_fkey FOREIGN KEY (user_id, session_id)"
        f" REFERENCES kernel.sessions (user_id, id){on_delete}"
    )


def _invitations() -> None:
    # token_hash is not declared unique: 256 random bits are, and a constraint would have to begin with the
    # organization.
    op.execute(
        f"""
        CREATE TABLE kernel.invitations (
            organization_id uuid NOT NULL REFERENCES kernel.organizations (id),
            id uuid NOT NULL,
            email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
            email_key text NOT NULL,
            role text NOT NULL,
            state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'accepted', 'revoked')),
            token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
            expires_at timestamptz NOT NULL,
            invited_by uuid NOT NULL,
            accepted_by uuid,
            sent jsonb NOT NULL CHECK (jsonb_typeof(sent) = 'array'),
            last_sent_at timestamptz NOT NULL,
            {STAMP_COLUMNS},
            PRIMARY KEY (organization_id, id),
            FOREIGN KEY (organization_id, invited_by) REFERENCES kernel.accounts (organization_id, id),
            FOREIGN KEY (organization_id, accepted_by) REFERENCES kernel.accounts (organization_id, id),
            CHECK ((state = 'accepted') = (accepted_by IS NOT NULL))
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX invitations_pending_idx ON kernel.invitations (organization_id, email_key)"
        " WHERE state = 'pending'"
    )
    op.execute("CREATE INDEX invitations_token_hash_idx ON kernel.invitations (token_hash)")
    op.execute("CREATE INDEX invitations_sent_idx ON kernel.invitations (organization_id, last_sent_at)")
    tenant_table(op, "kernel.invitations", grants=("select", "insert", "update"))


def _lifecycle_steps() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.lifecycle_steps (
            organization_id uuid NOT NULL REFERENCES kernel.organizations (id),
            id uuid NOT NULL,
            transition text NOT NULL
                CHECK (transition IN ('provision', 'suspend', 'resume', 'delete', 'restore', 'erase')),
            step text NOT NULL CHECK (length(step) BETWEEN 1 AND 100),
            position smallint NOT NULL,
            state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'failed', 'compensated')),
            attempts integer NOT NULL DEFAULT 0,
            error text,
            {STAMP_COLUMNS},
            PRIMARY KEY (organization_id, id),
            UNIQUE (organization_id, transition, step)
        )
        """
    )
    tenant_table(op, "kernel.lifecycle_steps")


def _erasures() -> None:
    """What proves an erasure outlives the organization, so it is the platform's, and no tenant sees it."""
    op.execute(
        f"""
        CREATE TABLE kernel.erasures (
            organization_id uuid NOT NULL,
            deleted_at timestamptz NOT NULL,
            erased_at timestamptz NOT NULL,
            reason text NOT NULL,
            report jsonb NOT NULL,
            {STAMP_COLUMNS},
            PRIMARY KEY (organization_id)
        )
        """
    )
    platform_table(op, "kernel.erasures", grants=())
    admin_access(op, "kernel.erasures", grants=("select", "insert"))


def _erasing() -> None:
    """app_admin may delete, and count, the rows of the one organization that it has named, and only after the days
    of grace. `app.make_erasable` says so of a table; `tenant_table` calls it for each that comes later."""
    op.execute(
        """
        CREATE FUNCTION app.erasing() RETURNS uuid LANGUAGE sql STABLE AS $$
            SELECT o.id FROM kernel.organizations o
            WHERE o.id = (SELECT app.org()) AND o.state = 'deleted' AND o.erase_at <= now()
        $$
        """
    )
    op.execute("GRANT EXECUTE ON FUNCTION app.erasing() TO app_admin")
    op.execute(
        """
        CREATE FUNCTION app.make_erasable(erased regclass, owner_column text) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
            condition text := format('%I = (SELECT app.erasing())', owner_column);
            key_columns text;
        BEGIN
            SELECT string_agg(DISTINCT quote_ident(a.attname), ', ') INTO key_columns
            FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
            WHERE a.attrelid = erased AND (a.attname = owner_column OR a.attnum = ANY (i.indkey));
            EXECUTE format('GRANT SELECT (%s), DELETE ON %s TO app_admin', key_columns, erased);
            EXECUTE format('CREATE POLICY erasure_select ON %s FOR SELECT TO app_admin USING (%s)', erased, condition);
            EXECUTE format('CREATE POLICY erasure_delete ON %s FOR DELETE TO app_admin USING (%s)', erased, condition);
            EXECUTE format(
                'CREATE POLICY erasure_fence ON %s AS RESTRICTIVE FOR DELETE TO app_admin USING (%s)',
                erased, condition);
        END $$
        """
    )
    op.execute(
        """
        DO $$
        DECLARE erased regclass;
        BEGIN
            PERFORM app.make_erasable('kernel.organizations', 'id');
            FOR erased IN
                SELECT c.oid::regclass FROM pg_class c
                JOIN pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped
                WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN ('kernel', 'fitness')
            LOOP
                PERFORM app.make_erasable(erased, 'organization_id');
            END LOOP;
        END $$
        """
    )


def _unerasing() -> None:
    op.execute(
        """
        DO $$
        DECLARE erased regclass;
        BEGIN
            FOR erased IN SELECT p.polrelid::regclass FROM pg_policy p WHERE p.polname = 'erasure_fence' LOOP
                EXECUTE format('DROP POLICY erasure_fence ON %s', erased);
                EXECUTE format('DROP POLICY erasure_delete ON %s', erased);
                EXECUTE format('DROP POLICY erasure_select ON %s', erased);
                EXECUTE format('REVOKE DELETE ON %s FROM app_admin', erased);
                IF erased <> 'kernel.jobs'::regclass THEN
                    EXECUTE format('REVOKE SELECT ON %s FROM app_admin', erased);
                END IF;
            END LOOP;
        END $$
        """
    )
    op.execute("DROP FUNCTION app.make_erasable(regclass, text)")
    op.execute("DROP FUNCTION app.erasing()")


def _resolvers() -> None:
    resolver_access(
        op,
        "kernel.invitations",
        ("organization_id", "id", "email", "role", "state", "token_hash", "expires_at", "invited_by"),
    )
    op.execute("GRANT SELECT (renewed_at, created_at) ON kernel.sessions TO rowhouse_resolver")
    op.execute("GRANT SELECT (email) ON kernel.users TO rowhouse_resolver")
    op.execute("GRANT SELECT (created_at) ON kernel.accounts TO rowhouse_resolver")
    op.execute(
        "GRANT SELECT (created_at, erase_at, restore_hash) ON kernel.organizations TO rowhouse_resolver"
    )
    _replace_look_ups(in_time=SESSION_IN_TIME, not_removed="AND a.state <> 'removed'")
    # Takes no argument: it answers for the context's own organization alone.
    resolver_function(
        op,
        "members()",
        "TABLE (account_id uuid, user_id uuid, name text, email text, role text, state text, mfa boolean,"
        " last_seen_at timestamptz, joined_at timestamptz)",
        """
        SELECT a.id, a.user_id, u.name, u.email, a.role, a.state,
            EXISTS (SELECT FROM kernel.sessions s WHERE s.user_id = a.user_id
                AND s.methods ?| array['totp', 'recovery', 'passkey', 'idp']),
            (SELECT max(s.renewed_at) FROM kernel.sessions s
                WHERE s.organization_id = a.organization_id AND s.account_id = a.id AND s.operator_id IS NULL),
            a.created_at
        FROM kernel.accounts a JOIN kernel.users u ON u.id = a.user_id
        WHERE a.organization_id = (SELECT app.org()) AND a.state <> 'removed'
        """,
    )
    # Takes no argument: it answers for the person of the context alone.
    resolver_function(
        op,
        "own_organizations()",
        "TABLE (account_id uuid, role text, holds text[], id uuid, name text, kind text, state text,"
        " erase_at timestamptz, created_at timestamptz)",
        f"""
        SELECT a.id, a.role, {HOLDS}, o.id, o.name, o.kind, o.state, o.erase_at, o.created_at
        FROM kernel.accounts a JOIN kernel.organizations o ON o.id = a.organization_id
        WHERE a.user_id = (SELECT app.person()) AND a.state = 'active' AND o.state <> 'erased'
        """,
    )
    resolver_function(
        op,
        "invitation(token_hash bytea)",
        "TABLE (organization_id uuid, id uuid, organization_name text, role text, email text, inviter text)",
        """
        SELECT i.organization_id, i.id, o.name, i.role, i.email, u.name
        FROM kernel.invitations i
        JOIN kernel.organizations o ON o.id = i.organization_id
        JOIN kernel.accounts a ON (a.organization_id, a.id) = (i.organization_id, i.invited_by)
        JOIN kernel.users u ON u.id = a.user_id
        WHERE i.token_hash = $1 AND i.state = 'pending' AND i.expires_at > now()
            AND o.state = 'active' AND a.state = 'active'
        """,
    )
    resolver_function(
        op,
        "restoration(restore_hash bytea)",
        "TABLE (organization_id uuid)",
        "SELECT o.id FROM kernel.organizations o"
        " WHERE o.restore_hash = $1 AND o.state = 'deleted' AND o.erase_at > now()",
    )


def _replace_look_ups(*, in_time: str, not_removed: str) -> None:
    op.execute("SET LOCAL ROLE rowhouse_resolver")
    for function in CHANGED:
        op.execute(f"DROP FUNCTION resolve.{function}")
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
            AND u.state = 'active' AND a.state = 'active' AND o.state = 'active' {in_time}
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
        WHERE a.user_id = (SELECT app.person()) {not_removed} ORDER BY a.id
        """,
    )

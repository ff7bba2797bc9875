"""People, organizations, accounts, sessions, and the keys that sign their tokens."""

from alembic import op

from rowhouse.kernel.db.walls import (
    IN_ORGANIZATION,
    OWN_ROW,
    STAMP_COLUMNS,
    admin_access,
    person_table,
    platform_table,
    resolver_access,
    resolver_function,
    stamped,
    tenant_table,
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("signing_keys", "refresh_tokens", "sessions", "email_codes", "accounts", "organizations", "users")
RESOLVERS = ("own_accounts()", "refresh(bytea)", "session(uuid)", "login(text)")


def upgrade() -> None:
    _people()
    _organizations()
    _accounts()
    _email_codes()
    _sessions()
    _refresh_tokens()
    _signing_keys()
    for table in TABLES:
        stamped(op, f"kernel.{table}")
    _resolvers()


def downgrade() -> None:
    op.execute("SET LOCAL ROLE rowhouse_resolver")
    for function in RESOLVERS:
        op.execute(f"DROP FUNCTION resolve.{function}")
    op.execute("RESET ROLE")
    for table in TABLES:
        op.execute(f"DROP TABLE kernel.{table}")


def _people() -> None:
    # email_key is unique over all people, as signing in by email needs. The answers that could make an oracle of it
    # (register, resend, login) are the same whether it is taken or not.
    op.execute(
        f"""
        CREATE TABLE kernel.users (
            id uuid PRIMARY KEY,
            email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
            email_key text NOT NULL UNIQUE,
            name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
            password_hash text,
            email_verified_at timestamptz,
            state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'erased')),
            {STAMP_COLUMNS}
        )
        """
    )
    person_table(
        op, "kernel.users", grants=("select", "insert", "update"), condition="id = (SELECT app.person())"
    )


def _organizations() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.organizations (
            id uuid PRIMARY KEY,
            kind text NOT NULL CHECK (kind IN ('personal', 'team')),
            name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
            state text NOT NULL DEFAULT 'provisioning'
                CHECK (state IN ('provisioning', 'active', 'suspended', 'deleted', 'erased')),
            settings jsonb NOT NULL DEFAULT '{{}}',
            external_id text,
            {STAMP_COLUMNS}
        )
        """
    )
    tenant_table(
        op, "kernel.organizations", grants=("select", "insert", "update"), condition="id = (SELECT app.org())"
    )


def _accounts() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.accounts (
            organization_id uuid NOT NULL REFERENCES kernel.organizations (id),
            id uuid NOT NULL,
            user_id uuid NOT NULL REFERENCES kernel.users (id),
            role text NOT NULL,
            state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended')),
            {STAMP_COLUMNS},
            PRIMARY KEY (organization_id, id),
            UNIQUE (organization_id, user_id, role)
        )
        """
    )
    op.execute("CREATE INDEX accounts_user_id_idx ON kernel.accounts (user_id)")
    # A person sees all accounts of their own; whatever is written stays inside the organization.
    tenant_table(
        op,
        "kernel.accounts",
        grants=("select",),
        condition=f"{IN_ORGANIZATION} OR {OWN_ROW}",
        written=IN_ORGANIZATION,
    )
    op.execute(
        f"CREATE POLICY tenant_insert ON kernel.accounts FOR INSERT TO app_user WITH CHECK ({IN_ORGANIZATION})"
    )
    op.execute(
        f"CREATE POLICY tenant_update ON kernel.accounts FOR UPDATE TO app_user"
        f" USING ({IN_ORGANIZATION}) WITH CHECK ({IN_ORGANIZATION})"
    )
    op.execute("GRANT INSERT, UPDATE ON kernel.accounts TO app_user")


def _email_codes() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.email_codes (
            user_id uuid NOT NULL REFERENCES kernel.users (id),
            id uuid NOT NULL,
            digest text NOT NULL,
            tries smallint NOT NULL DEFAULT 0,
            expires_at timestamptz NOT NULL,
            name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
            organization_name text CHECK (length(organization_name) BETWEEN 1 AND 100),
            password_hash text NOT NULL,
            {STAMP_COLUMNS},
            PRIMARY KEY (user_id, id)
        )
        """
    )
    person_table(op, "kernel.email_codes")


def _sessions() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.sessions (
            user_id uuid NOT NULL REFERENCES kernel.users (id),
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            account_id uuid NOT NULL,
            stay boolean NOT NULL,
            client_address text NOT NULL,
            user_agent text NOT NULL CHECK (length(user_agent) <= 300),
            expires_at timestamptz NOT NULL,
            renewed_at timestamptz NOT NULL,
            ended_at timestamptz,
            end_reason text CHECK (end_reason IN ('signed_out', 'signed_out_everywhere', 'refresh_token_reused')),
            {STAMP_COLUMNS},
            PRIMARY KEY (user_id, id),
            FOREIGN KEY (organization_id, account_id) REFERENCES kernel.accounts (organization_id, id),
            CHECK ((ended_at IS NULL) = (end_reason IS NULL))
        )
        """
    )
    op.execute("CREATE INDEX sessions_id_idx ON kernel.sessions (id)")
    op.execute("CREATE INDEX sessions_account_idx ON kernel.sessions (organization_id, account_id)")
    person_table(op, "kernel.sessions", grants=("select", "insert", "update"))


def _refresh_tokens() -> None:
    # token_hash is not declared unique: 256 random bits are, and a constraint would have to begin with the person.
    op.execute(
        f"""
        CREATE TABLE kernel.refresh_tokens (
            user_id uuid NOT NULL,
            id uuid NOT NULL,
            session_id uuid NOT NULL,
            token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
            expires_at timestamptz NOT NULL,
            rotated_at timestamptz,
            successor_sealed text,
            {STAMP_COLUMNS},
            PRIMARY KEY (user_id, id),
            FOREIGN KEY (user_id, session_id) REFERENCES kernel.sessions (user_id, id)
        )
        """
    )
    op.execute("CREATE INDEX refresh_tokens_token_hash_idx ON kernel.refresh_tokens (token_hash)")
    op.execute("CREATE INDEX refresh_tokens_session_idx ON kernel.refresh_tokens (user_id, session_id)")
    person_table(op, "kernel.refresh_tokens")


def _signing_keys() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.signing_keys (
            kid text PRIMARY KEY,
            public_pem text NOT NULL,
            private_pem_sealed text NOT NULL,
            retired_at timestamptz,
            {STAMP_COLUMNS}
        )
        """
    )
    platform_table(op, "kernel.signing_keys")
    admin_access(op, "kernel.signing_keys", grants=("select", "insert", "update"))


def _resolvers() -> None:
    resolver_access(op, "kernel.users", ("id", "email_key", "password_hash", "email_verified_at", "state"))
    resolver_access(op, "kernel.organizations", ("id", "name", "kind", "state"))
    resolver_access(op, "kernel.accounts", ("organization_id", "id", "user_id", "role", "state"))
    resolver_access(
        op, "kernel.sessions", ("user_id", "id", "organization_id", "account_id", "expires_at", "ended_at")
    )
    resolver_access(op, "kernel.refresh_tokens", ("user_id", "id", "session_id", "token_hash"))
    resolver_function(
        op,
        "login(email_key text)",
        "TABLE (user_id uuid, password_hash text, verified boolean, active boolean)",
        """
        SELECT u.id, u.password_hash, u.email_verified_at IS NOT NULL, u.state = 'active'
        FROM kernel.users u WHERE u.email_key = $1
        """,
    )
    resolver_function(
        op,
        "session(session_id uuid)",
        "TABLE (user_id uuid, organization_id uuid, account_id uuid, role text, expires_at timestamptz)",
        """
        SELECT s.user_id, s.organization_id, s.account_id, a.role, s.expires_at
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
        "refresh(token_hash bytea)",
        "TABLE (user_id uuid, token_id uuid, session_id uuid)",
        "SELECT t.user_id, t.id, t.session_id FROM kernel.refresh_tokens t WHERE t.token_hash = $1",
    )
    # Takes no argument: it answers for the person of the context alone.
    resolver_function(
        op,
        "own_accounts()",
        "TABLE (id uuid, organization_id uuid, organization_name text, organization_kind text,"
        " organization_state text, role text, state text)",
        """
        SELECT a.id, a.organization_id, o.name, o.kind, o.state, a.role, a.state
        FROM kernel.accounts a JOIN kernel.organizations o ON o.id = a.organization_id
        WHERE a.user_id = (SELECT app.person()) ORDER BY a.id
        """,
    )

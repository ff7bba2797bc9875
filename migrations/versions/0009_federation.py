"""Passkeys, identities at outside providers, and what an outside provider has told us."""

from alembic import op

from rowhouse.kernel.db.walls import (
    STAMP_COLUMNS,
    audited,
    person_table,
    platform_table,
    resolver_access,
    resolver_function,
    stamped,
)

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("provider_events", "external_identities", "passkeys")
RESOLVERS = ("passkey(bytea)", "external_identity(text, text)", "external_organization(text)")


def upgrade() -> None:
    _passkeys()
    _external_identities()
    _provider_events()
    # One tenant of the outside provider is one organization; nobody can write the column but the seam itself.
    op.execute(
        "CREATE UNIQUE INDEX organizations_external_id_key ON kernel.organizations (external_id)"
        " WHERE external_id IS NOT NULL"
    )
    for table in TABLES:
        stamped(op, f"kernel.{table}")
    audited(op, "kernel.passkeys", personal=("name",), person="user_id")
    audited(op, "kernel.external_identities", personal=("email", "subject"), person="user_id")
    _resolvers()


def downgrade() -> None:
    op.execute("SET LOCAL ROLE rowhouse_resolver")
    for function in RESOLVERS:
        op.execute(f"DROP FUNCTION resolve.{function}")
    op.execute("RESET ROLE")
    op.execute("REVOKE SELECT (external_id) ON kernel.organizations FROM rowhouse_resolver")
    op.execute("DROP INDEX kernel.organizations_external_id_key")
    for table in TABLES:
        op.execute(f"DROP TABLE kernel.{table}")


def _passkeys() -> None:
    # credential_id is unique for each person alone: a constraint over all people would tell whose it is. Signing in
    # takes the row of the person whom the authenticator itself names.
    op.execute(
        f"""
        CREATE TABLE kernel.passkeys (
            user_id uuid NOT NULL REFERENCES kernel.users (id),
            id uuid NOT NULL,
            name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
            credential_id bytea NOT NULL CHECK (octet_length(credential_id) BETWEEN 1 AND 1023),
            public_key bytea NOT NULL CHECK (octet_length(public_key) <= 2048),
            sign_count bigint NOT NULL CHECK (sign_count >= 0),
            transports jsonb NOT NULL CHECK (jsonb_typeof(transports) = 'array'),
            synced boolean NOT NULL,
            last_used_at timestamptz,
            {STAMP_COLUMNS},
            PRIMARY KEY (user_id, id),
            UNIQUE (user_id, credential_id)
        )
        """
    )
    op.execute("CREATE INDEX passkeys_credential_id_idx ON kernel.passkeys (credential_id)")
    person_table(op, "kernel.passkeys")


def _external_identities() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.external_identities (
            user_id uuid NOT NULL REFERENCES kernel.users (id),
            id uuid NOT NULL,
            issuer text NOT NULL CHECK (length(issuer) <= 500),
            subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
            email text,
            asserted_at timestamptz,
            last_used_at timestamptz,
            {STAMP_COLUMNS},
            PRIMARY KEY (user_id, id),
            CONSTRAINT external_identities_issuer_subject_key UNIQUE (issuer, subject)
        )
        """
    )
    person_table(op, "kernel.external_identities")


def _provider_events() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.provider_events (
            provider text NOT NULL,
            event_id text NOT NULL CHECK (length(event_id) <= 255),
            type text NOT NULL CHECK (length(type) <= 100),
            outcome text NOT NULL,
            {STAMP_COLUMNS},
            PRIMARY KEY (provider, event_id)
        )
        """
    )
    platform_table(op, "kernel.provider_events", grants=("select", "insert", "update"))


def _resolvers() -> None:
    resolver_access(op, "kernel.passkeys", ("user_id", "credential_id"))
    resolver_access(op, "kernel.external_identities", ("user_id", "issuer", "subject"))
    op.execute("GRANT SELECT (external_id) ON kernel.organizations TO rowhouse_resolver")
    resolver_function(
        op,
        "passkey(credential_id bytea)",
        "TABLE (user_id uuid)",
        "SELECT p.user_id FROM kernel.passkeys p WHERE p.credential_id = $1",
    )
    resolver_function(
        op,
        "external_identity(issuer text, subject text)",
        "TABLE (user_id uuid, active boolean)",
        """
        SELECT e.user_id, u.state = 'active'
        FROM kernel.external_identities e JOIN kernel.users u ON u.id = e.user_id
        WHERE e.issuer = $1 AND e.subject = $2
        """,
    )
    resolver_function(
        op,
        "external_organization(external_id text)",
        "TABLE (id uuid, state text)",
        "SELECT o.id, o.state FROM kernel.organizations o WHERE o.external_id = $1",
    )

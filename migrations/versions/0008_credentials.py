"""Second factors, mailed proofs, known devices and security events."""

from alembic import op

from rowhouse.kernel.db.walls import (
    STAMP_COLUMNS,
    audited,
    person_table,
    resolver_access,
    resolver_function,
    stamped,
)

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PERSON = "user_id uuid NOT NULL REFERENCES kernel.users (id)"
TABLES = ("security_events", "devices", "former_passwords", "recovery_codes", "totp", "proofs")
MASKED = {
    "proofs": ("token_hash", "code_digest", "details"),
    "totp": ("secret_sealed",),
    "recovery_codes": ("digest",),
    "former_passwords": ("password_hash",),
}


def upgrade() -> None:
    _proofs()
    _factors()
    _former_passwords()
    _devices()
    _security_events()
    # Which browser asked for a registration, and from where: see docs/adr/0010.
    op.execute(
        "ALTER TABLE kernel.email_codes ADD COLUMN registration_hash bytea, ADD COLUMN client_address text"
    )
    op.execute("ALTER TABLE kernel.users ADD COLUMN welcomed_at timestamptz")
    audited(op, "kernel.users")
    audited(op, "kernel.email_codes", personal=("client_address",))
    op.execute("UPDATE kernel.users SET welcomed_at = now() WHERE email_verified_at IS NOT NULL")
    for table in TABLES:
        stamped(op, f"kernel.{table}")
        audited(
            op,
            f"kernel.{table}",
            masked=MASKED.get(table, ()),
            personal=("client_address", "user_agent") if table in ("devices", "security_events") else (),
            person="user_id",
        )
    resolver_access(op, "kernel.proofs", ("user_id", "id", "purpose", "token_hash"))
    resolver_function(
        op,
        "proof(token_hash bytea, purpose text)",
        "TABLE (user_id uuid, proof_id uuid)",
        "SELECT p.user_id, p.id FROM kernel.proofs p WHERE p.token_hash = $1 AND p.purpose = $2",
    )


def downgrade() -> None:
    op.execute("SET LOCAL ROLE rowhouse_resolver")
    op.execute("DROP FUNCTION resolve.proof(bytea, text)")
    op.execute("RESET ROLE")
    op.execute("ALTER TABLE kernel.users DROP COLUMN welcomed_at")
    op.execute("ALTER TABLE kernel.email_codes DROP COLUMN client_address, DROP COLUMN registration_hash")
    audited(op, "kernel.users")
    audited(op, "kernel.email_codes")
    for table in TABLES:
        op.execute(f"DROP TABLE kernel.{table}")


def _proofs() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.proofs (
            {PERSON},
            id uuid NOT NULL,
            purpose text NOT NULL
                CHECK (purpose IN ('magic_link', 'password_reset', 'change_email', 'step_up', 'unlock', 'mfa')),
            token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
            code_digest text,
            tries smallint NOT NULL DEFAULT 0,
            expires_at timestamptz NOT NULL,
            details jsonb NOT NULL DEFAULT '{{}}',
            {STAMP_COLUMNS},
            PRIMARY KEY (user_id, id)
        )
        """
    )
    # token_hash is not declared unique: 256 random bits are, and a constraint would have to begin with the person.
    op.execute("CREATE INDEX proofs_token_hash_idx ON kernel.proofs (token_hash)")
    person_table(op, "kernel.proofs")


def _factors() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.totp (
            {PERSON} PRIMARY KEY,
            secret_sealed text NOT NULL,
            confirmed_at timestamptz,
            last_step bigint NOT NULL DEFAULT 0,
            {STAMP_COLUMNS}
        )
        """
    )
    person_table(op, "kernel.totp")
    op.execute(
        f"""
        CREATE TABLE kernel.recovery_codes (
            {PERSON},
            id uuid NOT NULL,
            digest text NOT NULL,
            {STAMP_COLUMNS},
            PRIMARY KEY (user_id, id)
        )
        """
    )
    person_table(op, "kernel.recovery_codes")


def _former_passwords() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.former_passwords (
            {PERSON},
            id uuid NOT NULL,
            password_hash text NOT NULL,
            {STAMP_COLUMNS},
            PRIMARY KEY (user_id, id)
        )
        """
    )
    person_table(op, "kernel.former_passwords", grants=("select", "insert", "delete"))


def _devices() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.devices (
            {PERSON},
            id uuid NOT NULL,
            client_address text NOT NULL,
            user_agent text NOT NULL CHECK (length(user_agent) <= 300),
            country text,
            latitude double precision,
            longitude double precision,
            seen_at timestamptz NOT NULL,
            {STAMP_COLUMNS},
            PRIMARY KEY (user_id, id)
        )
        """
    )
    person_table(op, "kernel.devices")


def _security_events() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.security_events (
            {PERSON},
            id uuid NOT NULL,
            kind text NOT NULL,
            details jsonb NOT NULL DEFAULT '{{}}',
            client_address text NOT NULL,
            user_agent text NOT NULL CHECK (length(user_agent) <= 300),
            place text,
            {STAMP_COLUMNS},
            PRIMARY KEY (user_id, id)
        )
        """
    )
    person_table(op, "kernel.security_events", grants=("select", "insert"))

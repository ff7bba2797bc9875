"""Answers that are given again to a repeated Idempotency-Key."""

from alembic import op

from rowhouse.kernel.db.walls import OWN_ACCOUNT, STAMP_COLUMNS, stamped, tenant_table

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.idempotent_answers (
            organization_id uuid NOT NULL,
            account_id uuid NOT NULL,
            route text NOT NULL CHECK (length(route) <= 300),
            key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
            fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
            status smallint NOT NULL CHECK (status BETWEEN 200 AND 299),
            answer text NOT NULL,
            {STAMP_COLUMNS},
            PRIMARY KEY (organization_id, account_id, route, key),
            FOREIGN KEY (organization_id, account_id) REFERENCES kernel.accounts (organization_id, id)
        )
        """
    )
    op.execute("CREATE INDEX idempotent_answers_created_at_idx ON kernel.idempotent_answers (created_at)")
    tenant_table(op, "kernel.idempotent_answers", grants=("select", "insert", "delete"))
    # An answer was given to one account: nobody beside it gets it.
    op.execute(
        "CREATE POLICY account_fence ON kernel.idempotent_answers AS RESTRICTIVE FOR ALL TO app_user"
        f" USING ({OWN_ACCOUNT}) WITH CHECK ({OWN_ACCOUNT})"
    )
    stamped(op, "kernel.idempotent_answers")
    # The scheduler sees whose answers have outlived their day, not what they are, and deletes them as their account.
    op.execute(
        "CREATE POLICY admin_access ON kernel.idempotent_answers FOR ALL TO app_admin USING (true) WITH CHECK (true)"
    )
    op.execute("GRANT SELECT (created_at) ON kernel.idempotent_answers TO app_admin")


def downgrade() -> None:
    op.execute("DROP TABLE kernel.idempotent_answers")

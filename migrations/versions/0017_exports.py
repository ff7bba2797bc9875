"""Exports of people's and organizations' data."""

from alembic import op

from rowhouse.kernel.db.walls import STAMP_COLUMNS, audited, stamped, tenant_table

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

OWN_ACCOUNT = "account_id = (SELECT app.account())"


def upgrade() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.exports (
            organization_id uuid NOT NULL,
            id uuid NOT NULL,
            account_id uuid NOT NULL,
            kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 100),
            bytes bigint CHECK (bytes >= 0),
            expires_at timestamptz NOT NULL,
            {STAMP_COLUMNS},
            PRIMARY KEY (organization_id, id),
            FOREIGN KEY (organization_id, account_id)
                REFERENCES kernel.accounts (organization_id, id) ON DELETE CASCADE
        )
        """
    )
    op.execute("CREATE INDEX exports_account_idx ON kernel.exports (organization_id, account_id, id DESC)")
    op.execute("CREATE INDEX exports_expires_idx ON kernel.exports (expires_at)")
    tenant_table(op, "kernel.exports")
    # What a person has is theirs: nobody beside them in the organization sees that they took it along.
    op.execute(
        "CREATE POLICY account_fence ON kernel.exports AS RESTRICTIVE FOR ALL TO app_user"
        f" USING ({OWN_ACCOUNT}) WITH CHECK ({OWN_ACCOUNT})"
    )
    # The scheduler finds those that are over; whoever removes them does so as their account.
    op.execute("GRANT SELECT (account_id, expires_at) ON kernel.exports TO app_admin")
    op.execute(
        "CREATE POLICY admin_access ON kernel.exports FOR ALL TO app_admin USING (true) WITH CHECK (true)"
    )
    stamped(op, "kernel.exports")
    audited(op, "kernel.exports")


def downgrade() -> None:
    op.execute("DROP TABLE kernel.exports")

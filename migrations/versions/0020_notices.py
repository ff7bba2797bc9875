"""Notices, and how people want to be told."""

from alembic import op

from rowhouse.kernel.db.walls import (
    OWN_ACCOUNT,
    STAMP_COLUMNS,
    audited,
    person_table,
    retained,
    stamped,
    tenant_table,
)

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.notices (
            organization_id uuid NOT NULL,
            id uuid NOT NULL,
            account_id uuid NOT NULL,
            kind text NOT NULL CHECK (kind ~ '^[a-z]+[.][a-z_.]+$'),
            occasion text NOT NULL CHECK (length(occasion) BETWEEN 1 AND 200),
            text text NOT NULL CHECK (length(text) BETWEEN 1 AND 500),
            href text NOT NULL CHECK (href ~ '^/[a-z]' AND length(href) <= 300),
            shown boolean NOT NULL,
            read_at timestamptz,
            {STAMP_COLUMNS},
            PRIMARY KEY (organization_id, id),
            UNIQUE (organization_id, account_id, kind, occasion),
            FOREIGN KEY (organization_id, account_id)
                REFERENCES kernel.accounts (organization_id, id) ON DELETE CASCADE
        )
        """
    )
    op.execute("CREATE INDEX notices_account_idx ON kernel.notices (organization_id, account_id, id DESC)")
    op.execute(
        "CREATE INDEX notices_unread_idx ON kernel.notices (organization_id, account_id, id DESC)"
        " WHERE read_at IS NULL AND shown"
    )
    tenant_table(op, "kernel.notices", grants=("select", "insert", "update"))
    # Who posts a notice writes it as the account that it is for, so that no other ever reads or makes one.
    op.execute(
        "CREATE POLICY account_fence ON kernel.notices AS RESTRICTIVE FOR ALL TO app_user"
        f" USING ({OWN_ACCOUNT}) WITH CHECK ({OWN_ACCOUNT})"
    )
    retained(op, "kernel.notices", "created_at < (now() - '30 days'::interval)")
    stamped(op, "kernel.notices")
    op.execute(
        f"""
        CREATE TABLE kernel.notice_choices (
            user_id uuid NOT NULL REFERENCES kernel.users (id),
            kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 100),
            shown boolean NOT NULL,
            mailed boolean NOT NULL,
            {STAMP_COLUMNS},
            PRIMARY KEY (user_id, kind)
        )
        """
    )
    person_table(op, "kernel.notice_choices", grants=("select", "insert", "update"))
    stamped(op, "kernel.notice_choices")
    audited(op, "kernel.notice_choices")


def downgrade() -> None:
    op.execute("DROP TABLE kernel.notice_choices")
    op.execute("DROP TABLE kernel.notices")

"""Onboarding: how far each account has come with what its role is asked."""

from alembic import op

from rowhouse.kernel.db.walls import STAMP_COLUMNS, audited, stamped, tenant_table

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OWN_ACCOUNT = "account_id = (SELECT app.account())"


def upgrade() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.onboarding (
            organization_id uuid NOT NULL,
            account_id uuid NOT NULL,
            user_id uuid NOT NULL DEFAULT app.person(),
            answers jsonb NOT NULL DEFAULT '{{}}' CHECK (octet_length(answers::text) <= 262144),
            done jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(done) = 'array'),
            terms_version text,
            terms_accepted_at timestamptz,
            completed_at timestamptz,
            version integer NOT NULL DEFAULT 0,
            {STAMP_COLUMNS},
            PRIMARY KEY (organization_id, account_id),
            FOREIGN KEY (organization_id, account_id)
                REFERENCES kernel.accounts (organization_id, id) ON DELETE CASCADE,
            CHECK ((terms_version IS NULL) = (terms_accepted_at IS NULL))
        )
        """
    )
    tenant_table(op, "kernel.onboarding", grants=("select", "insert", "update"))
    # What a person says of themselves is theirs: nobody beside them in the organization reads it.
    op.execute(
        "CREATE POLICY account_fence ON kernel.onboarding AS RESTRICTIVE FOR ALL TO app_user"
        f" USING ({OWN_ACCOUNT}) WITH CHECK ({OWN_ACCOUNT})"
    )
    stamped(op, "kernel.onboarding")
    audited(op, "kernel.onboarding", personal=("answers",), person="user_id")


def downgrade() -> None:
    op.execute("DROP TABLE kernel.onboarding")

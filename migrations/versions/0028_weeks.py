"""Whose Monday it is: the scheduler sees athletes and their zones, and nothing else of them."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = depends_on = None


def upgrade() -> None:
    op.execute("GRANT SELECT (organization_id, id, timezone) ON fitness.athletes TO app_admin")
    op.execute(
        "CREATE POLICY admin_access ON fitness.athletes FOR ALL TO app_admin USING (true) WITH CHECK (true)"
    )


def downgrade() -> None:
    op.execute("DROP POLICY admin_access ON fitness.athletes")
    op.execute("REVOKE SELECT (organization_id, id, timezone) ON fitness.athletes FROM app_admin")

"""What operators set of organizations: quotas and feature flags, and how far a flag is rolled out."""

from alembic import op

from rowhouse.kernel.db.walls import (
    BY_OPERATOR,
    IN_ORGANIZATION,
    STAMP_COLUMNS,
    audited,
    platform_table,
    stamped,
    tenant_table,
)

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

FLAG = "text NOT NULL CHECK (flag ~ '^[a-z][a-z0-9_]{0,59}$')"
REASON = "text NOT NULL CHECK (length(reason) BETWEEN 3 AND 500)"
SEEN_BY_TENANTS = ("quotas", "flag_overrides")


def upgrade() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.quotas (
            organization_id uuid PRIMARY KEY REFERENCES kernel.organizations (id),
            plan text NOT NULL DEFAULT 'standard' CHECK (plan ~ '^[a-z][a-z0-9_]{{0,39}}$'),
            requests_a_minute integer CHECK (requests_a_minute > 0),
            actions jsonb NOT NULL DEFAULT '{{}}' CHECK (jsonb_typeof(actions) = 'object'),
            reason {REASON},
            version integer NOT NULL DEFAULT 1,
            {STAMP_COLUMNS}
        )
        """
    )
    op.execute(
        f"""
        CREATE TABLE kernel.flag_overrides (
            organization_id uuid NOT NULL REFERENCES kernel.organizations (id),
            flag {FLAG},
            enabled boolean,
            reason {REASON},
            {STAMP_COLUMNS},
            PRIMARY KEY (organization_id, flag)
        )
        """
    )
    op.execute(
        f"""
        CREATE TABLE kernel.flag_rollouts (
            flag {FLAG} PRIMARY KEY,
            percent smallint CHECK (percent BETWEEN 0 AND 100),
            reason {REASON},
            {STAMP_COLUMNS}
        )
        """
    )
    for table in SEEN_BY_TENANTS:
        tenant_table(
            op,
            f"kernel.{table}",
            grants=("select", "insert", "update"),
            written=f"{IN_ORGANIZATION} AND {BY_OPERATOR}",
        )
    platform_table(op, "kernel.flag_rollouts", grants=("select", "insert", "update"), written=BY_OPERATOR)
    for table in (*SEEN_BY_TENANTS, "flag_rollouts"):
        stamped(op, f"kernel.{table}")
        audited(op, f"kernel.{table}")


def downgrade() -> None:
    for table in ("flag_rollouts", "flag_overrides", "quotas"):
        op.execute(f"DROP TABLE kernel.{table}")

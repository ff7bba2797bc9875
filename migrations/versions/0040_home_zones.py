"""Whoever has not said where they are at home is told of their week by their organization's time zone."""

from alembic import op

from rowhouse.kernel.db.walls import resolver_function

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

ZONE = """
    SELECT o.settings ->> 'timezone' FROM kernel.organizations o
    WHERE o.id = $1 AND session_user = 'app_admin'
"""


def upgrade() -> None:
    resolver_function(op, "organization_zone(organization uuid)", "text", ZONE)


def downgrade() -> None:
    op.execute("SET LOCAL ROLE rowhouse_resolver")
    op.execute("DROP FUNCTION resolve.organization_zone(uuid)")
    op.execute("RESET ROLE")

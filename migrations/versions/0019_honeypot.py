"""Decoys: ids that nobody has a reason to ask for."""

from alembic import op

from rowhouse.kernel.db.walls import STAMP_COLUMNS, admin_access, platform_table, stamped

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.decoys (
            id uuid PRIMARY KEY,
            kind text NOT NULL CHECK (kind IN ('organization', 'person', 'account', 'api_key', 'row')),
            {STAMP_COLUMNS}
        )
        """
    )
    platform_table(op, "kernel.decoys")
    admin_access(op, "kernel.decoys", grants=("insert",))
    stamped(op, "kernel.decoys")


def downgrade() -> None:
    op.execute("DROP TABLE kernel.decoys")

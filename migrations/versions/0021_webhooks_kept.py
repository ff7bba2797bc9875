"""What was sent and received by webhooks is kept for a while, and not for ever."""

from alembic import op

from rowhouse.kernel.db.walls import retained

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

RETAINED = {
    "kernel.webhook_messages": "created_at < (now() - '7 days'::interval)",
    "kernel.received_webhooks": "received_at < (now() - '30 days'::interval)",
}


def upgrade() -> None:
    for table, condition in RETAINED.items():
        retained(op, table, condition)


def downgrade() -> None:
    for table in RETAINED:
        op.execute(f"SELECT app.wall_erasing('{table}', NULL, '{{}}')")

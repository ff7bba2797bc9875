"""Retention knows since when a rule's present days have been counted: what goes was told of a day before."""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # As if it had been counted only now: the next run deletes a day later than it would have.
    op.execute("ALTER TABLE kernel.retention ADD COLUMN counted_since timestamptz NOT NULL DEFAULT now()")
    op.execute("ALTER TABLE kernel.retention ALTER COLUMN counted_since DROP DEFAULT")


def downgrade() -> None:
    op.execute("ALTER TABLE kernel.retention DROP COLUMN counted_since")

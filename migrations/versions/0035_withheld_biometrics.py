"""Which sources of somebody are withheld from others is asked with every answer about the body: found without reading
all that the others have said."""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

WITHHELD = """
    CREATE INDEX biometrics_withheld_idx ON fitness.biometrics (organization_id, athlete_id, kind, provider)
    WHERE withheld IS TRUE
"""


def upgrade() -> None:
    op.execute(WITHHELD)


def downgrade() -> None:
    op.execute("DROP INDEX fitness.biometrics_withheld_idx")

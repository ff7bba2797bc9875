"""What providers' terms keep from others, of biometrics too."""

from alembic import op

from rowhouse.kernel.db.walls import OWN_HEALTH

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

GRANTED = "athlete_id = ANY ((SELECT fitness.granted_athletes('fitness.biometrics.read'))::uuid[])"
READ = "ALTER POLICY athlete_read ON fitness.biometrics USING"


def upgrade() -> None:
    op.execute(f"{READ} ({OWN_HEALTH} OR ({GRANTED} AND NOT withheld))")


def downgrade() -> None:
    op.execute(f"{READ} ({OWN_HEALTH} OR {GRANTED})")

"""Which file each result of an upload came to: what an upload has brought can be taken away again."""

from alembic import op

from rowhouse.kernel.db.walls import ATHLETES_PERSON, audited

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

RESULTS = "fitness.upload_results"
# Of uploads from before: a file was put down in the transaction of its first result, so both began at one moment.
MARKING = f"""
    UPDATE {RESULTS} r SET file_id = f.id FROM fitness.files f
    WHERE f.organization_id = r.organization_id AND f.athlete_id = r.athlete_id AND f.brought_by IS NULL
        AND f.created_at = r.created_at AND r.state IN ('imported', 'partial')
"""


def upgrade() -> None:
    op.execute(
        f"ALTER TABLE {RESULTS} ADD COLUMN file_id uuid,"
        " ADD CONSTRAINT upload_results_original_fkey FOREIGN KEY (organization_id, athlete_id, file_id)"
        " REFERENCES fitness.files (organization_id, athlete_id, id) ON DELETE SET NULL (file_id)"
    )
    op.execute(f"CREATE INDEX upload_results_original_idx ON {RESULTS} (organization_id, file_id)")
    _mark()
    _audited()


def downgrade() -> None:
    op.execute(f"ALTER TABLE {RESULTS} DROP COLUMN file_id")
    _audited()


def _mark() -> None:
    """As the owner, whom a forced wall would show nothing."""
    for table in (RESULTS, "fitness.files"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(MARKING)
    for table in (RESULTS, "fitness.files"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _audited() -> None:
    audited(
        op,
        RESULTS,
        masked=("workout_ids",),
        personal=("*",),
        person=ATHLETES_PERSON,
        ignored=("parts_done",),
    )

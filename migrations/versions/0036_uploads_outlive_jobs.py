"""An upload outlives the job that read it: what became of each file is kept until the upload is deleted."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

FILES = "fitness.upload_files"
READ = (
    "fitness.files",
    "fitness.records",
    "fitness.memberships",
    "fitness.biometrics",
    "fitness.file_days",
    "fitness.source_items",
    FILES,
    "fitness.upload_results",
)
# Files whose upload has gone with its job. What came on one day is one upload again, under the oldest file's id: ids
# sort by when they were made.
LOST = """
    WITH lost AS (
        SELECT f.*, first_value(f.id) OVER day AS upload_id, row_number() OVER day - 1 AS position
        FROM fitness.files f
        WHERE f.brought_by IS NULL
            AND NOT EXISTS (SELECT FROM fitness.upload_results r
                WHERE (r.organization_id, r.file_id) = (f.organization_id, f.id))
            AND NOT EXISTS (SELECT FROM fitness.source_items i
                WHERE (i.organization_id, i.file_id) = (f.organization_id, f.id))
        WINDOW day AS (
            PARTITION BY f.organization_id, f.athlete_id, (f.created_at AT TIME ZONE 'UTC')::date ORDER BY f.id
        )
    ), listed AS (
        INSERT INTO fitness.upload_files (organization_id, id, athlete_id, job_id, position, name, bytes, storage_key,
            members, finished_at, created_at, created_by, updated_by)
        SELECT organization_id, id, athlete_id, upload_id, position, name, bytes, storage_key,
            1, created_at, created_at, created_by, created_by
        FROM lost
    )
    INSERT INTO fitness.upload_results (organization_id, upload_file_id, position, athlete_id, name, finished, state,
        workout_ids, measurements, file_id, created_at, created_by, updated_by)
    SELECT organization_id, id, 0, athlete_id, name, true, 'imported',
        (SELECT coalesce(jsonb_agg(DISTINCT m.workout_id), '[]') FROM fitness.records r
            JOIN fitness.memberships m ON (m.organization_id, m.record_id) = (r.organization_id, r.id)
            WHERE (r.organization_id, r.file_id) = (lost.organization_id, lost.id) AND m.workout_id IS NOT NULL),
        (SELECT count(*) FROM fitness.file_days d
            JOIN fitness.biometrics b ON (b.organization_id, b.athlete_id, b.external_id)
                = (d.organization_id, d.athlete_id, d.external_id)
            WHERE (d.organization_id, d.file_id) = (lost.organization_id, lost.id)
                AND b.provider = 'healthkit' AND b.source_id IS NULL),
        id, created_at, created_by, created_by
    FROM lost
"""


def upgrade() -> None:
    op.execute(
        f"ALTER TABLE {FILES} DROP CONSTRAINT upload_files_job_fkey,"
        " ADD CONSTRAINT upload_files_account_fkey FOREIGN KEY (organization_id, athlete_id)"
        " REFERENCES kernel.accounts (organization_id, id) ON DELETE CASCADE"
    )
    op.execute(f"CREATE INDEX upload_files_upload_idx ON {FILES} (organization_id, athlete_id, job_id)")
    _as_owner(LOST)


def downgrade() -> None:
    _as_owner(
        f"DELETE FROM {FILES} f WHERE NOT EXISTS (SELECT FROM kernel.jobs j"
        " WHERE (j.organization_id, j.id) = (f.organization_id, f.job_id))",
        "kernel.jobs",
    )
    op.execute("DROP INDEX fitness.upload_files_upload_idx")
    op.execute(
        f"ALTER TABLE {FILES} DROP CONSTRAINT upload_files_account_fkey,"
        " ADD CONSTRAINT upload_files_job_fkey FOREIGN KEY (organization_id, job_id)"
        " REFERENCES kernel.jobs (organization_id, id) ON DELETE CASCADE"
    )


def _as_owner(statement: str, *more: str) -> None:
    """A forced wall would show the owner nothing."""
    for table in (*READ, *more):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(statement)
    for table in (*READ, *more):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")

"""What files tell of the body: which days each tells of, and how many measurements an upload brought."""

from alembic import op

from rowhouse.kernel.db.walls import (
    ATHLETES_PERSON,
    STAMP_COLUMNS,
    athlete_wall,
    audited,
    stamped,
    tenant_table,
)

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

DAYS = f"""
    CREATE TABLE fitness.file_days (
        organization_id uuid NOT NULL,
        file_id uuid NOT NULL,
        external_id text NOT NULL CHECK (length(external_id) BETWEEN 1 AND 255),
        athlete_id uuid NOT NULL,
        version text NOT NULL CHECK (length(version) BETWEEN 1 AND 100),
        told_at timestamptz NOT NULL,
        {STAMP_COLUMNS},
        CONSTRAINT file_days_pkey PRIMARY KEY (organization_id, file_id, external_id),
        CONSTRAINT file_days_file_fkey FOREIGN KEY (organization_id, athlete_id, file_id)
            REFERENCES fitness.files (organization_id, athlete_id, id) ON DELETE CASCADE
    )
"""
# Asked for each page of days: who has told of them before.
BY_DAY = "CREATE INDEX file_days_day_idx ON fitness.file_days (organization_id, athlete_id, external_id)"
RESULTS = "fitness.upload_results"
TABLE = "fitness.file_days"


def upgrade() -> None:
    op.execute(DAYS)
    op.execute(BY_DAY)
    tenant_table(op, TABLE)
    athlete_wall(op, TABLE)
    stamped(op, TABLE)
    audited(op, TABLE, personal=("*",), person=ATHLETES_PERSON)
    op.execute(
        f"ALTER TABLE {RESULTS} ADD COLUMN measurements integer NOT NULL DEFAULT 0 CHECK (measurements >= 0)"
    )
    _audit_results()


def downgrade() -> None:
    op.execute(f"ALTER TABLE {RESULTS} DROP COLUMN measurements")
    _audit_results()
    op.execute(f"DROP TABLE {TABLE}")


def _audit_results() -> None:
    audited(
        op,
        RESULTS,
        masked=("workout_ids",),
        personal=("*",),
        person=ATHLETES_PERSON,
        ignored=("parts_done",),
    )

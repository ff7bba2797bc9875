"""Training load: what is kept of each leg of a workout, thresholds with their days, and a workout's load."""

from alembic import op

from rowhouse.kernel.db.walls import (
    ATHLETES_PERSON,
    STAMP_COLUMNS,
    athlete_wall,
    audited,
    hash_partitions,
    open_to_grantees,
    stamped,
    tenant_table,
)

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

READ = "fitness.workouts.read"
MASKED = ("detail", "flags", "parts", "sources")
"""Columns of workouts that are large or can be made again."""

KNOWN_COLUMNS = """
    known_from timestamptz NOT NULL DEFAULT now(),
    known_until timestamptz CHECK (known_until >= known_from)
"""
"""Since when the platform knows a row, and until when it believed it."""

EFFORTS = f"""
    CREATE TABLE fitness.efforts (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        athlete_id uuid NOT NULL,
        workout_id uuid NOT NULL,
        leg smallint NOT NULL,
        day date NOT NULL,
        sport text NOT NULL,
        measure smallint NOT NULL,
        power_s double precision,
        normalized_power_w double precision,
        work_kj double precision,
        speed_s double precision,
        normalized_speed_mps double precision,
        mean_hr_bpm double precision,
        moving_time_s double precision,
        heart bytea,
        power bytea,
        speed bytea,
        heart_curve bytea,
        power_curve bytea,
        speed_curve bytea,
        trimp double precision,
        trimp_edwards double precision,
        tss double precision,
        {KNOWN_COLUMNS},
        {STAMP_COLUMNS},
        CONSTRAINT efforts_pkey PRIMARY KEY (organization_id, id),
        CONSTRAINT efforts_athlete_fkey FOREIGN KEY (organization_id, athlete_id)
            REFERENCES fitness.athletes (organization_id, id) ON DELETE CASCADE
    ) PARTITION BY HASH (organization_id)
"""
THRESHOLDS = f"""
    CREATE TABLE fitness.thresholds (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        athlete_id uuid NOT NULL,
        kind text NOT NULL CHECK (kind ~ '^[a-z_]+$'),
        valid_from date NOT NULL,
        value jsonb NOT NULL,
        origin text NOT NULL CHECK (origin IN ('set', 'accepted')),
        {KNOWN_COLUMNS},
        {STAMP_COLUMNS},
        CONSTRAINT thresholds_pkey PRIMARY KEY (organization_id, id),
        CONSTRAINT thresholds_athlete_fkey FOREIGN KEY (organization_id, athlete_id)
            REFERENCES fitness.athletes (organization_id, id) ON DELETE CASCADE
    )
"""
INDEXES = (
    # The sums of a day come from this index alone.
    (
        "CREATE INDEX efforts_day_idx ON fitness.efforts (organization_id, athlete_id, day)"
        " INCLUDE (tss, trimp, trimp_edwards) WHERE known_until IS NULL"
    ),
    "CREATE INDEX efforts_known_idx ON fitness.efforts (organization_id, athlete_id, known_from)",
    "CREATE INDEX efforts_workout_idx ON fitness.efforts (organization_id, workout_id)",
    (
        "CREATE UNIQUE INDEX thresholds_day_idx ON fitness.thresholds (organization_id, athlete_id, kind, valid_from)"
        " WHERE known_until IS NULL"
    ),
    "CREATE INDEX thresholds_athlete_idx ON fitness.thresholds (organization_id, athlete_id, known_from)",
)


def upgrade() -> None:
    for statement in (EFFORTS, THRESHOLDS, *INDEXES):
        op.execute(statement)
    hash_partitions(op, "fitness.efforts")
    for table in ("fitness.efforts", "fitness.thresholds"):
        tenant_table(op, table)
        stamped(op, table)
        athlete_wall(op, table)
        open_to_grantees(op, table, READ)
    audited(
        op,
        "fitness.efforts",
        personal=("*",),
        person=ATHLETES_PERSON,
        ignored=("trimp", "trimp_edwards", "tss"),
    )
    audited(op, "fitness.thresholds", personal=("*",), person=ATHLETES_PERSON)
    op.execute("ALTER TABLE fitness.workouts ADD COLUMN load jsonb")
    # A load that follows a threshold is not a change of the workout: the threshold's own entry says who did it.
    audited(
        op,
        "fitness.workouts",
        masked=MASKED,
        personal=("*",),
        person=ATHLETES_PERSON,
        ignored=("load", "version"),
    )


def downgrade() -> None:
    op.execute("ALTER TABLE fitness.workouts DROP COLUMN load")
    audited(op, "fitness.workouts", masked=MASKED, personal=("*",), person=ATHLETES_PERSON)
    for table in ("fitness.thresholds", "fitness.efforts"):
        op.execute(f"DROP TABLE {table}")

"""Fitness: athletes, original files, raw records with their streams, workouts as views over them."""

from alembic import op

from rowhouse.kernel.db.walls import (
    STAMP_COLUMNS,
    athlete_wall,
    hash_partitions,
    stamped,
    tenant_table,
)

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MADE_COLUMNS = """
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by uuid DEFAULT app.account()
"""
"""The audit fields of rows that never change."""

# References among health rows carry the athlete as well: else one member of an organization could refer to
# another's row, and learn from the refusal that it exists.
TABLES = (
    f"""
    CREATE TABLE fitness.athletes (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        athlete_id uuid NOT NULL GENERATED ALWAYS AS (id) STORED,
        timezone text,
        precedence jsonb NOT NULL DEFAULT '{{}}',
        {STAMP_COLUMNS},
        CONSTRAINT athletes_pkey PRIMARY KEY (organization_id, id),
        CONSTRAINT athletes_account_fkey FOREIGN KEY (organization_id, id)
            REFERENCES kernel.accounts (organization_id, id) ON DELETE CASCADE
    )
    """,
    f"""
    CREATE TABLE fitness.files (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        athlete_id uuid NOT NULL,
        sha256 bytea NOT NULL,
        name text NOT NULL,
        format text NOT NULL,
        bytes bigint NOT NULL,
        storage_key text NOT NULL,
        {MADE_COLUMNS},
        CONSTRAINT files_pkey PRIMARY KEY (organization_id, id),
        CONSTRAINT files_athlete_key UNIQUE (organization_id, athlete_id, id),
        CONSTRAINT files_sha256_key UNIQUE (organization_id, athlete_id, sha256),
        CONSTRAINT files_athlete_fkey FOREIGN KEY (organization_id, athlete_id)
            REFERENCES fitness.athletes (organization_id, id) ON DELETE CASCADE
    )
    """,
    f"""
    CREATE TABLE fitness.records (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        athlete_id uuid NOT NULL,
        file_id uuid NOT NULL,
        position integer NOT NULL,
        provider text NOT NULL,
        device text,
        external_id text,
        origin_id text,
        payload_sha256 bytea NOT NULL,
        group_key text,
        started_at timestamptz NOT NULL,
        ended_at timestamptz NOT NULL,
        signature bytea NOT NULL,
        summary jsonb NOT NULL,
        {MADE_COLUMNS},
        CONSTRAINT records_pkey PRIMARY KEY (organization_id, id),
        CONSTRAINT records_athlete_key UNIQUE (organization_id, athlete_id, id),
        CONSTRAINT records_file_key UNIQUE (organization_id, file_id, position),
        CONSTRAINT records_file_fkey FOREIGN KEY (organization_id, athlete_id, file_id)
            REFERENCES fitness.files (organization_id, athlete_id, id) ON DELETE CASCADE,
        CONSTRAINT records_interval_check CHECK (ended_at >= started_at)
    ) PARTITION BY HASH (organization_id)
    """,
    """
    CREATE TABLE fitness.streams (
        organization_id uuid NOT NULL,
        record_id uuid NOT NULL,
        athlete_id uuid NOT NULL,
        points integer NOT NULL,
        parquet bytea NOT NULL,
        CONSTRAINT streams_pkey PRIMARY KEY (organization_id, record_id),
        CONSTRAINT streams_record_fkey FOREIGN KEY (organization_id, athlete_id, record_id)
            REFERENCES fitness.records (organization_id, athlete_id, id) ON DELETE CASCADE
    ) PARTITION BY HASH (organization_id)
    """,
    f"""
    CREATE TABLE fitness.workouts (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        athlete_id uuid NOT NULL,
        start_time timestamptz NOT NULL,
        timezone text,
        local_start_time text NOT NULL,
        sport text NOT NULL,
        sub_sport text,
        title text NOT NULL,
        duration_s double precision NOT NULL,
        moving_time_s double precision,
        distance_m double precision,
        ascent_m double precision,
        energy_kcal double precision,
        avg_hr_bpm double precision,
        max_hr_bpm double precision,
        avg_power_w double precision,
        max_power_w double precision,
        avg_cadence_rpm double precision,
        avg_speed_mps double precision,
        quality_score double precision NOT NULL,
        flags jsonb NOT NULL,
        sources jsonb NOT NULL,
        parts jsonb NOT NULL,
        detail jsonb NOT NULL,
        version integer NOT NULL DEFAULT 1,
        {STAMP_COLUMNS},
        CONSTRAINT workouts_pkey PRIMARY KEY (organization_id, id),
        CONSTRAINT workouts_athlete_fkey FOREIGN KEY (organization_id, athlete_id)
            REFERENCES fitness.athletes (organization_id, id) ON DELETE CASCADE,
        CONSTRAINT workouts_duration_check CHECK (duration_s >= 0)
    ) PARTITION BY HASH (organization_id)
    """,
    f"""
    CREATE TABLE fitness.memberships (
        organization_id uuid NOT NULL,
        record_id uuid NOT NULL,
        athlete_id uuid NOT NULL,
        workout_id uuid,
        deleted_at timestamptz,
        {STAMP_COLUMNS},
        CONSTRAINT memberships_pkey PRIMARY KEY (organization_id, record_id),
        CONSTRAINT memberships_record_fkey FOREIGN KEY (organization_id, athlete_id, record_id)
            REFERENCES fitness.records (organization_id, athlete_id, id) ON DELETE CASCADE,
        CONSTRAINT memberships_place_check CHECK ((workout_id IS NULL) = (deleted_at IS NOT NULL))
    )
    """,
    f"""
    CREATE TABLE fitness.matches (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        athlete_id uuid NOT NULL,
        record_a uuid NOT NULL,
        record_b uuid NOT NULL,
        state text NOT NULL,
        score double precision,
        reasons jsonb NOT NULL DEFAULT '[]',
        decided_at timestamptz,
        {STAMP_COLUMNS},
        CONSTRAINT matches_pkey PRIMARY KEY (organization_id, id),
        CONSTRAINT matches_pair_key UNIQUE (organization_id, athlete_id, record_a, record_b),
        CONSTRAINT matches_record_a_fkey FOREIGN KEY (organization_id, athlete_id, record_a)
            REFERENCES fitness.records (organization_id, athlete_id, id) ON DELETE CASCADE,
        CONSTRAINT matches_record_b_fkey FOREIGN KEY (organization_id, athlete_id, record_b)
            REFERENCES fitness.records (organization_id, athlete_id, id) ON DELETE CASCADE,
        CONSTRAINT matches_state_check CHECK (state IN ('open', 'same', 'different')),
        CONSTRAINT matches_order_check CHECK (record_a < record_b),
        CONSTRAINT matches_decided_check CHECK ((state = 'open') = (decided_at IS NULL))
    )
    """,
    f"""
    CREATE TABLE fitness.edits (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        athlete_id uuid NOT NULL,
        record_id uuid NOT NULL,
        field text NOT NULL,
        value jsonb NOT NULL,
        {STAMP_COLUMNS},
        CONSTRAINT edits_pkey PRIMARY KEY (organization_id, id),
        CONSTRAINT edits_field_key UNIQUE (organization_id, record_id, field),
        CONSTRAINT edits_record_fkey FOREIGN KEY (organization_id, athlete_id, record_id)
            REFERENCES fitness.records (organization_id, athlete_id, id) ON DELETE CASCADE
    )
    """,
    f"""
    CREATE TABLE fitness.upload_files (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        athlete_id uuid NOT NULL,
        job_id uuid NOT NULL,
        position integer NOT NULL,
        name text NOT NULL,
        bytes bigint NOT NULL,
        storage_key text NOT NULL,
        members integer,
        finished_at timestamptz,
        {STAMP_COLUMNS},
        CONSTRAINT upload_files_pkey PRIMARY KEY (organization_id, id),
        CONSTRAINT upload_files_athlete_key UNIQUE (organization_id, athlete_id, id),
        CONSTRAINT upload_files_position_key UNIQUE (organization_id, job_id, position),
        CONSTRAINT upload_files_job_fkey FOREIGN KEY (organization_id, job_id)
            REFERENCES kernel.jobs (organization_id, id) ON DELETE CASCADE
    )
    """,
    f"""
    CREATE TABLE fitness.upload_results (
        organization_id uuid NOT NULL,
        upload_file_id uuid NOT NULL,
        position integer NOT NULL,
        athlete_id uuid NOT NULL,
        name text NOT NULL,
        parts_done integer NOT NULL DEFAULT 0,
        finished boolean NOT NULL DEFAULT false,
        state text NOT NULL,
        workout_ids jsonb NOT NULL DEFAULT '[]',
        code text,
        detail text,
        {STAMP_COLUMNS},
        CONSTRAINT upload_results_pkey PRIMARY KEY (organization_id, upload_file_id, position),
        CONSTRAINT upload_results_file_fkey FOREIGN KEY (organization_id, athlete_id, upload_file_id)
            REFERENCES fitness.upload_files (organization_id, athlete_id, id) ON DELETE CASCADE,
        CONSTRAINT upload_results_state_check CHECK (state IN ('imported', 'duplicate', 'partial', 'refused'))
    )
    """,
)

INDEXES = (
    "CREATE INDEX records_time_idx ON fitness.records (organization_id, athlete_id, started_at)",
    "CREATE INDEX records_payload_idx ON fitness.records (organization_id, athlete_id, payload_sha256)",
    "CREATE INDEX workouts_start_idx ON fitness.workouts (organization_id, athlete_id, start_time DESC, id DESC)",
    "CREATE INDEX memberships_workout_idx ON fitness.memberships (organization_id, workout_id)",
    "CREATE INDEX matches_state_idx ON fitness.matches (organization_id, athlete_id, state, id DESC)",
    "CREATE INDEX matches_athlete_idx ON fitness.matches (organization_id, athlete_id, id DESC)",
    "CREATE INDEX matches_record_b_idx ON fitness.matches (organization_id, record_b)",
)

PARTITIONED = ("fitness.records", "fitness.streams", "fitness.workouts")
IMMUTABLE = ("fitness.files", "fitness.records", "fitness.streams")
MUTABLE = (
    "fitness.athletes",
    "fitness.workouts",
    "fitness.memberships",
    "fitness.matches",
    "fitness.edits",
    "fitness.upload_files",
    "fitness.upload_results",
)


def upgrade() -> None:
    for statement in (*TABLES, *INDEXES):
        op.execute(statement)
    # Parquet is compressed already.
    op.execute("ALTER TABLE fitness.streams ALTER COLUMN parquet SET STORAGE EXTERNAL")
    for table in PARTITIONED:
        hash_partitions(op, table)
    for table in IMMUTABLE:
        tenant_table(op, table, grants=("select", "insert", "delete"))
    for table in MUTABLE:
        tenant_table(op, table)
        stamped(op, table)
    for table in (*IMMUTABLE, *MUTABLE):
        athlete_wall(op, table)


def downgrade() -> None:
    for table in reversed((*IMMUTABLE[:1], *MUTABLE[:1], *IMMUTABLE[1:], *MUTABLE[1:])):
        op.execute(f"DROP TABLE {table} CASCADE")
